"""What the environment says about the ways out: secrets and the mail server. Nothing of it is ever kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

PREFIX: Final = "ONEMAP_NOTICE_SECRET_"
UNENCRYPTED_LOGIN: Final = (
    "邮件服务器用 smtp:// 登录：用户名、密码和邮件都不加密，同一网络里的人可能看到。"
    "请系统管理员把 ONEMAP_SMTP_URL 改为 smtps:// 或 smtp+starttls://（STARTTLS）；"
    "只有内网旧服务器不支持加密时才继续这样用。"
)
_PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class OutboundError(ValueError):
    """A secret or the mail server is missing or makes no sense; the text is for people."""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """``scheme``: smtp, smtps or smtp+starttls. Without ``user`` nobody logs in."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def warning(self) -> str:
        """What whoever sets it up has to know of this way; '' where nothing. It is not forbidden."""
        return UNENCRYPTED_LOGIN if self.scheme == "smtp" and self.user else ""


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """``environ`` as it was when the worker started; read when a notice is sent."""

    environ: Mapping[str, str] = field(repr=False)

    def secret(self, name: str) -> str:
        """The secret of this name.

        Raises:
            OutboundError: it is not set.
        """
        value = self.environ.get(f"{PREFIX}{name}", "")
        if not value:
            raise OutboundError(f"环境变量 {PREFIX}{name} 没有设置，不能签名")
        return value

    def mail_server(self) -> MailServer:
        """From ``ONEMAP_SMTP_URL`` (``smtp+starttls://user@host:587``), ``ONEMAP_SMTP_PASSWORD`` and
        ``ONEMAP_SMTP_FROM``.

        Raises:
            OutboundError: not set, or of no use.
        """
        url, sender = self.environ.get("ONEMAP_SMTP_URL", ""), self.environ.get("ONEMAP_SMTP_FROM", "")
        if not url or not sender:
            raise OutboundError("还没有设置邮件服务器：请设 ONEMAP_SMTP_URL 和 ONEMAP_SMTP_FROM")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in _PORTS:
            raise OutboundError("设置 ONEMAP_SMTP_URL 不能用：应像 smtps://用户@邮件服务器:465")
        return MailServer(
            scheme=parts.scheme, host=host, port=port or _PORTS[parts.scheme], sender=sender,
            user=unquote(parts.username or ""), password=self.environ.get("ONEMAP_SMTP_PASSWORD", ""),
        )  # fmt: skip

    def mail_warning(self) -> str:
        """:attr:`MailServer.warning` of the mail server; '' without one."""
        try:
            return self.mail_server().warning
        except OutboundError:
            return ""


def read_outbound(environ: Mapping[str, str] | None = None) -> Outbound:
    """From the process environment unless given."""
    return Outbound(environ=dict(os.environ if environ is None else environ))
