"""Hands one message over, by HTTP or SMTP, within a time, and says how it went. Raises nothing."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import urllib3
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as HttpTimeout
from urllib3.util import parse_url

from data.notices.compose import Message
from data.notices.cut import cut_after
from data.notices.formats import Request, build_request, refusal
from data.notices.outbound import MailServer, Outbound, OutboundError
from data.notices.receivers import ReceiverRow
from data.notices.words import ReceiverKind

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
WHOLE_SECONDS: Final = 30.0
_MOST_BYTES: Final = 65_536
_DISTRUSTED: Final = "{who}的证书不可信（{why}）：自签的证书请用环境变量 SSL_CERT_FILE 指定，什么都没有发出"
"""A certificate is always checked, its name too; OpenSSL itself reads that variable."""


class Outcome(StrEnum):
    """SENT: accepted. REFUSED: surely not accepted, may be tried again. UNCLEAR: handed over, no answer."""

    SENT = "sent"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Result:
    """``reason`` in Chinese; '' when it was sent. Holds no address and no key."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds for a connection, for each piece of an answer, and for the whole of one try."""

    connect_seconds: float = CONNECT_SECONDS
    answer_seconds: float = ANSWER_SECONDS
    whole_seconds: float = WHOLE_SECONDS

    @property
    def late(self) -> str:
        """What is said where the whole time was up."""
        return f"已送出，对方 {self.whole_seconds:g} 秒内没有答复完"


def send(
    receiver: ReceiverRow, message: Message, *, outbound: Outbound, patience: Patience | None = None
) -> Result:
    """One try. Follows no redirect: what is signed for one address is not told to another."""
    patience = patience or Patience()
    try:
        if receiver.kind is ReceiverKind.EMAIL:
            return _send_mail(receiver.address, message, outbound.mail_server(), patience)
        secret = outbound.secret(receiver.secret_name) if receiver.secret_name else ""
    except OutboundError as error:
        return Result(Outcome.REFUSED, str(error))
    request = build_request(
        kind=receiver.kind, address=receiver.address, secret=secret, message=message, now_seconds=time.time()
    )
    return _post(receiver.kind, request, patience)


def _post(kind: ReceiverKind, request: Request, patience: Patience) -> Result:
    """Hands a request over. A receiver that drips its answer byte by byte is cut off in time."""
    opened: list[socket.socket] = []
    with cut_after(patience.whole_seconds, lambda: opened[-1] if opened else None) as late:
        result = _handed_over(kind, request, patience, opened)
    return Result(Outcome.UNCLEAR, patience.late) if late.is_set() and opened else result


def _pool(url: str, patience: Patience, opened: list[socket.socket]) -> HTTPConnectionPool:
    """Connections to the host of an address, each of which is noted in ``opened`` when it stands."""
    timeout = urllib3.Timeout(connect=patience.connect_seconds, read=patience.answer_seconds)
    pool = urllib3.connection_from_url(url, timeout=timeout, retries=False)
    plain: Any = pool.ConnectionCls

    def connect(self: Any) -> None:
        plain.connect(self)
        opened.append(self.sock)

    pool.ConnectionCls = type("Noted", (plain,), {"connect": connect})
    return pool


def _handed_over(
    kind: ReceiverKind, request: Request, patience: Patience, opened: list[socket.socket]
) -> Result:
    try:
        pool = _pool(request.url, patience, opened)
    except urllib3.exceptions.LocationValueError:
        return Result(Outcome.REFUSED, "网络地址不能用")
    with pool:
        try:
            answer = pool.request(
                "POST", parse_url(request.url).request_uri, body=request.body, headers=dict(request.headers),
                redirect=False, preload_content=False,
            )  # fmt: skip
        except urllib3.exceptions.SSLError as error:
            cause = error.args[0] if error.args else error
            if isinstance(cause, ssl.SSLCertVerificationError):
                return Result(Outcome.REFUSED, _DISTRUSTED.format(who="对方", why=cause.verify_message))
            return Result(Outcome.REFUSED, "与对方建立不了加密连接")
        except (NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            return Result(Outcome.REFUSED, "连接不上对方")
        except HttpTimeout:
            return Result(Outcome.UNCLEAR, f"已送出，对方 {patience.answer_seconds:g} 秒没有答复")
        except (HTTPError, OSError):
            return Result(Outcome.UNCLEAR, "已送出，对方没有答复就断开了连接")
        try:
            body = answer.read(_MOST_BYTES)
        except (HTTPError, OSError):
            return Result(Outcome.UNCLEAR, "已送出，对方的答复没有收完")
        finally:
            answer.close()
    reason = refusal(kind=kind, status=answer.status, body=body)
    if answer.status == HTTPStatus.GATEWAY_TIMEOUT:  # somebody on the way waited in vain, as we would have
        return Result(Outcome.UNCLEAR, f"已送出，{reason}")
    return Result(Outcome.REFUSED, reason) if reason else Result(Outcome.SENT)


def build_mail(*, sender: str, address: str, message: Message) -> EmailMessage:
    """The letter. Its Message-ID is the same at every try, so that a mailbox can drop a repeat."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = address
    mail["Subject"] = message.title
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{message.key}@onemap.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text + "\n")
    return mail


def _send_mail(address: str, message: Message, server: MailServer, patience: Patience) -> Result:
    mail = build_mail(sender=server.sender, address=address, message=message)
    handed_over = accepted = False
    try:
        with (
            _connected(server, patience) as smtp,
            cut_after(patience.whole_seconds, lambda: smtp.sock),
        ):
            if server.user:
                smtp.login(server.user, server.password)
            if smtp.sock:  # which keeps the time of the connection otherwise
                smtp.sock.settimeout(patience.answer_seconds)
            handed_over = True
            smtp.send_message(mail)
            accepted = True
    except smtplib.SMTPRecipientsRefused:
        return Result(Outcome.REFUSED, "邮件服务器不接受这个收件地址")
    except smtplib.SMTPAuthenticationError:
        return Result(Outcome.REFUSED, "邮件服务器不接受这个用户或口令")
    except smtplib.SMTPServerDisconnected:
        return _lost(handed_over, "邮件服务器没有答复，或断开了连接")
    except smtplib.SMTPResponseException as error:
        return Result(Outcome.REFUSED, f"邮件服务器答复 {error.smtp_code}")
    except smtplib.SMTPException:
        return Result(Outcome.REFUSED, "邮件服务器不支持所需的方式")
    except ssl.SSLCertVerificationError as error:
        return Result(Outcome.REFUSED, _DISTRUSTED.format(who="邮件服务器", why=error.verify_message))
    except OSError:  # among them time-outs and other faults of TLS
        if not accepted:
            return _lost(handed_over, "连接不上邮件服务器，或它没有答复")
    return Result(Outcome.SENT)


def _lost(handed_over: bool, reason: str) -> Result:
    return Result(Outcome.UNCLEAR if handed_over else Outcome.REFUSED, reason)


def _connected(server: MailServer, patience: Patience) -> smtplib.SMTP:
    if server.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=patience.connect_seconds, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=patience.connect_seconds)
    if server.scheme == "smtp+starttls":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except Exception:
            smtp.close()
            raise
    return smtp
