"""Making moves: what a person may do with a case, one move, and one move for many cases.

Everything is appended through ``data.event_log`` in the caller's write session: log, row, roll-up and
revision come together or not at all. A refused move writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from data.calendar import WorkCalendar
from data.dispatch import Decision
from data.event_base import StaleEvent, UnknownEvent, zone_of
from data.event_log import Advance, Entry, append, check_seen, rows_of
from data.labels import MOVE
from data.lifecycle.attachments import note_files
from data.lifecycle.case import Case
from data.lifecycle.effects import changes_of
from data.lifecycle.errors import MoveRefused, Rule
from data.lifecycle.filled import checked_fields
from data.lifecycle.guards import Refusal, general_refusals, particular_refusals
from data.lifecycle.moves import MOVES, MoveField
from data.lifecycle.person import Person
from data.lifecycle.rules import read_rules
from data.models import Event
from data.vocabulary import Move


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A move that the status of a case admits. ``refusal``: the rule's sentence; '' where the person may."""

    move: Move
    label: str
    refusal: str
    rule: Rule | None
    needs: tuple[MoveField, ...]
    takes: tuple[MoveField, ...]

    @property
    def allowed(self) -> bool:
        return not self.refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A case after a move: ``seq`` is what the next move has to have seen."""

    event_id: int
    seq: int
    external_no: str
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotMoved:
    """A case that a move for many leaves as it is, and why."""

    event_id: int
    external_no: str
    title: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkResult:
    """Which cases go, and which stay with the sentence of the rule. As a preview: which would."""

    gone: tuple[Moved, ...]
    refused: tuple[NotMoved, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A case that every rule let pass, and the entry that is going to be appended."""

    case: Case
    entry: Entry

    @property
    def moved(self) -> Moved:
        row = self.case.row
        return Moved(
            event_id=row["id"],
            seq=row["seq"] + 1,
            external_no=row["external_no"],
            status=str(self.entry.changes.get("status", row["status"])),
        )


def available_moves(
    session: Session, *, event: Event | Mapping[str, Any], person: Person, as_of: datetime
) -> list[Offer]:
    """Every move that the status of ``event`` admits, in the order of the loop: allowed, or with the sentence
    of the first rule that refuses it. What has to be filled in is not judged yet.
    """
    row = event if isinstance(event, Mapping) else event.model_dump()
    offers = []
    case = Case(session=session, row=row, person=person, at=as_of)
    for move, rule in MOVES.items():
        if row["status"] not in rule.from_statuses:
            continue
        kind, sentence = next(_all_refusals(case, move), (None, ""))
        offers.append(
            Offer(
                move=move,
                label=MOVE[move],
                refusal=sentence,
                rule=kind,
                needs=rule.needs,
                takes=rule.takes,
            )
        )
    return offers


def make_move(
    session: Session,
    *,
    event_id: int,
    seen_seq: int,
    move: Move,
    person: Person,
    at: datetime,
    fields: Mapping[str, Any] | None = None,
    decision: Decision | None = None,
    calendar: WorkCalendar | None = None,
) -> Moved:
    """One move of one case by one person, in the caller's write session.

    ``seen_seq`` is ``event.seq`` as the person saw it; ``at`` (aware) when it happens. ``decision`` is that
    of the dispatch table unless given, ``calendar`` that of the place.

    Raises:
        MoveRefused, BadFields: a rule refuses; its sentence is the error's text. Nothing was written.
        StaleEvent: somebody was quicker; ``since`` says who did what.
        UnknownEvent: no such event.
    """
    row = _rows(session, [event_id]).get(event_id)
    check_seen(session, event_id, seen_seq, row)
    case = Case(
        session=session,
        row=row or {},
        person=person,
        at=at,
        fields=fields or {},
        given_decision=decision,
        given_calendar=calendar,
    )
    return _append(session, [_pass(case, move)])[0]


def preview_moves(
    session: Session,
    *,
    cases: Sequence[tuple[int, int]],
    move: Move,
    person: Person,
    at: datetime,
    fields: Mapping[str, Any] | None = None,
) -> BulkResult:
    """What :func:`bulk_moves` would do with ``cases`` (event id, seen seq). Writes nothing."""
    going, refused = _sorted_out(session, cases, move=move, person=person, at=at, fields=fields)
    return BulkResult(gone=tuple(one.moved for one in going), refused=refused)


def bulk_moves(
    session: Session,
    *,
    cases: Sequence[tuple[int, int]],
    move: Move,
    person: Person,
    at: datetime,
    fields: Mapping[str, Any] | None = None,
) -> BulkResult:
    """The same move for many ``cases`` (event id, seen seq), in the caller's write session.

    Those that a rule refuses, that somebody else changed or that are gone stay as they are and are named; the
    others go together.
    """
    going, refused = _sorted_out(session, cases, move=move, person=person, at=at, fields=fields)
    return BulkResult(gone=tuple(_append(session, going)), refused=refused)


def _sorted_out(
    session: Session,
    cases: Sequence[tuple[int, int]],
    *,
    move: Move,
    person: Person,
    at: datetime,
    fields: Mapping[str, Any] | None,
) -> tuple[list[_Ready], tuple[NotMoved, ...]]:
    seen = dict(cases)
    rows = _rows(session, list(seen))
    going: list[_Ready] = []
    refused: list[NotMoved] = []
    rules = read_rules(session)
    for event_id, seen_seq in seen.items():
        row = rows.get(event_id)
        try:
            check_seen(session, event_id, seen_seq, row)
            case = Case(
                session=session, row=row or {}, person=person, at=at, fields=fields or {}, given_rules=rules
            )
            going.append(_pass(case, move))
        except (MoveRefused, StaleEvent, UnknownEvent) as error:
            known = row or {"external_no": "", "title": ""}
            refused.append(
                NotMoved(
                    event_id=event_id,
                    external_no=known["external_no"],
                    title=known["title"],
                    sentence=str(error),
                )
            )
    return going, tuple(refused)


def _rows(session: Session, event_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in rows_of(session, event_ids)}


def _all_refusals(case: Case, move: Move) -> Iterator[Refusal]:
    yield from general_refusals(case, move)
    yield from particular_refusals(case, move)


def _pass(case: Case, move: Move) -> _Ready:
    """Lets a case pass that no rule refuses, its fields checked. Raises MoveRefused by the first rule."""
    first = next(general_refusals(case, move), None)
    if first is None:
        case.fields = checked_fields(case.fields or {}, move=move, event_id=case.event_id)
        first = _set_back(case) or next(particular_refusals(case, move), None)
    if first is not None:
        raise MoveRefused(first[1], rule=first[0], move=move, event_id=case.event_id)
    try:
        changes = changes_of(case, move)
    except ValueError as error:  # a limit or a moment that no clock can reckon with
        sentence = f"这件的期限算不出来：{error}"
        raise MoveRefused(sentence, rule=Rule.CLOCK, move=move, event_id=case.event_id) from error
    reason = case.given(MoveField.REASON) or ""
    entry = Entry(action=move, at=case.at, actor=case.person.name, changes=changes, reason=reason)
    return _Ready(case, entry)


def _set_back(case: Case) -> tuple[Rule, str] | None:
    """Nothing happens before what has happened: a clock that was set back is noticed and not written."""
    if case.at.tzinfo is None:
        return Rule.CLOCK, f"时间 {case.at} 没有时区，请带上时区"
    if case.at >= case.last_at:
        return None
    zone = zone_of(case.session)
    now, last = (moment.astimezone(zone) for moment in (case.at, case.last_at))
    return Rule.CLOCK, (
        f"现在的时间 {now:%Y-%m-%d %H:%M:%S} 早于这件上一条记录的 {last:%Y-%m-%d %H:%M:%S}："
        "电脑的时钟可能被调回，请校准后再办"
    )


def _append(session: Session, going: Sequence[_Ready]) -> list[Moved]:
    advances = [
        Advance(entries=(one.entry,), event_id=one.case.event_id, seen_seq=one.case.row["seq"])
        for one in going
    ]
    append(session, advances, rows={one.case.event_id: one.case.row for one in going})
    for case in (one.case for one in going):
        note_files(
            session,
            event_id=case.event_id,
            log_seq=case.row["seq"] + 1,
            files=case.given(MoveField.FILES) or (),
            at=case.at,
            actor=case.person.name,
        )
    return [one.moved for one in going]
