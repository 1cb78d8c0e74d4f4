"""What each robot is sent is signed as its maker describes: recomputed here by other means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine, text

from data.database import read_session
from data.notices.formats import refusal
from data.notices.words import NoticeState, ReceiverKind
from tests.data.notices.outside import (
    SECRET,
    SIGNED,
    Now,
    delivery,
    look,
    mail_server,
    notices,
    receiver,
    ring,
    web_server,
)

TEXT = "【黄色预警】惠民社区 暴露垃圾今日 9 件"


def test_dingtalk_gets_time_and_signature_in_the_address(small_district: Engine) -> None:
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", f"{web.url}/robot/send?access_token=t", **SIGNED)
        number = ring(small_district)
        look(delivery(small_district, Now()))

    ((path, headers, body),) = web.got
    query = parse_qs(urlsplit(path).query, strict_parsing=True)
    (stamp,) = query["timestamp"]
    wanted = base64.b64encode(
        hmac.digest(SECRET.encode("utf-8"), f"{stamp}\n{SECRET}".encode(), "sha256")
    ).decode()
    assert query["sign"] == [wanted]
    assert query["access_token"] == ["t"]
    assert len(stamp) == 13
    assert headers["Content-Type"].startswith("application/json")
    assert json.loads(body) == {"msgtype": "text", "text": {"content": f"{TEXT}\n编号：预警 {number}"}}


def test_feishu_gets_time_and_signature_in_the_body(small_district: Engine) -> None:
    with web_server() as web:
        web.answers = [(200, b'{"code":0,"msg":"success"}')]
        receiver(small_district, "飞书", "feishu", f"{web.url}/hook/x", **SIGNED)
        ring(small_district)
        look(delivery(small_district, Now()))

    (body,) = web.bodies
    key = f"{body['timestamp']}\n{SECRET}".encode()
    assert body["sign"] == base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
    assert len(body["timestamp"]) == 10
    assert body["msg_type"] == "text"
    assert body["content"]["text"].startswith(TEXT)


def test_wecom_gets_its_key_in_the_address(small_district: Engine) -> None:
    with web_server() as web:
        receiver(small_district, "企微", "wecom", f"{web.url}/cgi-bin/webhook/send", **SIGNED)
        ring(small_district)
        look(delivery(small_district, Now()))

    assert parse_qs(urlsplit(web.got[0][0]).query) == {"key": [SECRET]}
    assert web.bodies[0]["text"]["content"].startswith(TEXT)


def test_the_generic_webhook_signs_its_body_and_names_the_message(small_district: Engine) -> None:
    with web_server() as web:
        web.answers = [(204, b"")]
        receiver(small_district, "接口", "webhook", f"{web.url}/in", **SIGNED)
        number = ring(small_district)
        look(delivery(small_district, Now(), public_url="https://jiedao.example.org"))

    ((_, headers, body),) = web.got
    signed = headers["X-OneMap-Timestamp"].encode() + b"." + body
    assert headers["X-OneMap-Signature"] == "sha256=" + hmac.new(
        SECRET.encode(), signed, hashlib.sha256
    ).hexdigest()  # fmt: skip
    said = json.loads(body)
    assert said["id"] == headers["Idempotency-Key"]
    assert said["alerts"] == [
        {
            "id": number, "color": "yellow", "text": "惠民社区 暴露垃圾今日 9 件",
            "place": "公平街道·惠民社区", "rule": "", "drill": False,
            "link": f"https://jiedao.example.org/alerts?ring={number}",
        }
    ]  # fmt: skip


def test_a_letter_is_readable_and_leads_to_the_alert(small_district: Engine) -> None:
    with mail_server() as (mailbox, environ):
        receiver(small_district, "值班", "email", "zhiban@example.org")
        number = ring(small_district)
        look(delivery(small_district, Now(), environ=environ, public_url="https://jiedao.example.org"))

    (mail,) = mailbox.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == ("yujing@example.org", "zhiban@example.org", TEXT)
    assert mail.get_content().splitlines() == [
        TEXT, f"编号：预警 {number}", f"https://jiedao.example.org/alerts?ring={number}",
    ]  # fmt: skip
    assert notices(small_district) == [(NoticeState.SENT, 1, "")]


def test_titles_that_people_typed_stay_inside(small_district: Engine) -> None:
    with web_server() as web:
        receiver(small_district, "钉钉", "dingtalk", f"{web.url}/r")
        with read_session(small_district) as session:
            rule = session.execute(text("SELECT id FROM rule WHERE kind = 'overdue_ladder'")).scalar_one()
        ring(
            small_district, rule_id=rule, cause="event:1", title="惠民社区 演示甲家中漏水 13800000000超期",
            detail="A-1 已超过 1 天",
        )  # fmt: skip
        ring(small_district, is_drill=True, title="演练：演示乙", cause="drill:yellow:")
        look(delivery(small_district, Now()))

    (body,) = web.bodies
    assert body["text"]["content"].splitlines()[1:] == [
        "【黄色预警】公平街道·惠民社区 超期升级：A-1 已超过 1 天（预警 1）",
        "【演练·黄色】公平街道·惠民社区 演练，不是真实预警（预警 2）",
    ]


@pytest.mark.parametrize(
    ("kind", "status", "body", "said"),
    [
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"sign"}', "对方拒收（310000）：sign"),
        ("feishu", 200, b'{"code":19021,"msg":"sign match fail"}', "对方拒收（19021）：sign match fail"),
        ("wecom", 200, b'{"errcode":93000,"errmsg":"bad url"}', "对方拒收（93000）：bad url"),
        ("wecom", 200, b"<html>", "对方的答复不是约定的格式"),
        ("feishu", 200, b"[]", "对方的答复不是约定的格式"),
        ("webhook", 302, b"", "对方答复 302"),
        ("webhook", 201, b"thanks", ""),
        ("feishu", 200, b'{"StatusCode":0}', ""),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_its_sender_means_it(kind: str, status: int, body: bytes, said: str) -> None:
    assert refusal(kind=ReceiverKind(kind), status=status, body=body) == said
