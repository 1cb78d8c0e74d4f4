"""Notices over TLS, to servers that hang or refuse, and by workers that do not know of each other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine

from data.notices.words import NoticeState
from tests.data.notices.certificate import server_context, write_certificate
from tests.data.notices.outside import (
    Mailbox,
    Now,
    delivery,
    look,
    notices,
    receiver,
    ring,
    web_server,
)

DISTRUST = (
    "的证书不可信（self-signed certificate）：自签的证书请用环境变量 SSL_CERT_FILE 指定，什么都没有发出"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_over_tls(folder: Path, *, scheme: str) -> Iterator[tuple[Mailbox, dict[str, str]]]:
    """A mail server with a certificate of its own: TLS from the first byte, or only after STARTTLS."""
    mailbox, context, port = Mailbox(), server_context(folder), free_port()
    ways: dict[str, Any] = (
        {"ssl_context": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
    )
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **ways)
    controller.start()
    try:
        yield (
            mailbox,
            {"ONEMAP_SMTP_URL": f"{scheme}://127.0.0.1:{port}", "ONEMAP_SMTP_FROM": "yujing@example.org"},
        )
    finally:
        controller.stop()


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_mail_goes_over_tls_to_a_server_whose_certificate_is_trusted(
    small_district: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(write_certificate(tmp_path)))
    with mail_over_tls(tmp_path, scheme=scheme) as (mailbox, environ):
        receiver(small_district, "值班", "email", "zhiban@example.org")
        ring(small_district)
        look(delivery(small_district, Now(), environ=environ))

    assert notices(small_district) == [(NoticeState.SENT, 1, "")]
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_mail_does_not_go_to_a_server_whose_certificate_nobody_trusts(
    small_district: Engine, tmp_path: Path, scheme: str
) -> None:
    with mail_over_tls(tmp_path, scheme=scheme) as (mailbox, environ):
        receiver(small_district, "值班", "email", "zhiban@example.org")
        ring(small_district)
        look(delivery(small_district, Now(), environ=environ))

    assert notices(small_district) == [(NoticeState.WAITING, 1, f"邮件服务器{DISTRUST}")]
    assert mailbox.mails == []


def test_a_webhook_s_certificate_is_checked_as_well(
    small_district: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = Now()
    with web_server(tls=server_context(tmp_path)) as web:
        receiver(small_district, "接口", "webhook", web.url)
        ring(small_district)
        look(delivery(small_district, now))
        assert notices(small_district) == [(NoticeState.WAITING, 1, f"对方{DISTRUST}")]
        assert web.got == []
        monkeypatch.setenv("SSL_CERT_FILE", str(write_certificate(tmp_path)))
        now.at += timedelta(minutes=1)
        look(delivery(small_district, now))

    assert notices(small_district) == [(NoticeState.SENT, 2, "")]


def test_a_server_without_starttls_gets_nothing_in_clear(small_district: Engine) -> None:
    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    environ = {
        "ONEMAP_SMTP_URL": f"smtp+starttls://127.0.0.1:{port}",
        "ONEMAP_SMTP_FROM": "yujing@example.org",
    }
    try:
        receiver(small_district, "值班", "email", "zhiban@example.org")
        ring(small_district)
        look(delivery(small_district, Now(), environ=environ))
    finally:
        controller.stop()

    assert notices(small_district) == [(NoticeState.WAITING, 1, "邮件服务器不支持所需的方式")]
    assert mailbox.mails == []


@contextmanager
def talker(*said: bytes) -> Iterator[int]:
    """A server that answers each line that it gets with the next of these, and then says nothing more."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = Event()

    def serve() -> None:
        open_ones = []
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            open_ones.append(connection)
            for answer in said:
                connection.sendall(answer)
                if not connection.recv(65_536):
                    break
        for connection in open_ones:
            connection.close()

    thread = Thread(target=serve)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        stop.set()
        thread.join()
        server.close()


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        ((), NoticeState.WAITING, "邮件服务器没有答复，或断开了连接"),
        (
            (b"220 x\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"),
            NoticeState.UNCLEAR,
            "邮件服务器没有答复，或断开了连接，不知是否送达",
        ),
    ],
)
def test_a_mail_server_that_falls_silent_is_given_up_and_never_told_twice(
    small_district: Engine, said: tuple[bytes, ...], state: NoticeState, reason: str
) -> None:
    """Silent before it was given anything: tried again. Silent after it had the letter: it may have it."""
    with talker(*said) as port:
        environ = {"ONEMAP_SMTP_URL": f"smtp://127.0.0.1:{port}", "ONEMAP_SMTP_FROM": "yujing@example.org"}
        receiver(small_district, "值班", "email", "zhiban@example.org")
        ring(small_district)
        began = time.monotonic()
        look(delivery(small_district, Now(), environ=environ))
        assert time.monotonic() - began < 10

    assert notices(small_district) == [(state, 1, reason)]


def test_a_robot_that_is_asked_too_often_is_asked_later(small_district: Engine) -> None:
    now = Now()
    with web_server() as web:
        web.answers = [(429, b""), (200, b'{"errcode":0}')]
        receiver(small_district, "钉钉", "dingtalk", web.url)
        ring(small_district)
        one = delivery(small_district, now)
        look(one)
        assert notices(small_district) == [(NoticeState.WAITING, 1, "对方答复 429")]
        now.at += timedelta(seconds=29)
        look(one)
        assert len(web.got) == 1
        now.at += timedelta(seconds=2)
        look(one)

    assert notices(small_district) == [(NoticeState.SENT, 2, "")]


def test_two_workers_at_once_send_each_notice_once(small_district: Engine) -> None:
    rounds, workers = 15, 3
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", web.url)
        both = [delivery(small_district, Now(), worker=f"w{number}") for number in range(workers)]
        for _ in range(rounds):
            ring(small_district)
            barrier = Barrier(workers)

            def go(one: Any, barrier: Barrier = barrier) -> None:
                barrier.wait()
                one()
                one.wait(20)

            threads = [Thread(target=go, args=(one,)) for one in both]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    told = [body["text"]["content"].rpartition("预警 ")[2] for body in web.bodies]
    assert sorted(map(int, told)) == list(range(1, rounds + 1))
    assert {state for state, *_ in notices(small_district)} == {NoticeState.SENT}


def send_and_die(url: str) -> None:
    """Sends what is due and is killed when the other side has it, before it is written; runs in a child."""
    from data.database import open_engine

    engine = open_engine(url)

    def killed(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(sys.modules["data.notices.deliver"], "settle", killed)  # noqa: B010  it exports no such name
    one = delivery(engine, Now(), worker="w-dead")
    one()
    one.wait(20)


@pytest.mark.parametrize("kind", ["dingtalk", "webhook"])
def test_killed_between_sending_and_writing_it_down_nobody_is_told_twice(
    small_district: Engine, database_url: str, kind: str
) -> None:
    now = Now()
    with web_server() as web:
        receiver(small_district, "对方", kind, web.url)
        ring(small_district)
        script = f"from tests.data.notices.test_safely import send_and_die; send_and_die({database_url!r})"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert len(web.got) == 1
        assert [state for state, *_ in notices(small_district)] == [NoticeState.SENDING]
        one = delivery(small_district, now, worker="w-next")
        look(one)
        now.at += timedelta(hours=1)
        look(one)

    assert len(web.got) == 1
    assert notices(small_district) == [(NoticeState.UNCLEAR, 1, "发送时程序中断，不知是否送达，不再重发")]
