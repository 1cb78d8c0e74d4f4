"""Receivers: added, switched on and off, listed. Every value is checked before it is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Table, func, insert, select, update
from sqlmodel import Session

from data.codes import level_of
from data.models import Alert, Notice, Receiver
from data.models.base import listed_in
from data.notices.words import About, NoticeState, ReceiverKind
from data.rules.by_hand import title_of
from data.vocabulary import RiskColor

_RECEIVER: Final[Table] = Receiver.__table__  # type: ignore[attr-defined]
_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_NOTICE: Final[Table] = Notice.__table__  # type: ignore[attr-defined]
_MAIL: Final = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]+")
_SECRET_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
MOST_RECEIVERS: Final = 50
TESTS_SHOWN: Final = 3


class ReceiverError(ValueError):
    """A receiver that cannot be kept or is not there; the text is for people."""


@dataclass(frozen=True, kw_only=True)
class ReceiverRow:
    """A receiver as it is used. Times are local; None where there are none. Empty tuples: all."""

    id: int
    name: str
    kind: ReceiverKind
    address: str
    secret_name: str
    colors: tuple[str, ...]
    areas: tuple[str, ...]
    quiet: tuple[time, time] | None
    digest_at: time | None
    enabled: bool
    after_alert_id: int

    @property
    def shown_address(self) -> str:
        """Without what could be a key: the parameters of a web address, the last part of its path."""
        if self.kind is ReceiverKind.EMAIL:
            return self.address
        parts = urlsplit(self.address)
        path = parts.path.rpartition("/")[0] if parts.path.count("/") > 1 else ""
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}/…"


def add_receiver(
    session: Session,
    *,
    name: str,
    kind: str,
    address: str,
    actor: str,
    at: datetime,
    secret_name: str = "",
    colors: Sequence[str] = (),
    areas: Sequence[str] = (),
    quiet: tuple[str, str] | None = None,
    digest_at: str = "",
) -> int:
    """Adds a receiver, who is told of alerts that ring from now on; returns its id.

    Raises:
        ReceiverError: a value that cannot be used, or the name is taken.
    """
    _check(name, kind, address, secret_name)
    _check_wishes(colors, areas, quiet, digest_at)
    connection = session.connection()
    if connection.execute(select(_RECEIVER.c.id).where(_RECEIVER.c.name == name)).first():
        raise ReceiverError(f"已有名为“{name}”的接收方，请换一个名称")
    if (connection.execute(select(func.count()).select_from(_RECEIVER)).scalar_one()) >= MOST_RECEIVERS:
        raise ReceiverError(f"接收方最多 {MOST_RECEIVERS} 个，请先停用并整理已有的")
    newest = connection.execute(select(func.max(_ALERT.c.id))).scalar_one()
    done = connection.execute(
        insert(_RECEIVER).values(
            name=name, kind=kind, address=address, secret_name=secret_name, colors=",".join(colors),
            areas=",".join(areas), quiet_from=quiet[0] if quiet else "", quiet_to=quiet[1] if quiet else "",
            digest_at=digest_at, enabled=True, after_alert_id=newest or 0, added_at=at, added_by=actor,
        )
    )  # fmt: skip
    return int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0


def switch_receiver(session: Session, *, name: str, enabled: bool) -> None:
    """Switches a receiver on or off. What waits for one that is off is sent when it is on again, unless over.

    Raises:
        ReceiverError: there is none of this name.
    """
    done = session.connection().execute(
        update(_RECEIVER).where(_RECEIVER.c.name == name).values(enabled=enabled)
    )
    if not done.rowcount:
        raise ReceiverError(f"没有名为“{name}”的接收方")


def list_receivers(session: Session) -> list[ReceiverRow]:
    """All receivers in the order in which they were added."""
    rows = session.connection().execute(select(_RECEIVER).order_by(_RECEIVER.c.id)).all()
    return [
        ReceiverRow(
            id=row.id, name=row.name, kind=ReceiverKind(row.kind), address=row.address,
            secret_name=row.secret_name, colors=listed_in(row.colors), areas=listed_in(row.areas),
            quiet=(time.fromisoformat(row.quiet_from), time.fromisoformat(row.quiet_to))
            if row.quiet_from else None,
            digest_at=time.fromisoformat(row.digest_at) if row.digest_at else None,
            enabled=row.enabled, after_alert_id=row.after_alert_id,
        )
        for row in rows
    ]  # fmt: skip


def change_wishes(
    session: Session,
    *,
    receiver_id: int,
    colors: Sequence[str],
    areas: Sequence[str],
    quiet: tuple[str, str] | None,
    digest_at: str,
) -> None:
    """What a receiver is told of, and when. Raises ``ReceiverError``."""
    _check_wishes(colors, areas, quiet, digest_at)
    session.connection().execute(
        update(_RECEIVER)
        .where(_RECEIVER.c.id == receiver_id)
        .values(
            colors=",".join(colors), areas=",".join(areas), quiet_from=quiet[0] if quiet else "",
            quiet_to=quiet[1] if quiet else "", digest_at=digest_at,
        )
    )  # fmt: skip


def ask_for_test(session: Session, *, receiver: ReceiverRow, at: datetime) -> int:
    """Puts a test into the queue, which the worker sends as it sends everything; returns its number.

    Raises:
        ReceiverError: the receiver is off, or a test is under way.
    """
    if not receiver.enabled:
        raise ReceiverError(f"“{receiver.name}”已停用，不会发送：请先启用")
    connection = session.connection()
    under_way = select(_NOTICE.c.id).where(
        _NOTICE.c.receiver_id == receiver.id, _NOTICE.c.alert_id.is_(None),
        _NOTICE.c.state.in_([NoticeState.WAITING, NoticeState.SENDING]),
    )  # fmt: skip
    if connection.execute(under_way.limit(1)).first():
        raise ReceiverError(f"给“{receiver.name}”的一条测试还没有发完，请稍等")
    done = connection.execute(
        insert(_NOTICE).values(
            alert_id=None, receiver_id=receiver.id, state=NoticeState.WAITING.value, attempts=0,
            claimed_by="", reason="", created_at=at,
        )
    )  # fmt: skip
    return int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """One notice as it is listed; ``title`` is its alert's and says what is told of it, '' for a test."""

    id: int
    receiver_id: int
    receiver_name: str
    title: str
    is_test: bool
    state: NoticeState
    attempts: int
    reason: str
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None


def last_notices(session: Session, *, limit: int) -> list[NoticeLine]:
    """The newest notices of all receivers and the newest tests, however many came since; the latest first."""
    newest = select(_NOTICE.c.id).order_by(_NOTICE.c.id.desc()).limit(limit).subquery()
    is_test = _NOTICE.c.alert_id.is_(None)
    tests = select(_NOTICE.c.id).where(is_test).order_by(_NOTICE.c.id.desc()).limit(TESTS_SHOWN).subquery()
    rows = session.connection().execute(
        select(_NOTICE, _RECEIVER.c.name, _ALERT.c.title, _ALERT.c.is_drill)
        .join(_RECEIVER, _RECEIVER.c.id == _NOTICE.c.receiver_id)
        .join(_ALERT, _ALERT.c.id == _NOTICE.c.alert_id, isouter=True)
        .where(_NOTICE.c.id.in_(select(newest)) | _NOTICE.c.id.in_(select(tests)))
        .order_by(_NOTICE.c.id.desc())
    )
    return [
        NoticeLine(
            id=row.id, receiver_id=row.receiver_id, receiver_name=row.name, title=_title(row),
            is_test=row.alert_id is None, state=NoticeState(row.state), attempts=row.attempts,
            reason=row.reason, created_at=row.created_at, due_at=row.due_at, sent_at=row.sent_at,
        )
        for row in rows
    ]  # fmt: skip


def _title(row: Any) -> str:
    said = f"演练：{title_of(row.title, is_drill=True)}" if row.is_drill else row.title or ""
    return f"方案超时限：{said}" if row.about == About.PLAN else said


def notice_counts(session: Session) -> dict[int, dict[NoticeState, int]]:
    """How many notices of each receiver are in which state."""
    found: dict[int, dict[NoticeState, int]] = {}
    counted = select(_NOTICE.c.receiver_id, _NOTICE.c.state, func.count())
    for receiver_id, state, number in session.connection().execute(
        counted.group_by(_NOTICE.c.receiver_id, _NOTICE.c.state)
    ):
        found.setdefault(receiver_id, {})[NoticeState(state)] = number
    return found


def last_problem(session: Session, *, receiver_id: int) -> str:
    """Why the newest notice that failed, or that waits for another try, did not arrive; '' where none."""
    wanted = (
        select(_NOTICE.c.reason)
        .where(_NOTICE.c.receiver_id == receiver_id, _NOTICE.c.reason != "")
        .where(_NOTICE.c.state.in_([NoticeState.FAILED, NoticeState.UNCLEAR, NoticeState.WAITING]))
        .order_by(_NOTICE.c.id.desc())
        .limit(1)
    )
    return session.connection().execute(wanted).scalar_one_or_none() or ""


def _check(name: str, kind: str, address: str, secret_name: str) -> None:
    if not name.strip() or len(name) > 64:
        raise ReceiverError("请写明接收方的名称，不超过 64 个字")
    if kind not in list(ReceiverKind):
        raise ReceiverError(f"接收方类型 {kind} 不能用：可写 {'、'.join(ReceiverKind)}")
    if kind == ReceiverKind.EMAIL:
        if not _MAIL.fullmatch(address) or not address.isascii() or len(address) > 254:
            raise ReceiverError(f"邮箱地址 {address[:100]} 不对，应像 zhiban@example.org")
    else:
        _check_web(address)
    if secret_name and not _SECRET_NAME.fullmatch(secret_name):
        raise ReceiverError(
            f"密钥名称 {secret_name[:50]} 不对：只用大写字母、数字和下划线，"
            "密钥本身放在环境变量 ONEMAP_NOTICE_SECRET_名称 里"
        )


def _check_web(address: str) -> None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(address) > 500 or not address.isascii() or re.search(r"\s", address):
        raise ReceiverError(f"网络地址 {address[:100]} 不对，应以 http:// 或 https:// 开头，最多 500 个字符")


def _check_wishes(
    colors: Sequence[str], areas: Sequence[str], quiet: tuple[str, str] | None, digest_at: str
) -> None:
    for color in colors:
        if color not in list(RiskColor):
            raise ReceiverError(f"预警颜色 {color} 不能用：可写 {'、'.join(RiskColor)}")
    for area in areas:
        if not area.isdigit() or not area.isascii():
            raise ReceiverError(f"区划代码 {area[:30]} 不对：应全是数字")
        try:
            level_of(area)
        except ValueError as error:
            raise ReceiverError(str(error)) from error
    if len(",".join(areas)) > 500:
        raise ReceiverError("区划代码太多，请改用上一级的代码")
    for text in (*(quiet or ()), *([digest_at] if digest_at else [])):
        if not _TIME.fullmatch(text):
            raise ReceiverError(f"时间 {text[:20]} 不对，应像 22:00")
    if quiet and quiet[0] == quiet[1]:
        raise ReceiverError("免打扰的起止时间相同，就是全天不发；不要通知请停用该接收方")
