"""A notice goes out once, is tried again where it surely did not arrive, and holds up nobody."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from data.database import current_moment, read_session, write_session
from data.notices.queue import claim, make_notices
from data.notices.receivers import ReceiverError, list_receivers, switch_receiver
from data.notices.words import NoticeState, ReceiverKind
from data.queries.days import zone_of
from data.vocabulary import RiskColor
from tests.data.notices.outside import (
    COMMUNITY,
    NOON,
    Now,
    alert,
    delivery,
    look,
    mail_server,
    notices,
    receiver,
    ring,
    web_server,
)


def test_without_a_receiver_nothing_is_made_and_nothing_is_sent(small_district: Engine) -> None:
    ring(small_district)

    assert look(delivery(small_district, Now())) is None
    assert notices(small_district) == []


def test_alerts_from_before_a_receiver_was_added_are_not_told(small_district: Engine) -> None:
    with web_server() as web:
        ring(small_district)
        receiver(small_district, "钉钉", "dingtalk", web.url)
        assert look(delivery(small_district, Now())) is None
        ring(small_district)
        assert look(delivery(small_district, Now())) == "“钉钉”已发 1 条"
        assert look(delivery(small_district, Now())) is None

    assert len(web.got) == 1


def test_a_receiver_gets_its_colours_and_areas_alone(small_district: Engine) -> None:
    with web_server() as web:
        wanted = {"colors": ["red"], "areas": [COMMUNITY]}
        receiver(small_district, "钉钉", "dingtalk", web.url, **wanted)
        ring(small_district)
        ring(small_district, color="red", code="510115001002")
        right = ring(small_district, color="red")
        look(delivery(small_district, Now()))
        climbed = ring(small_district, color="yellow")
        look(delivery(small_district, Now()))
        with write_session(small_district) as session:
            session.execute(text("UPDATE alert SET color = 'red' WHERE id = :id"), {"id": climbed})
        look(delivery(small_district, Now()))

    told = [body["text"]["content"].rpartition("预警 ")[2] for body in web.bodies]
    assert told == [str(right), str(climbed)]


def test_errors_are_tried_again_later_and_later_until_it_has_failed(small_district: Engine) -> None:
    now = Now()
    with web_server() as web:
        web.answers = [(500, b"")]
        receiver(small_district, "钉钉", "dingtalk", web.url)
        ring(small_district)
        one = delivery(small_district, now)
        look(one)
        assert notices(small_district) == [(NoticeState.WAITING, 1, "对方答复 500")]
        now.at += timedelta(seconds=29)
        assert look(one) is None
        for _ in range(10):
            now.at += timedelta(minutes=31)
            look(one)

    assert notices(small_district) == [(NoticeState.FAILED, 8, "试了 8 次：对方答复 500")]
    assert len(web.got) == 8


def test_a_server_that_recovers_gets_the_same_message(small_district: Engine) -> None:
    now = Now()
    with web_server() as web:
        web.answers = [(503, b""), (200, b"")]
        receiver(small_district, "接口", "webhook", web.url)
        ring(small_district)
        one = delivery(small_district, now)
        look(one)
        ring(small_district)
        now.at += timedelta(seconds=31)
        look(one)
        look(one)

    keys = [headers["Idempotency-Key"] for _, headers, _ in web.got]
    assert keys[0] == keys[1] != keys[2]
    assert web.got[0][2] == web.got[1][2]
    assert [state for state, *_ in notices(small_district)] == [NoticeState.SENT] * 2


def test_a_receiver_that_hangs_holds_up_nobody_and_is_not_told_twice(small_district: Engine) -> None:
    now = Now()
    with web_server() as hanging, web_server() as well:
        hanging.hang.set()
        receiver(small_district, "挂起", "dingtalk", hanging.url)
        receiver(small_district, "正常", "dingtalk", well.url)
        ring(small_district)
        one = delivery(small_district, now, answer_seconds=3)
        began = time.monotonic()
        one()
        while not well.got:
            assert time.monotonic() - began < 2.5
            time.sleep(0.02)
        one.wait(20)
        now.at += timedelta(hours=5)
        look(one)

    assert len(hanging.got) == len(well.got) == 1
    assert sorted(notices(small_district)) == [
        (NoticeState.SENT, 1, ""),
        (NoticeState.UNCLEAR, 1, "已送出，对方 3 秒没有答复，不知是否送达"),
    ]


@pytest.mark.parametrize("kind", [kind for kind in ReceiverKind if kind is not ReceiverKind.EMAIL])
def test_nobody_is_told_again_after_a_hang(small_district: Engine, kind: str) -> None:
    now = Now()
    with web_server() as web:
        web.hang.set()
        receiver(small_district, "接口", kind, web.url)
        ring(small_district)
        one = delivery(small_district, now, answer_seconds=0.5)
        look(one)
        web.hang.clear()
        now.at += timedelta(minutes=1)
        look(one)

    assert len(web.got) == 1
    assert notices(small_district) == [(NoticeState.UNCLEAR, 1, "已送出，对方 0.5 秒没有答复，不知是否送达")]


def test_a_gateway_that_waited_in_vain_may_have_handed_the_notice_on(small_district: Engine) -> None:
    now = Now()
    with web_server() as web:
        web.answers = [(504, b""), (200, b"")]
        receiver(small_district, "接口", "webhook", web.url)
        ring(small_district)
        one = delivery(small_district, now)
        look(one)
        now.at += timedelta(minutes=1)
        look(one)

    assert len(web.got) == 1
    assert notices(small_district) == [(NoticeState.UNCLEAR, 1, "已送出，对方答复 504，不知是否送达")]


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_webhook_that_drips_its_answer_for_ever_is_cut_off_in_time(
    small_district: Engine, where: str
) -> None:
    with web_server() as web:
        receiver(small_district, "演示群", "webhook", web.url)
        web.drip = where
        ring(small_district)
        one = delivery(small_district, Now(), answer_seconds=1, whole_seconds=1.5)
        began = time.monotonic()
        assert look(one) == "“演示群”未发成 1 条：已送出，对方 1.5 秒内没有答复完"
        assert time.monotonic() - began < 10, "each byte came within the time for one"


def test_nobody_listening_is_tried_again(small_district: Engine) -> None:
    with web_server() as web:
        pass
    receiver(small_district, "钉钉", "dingtalk", web.url)
    ring(small_district)
    look(delivery(small_district, Now()))

    assert notices(small_district) == [(NoticeState.WAITING, 1, "连接不上对方")]


def test_a_missing_secret_is_named_and_nothing_is_sent_unsigned(small_district: Engine) -> None:
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", web.url, **{"secret_name": "OTHER"})
        ring(small_district)
        look(delivery(small_district, Now()))

    assert web.got == []
    assert notices(small_district)[0][2] == "环境变量 ONEMAP_NOTICE_SECRET_OTHER 没有设置，不能签名"


def test_mail_that_is_refused_is_tried_again(small_district: Engine) -> None:
    now = Now()
    with mail_server() as (mailbox, environ):
        mailbox.refuse = "451 busy"
        receiver(small_district, "值班", "email", "zhiban@example.org")
        ring(small_district)
        one = delivery(small_district, now, environ=environ)
        look(one)
        assert notices(small_district) == [(NoticeState.WAITING, 1, "邮件服务器答复 451")]
        mailbox.refuse = ""
        now.at += timedelta(minutes=1)
        look(one)

    assert notices(small_district) == [(NoticeState.SENT, 2, "")]
    assert len(mailbox.mails) == 1


def test_quiet_hours_postpone_all_but_red(small_district: Engine) -> None:
    now = Now(datetime(2026, 11, 20, 15, 0, tzinfo=UTC))  # 23:00 in Shanghai
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", web.url, quiet=("22:00", "07:30"))
        ring(small_district)
        red = ring(small_district, color=RiskColor.RED.value)
        over = ring(small_district)
        one = delivery(small_district, now)
        look(one)
        assert web.bodies[0]["text"]["content"].endswith(f"预警 {red}")
        with write_session(small_district) as session:
            session.execute(text("UPDATE alert SET state = 'resolved' WHERE id = :id"), {"id": over})
        now.at += timedelta(hours=8)
        assert look(one) is None
        now.at += timedelta(minutes=31)
        look(one)

    assert len(web.got) == 2
    assert [state for state, *_ in notices(small_district)] == [
        NoticeState.SENT, NoticeState.SENT, NoticeState.DROPPED,
    ]  # fmt: skip


def test_red_is_not_held_up_by_hundreds_of_notices_that_wait_for_the_morning(
    small_district: Engine,
) -> None:
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", web.url, quiet=("00:00", "23:59"))
        with write_session(small_district) as session:
            for number in range(500):
                alert(session, cause=f"x{number}")
        assert look(delivery(small_district, Now())) is None
        red = ring(small_district, color=RiskColor.RED.value)
        assert look(delivery(small_district, Now())) == "“钉钉”已发 1 条"

    (body,) = web.bodies
    assert body["text"]["content"].endswith(f"预警 {red}")


def test_a_digest_is_one_message_a_day(small_district: Engine) -> None:
    now = Now()
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", web.url, digest_at="17:00")
        for _ in range(20):
            ring(small_district)
        one = delivery(small_district, now)
        assert look(one) is None
        now.at += timedelta(hours=5)
        look(one)
        look(one)

    (body,) = web.bodies
    lines = body["text"]["content"].splitlines()
    assert lines[0] == "【预警汇总】20 起：黄色 20 起"
    assert len(lines) == 17
    assert lines[-1] == "另有 5 起，请到“预警”页查看"


def test_one_that_was_switched_off_is_told_nothing(small_district: Engine) -> None:
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", web.url)
        with write_session(small_district) as session:
            switch_receiver(session, name="钉钉", enabled=False)
        ring(small_district)
        look(delivery(small_district, Now()))

    assert web.got == []


@pytest.mark.parametrize("kind", ["dingtalk", "webhook"])
def test_a_worker_that_died_while_sending_leaves_no_second_message(small_district: Engine, kind: str) -> None:
    now = Now()
    with web_server() as web:
        web.answers = [(200, b"{}")]
        receiver(small_district, "对方", kind, web.url)
        ring(small_district)
        with write_session(small_district) as session:
            (row,) = list_receivers(session)
            make_notices(session, row, now=NOON)
            assert claim(session, row, worker="dead", now=NOON, zone=zone_of(session)) is not None
        one = delivery(small_district, now)
        look(one)
        now.at += timedelta(hours=1)
        look(one)

    assert [each for each, *_ in notices(small_district)] == [NoticeState.UNCLEAR]
    assert web.got == []


def test_sending_is_nothing_that_pages_follow(small_district: Engine) -> None:
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", web.url)
        ring(small_district)
        with read_session(small_district) as session:
            before = current_moment(session).revision
        look(delivery(small_district, Now()))
        with read_session(small_district) as session:
            assert current_moment(session).revision == before
    assert len(web.got) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "请写明接收方的名称"),
        ({"kind": "fax"}, "接收方类型 fax 不能用"),
        ({"address": "ftp://x"}, "网络地址 ftp://x 不对"),
        ({"address": "http://[::1"}, "不对"),
        ({"address": "http://a/b c"}, "不对"),
        ({"kind": "email", "address": "a@b\nBcc: c@d.e"}, "邮箱地址"),
        ({"secret_name": "x y"}, "密钥名称 x y 不对"),
        ({"colors": ["green"]}, "预警颜色 green 不能用"),
        ({"areas": ["5101"]}, "位数不对"),
        ({"areas": ["五"]}, "应全是数字"),
        ({"quiet": ("22:00", "24:00")}, "时间 24:00 不对"),
        ({"quiet": ("22:00", "22:00")}, "就是全天不发"),
        ({"digest_at": "8:30"}, "时间 8:30 不对"),
    ],
)
def test_a_receiver_that_makes_no_sense_is_refused_with_the_way_out(
    small_district: Engine, wrong: dict[str, object], said: str
) -> None:
    values = {"name": "群", "kind": "dingtalk", "address": "https://example.org/x", **wrong}
    with pytest.raises(ReceiverError, match=said):
        receiver(small_district, **values)  # type: ignore[arg-type]


def test_a_name_is_taken_once_and_keys_in_addresses_are_not_shown(small_district: Engine) -> None:
    receiver(small_district, "群", "wecom", "https://u:p@example.org/cgi/send?key=K")
    with pytest.raises(ReceiverError, match="已有名为“群”的接收方"):
        receiver(small_district, "群", "email", "zhiban@example.org")
    with read_session(small_district) as session:
        assert [each.shown_address for each in list_receivers(session)] == ["https://example.org/cgi/…"]
