"""Words of notices, with their Chinese."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ReceiverKind(StrEnum):
    """Ways out of the machine."""

    DINGTALK = "dingtalk"
    WECOM = "wecom"
    FEISHU = "feishu"
    WEBHOOK = "webhook"
    EMAIL = "email"


class NoticeState(StrEnum):
    """What became of a notice.

    UNCLEAR: it was handed over and no answer came; it is not sent again, because it may have arrived.
    DROPPED: the alert was over, or its plan there, before its notice could be sent.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCLEAR = "unclear"
    DROPPED = "dropped"


class About(StrEnum):
    """Of what a notice tells: that an alert rang, or that its plan is late. Each is told once."""

    RUNG = ""
    PLAN = "plan"


KIND_LABEL: Final[dict[str, str]] = {
    ReceiverKind.DINGTALK: "钉钉群机器人",
    ReceiverKind.WECOM: "企业微信群机器人",
    ReceiverKind.FEISHU: "飞书群机器人",
    ReceiverKind.WEBHOOK: "通用网络回调",
    ReceiverKind.EMAIL: "电子邮件",
}
STATE_LABEL: Final[dict[str, str]] = {
    NoticeState.WAITING: "待发",
    NoticeState.SENDING: "发送中",
    NoticeState.SENT: "已发",
    NoticeState.FAILED: "失败",
    NoticeState.UNCLEAR: "不明",
    NoticeState.DROPPED: "已解除，未发",
}
