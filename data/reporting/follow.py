"""What a resident sees of their case: how far it is and since which day, and nobody's name.

Whoever has the receipt may look, judge once it is closed, and appeal once. Reasons and words in the log are
not shown: people write names into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.labels import RESIDENT_STATUS, label
from data.lifecycle import make_move, resident
from data.models import Department, Event, EventLog, ReportReceipt
from data.queries.names import class_names, place_names
from data.reporting.errors import UnknownReceipt
from data.reporting.report import without_personal
from data.reporting.tokens import hash_of, typed_receipt
from data.vocabulary import Move, Status

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_RECEIPT: Final[Table] = ReportReceipt.__table__  # type: ignore[attr-defined]
_MOST_MERGES: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What happened, in plain words, and when."""

    at: datetime
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """A resident's case. ``together``: it is handled with another of the same place, whose way this is.

    ``department`` is '' while nobody has it. ``solved``/``satisfied`` None: not judged.
    """

    number: str
    title: str
    place: str
    department: str
    status: str
    words: str
    steps: tuple[Step, ...]
    together: bool
    may_rate: bool
    may_appeal: bool
    solved: bool | None
    satisfied: bool | None


def follow(session: Session, *, receipt: str) -> Followed:
    """The case of a receipt.

    Raises:
        UnknownReceipt
    """
    own = _own(session, receipt)
    row = _goes_on_as(session, own)
    together = row["id"] != own["id"]
    department = session.get(Department, row["department_code"]) if row["department_code"] else None
    return Followed(
        number=own["external_no"],
        title=class_names(session).get(own["class_code"], own["title"]),
        place=place_names(session, {own["code"]})[own["code"]],
        department="" if department is None else department.name,
        status=row["status"],
        words=label(RESIDENT_STATUS, row["status"]),
        steps=(*_steps(session, own["id"]), *(_steps(session, row["id"], own) if together else [])),
        together=together,
        may_rate=not together and own["status"] == Status.CLOSED,
        may_appeal=not together and own["status"] == Status.CLOSED and not own["appealed"],
        solved=own["solved"],
        satisfied=own["satisfied"],
    )


def rate(session: Session, *, receipt: str, solved: bool, satisfied: bool, reason: str, at: datetime) -> None:
    """The reporter's judgement of a closed case, in the caller's write session.

    Raises:
        UnknownReceipt
        LoopError: the case is not closed; a bad judgement without a reason.
    """
    given = {"solved": solved, "satisfied": satisfied, "reason": without_personal(reason)}
    _move(session, receipt, Move.EVALUATE, at=at, fields=given)


def appeal(session: Session, *, receipt: str, reason: str, at: datetime) -> None:
    """The reporter disagrees with a closed case, once, in the caller's write session.

    Raises:
        UnknownReceipt
        LoopError: the case is not closed, was appealed before, or no reason is given.
    """
    _move(session, receipt, Move.APPEAL, at=at, fields={"reason": without_personal(reason)})


def _move(session: Session, receipt: str, move: Move, *, at: datetime, fields: Mapping[str, Any]) -> None:
    own = _own(session, receipt)
    make_move(
        session,
        event_id=own["id"],
        seen_seq=own["seq"],
        move=move,
        person=resident(),
        at=at,
        fields=fields,
    )


def _own(session: Session, receipt: str) -> Mapping[str, Any]:
    plain = typed_receipt(receipt)
    wanted = (
        select(_EVENT)
        .join(_RECEIPT, _RECEIPT.c.event_id == _EVENT.c.id)
        .where(_RECEIPT.c.receipt_hash == hash_of(plain))
    )
    row = session.connection().execute(wanted).mappings().first() if plain else None
    if row is None:
        raise UnknownReceipt("没有这个回执号。请核对十六位字母和数字（没有 0、1、I、O）")
    return dict(row)


def _goes_on_as(session: Session, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The case in which a merged one goes on, through further merges."""
    for _ in range(_MOST_MERGES):
        if row["status"] != Status.MERGED or row["merged_into"] is None:
            break
        wanted = select(_EVENT).where(_EVENT.c.id == row["merged_into"])
        found = session.connection().execute(wanted).mappings().first()
        if found is None:
            break
        row = dict(found)
    return row


def _steps(session: Session, event_id: int, own: Mapping[str, Any] | None = None) -> list[Step]:
    """Changes of status in order; of another case only what came after ``own`` was reported."""
    wanted = select(_LOG.c.at, _LOG.c.to_status).where(
        _LOG.c.event_id == event_id, _LOG.c.from_status != _LOG.c.to_status
    )
    if own is not None:
        wanted = wanted.where(_LOG.c.at >= own["reported_at"])
    rows = session.connection().execute(wanted.order_by(_LOG.c.seq))
    return [Step(at=row.at, words=label(RESIDENT_STATUS, row.to_status)) for row in rows]
