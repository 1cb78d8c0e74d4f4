"""Indicators as data: versions in force, checks, saving one's own."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.bulk import insert_rows
from data.codes import level_of
from data.conventions import read_conventions
from data.counted import monday_of
from data.indicators.counts import NamedCount, named_counts, spellings
from data.indicators.formula import Formula, FormulaError, parse
from data.models import Indicator, IndicatorReading
from data.vocabulary import Level

DIRECTIONS: Final = {"up": "越高越好", "down": "越低越好", "band": "在区间内为好"}
MAX_WEEKS: Final = 52
_TABLE: Final[Table] = Indicator.__table__  # type: ignore[attr-defined]
_READING: Final[Table] = IndicatorReading.__table__  # type: ignore[attr-defined]


class IndicatorError(ValueError):
    """An indicator or reading that cannot be kept. ``problems`` are Chinese sentences."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An indicator of one version with its formula parsed. ``problem`` says why it cannot be computed;
    ``trend_weeks``: so many weeks before have the median that a trend is measured by.
    """

    key: str
    valid_from: date
    name: str
    formula_text: str
    formula: Formula | None
    unit: str
    direction: str
    baseline_kind: str
    baseline: float | None
    band_low: float | None
    band_high: float | None
    weeks: int
    minimum_sample: int
    area: str
    level: str
    owner: str
    origin: str
    shipped: bool
    enabled: bool = True
    problem: str = ""
    trend_weeks: int

    @property
    def scale(self) -> int:
        """A share becomes a percentage."""
        return 100 if self.unit == "%" else 1

    def applies_to(self, code: str) -> bool:
        """Whether it is measured in an area: inside its own area, or around it, and of its level."""
        inside = code.startswith(self.area) or self.area.startswith(code)
        return inside and (not self.level or not code or level_of(code) == self.level)


def measures(*, session: Session, on: date | None = None) -> list[Measure]:
    """The indicators in force on a day (the newest versions without one), switched on, in their order."""
    return [each for each in all_measures(session=session, on=on) if each.enabled]


def all_measures(*, session: Session, on: date | None = None) -> list[Measure]:
    """The same with those switched off."""
    known = spellings(named_counts(session=session))
    newest: dict[str, Any] = {}
    for row in session.connection().execute(select(_TABLE).order_by(_TABLE.c.key, _TABLE.c.valid_from)):
        if row.key not in newest or on is None or row.valid_from <= on:
            newest[row.key] = row  # before its first version an indicator is what it first was
    rows = sorted(newest.values(), key=lambda row: (row.position, row.key))
    trend_weeks = round(read_conventions(session=session).trend_weeks)
    return [_measure(row, known, trend_weeks=trend_weeks) for row in rows]


def used_in(*, session: Session) -> dict[str, tuple[str, ...]]:
    """By each count that a formula calls, the indicators that do, in any of their versions."""
    known = spellings(named_counts(session=session))
    found: dict[str, dict[str, None]] = {}
    for row in session.connection().execute(select(_TABLE).order_by(_TABLE.c.position, _TABLE.c.key)):
        formula, _ = _parsed(row, known)
        for name in formula.names if formula else ():
            found.setdefault(name, {})[row.name] = None
    return {name: tuple(users) for name, users in found.items()}


def _parsed(row: Any, known: dict[str, str]) -> tuple[Formula | None, str]:
    """The formula, or why there is none."""
    try:
        return parse(row.formula, known), ""
    except FormulaError as error:
        return None, str(error)


def _measure(row: Any, known: dict[str, str], *, trend_weeks: int) -> Measure:
    formula, problem = _parsed(row, known)
    names = Measure.__dataclass_fields__.keys() - {"formula_text", "formula", "problem", "trend_weeks"}
    return Measure(
        formula_text=row.formula, formula=formula, problem=problem, trend_weeks=trend_weeks,
        **{name: getattr(row, name) for name in names},
    )  # fmt: skip


def drafted(
    *,
    session: Session,
    name: str,
    formula: str,
    unit: str = "%",
    direction: str = "up",
    baseline: float | None = None,
    band_low: float | None = None,
    band_high: float | None = None,
    weeks: int = 1,
    minimum_sample: int | None = None,
    area: str = "",
    level: str = "",
    owner: str = "",
    key: str = "",
    valid_from: date | None = None,
) -> Measure:
    """An indicator as it would be kept; without a baseline it is measured against its own trend, without a
    minimum sample it has that of ``Conventions``.

    Raises:
        IndicatorError: everything that is wrong, at once.
    """
    problems: list[str] = []
    conventions = read_conventions(session=session)
    sample = round(conventions.minimum_sample) if minimum_sample is None else minimum_sample
    parsed: Formula | None = None
    try:
        parsed = parse(formula, spellings(named_counts(session=session)))
        if not parsed.names:
            problems.append("公式里没有用到任何指标项，算出来总是同一个数")
        if parsed.has_no_value:
            problems.append(f"公式“{parsed.text}”永远算不出数：除数恒为 0，请检查 ÷ 后面的部分")
    except FormulaError as error:
        problems.append(str(error))
    name = name.strip()
    if not name or len(name) > 32:
        problems.append(f"指标名称应为 1 到 32 个字，现在是 {len(name)} 个字")
    problems += _limits(direction, baseline, band_low, band_high)
    if direction not in DIRECTIONS:
        problems.append(f"方向“{direction}”不对，应为 {'、'.join(DIRECTIONS.values())} 之一")
    if not 1 <= weeks <= MAX_WEEKS:
        problems.append(f"合并周数应为 1 到 {MAX_WEEKS}，现在是 {weeks}")
    if not 0 <= sample <= 1_000_000:
        problems.append(f"最小样本应为 0 到 1000000，现在是 {sample}")
    if level and level not in set(Level):
        problems.append(f"没有“{level}”这个层级")
    if problems:
        raise IndicatorError(tuple(problems))
    key = key or "own_" + hashlib.sha256(f"{area}{name}".encode()).hexdigest()[:12]
    is_number = baseline is not None or direction == "band"
    return Measure(
        key=key, valid_from=valid_from or monday_of(datetime.now(UTC).date()), name=name,
        formula_text=parsed.text if parsed else formula, formula=parsed, unit=unit[:8], direction=direction,
        baseline_kind="number" if is_number else "trend", baseline=baseline, band_low=band_low,
        band_high=band_high, weeks=weeks, minimum_sample=sample, area=area, level=level,
        owner=owner[:64], origin="自行设置", shipped=False, trend_weeks=round(conventions.trend_weeks),
    )  # fmt: skip


def _limits(
    direction: str, baseline: float | None, band_low: float | None, band_high: float | None
) -> list[str]:
    given = [value for value in (baseline, band_low, band_high) if value is not None]
    if any(not math.isfinite(value) for value in given):
        return ["基准应为普通的数"]
    if direction == "band":
        if band_low is None or band_high is None:
            return ["方向为区间时，上限和下限都要填"]
        if band_low > band_high:
            return [f"区间下限 {band_low} 大于上限 {band_high}"]
    return []


def save(session: Session, measure: Measure) -> Measure:
    """Keeps an indicator: a new one, or a new version in force from its ``valid_from``.

    Raises:
        IndicatorError: another indicator has the name.
    """
    others = [each for each in all_measures(session=session) if each.key != measure.key]
    if any(each.name == measure.name and each.enabled for each in others):
        raise IndicatorError((f"已有名为“{measure.name}”的指标，请换一个名称",))
    row = session.get(Indicator, (measure.key, measure.valid_from))
    values = {
        name: getattr(measure, name)
        for name in Measure.__dataclass_fields__
        if name not in {"formula", "formula_text", "problem", "trend_weeks"}
    } | {"formula": measure.formula_text}
    if row is None:
        position = session.connection().execute(select(_TABLE.c.position).where(_TABLE.c.key == measure.key))
        session.add(Indicator(**values, position=position.scalars().first() or 100))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    return measure


def switch(session: Session, *, key: str, enabled: bool, on: date) -> None:
    """Switches an indicator off or on from a day: a new version that says so.

    Raises:
        IndicatorError: there is no such indicator.
    """
    found = [each for each in all_measures(session=session) if each.key == key]
    if not found:
        raise IndicatorError((f"没有编号为“{key}”的指标",))
    save(session, replace(found[0], enabled=enabled, valid_from=max(on, found[0].valid_from)))


def enter_readings(
    session: Session,
    *,
    readings: list[tuple[str, str, date, float]],
    source: str,
    actor: str,
    at: datetime,
) -> int:
    """Enters or corrects readings (count, area code, any day of the week, value); returns how many.

    Raises:
        IndicatorError: a count that is not a reading, a code that is none, a value that is no number.
    """
    counts = named_counts(session=session)
    problems = [text for each in readings if (text := _wrong_reading(each, counts))]
    if problems:
        raise IndicatorError(tuple(problems[:20]))
    rows = {
        (code, monday_of(day), name): {
            "code": code, "week": monday_of(day), "name": name, "value": float(value), "source": source[:64],
            "actor": actor[:64], "entered_at": at,
        }
        for name, code, day, value in readings
    }  # fmt: skip
    connection = session.connection()
    for code, week, name in rows:
        is_this = (_READING.c.code == code, _READING.c.week == week, _READING.c.name == name)
        connection.execute(_READING.delete().where(*is_this))
    insert_rows(connection, _READING, list(rows.values()))
    return len(rows)


def _wrong_reading(reading: tuple[str, str, date, float], counts: dict[str, NamedCount]) -> str:
    name, code, _, value = reading
    count = counts.get(name)
    if count is None or not count.is_reading:
        return f"“{name}”不是可以填报的指标项"
    try:
        level_of(code)
    except ValueError as error:
        return str(error)
    return count.wrong_value(value)
