"""The loop as a page sees it: the seven stages under the Filter, and what waits for one person.

Both look at open cases through the index of those, and at the closed ones of thirty days at most: never at
the history. What may wait for whom is read off the state machine itself (``lifecycle.moves``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Integer, and_, case, cast, func, not_, or_, select
from sqlalchemy.orm import Session

from data.codes import prefix_range
from data.filter import Filter
from data.lifecycle import MOVES, Move, Person
from data.lifecycle.moves import LOCAL_ROLES, LOCAL_SIDE
from data.queries.conditions import color_of, unindexed, where_clauses
from data.queries.days import local_day
from data.queries.events import Order, ordering, rows_of
from data.queries.rows import EventRow
from data.queries.tables import EVENT, EVENT_ATTACHMENT, Condition, Expression
from data.vocabulary import STAGE_STATUSES, Basis, Role, SlaColor, Stage, Status

RATING_DAYS: Final = 30
"""综合评价 shows what was closed in so many days, today included, and still waits to be rated."""
WAITING_MOVES: Final[tuple[Move, ...]] = (
    Move.GRANT_EXTENSION, Move.VERIFY, Move.FILE, Move.DISPATCH, Move.ACCEPT, Move.HANDLE, Move.FEEDBACK,
    Move.CHECK, Move.CLOSE, Move.EVALUATE,
)  # fmt: skip
"""Moves that carry a case on. A case waits for a person once: with the first of these that they may make.
综合评价 is the last of them, and the only one that closed cases wait for.
"""
MOST_AT_ONCE: Final = 200
"""Cases of one move for many."""


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One stage. ``where`` holds exactly its ``count`` rows; None where the Filter leaves it none.

    ``oldest_at`` is the earliest report among them (aware UTC).
    """

    stage: Stage
    where: Filter | None
    count: int = 0
    overdue: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Lanes:
    """The stages in order. Under 在办 the first six add up to ``total``, and 综合评价 stands beside them;
    under any other basis all seven and ``others`` (合并, 作废) do.
    """

    lanes: tuple[Lane, ...]
    others: int
    total: int


@dataclass(frozen=True, kw_only=True)
class WaitingRow:
    """A case that waits for a person, and the move with which it does."""

    row: EventRow
    move: Move


@dataclass(frozen=True, kw_only=True)
class WaitingPage:
    """One page of a person's queue. ``counts`` is by move and adds up to ``total`` over all moves."""

    rows: tuple[WaitingRow, ...]
    counts: dict[Move, int]
    total: int


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A kept picture of a case and the entry of the log that it came with."""

    sha256: str
    log_seq: int
    actor: str
    created_at: datetime


def stage_filter(where: Filter, stage: Stage, *, today: date) -> Filter | None:
    """The Filter that holds the rows of one stage under ``where``; None where none can be."""
    statuses = STAGE_STATUSES[stage]
    beside = stage is Stage.RATE and where.basis is Basis.OPEN
    if beside:
        statuses = frozenset({Status.CLOSED})
    kept = tuple(sorted(statuses & set(where.statuses) if where.statuses else statuses))
    if not kept:
        return None
    if beside:
        first = today - timedelta(days=RATING_DAYS - 1)
        return where.changed(basis=Basis.CLOSED, start=first, end=today, statuses=kept)
    return where.changed(statuses=kept)


def lanes(*, session: Session, where: Filter, as_of: datetime) -> Lanes:
    """The seven stages under ``where``, counted in one statement, and 综合评价 in a second one."""
    today = local_day(session, as_of)
    by_status = _by_status(session, where, as_of)
    closed = by_status
    if where.basis is Basis.OPEN and (rating := stage_filter(where, Stage.RATE, today=today)) is not None:
        closed = _by_status(session, rating, as_of)
    found = []
    for stage in Stage:
        counted = closed if stage is Stage.RATE else by_status
        rows = [row for status, row in counted.items() if status in STAGE_STATUSES[stage]]
        found.append(
            Lane(
                stage=stage,
                where=stage_filter(where, stage, today=today),
                count=sum(row[0] for row in rows),
                overdue=sum(row[1] for row in rows),
                oldest_at=min((row[2] for row in rows), default=None),
            )
        )
    total = sum(row[0] for row in by_status.values())
    inside = found[:-1] if where.basis is Basis.OPEN else found
    return Lanes(lanes=tuple(found), others=total - sum(lane.count for lane in inside), total=total)


def _by_status(session: Session, where: Filter, as_of: datetime) -> dict[Status, tuple[int, int, datetime]]:
    """Count, overdue ones and earliest report of each status."""
    late = color_of(as_of).in_([SlaColor.OVERDUE.value, SlaColor.DONE_LATE.value])
    columns = select(
        EVENT.c.status,
        func.count().label("events"),
        func.sum(cast(late, Integer)).label("late"),
        func.min(EVENT.c.reported_at).label("oldest_at"),
    )
    rows = session.execute(columns.where(*where_clauses(session, where, as_of)).group_by(EVENT.c.status))
    return {Status(row.status): (row.events, row.late, row.oldest_at) for row in rows}


def waiting(
    *,
    session: Session,
    where: Filter,
    as_of: datetime,
    person: Person,
    move: Move | None = None,
    limit: int = 50,
    offset: int = 0,
) -> WaitingPage:
    """What waits for ``person`` among the open cases of ``where``, the most urgent first; after them what was
    closed within ``RATING_DAYS`` and waits for their 综合评价.

    ``move`` narrows the rows to those that wait with it; the counts are of all.
    """
    open_now = where.changed(basis=Basis.OPEN, start=None, end=None)
    which = next_move_sql(person)
    conditions = [*where_clauses(session, open_now, as_of), which.is_not(None)]
    grouped = select(which.label("move"), func.count().label("events")).where(*conditions).group_by("move")
    by_move = {Move(row.move): row.events for row in session.execute(grouped)}
    rating = _rating_clauses(session, open_now, as_of, person)
    if rating and (rated := session.execute(select(func.count()).where(*rating)).scalar_one()):
        by_move[Move.EVALUATE] = rated
    counts = {one: by_move[one] for one in WAITING_MOVES if one in by_move}
    keys: list[tuple[int, Move]] = []
    if move is not Move.EVALUATE:
        chosen = [*conditions, which == move.value] if move else conditions
        page = select(EVENT.c.id, which.label("move")).where(*chosen).order_by(*ordering(Order.URGENT))
        found = session.execute(page.limit(limit).offset(offset))
        keys = [(row.id, Move(row.move)) for row in found]
    if move in (None, Move.EVALUATE) and len(keys) < limit and rating:
        before = 0 if move else sum(counts.values()) - counts.get(Move.EVALUATE, 0)
        closed = select(EVENT.c.id).where(*rating).order_by(EVENT.c.ended_at, EVENT.c.id)
        rest = closed.limit(limit - len(keys)).offset(max(0, offset - before))
        keys += [(event_id, Move.EVALUATE) for event_id in session.execute(rest).scalars()]
    moves = dict(keys)
    rows = rows_of(session, list(moves), as_of)
    return WaitingPage(
        rows=tuple(WaitingRow(row=row, move=moves[row.id]) for row in rows),
        counts=counts,
        total=counts.get(move, 0) if move else sum(counts.values()),
    )


def next_move_sql(person: Person) -> Expression:
    """The first of ``WAITING_MOVES`` that ``person`` may make with a case, NULL where there is none."""
    carrying = (move for move in WAITING_MOVES if move is not Move.EVALUATE)
    return case(*((_may(person, move), move.value) for move in carrying), else_=None)


def _rating_clauses(session: Session, where: Filter, as_of: datetime, person: Person) -> list[Condition]:
    """Closed cases that wait for the 综合评价 of ``person``: the command centre's after a call back, and
    those that they reported themselves. Residents follow theirs by the receipt. Empty: none can.
    """
    closed = stage_filter(where, Stage.RATE, today=local_day(session, as_of))
    if closed is None or person.staff_id is None or person.role not in MOVES[Move.EVALUATE].roles:
        return []
    own = [] if person.role is Role.DISPATCHER else [EVENT.c.reporter_id == person.staff_id]
    return [*where_clauses(session, closed, as_of), _covers(person), *own]


def _may(person: Person, move: Move) -> Condition:
    """The general rules of ``lifecycle.guards`` on columns: status, role, area, side, own work; and whether
    there is anything to do: 核实 while no colour is decided, an extension at the step of this role.
    """
    rule = MOVES[move]
    conditions: list[Condition] = [unindexed(EVENT.c.status).in_(sorted(rule.from_statuses)), _covers(person)]
    if person.role not in rule.roles:
        colors = [color for color, roles in LOCAL_ROLES.items() if rule.local and person.role in roles]
        conditions.append(EVENT.c.route_color.in_(colors))
    if rule.side:
        conditions.append(_on_side(person))
    if rule.not_own:
        conditions.append(_not_handler(person))
    if move is Move.VERIFY:
        conditions.append(EVENT.c.route_color == "")
    if move is Move.FILE:
        conditions.append(EVENT.c.route_color != "")
    if move is Move.GRANT_EXTENSION:
        conditions.append(EVENT.c.extension_step == (2 if person.role is Role.DISPATCHER else 1))
    return and_(*conditions)


def _not_handler(person: Person) -> Condition:
    """The opposite of ``Case.is_handler`` on columns."""
    named = EVENT.c.handler == person.name
    if person.department_code:
        named = and_(named, EVENT.c.department_code.in_(["", person.department_code]))
    known = EVENT.c.handler_id
    by_number = known.is_not(None) if person.staff_id is None else known != person.staff_id
    return or_(and_(known.is_not(None), by_number), and_(known.is_(None), not_(named)))


def _covers(person: Person) -> Condition:
    """``Person.covers`` on a column."""
    low, high = prefix_range(person.division_code)
    code = unindexed(EVENT.c.code)
    inside = and_(code >= low, code < high) if person.division_code else code >= ""
    return or_(inside, code == "") if person.covers("") else inside


def _on_side(person: Person) -> Condition:
    """Who handles the case: its department; without one the grid or the street, by the colour."""
    if person.role is Role.DEPARTMENT:
        own = unindexed(EVENT.c.department_code)
        return and_(own == person.department_code, own != "")
    colors = [color for color, roles in LOCAL_SIDE.items() if person.role in roles]
    return and_(unindexed(EVENT.c.department_code) == "", EVENT.c.route_color.in_(colors))


def cases_under(*, session: Session, where: Filter, as_of: datetime) -> tuple[int, ...]:
    """Ids of the cases of ``where``, the most urgent first, at most ``MOST_AT_ONCE``."""
    keys = select(EVENT.c.id).where(*where_clauses(session, where, as_of))
    return tuple(session.execute(keys.order_by(*ordering(Order.URGENT)).limit(MOST_AT_ONCE)).scalars())


def seen_of(session: Session, event_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The seq and the status of each case as this session sees it; those that are not there are left out."""
    wanted = select(EVENT.c.id, EVENT.c.seq, EVENT.c.status).where(EVENT.c.id.in_(list(event_ids)))
    found = {row.id: (row.seq, row.status) for row in session.execute(wanted)}
    return {key: found[key] for key in event_ids if key in found}


def photos(*, session: Session, event_id: int) -> tuple[Photo, ...]:
    """The pictures of a case in the order in which they came."""
    table = EVENT_ATTACHMENT
    columns = select(table.c.sha256, table.c.log_seq, table.c.actor, table.c.created_at)
    wanted = columns.where(table.c.event_id == event_id).order_by(table.c.log_seq, table.c.id)
    return tuple(Photo(**row._mapping) for row in session.execute(wanted))
