"""Values of counts by area and week, from the roll-up: one grouped statement a level, whatever the history.

The running week is special: what falls due later in it is not decided yet, so its counts of due events are
read from their rows up to today, as the row of figures at the top does (``data.queries.rates``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Table, case, cast, func, select
from sqlmodel import Session

from data.codes import prefix_range
from data.counted import BASES, monday_of
from data.filter import Filter
from data.indicators.counts import DONE, LATE, NamedCount
from data.indicators.times import median_minutes, single_times
from data.models import AreaWeek, AreaWeekCount, IndicatorReading, ReadingWeek
from data.queries.conditions import color_of, where_clauses
from data.queries.days import local_day
from data.queries.rates import JUDGED
from data.queries.tables import EVENT
from data.readings.weeks import WeekSums, is_entered, sums_in
from data.vocabulary import CODE_LENGTH, Basis, Level, SlaColor, Status

_WIDE: Final[Table] = AreaWeek.__table__  # type: ignore[attr-defined]
_NARROW: Final[Table] = AreaWeekCount.__table__  # type: ignore[attr-defined]
_READING: Final[Table] = IndicatorReading.__table__  # type: ignore[attr-defined]
_MEASURED: Final[Table] = ReadingWeek.__table__  # type: ignore[attr-defined]


class Sums(defaultdict[tuple[str, date], dict[str, Fraction]]):
    """Counts by (area code, Monday); a reading that nobody entered or measured is not among them, a
    count of events is 0.

    ``seconds`` are the single times of a median, which does not add up: by name, area and Monday.
    """

    def __init__(self) -> None:
        super().__init__(dict)
        self.seconds: dict[tuple[str, str, date], list[int]] = defaultdict(list)

    def times(self, name: str, code: str, weeks: Iterable[date]) -> list[int]:
        """The single times of an area over the weeks, in seconds."""
        return [one for week in weeks for one in self.seconds.get((name, code, week), ())]


def running_week(session: Session, as_of: datetime) -> date:
    """The Monday of the week that is not over yet."""
    return monday_of(local_day(session, as_of))


def read_counts(
    *,
    session: Session,
    counts: Collection[NamedCount],
    under: str,
    length: int,
    weeks: Collection[date],
    as_of: datetime,
) -> Sums:
    """The counts of every area whose code has ``length`` digits under a prefix, in each of the weeks.

    ``length`` of ``under`` itself gives that one area, with everything in it (0 and '': everything).
    Only areas and weeks with anything are among the answers.
    """
    found = Sums()
    wide = [count.name for count in counts if not count.is_reading and not count.is_narrow]
    if wide and weeks:
        _read_wide(session, found, wide, under, length, weeks)
    narrow = [count.name for count in counts if count.is_narrow]
    if narrow and weeks:
        _read_narrow(session, found, narrow, under, length, weeks)
    readings = [count for count in counts if count.is_reading]
    if readings and weeks:
        _read_readings(session, found, readings, under, length, weeks)
    for count in counts:
        if count.is_median:
            for area, week, seconds in single_times(session, count, under, length, weeks, as_of):
                found[area, week]  # an area with arrivals only is an area with something
                found.seconds[count.name, area, week].append(seconds)
    now = running_week(session, as_of)
    if now in weeks:
        due = [count for count in counts if BASES.get(count.base) == "due_day"]
        _read_running(session, found, due, under, length, now, as_of)
    return found


def sum_weeks(
    found: Sums, *, code: str, weeks: Iterable[date], counts: Mapping[str, NamedCount], names: Iterable[str]
) -> dict[str, Fraction | None]:
    """Each count over the weeks: counts of events are 0 where nothing happened, readings unknown; a median
    is that of all rows of the weeks together, a reading where there is none.
    """
    totals: dict[str, Fraction | None] = {}
    shown = list(weeks)
    in_weeks = [found.get((code, week), {}) for week in shown]
    for name in names:
        known = [values[name] for values in in_weeks if name in values]
        if counts[name].is_median and (seconds := found.times(name, code, shown)):
            totals[name] = median_minutes(seconds)
        elif counts[name].is_reading:
            alone = counts[name].stands_alone
            totals[name] = (known[-1] if alone else sum(known, Fraction())) if known else None
        else:
            totals[name] = sum(known, Fraction())
    return totals


def _area(column: ColumnElement[str], length: int) -> ColumnElement[str]:
    return func.substr(column, 1, length)


def _within(table: Table, under: str, length: int, weeks: Collection[date]) -> list[ColumnElement[bool]]:
    low, high = prefix_range(under)
    conditions: list[ColumnElement[bool]] = [table.c.week.in_(sorted(weeks))]
    if under:
        conditions += [table.c.code >= low, table.c.code < high]
    if length > len(under):
        conditions.append(func.length(table.c.code) >= length)
    return conditions


def _read_wide(
    session: Session, found: Sums, names: list[str], under: str, length: int, weeks: Collection[date]
) -> None:
    columns = [func.sum(_WIDE.c[name]).label(name) for name in names]
    query = select(_area(_WIDE.c.code, length).label("area"), _WIDE.c.week, *columns)
    query = query.where(*_within(_WIDE, under, length, weeks)).group_by("area", _WIDE.c.week)
    for area, week, *numbers in session.connection().execute(query):
        found[area, week].update(zip(names, map(Fraction, numbers), strict=True))


def _read_narrow(
    session: Session, found: Sums, names: list[str], under: str, length: int, weeks: Collection[date]
) -> None:
    query = select(
        _area(_NARROW.c.code, length).label("area"), _NARROW.c.week, _NARROW.c.name, func.sum(_NARROW.c.value)
    ).where(*_within(_NARROW, under, length, weeks), _NARROW.c.name.in_(names))
    for area, week, name, value in session.connection().execute(
        query.group_by("area", _NARROW.c.week, _NARROW.c.name)
    ):
        found[area, week][name] = Fraction(value)


def _read_readings(
    session: Session, found: Sums, counts: list[NamedCount], under: str, length: int, weeks: Collection[date]
) -> None:
    """Sums of what was entered at or under each area; an exact one only at the area itself. Everything is the
    district, where there is one.
    """
    exact = {count.name for count in counts if count.stands_alone}
    query = select(_READING).where(
        *_within(_READING, under, length, weeks), _READING.c.name.in_([count.name for count in counts])
    )
    rows = session.connection().execute(query).all()
    districts = {row.code for row in rows if len(row.code) == CODE_LENGTH[Level.DISTRICT]}
    own = CODE_LENGTH[Level.DISTRICT] if not length and len(districts) == 1 else length
    for row in rows:
        entered = found[row.code[:length], row.week]
        value = Fraction(str(row.value))
        if row.name not in exact:
            entered[row.name] = entered.get(row.name, Fraction()) + value
        elif len(row.code) == own:
            entered[row.name] = value
    _read_measured(session, found, counts, under, length, weeks, rows)


def _read_measured(
    session: Session,
    found: Sums,
    counts: list[NamedCount],
    under: str,
    length: int,
    weeks: Collection[date],
    entered: Sequence[Any],
) -> None:
    """What sensors measured, where nobody entered the week: a mean is that of all readings in the area."""
    by_name = {count.name: count for count in counts}
    codes: dict[tuple[date, str], set[str]] = defaultdict(set)
    for row in entered:
        codes[row.week, row.name].add(row.code)
    query = select(_MEASURED).where(*_within(_MEASURED, under, length, weeks), _MEASURED.c.name.in_(by_name))
    together: dict[tuple[str, date, str], WeekSums] = {}
    for row in session.connection().execute(query.order_by(_MEASURED.c.code)):
        key, adds_up = (row.code[:length], row.week, row.name), by_name[row.name].aggregate == "sum"
        if adds_up and is_entered(row.code, codes[row.week, row.name]):
            continue
        if not adds_up and row.name in found.get((row.code[:length], row.week), {}):
            continue
        sums = sums_in(row)
        together[key] = together[key].with_later(sums) if key in together else sums
    for (area, week, name), sums in together.items():
        known = found[area, week].get(name, Fraction())
        found[area, week][name] = known + sums.value(by_name[name].weekly)


def _read_running(
    session: Session,
    found: Sums,
    counts: list[NamedCount],
    under: str,
    length: int,
    week: date,
    as_of: datetime,
) -> None:
    """Counts of due events of the running week, Monday to today, from their rows."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[NamedCount]] = defaultdict(list)
    for count in counts:
        groups[count.classes, count.sources].append(count)
        for (_, day), values in found.items():
            if day == week:
                values[count.name] = Fraction()
    for (classes, sources), alike in groups.items():
        where = Filter(
            basis=Basis.DUE, start=week, end=local_day(session, as_of), areas=(under,) if under else (),
            classes=tuple(sorted(classes)), sources=tuple(sorted(sources)),
        )  # fmt: skip
        sums = [func.sum(_counts_as(count.base, as_of)).label(count.name) for count in alike]
        query = select(_area(EVENT.c.code, length).label("area"), *sums)
        conditions = where_clauses(session, where, as_of)
        if length > len(under):
            conditions.append(func.length(EVENT.c.code) >= length)
        for area, *numbers in session.execute(query.where(*conditions).group_by("area")):
            found[area, week].update(
                zip((count.name for count in alike), map(Fraction, numbers), strict=True)
            )


def _counts_as(base: str, as_of: datetime) -> ColumnElement[int]:
    """1 where a due event counts for a base, else 0; the rows of ``counts.rows_of``."""
    color = color_of(as_of)
    if base == "due":
        return cast(1, Integer)
    tests: dict[str, Any] = {
        "due_judged": color.in_([one.value for one in JUDGED]),
        "due_in_time": color == SlaColor.DONE.value,
        "due_late": color.in_([one.value for one in LATE]),
        "due_done": color.in_([one.value for one in DONE]),
        "due_suspended": EVENT.c.status == Status.SUSPENDED.value,
        "reworked": EVENT.c.reworked_count > 0,
    }
    return case((tests[base], 1), else_=0)


def last_weeks(last: date, number: int) -> list[date]:
    """Mondays of ``number`` weeks up to ``last``, oldest first."""
    return [last - timedelta(weeks=back) for back in reversed(range(number))]
