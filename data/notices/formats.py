"""What each kind of webhook wants to be sent, and how its answer is read. Pure: no network, no clock.

Signatures follow what DingTalk (加签) and Feishu (签名校验) describe for the robots of their groups; WeCom
has its key in the address. The generic webhook signs the body as it is sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus

from data.notices.compose import Message
from data.notices.words import ReceiverKind

_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, kw_only=True)
class Request:
    """A POST. ``url`` may hold keys and is never shown or logged."""

    url: str = field(repr=False)
    body: bytes
    headers: Mapping[str, str] = field(repr=False)


def build_request(
    *, kind: ReceiverKind, address: str, secret: str, message: Message, now_seconds: float
) -> Request:
    """The request of one message. ``secret`` '': not signed. ``now_seconds`` since 1970, UTC."""
    return _BUILD[kind](address, secret, message, now_seconds)


def refusal(*, kind: ReceiverKind, status: int, body: bytes) -> str:
    """Why an answer is a refusal; '' where the message was accepted.

    The robots answer 200 to everything and say in the body whether they took it.
    """
    if not 200 <= status < 300:
        return f"对方答复 {status}"
    if kind is ReceiverKind.WEBHOOK:
        return ""
    try:
        said = json.loads(body)
        code = said.get("errcode", said.get("code", said.get("StatusCode")))
    except (ValueError, AttributeError):
        return "对方的答复不是约定的格式"
    if code == 0:
        return ""
    reason = str(said.get("errmsg") or said.get("msg") or said.get("StatusMessage") or "没有说明原因")
    return f"对方拒收（{code}）：{reason[:120]}"


def dingtalk_sign(*, secret: str, timestamp_ms: int) -> str:
    """HMAC-SHA256 of ``timestamp + "\\n" + secret`` under the secret, Base64. Not yet quoted for a URL."""
    return _hmac64(secret.encode(), f"{timestamp_ms}\n{secret}".encode())


def feishu_sign(*, secret: str, timestamp: int) -> str:
    """HMAC-SHA256 of nothing under ``timestamp + "\\n" + secret``, Base64. The time is in seconds."""
    return _hmac64(f"{timestamp}\n{secret}".encode(), b"")


def webhook_sign(*, secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 of ``timestamp + "." + body`` under the secret, in hexadecimal."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _hmac64(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def _dingtalk(address: str, secret: str, message: Message, now: float) -> Request:
    if secret:
        stamp = int(now * 1000)
        sign = quote_plus(dingtalk_sign(secret=secret, timestamp_ms=stamp))
        address = _with(address, f"timestamp={stamp}&sign={sign}")
    return _json(address, {"msgtype": "text", "text": {"content": message.text}})


def _wecom(address: str, secret: str, message: Message, _now: float) -> Request:
    if secret:
        address = _with(address, f"key={quote_plus(secret)}")
    return _json(address, {"msgtype": "text", "text": {"content": message.text}})


def _feishu(address: str, secret: str, message: Message, now: float) -> Request:
    content: dict[str, Any] = {"msg_type": "text", "content": {"text": message.text}}
    if secret:
        stamp = int(now)
        content = {"timestamp": str(stamp), "sign": feishu_sign(secret=secret, timestamp=stamp), **content}
    return _json(address, content)


def _webhook(address: str, secret: str, message: Message, now: float) -> Request:
    alerts = [
        {
            "id": line.alert_id, "color": line.color.value, "text": line.text, "place": line.place,
            "rule": line.rule, "link": line.link, "drill": line.is_drill,
        }
        for line in message.lines
    ]  # fmt: skip
    body = _spelled({"id": message.key, "title": message.title, "text": message.text, "alerts": alerts})
    headers = {**_JSON, "Idempotency-Key": message.key}
    if secret:
        stamp = int(now)
        sign = webhook_sign(secret=secret, timestamp=stamp, body=body)
        headers |= {"X-OneMap-Timestamp": str(stamp), "X-OneMap-Signature": f"sha256={sign}"}
    return Request(url=address, body=body, headers=headers)


def _json(address: str, content: Mapping[str, Any]) -> Request:
    return Request(url=address, body=_spelled(content), headers=_JSON)


def _spelled(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _with(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}"


_BUILD: Final[Mapping[ReceiverKind, Callable[[str, str, Message, float], Request]]] = {
    ReceiverKind.DINGTALK: _dingtalk,
    ReceiverKind.WECOM: _wecom,
    ReceiverKind.FEISHU: _feishu,
    ReceiverKind.WEBHOOK: _webhook,
}
