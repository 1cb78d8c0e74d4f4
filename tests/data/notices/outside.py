"""The outside world on this machine: a web server and a mail server that do what a test wants."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Final

from aiosmtpd.controller import Controller
from sqlalchemy import Engine, select
from sqlmodel import Session

from data.database import read_session, write_session
from data.models import Alert, Notice
from data.models.base import column
from data.notices.deliver import Delivery
from data.notices.outbound import Outbound
from data.notices.receivers import add_receiver
from data.notices.send import Patience
from data.notices.words import NoticeState
from data.vocabulary import RiskColor

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Friday noon in Shanghai."""
SIGNED: Final = {"secret_name": "DEMO"}
ENVIRON = {"ONEMAP_NOTICE_SECRET_DEMO": "SEC演示密钥0001"}
SECRET: Final = ENVIRON["ONEMAP_NOTICE_SECRET_DEMO"]
COMMUNITY = "510115001001"


class Web:
    """A web server that keeps what it is sent. ``answers``: (status, body) in turn, the last one stays."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, bytes]] = [(200, b'{"errcode":0,"errmsg":"ok"}')]
        self.hang = Event()
        self.drip = ""
        """Where it answers one byte at a time for ever: in the ``head`` of its answer, or its ``body``."""
        self.go_on = Event()
        self.lock = Lock()
        self.url = ""

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, _, body in self.got]


@contextmanager
def web_server(*, tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """A web server on this machine; over TLS where it is given what that needs."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with web.lock:
                web.got.append((self.path, dict(self.headers), body))
                status, answer = web.answers[0]
                if len(web.answers) > 1:
                    web.answers.pop(0)
            if web.hang.is_set():
                web.go_on.wait(60)
                self.close_connection = True
                return
            if web.drip:
                self._drip(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if web.drip == "body" else b""))
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _drip(self, begin: bytes) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.wfile.write(begin)
                while not web.go_on.wait(0.1):
                    self.wfile.write(b"x")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    web.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield web
    finally:
        web.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Mailbox:
    """What the mail server took. ``refuse``: its answer instead of taking it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, dict[str, str]]]:
    """A mail server, and the environment that leads to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield (
            mailbox,
            {
                "ONEMAP_SMTP_URL": f"smtp://127.0.0.1:{port}",
                "ONEMAP_SMTP_FROM": "yujing@example.org",
            },
        )
    finally:
        controller.stop()


def alert(session: Session, **changes: Any) -> int:
    """A yellow alert that a machine wrote, in one community."""
    values: dict[str, Any] = {
        "cause": "x", "color": RiskColor.YELLOW.value, "title": "惠民社区 暴露垃圾今日 9 件",
        "code": COMMUNITY, "raised_at": NOON, "changed_at": NOON, **changes,
    }  # fmt: skip
    row = Alert(**values)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def receiver(engine: Engine, name: str, kind: str, address: str, **wishes: Any) -> int:
    with write_session(engine) as session:
        return add_receiver(session, name=name, kind=kind, address=address, actor="演示甲", at=NOON, **wishes)


def ring(engine: Engine, **changes: Any) -> int:
    with write_session(engine) as session:
        return alert(session, **changes)


class Now:
    """The time of day of a delivery, set by hand."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def delivery(
    engine: Engine, now: Now, *, environ: dict[str, str] | None = None, worker: str = "w1", **rest: Any
) -> Delivery:
    return Delivery(
        engine, worker=worker, outbound=Outbound(environ=ENVIRON if environ is None else environ), now=now,
        patience=Patience(
            connect_seconds=2, answer_seconds=rest.pop("answer_seconds", 2),
            whole_seconds=rest.pop("whole_seconds", 30),
        ), **rest,
    )  # fmt: skip


def look(one: Delivery) -> str | None:
    """One look, and what came of it."""
    first = one()
    one.wait(20)
    return first or one._report()


def notices(engine: Engine) -> list[tuple[NoticeState, int, str]]:
    """State, tries and reason of all notices, in the order in which they were made."""
    with read_session(engine) as session:
        rows = session.execute(select(Notice).order_by(column(Notice.id))).scalars().all()
    return [(NoticeState(row.state), row.attempts, row.reason) for row in rows]
