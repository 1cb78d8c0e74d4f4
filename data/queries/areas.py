"""Areas compared: the table of an area's children. The map's colours and the area's card stand beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.codes import child_level, minimal, prefix_range
from data.filter import Filter
from data.labels import NO_CODE
from data.queries.area_card import AreaCard, PathStep, Person, area_card, path_to
from data.queries.area_values import METRIC_LABEL, AreaCounts, AreaValues, Metric, area_values, count_areas
from data.queries.conditions import color_of, where_clauses
from data.queries.legend import LegendEntry
from data.queries.names import in_force
from data.queries.rates import is_judged, rate_filter
from data.queries.tables import DIVISION, EVENT
from data.vocabulary import CODE_LENGTH, Basis, Level, SlaColor

__all__ = [
    "METRIC_LABEL",
    "AreaCard",
    "AreaCounts",
    "AreaRow",
    "AreaTable",
    "AreaValues",
    "LegendEntry",
    "Metric",
    "PathStep",
    "Person",
    "area_card",
    "area_table",
    "area_values",
    "count_areas",
    "narrowed",
    "path_to",
]

TOTAL_NAME = "合计"
_OPEN_COLORS = frozenset(SlaColor) - {SlaColor.DONE, SlaColor.DONE_LATE}


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """Numbers of one area. ``total`` is the filter's count; open, overdue, soon, suspended are parts of it.

    ``due`` and ``due_in_time`` are denominator and numerator of 按期结案率: of the filter's own rows, or of
    this week where the basis is *open*. ``code`` is '' in the rows 未落格 and 合计; ``level`` is None there.
    """

    code: str
    name: str
    level: Level | None
    open: int
    overdue: int
    soon: int
    suspended: int
    total: int
    due: int
    due_in_time: int
    residents: int | None

    @property
    def on_time_rate(self) -> float | None:
        """Per cent; None without a denominator."""
        return 100.0 * self.due_in_time / self.due if self.due else None

    @property
    def per_1000(self) -> float | None:
        """Events of the filter per 1,000 residents; None where the residents are unknown or none."""
        return 1000.0 * self.total / self.residents if self.residents else None


@dataclass(frozen=True, kw_only=True)
class AreaTable:
    """``rows`` + ``unplaced`` = ``total``, column by column; the residents in ``total`` are the parent's."""

    parent: str
    level: Level | None
    rows: list[AreaRow]
    unplaced: AreaRow
    total: AreaRow


@dataclass
class _Sums:
    colors: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    due: int = 0
    due_in_time: int = 0

    def add(self, other: _Sums) -> None:
        for color, events in other.colors.items():
            self.colors[color] += events
        self.due += other.due
        self.due_in_time += other.due_in_time


def area_table(
    *, session: Session, where: Filter, as_of: datetime, parent: str = "", level: Level | None = None
) -> AreaTable:
    """The areas under ``parent`` at ``level``: the next below, but streets under a single district.

    Where the filter names areas, only areas that meet them have a row.
    """
    level = level or _next_level(session, parent)
    inner = narrowed(where, parent)
    found = _sums(session, inner, as_of, level) if inner else {}
    divisions = _divisions(session, parent, level, where.areas) if level else {}
    unplaced, total = _Sums(), _Sums()
    by_code = {code: _Sums() for code in divisions}
    for code, sums in found.items():
        complete = level is not None and len(code) == CODE_LENGTH[level]
        (by_code.setdefault(code, _Sums()) if complete else unplaced).add(sums)
        total.add(sums)
    rows = [
        _row(sums, code=code, name=divisions.get(code, (code, None))[0], level=level,
             residents=divisions.get(code, (code, None))[1])
        for code, sums in sorted(by_code.items())
    ]  # fmt: skip
    return AreaTable(
        parent=parent,
        level=level,
        rows=rows,
        unplaced=_row(unplaced, code="", name=NO_CODE, level=None, residents=None),
        total=_row(total, code="", name=TOTAL_NAME, level=None, residents=_residents(session, parent, rows)),
    )


def narrowed(where: Filter, parent: str) -> Filter | None:
    """The filter inside ``parent``; None where its areas lie elsewhere."""
    if not parent:
        return where
    if not where.areas:
        return where.changed(areas=(parent,))
    inner = [area for area in where.areas if area.startswith(parent)]
    outer = [parent for area in where.areas if parent.startswith(area)]
    both = minimal(tuple(inner + outer))
    return where.changed(areas=both) if both else None


def _sums(session: Session, where: Filter, as_of: datetime, level: Level | None) -> dict[str, _Sums]:
    """Sums by the first digits of the code; shorter codes stand for what lies no deeper."""
    found: dict[str, _Sums] = defaultdict(_Sums)
    for code, color, in_time, events in _groups(session, where, as_of, level):
        sums = found[code]
        sums.colors[color] += events
        if where.basis is not Basis.OPEN and is_judged(color, in_time):
            sums.due += events
            sums.due_in_time += events if in_time else 0
    if where.basis is Basis.OPEN:
        for code, color, in_time, events in _groups(
            session, rate_filter(session, where, as_of), as_of, level
        ):
            if is_judged(color, in_time):
                found[code].due += events
                found[code].due_in_time += events if in_time else 0
    return found


def _groups(
    session: Session, where: Filter, as_of: datetime, level: Level | None
) -> Iterable[tuple[str, str, bool | None, int]]:
    length = CODE_LENGTH[level] if level else max(CODE_LENGTH.values())
    columns = select(
        func.substr(EVENT.c.code, 1, length).label("area"),
        color_of(as_of).label("color"),
        EVENT.c.in_time,
        func.count().label("events"),
    ).where(*where_clauses(session, where, as_of))
    for row in session.execute(columns.group_by("area", "color", EVENT.c.in_time)):
        yield row.area, row.color, row.in_time, row.events


def _next_level(session: Session, parent: str) -> Level | None:
    if parent:
        return child_level(parent)
    districts = select(func.count()).where(DIVISION.c.level == Level.DISTRICT.value, in_force())
    return Level.DISTRICT if session.execute(districts).scalar_one() > 1 else Level.STREET


def _divisions(
    session: Session, parent: str, level: Level, areas: tuple[str, ...]
) -> dict[str, tuple[str, int | None]]:
    low, high = prefix_range(parent)
    rows = session.execute(
        select(DIVISION.c.code, DIVISION.c.short_name, DIVISION.c.residents).where(
            DIVISION.c.level == level.value, DIVISION.c.code >= low, DIVISION.c.code < high, in_force()
        )
    )
    return {
        row.code: (row.short_name, row.residents)
        for row in rows
        if not areas or any(row.code.startswith(area) or area.startswith(row.code) for area in areas)
    }


def _residents(session: Session, parent: str, rows: list[AreaRow]) -> int | None:
    if parent:
        known = session.execute(select(DIVISION.c.residents).where(DIVISION.c.code == parent, in_force()))
        own = known.scalar_one_or_none()
        if own is not None:
            return int(own)
    given = [row.residents for row in rows if row.residents is not None]
    return sum(given) if given else None


def _row(sums: _Sums, *, code: str, name: str, level: Level | None, residents: int | None) -> AreaRow:
    return AreaRow(
        code=code,
        name=name,
        level=level,
        open=sum(events for color, events in sums.colors.items() if color in _OPEN_COLORS),
        overdue=sums.colors.get(SlaColor.OVERDUE, 0),
        soon=sums.colors.get(SlaColor.SOON, 0),
        suspended=sums.colors.get(SlaColor.SUSPENDED, 0),
        total=sum(sums.colors.values()),
        due=sums.due,
        due_in_time=sums.due_in_time,
        residents=residents,
    )
