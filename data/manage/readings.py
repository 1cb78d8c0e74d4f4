"""指标填报: counts that no event says (visits, mediations, waiting minutes), entered by area and week.

Counts that add up are entered at one level: a street and its communities for the same week would be counted
twice, so the second of them is refused with the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from data.codes import ancestors, prefix_range
from data.counted import monday_of
from data.indicators.counts import NamedCount, named_counts
from data.indicators.formula import names_in
from data.indicators.store import enter_readings, measures
from data.lifecycle import Person
from data.manage.changes import TABLES, RowChange, Subject, write_change
from data.manage.errors import BadSetting, NotAllowed
from data.manage.permission import Duty, require
from data.models import Division
from data.models.base import column
from data.queries.days import local_day
from data.queries.names import place_names

_READING = TABLES[Subject.READINGS]
MAX_VALUE = 1e9
Cell = tuple[str, date, str]
"""Area, week and count of a reading."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """``value`` of the count ``name`` in an area, in the week of ``day``."""

    name: str
    code: str
    day: date
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingForm:
    """An indicator that readings feed, with the counts to enter; of a share the numerator comes first."""

    key: str
    name: str
    formula: str
    counts: tuple[NamedCount, ...]
    is_share: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """What stands in the table for one count, area and week."""

    value: float
    source: str
    actor: str
    entered_at: datetime


def reading_forms(*, session: Session) -> list[ReadingForm]:
    """The indicators in force that are fed by readings, then what only rules watch."""
    counts = named_counts(session=session)
    forms, used = [], set()
    for each in measures(session=session):
        if each.formula is None:
            continue
        parts = each.formula.parts
        names = [name for part in parts for name in names_in(part)] if parts else list(each.formula.names)
        needed = tuple(counts[name] for name in dict.fromkeys(names) if counts[name].is_reading)
        if not needed:
            continue
        used |= {count.name for count in needed}
        share = each.unit == "%" and parts is not None and len(needed) == 2
        forms.append(
            ReadingForm(
                key=each.key, name=each.name, formula=each.formula_text, counts=needed, is_share=share
            )
        )
    rest = [count for count in counts.values() if count.is_reading and count.name not in used]
    return forms + [
        ReadingForm(key=one.name, name=one.label, formula="", counts=(one,), is_share=False) for one in rest
    ]


def entered(*, session: Session, code: str, day: date) -> dict[str, Entered]:
    """What was entered for an area and the week of ``day``, by count."""
    rows = session.connection().execute(
        select(_READING).where(_READING.c.code == code, _READING.c.week == monday_of(day))
    )
    return {
        row.name: Entered(value=row.value, source=row.source, actor=row.actor, entered_at=row.entered_at)
        for row in rows
    }


def problems_of(
    session: Session, readings: Sequence[Reading], *, person: Person | None, at: datetime
) -> list[tuple[Reading, str]]:
    """What is wrong with each reading, in Chinese: count, area, week, value, right, counted twice."""
    counts, known = named_counts(session=session), _known(session, {one.code for one in readings})
    found: list[tuple[Reading, str]] = []
    today = local_day(session, at)
    refused: dict[str, str] = {}
    for code in {one.code for one in readings}:
        try:
            require(session, person, Duty.READINGS, codes=(code,))
        except NotAllowed as error:
            refused[code] = str(error)
    for one in readings:
        if text := _problem(one, counts.get(one.name), known, today) or refused.get(one.code, ""):
            found.append((one, text))
    bad = {one for one, _ in found}
    good = [one for one in readings if one not in bad]
    return found + _shares(session, good) + _twice(session, good, counts)


def enter(
    session: Session,
    readings: Sequence[Reading],
    *,
    source: str,
    person: Person | None,
    at: datetime,
) -> int:
    """Enters or corrects readings in one change, which is undone as one; returns how many cells changed.

    Raises:
        NotAllowed: role or area do not reach.
        BadSetting: nothing to enter, or every cell that cannot be.
    """
    acting = require(session, person, Duty.READINGS, codes={one.code for one in readings} or {""})
    if not readings:
        raise BadSetting(("没有填写任何数值",))
    if problems := problems_of(session, readings, person=person, at=at):
        raise BadSetting(tuple(text for _, text in problems[:20]))
    cells = {(one.code, monday_of(one.day), one.name): one for one in readings}
    before = _standing(session, readings)
    changed = [cell for cell, one in cells.items() if before.get(cell, {}).get("value") != one.value]
    if not changed:
        raise BadSetting(("填写的与已有的相同，没有保存；要清空已填的数，请用变更记录里的“撤销”",))
    enter_readings(
        session, source=source.strip() or "页面填报", actor=acting.name, at=at,
        readings=[(name, code, week, cells[code, week, name].value) for code, week, name in changed],
    )  # fmt: skip
    after = _standing(session, readings)
    places = place_names(session, {code for code, _, _ in changed})
    first = places[changed[0][0]] + ("等" if len(places) > 1 else "")
    weeks = sorted({week for _, week, _ in changed})
    span = f"{weeks[0]} 一周" if len(weeks) == 1 else f"{weeks[0]} 至 {weeks[-1]} 各周"
    write_change(
        session, subject=Subject.READINGS, key=changed[0][0] if len(places) == 1 else "",
        rows=[RowChange(before=before.get(cell), after=after[cell]) for cell in changed],
        what=f"填报 {first} {span}，共 {len(changed)} 格", actor=acting.name, at=at, reason=source.strip(),
    )  # fmt: skip
    return len(changed)


def _known(session: Session, codes: set[str]) -> set[str]:
    query = select(column(Division.code)).where(
        column(Division.code).in_(codes), column(Division.valid_to).is_(None)
    )
    return set(session.execute(query).scalars())


def _problem(one: Reading, count: NamedCount | None, known: set[str], today: date) -> str:
    if count is None or not count.is_reading:
        return f"“{one.name}”不是可以填报的指标项"
    if one.code not in known:
        return f"没有代码为 {one.code or '（空）'} 的区划"
    if monday_of(one.day) > monday_of(today):
        return f"{one.day} 所在的一周还没有到，不能填报"
    if text := count.wrong_value(one.value):
        return text
    if abs(one.value) > MAX_VALUE:
        bound = f"大于 {MAX_VALUE:,.0f}" if one.value > 0 else f"小于 -{MAX_VALUE:,.0f}"
        return f"{count.label}的值 {one.value:,.12g} 不对：不能{bound}"
    if count.is_whole and one.value != int(one.value):
        return f"{count.label}的值 {one.value:,.12g} 不对：{count.unit}数应为整数"
    return ""


def _shares(session: Session, readings: Sequence[Reading]) -> list[tuple[Reading, str]]:
    """Numerators that are larger than their denominators, with what stands in the table already."""
    given = {(one.code, monday_of(one.day), one.name): one for one in readings}
    values = {cell: float(row["value"]) for cell, row in _standing(session, readings).items()}
    values |= {cell: one.value for cell, one in given.items()}
    found = []
    for form in reading_forms(session=session):
        if not form.is_share:
            continue
        part, whole = form.counts
        for (code, week, name), one in given.items():
            if name not in {part.name, whole.name}:
                continue
            done, due = (values.get((code, week, count.name)) for count in (part, whole))
            if done is not None and due is not None and done > due:
                text = f"{part.label} {done:,.12g} 大于{whole.label} {due:,.12g}"
                if name == part.name or (code, week, part.name) not in given:
                    found.append((one, text))
    return found


def _twice(
    session: Session, readings: Sequence[Reading], counts: dict[str, NamedCount]
) -> list[tuple[Reading, str]]:
    """Readings that add up and stand above or below another of the same count and week."""
    summed = [one for one in readings if counts[one.name].aggregate == "sum"]
    codes: dict[tuple[date, str], set[str]] = defaultdict(set)
    for one in summed:
        codes[monday_of(one.day), one.name].add(one.code)
    for code, week, name in _standing(session, summed):
        if (week, name) in codes:
            codes[week, name].add(code)
    above = {key: {part for code in group for part in ancestors(code)[:-1]} for key, group in codes.items()}
    clashing: list[tuple[Reading, str]] = []
    for one in summed:
        key = (monday_of(one.day), one.name)
        related = [code for code in ancestors(one.code)[:-1] if code in codes[key]]
        if not related and one.code in above[key]:
            related = [min(code for code in codes[key] - {one.code} if code.startswith(one.code))]
        if related:
            clashing.append((one, related[0]))
    names = place_names(session, {code for _, code in clashing})
    return [
        (one, f"{names[code]}这一周已填{counts[one.name].label}，上下级都填会重复计算：请只在一级填报")
        for one, code in clashing
    ]


def _standing(session: Session, readings: Sequence[Reading]) -> dict[Cell, dict[str, Any]]:
    """What the table has for the weeks of these readings, at their areas, above and below; one query."""
    if not readings:
        return {}
    codes = {one.code for one in readings}
    above = {part for code in codes for part in ancestors(code)}
    low, high = min(codes), max(prefix_range(code)[1] for code in codes)
    found = session.connection().execute(
        select(_READING).where(
            _READING.c.week.in_({monday_of(one.day) for one in readings}),
            _READING.c.code.in_(above) | ((_READING.c.code > low) & (_READING.c.code < high)),
        )
    )
    return {(row["code"], row["week"], row["name"]): dict(row) for row in found.mappings()}
