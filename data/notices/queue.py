"""The notices of each receiver: made, claimed by the worker that sends them, and settled.

A claim is written before anything is sent. So two workers never send one notice, and one that died while
sending leaves a claim behind: that notice may have arrived, and is not sent again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Table, exists, insert, select, update
from sqlmodel import Session

from data.models import Alert, Notice, Rule
from data.notices.receivers import ReceiverRow
from data.notices.send import Outcome, Result
from data.notices.timing import may_send, rest_after
from data.notices.words import About, NoticeState
from data.queries.conditions import in_areas
from data.rules.plan_clock import plan_late
from data.vocabulary import AlertState, RiskColor

_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_RULE: Final[Table] = Rule.__table__  # type: ignore[attr-defined]
_NOTICE: Final[Table] = Notice.__table__  # type: ignore[attr-defined]
Told = tuple[int, About]
"""An alert, and what is told of it."""
_MOST_AT_ONCE: Final = 500
_LOST: Final = "发送时程序中断，不知是否送达，不再重发"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What this worker sends now in one message. ``key`` names the message at every try.

    Without alerts it is a test that somebody asked for.
    """

    key: str
    notice_ids: tuple[int, ...]
    told: tuple[Told, ...]

    @property
    def is_test(self) -> bool:
        return not self.told


def missing(receiver: ReceiverRow, *, about: About = About.RUNG, now: datetime | None = None) -> Select[Any]:
    """Alerts that concern the receiver, that nobody has resolved, whose rule tells of them, and that have no
    notice of that for it yet. About plans: those whose plan is overdue ``now``.
    """
    told = exists().where(
        _NOTICE.c.alert_id == _ALERT.c.id, _NOTICE.c.receiver_id == receiver.id,
        _NOTICE.c.about == about.value,
    )  # fmt: skip
    silent = exists().where(_RULE.c.id == _ALERT.c.rule_id, _RULE.c.notify.is_(False))
    conditions: list[ColumnElement[bool]] = [
        _ALERT.c.state != AlertState.RESOLVED.value, _ALERT.c.id > receiver.after_alert_id, ~told, ~silent,
    ]  # fmt: skip
    if receiver.colors:
        conditions.append(_ALERT.c.color.in_(receiver.colors))
    if about is About.PLAN and now is not None:
        conditions.append(plan_late(now))
    conditions += in_areas(receiver.areas, _ALERT.c.code)
    return select(_ALERT.c.id).where(*conditions).order_by(_ALERT.c.id).limit(_MOST_AT_ONCE)


def anything_missing(session: Session, receiver: ReceiverRow, *, now: datetime) -> bool:
    """Whether :func:`make_notices` has anything to make."""
    wanted = (missing(receiver, about=about, now=now).limit(1) for about in About)
    return any(session.connection().execute(each).first() is not None for each in wanted)


def make_notices(session: Session, receiver: ReceiverRow, *, now: datetime) -> int:
    """A waiting notice for each alert that ``missing`` finds; returns how many."""
    found = [
        (alert_id, about)
        for about in About
        for alert_id in session.connection().execute(missing(receiver, about=about, now=now)).scalars()
    ]
    if found:
        session.connection().execute(
            insert(_NOTICE),
            [
                {
                    "alert_id": alert_id, "receiver_id": receiver.id, "about": about.value,
                    "state": NoticeState.WAITING.value, "attempts": 0, "claimed_by": "", "reason": "",
                    "created_at": now,
                }
                for alert_id, about in found
            ],
        )  # fmt: skip
    return len(found)


def ready(session: Session, receiver: ReceiverRow, *, now: datetime, zone: ZoneInfo) -> list[Any]:
    """Waiting notices of the receiver that may be sent now, with the state of their alerts.

    Tests come first, then red: however many wait for the morning, they hold up neither.
    """
    rows = session.connection().execute(
        select(_NOTICE, _ALERT.c.color, _ALERT.c.state.label("alert_state"), _ALERT.c.plan_done_at)
        .join(_ALERT, _ALERT.c.id == _NOTICE.c.alert_id, isouter=True)
        .where(_NOTICE.c.receiver_id == receiver.id, _NOTICE.c.state == NoticeState.WAITING.value)
        .order_by(_NOTICE.c.alert_id.is_not(None), _ALERT.c.color != RiskColor.RED.value, _NOTICE.c.id)
        .limit(_MOST_AT_ONCE)
    )
    return [
        row
        for row in rows
        if row.alert_id is None
        or may_send(
            color=RiskColor(row.color), created_at=row.created_at, due_at=row.due_at, quiet=receiver.quiet,
            digest_at=receiver.digest_at, now=now, zone=zone,
        )
    ]  # fmt: skip


def claim(
    session: Session, receiver: ReceiverRow, *, worker: str, now: datetime, zone: ZoneInfo
) -> Claim | None:
    """Takes what may be sent now, in the caller's write session; None where nothing is left.

    Notices that were tried before go alone together, so that the key of their message stays the same. An
    alert that is over before anybody was told is not told. A test goes first, and alone.
    """
    rows = ready(session, receiver, now=now, zone=zone)
    rows = [row for row in rows if row.alert_id is None][:1] or rows
    untried = [row for row in rows if not row.attempts]
    over = [row.id for row in untried if row.alert_state == AlertState.RESOLVED]
    _set(session, over, state=NoticeState.DROPPED, reason="预警已解除")
    there = [row.id for row in untried if row.about == About.PLAN and row.plan_done_at and row.id not in over]
    _set(session, there, state=NoticeState.DROPPED, reason="方案已登记")
    rows = [row for row in rows if row.id not in {*over, *there}]
    if not rows:
        return None
    again = next((row.claimed_by for row in rows if row.claimed_by), "")
    rows = [row for row in rows if row.claimed_by == again]
    key = again.rpartition("#")[2] or uuid4().hex[:20]
    ids = tuple(row.id for row in rows)
    session.connection().execute(
        update(_NOTICE)
        .where(_NOTICE.c.id.in_(ids))
        .values(
            state=NoticeState.SENDING.value, attempts=_NOTICE.c.attempts + 1, claimed_by=_mark(worker, key)
        )
    )
    told = tuple((row.alert_id, About(row.about)) for row in rows if row.alert_id is not None)
    return Claim(key=key, notice_ids=ids, told=told)


def settle(session: Session, mine: Claim, result: Result, *, worker: str, now: datetime) -> None:
    """Writes how it went, unless another worker has taken the notices over meanwhile."""
    still_mine = select(_NOTICE.c.id, _NOTICE.c.attempts).where(
        _NOTICE.c.id.in_(mine.notice_ids),
        _NOTICE.c.state.in_([NoticeState.SENDING.value, NoticeState.UNCLEAR.value]),
        _NOTICE.c.claimed_by == _mark(worker, mine.key),
    )
    attempts = {row.id: row.attempts for row in session.connection().execute(still_mine)}
    if result.outcome is Outcome.SENT:
        _set(session, list(attempts), state=NoticeState.SENT, reason="", sent_at=now)
    elif mine.is_test and result.outcome is Outcome.REFUSED:
        _set(session, list(attempts), state=NoticeState.FAILED, reason=result.reason)
    elif result.outcome is Outcome.UNCLEAR:
        _set(session, list(attempts), state=NoticeState.UNCLEAR, reason=f"{result.reason}，不知是否送达")
    else:
        for number in set(attempts.values()):
            ids = [notice_id for notice_id, tries in attempts.items() if tries == number]
            _again(session, ids, tries=number, reason=result.reason, key=mine.key, now=now)


def unsettled(session: Session, receiver: ReceiverRow, *, sending: Collection[str]) -> list[Any]:
    """What somebody claimed and never settled: any claim that is not in ``sending``."""
    columns = (_NOTICE.c.id, _NOTICE.c.claimed_by)
    rows = session.connection().execute(
        select(*columns).where(
            _NOTICE.c.receiver_id == receiver.id, _NOTICE.c.state == NoticeState.SENDING.value
        )
    )
    return [row for row in rows if row.claimed_by not in sending]


def recover(session: Session, receiver: ReceiverRow, *, sending: Collection[str]) -> int:
    """Settles what ``unsettled`` finds; returns how many notices that were."""
    lost = unsettled(session, receiver, sending=sending)
    _set(session, [row.id for row in lost], state=NoticeState.UNCLEAR, reason=_LOST)
    return len(lost)


def mark_of(worker: str, mine: Claim) -> str:
    """How a claim is written into its rows."""
    return _mark(worker, mine.key)


def _mark(worker: str, key: str) -> str:
    return f"{worker[-40:]}#{key}"


def _again(session: Session, ids: Sequence[int], *, tries: int, reason: str, key: str, now: datetime) -> None:
    rest = rest_after(tries)
    if rest is None:
        _set(session, ids, state=NoticeState.FAILED, reason=f"试了 {tries} 次：{reason}")
        return
    # The key stays with the notices, so that the next try is the same message.
    _set(session, ids, state=NoticeState.WAITING, reason=reason, due_at=now + rest, claimed_by=f"#{key}")


def _set(session: Session, ids: Sequence[int], *, state: NoticeState, reason: str, **values: Any) -> None:
    if ids:
        session.connection().execute(
            update(_NOTICE)
            .where(_NOTICE.c.id.in_(ids))
            .values(state=state.value, reason=reason[:256], **values)
        )
