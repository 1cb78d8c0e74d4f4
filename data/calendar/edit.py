"""Edits of the working calendar, in the caller's write session. Nothing is overwritten; an undo is an edit.

Each notes the days and the area that it is about: the deadlines of open cases follow it after the commit
(``data.reckon``), in this process or in the worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import Session

from data.calendar.errors import BadDay, BadHours, NothingToUndo, StaleCalendar
from data.calendar.hours import parse_spans, spell_spans
from data.chain import append
from data.models import CalendarChange, CalendarDay, CalendarHours, Division
from data.models.base import column

MAX_NAME: Final = 32
MAX_NOTE: Final = 256
MAX_SPANS: Final = 8
FIRST_YEAR, LAST_YEAR = 2004, 2099
Version = CalendarDay | CalendarHours


@dataclass(frozen=True, kw_only=True, slots=True)
class DayEntry:
    """What a person says about one local day; ``is_official``: from the State Council's notice."""

    day: date
    is_working: bool
    name: str = ""
    is_official: bool = False
    note: str = ""


def set_day(
    session: Session, entry: DayEntry, *, area_prefix: str, seen_id: int | None, actor: str
) -> CalendarChange:
    """A day is worked, or off, under an area. ``seen_id`` is the entry that the person saw (None: none).

    Raises:
        BadDay: a year, name, note or area that cannot be.
        StaleCalendar: somebody entered something else meanwhile.
    """
    _refuse_stale(session, CalendarDay, area_prefix, entry.day, seen_id)
    return set_days(session, [entry], area_prefix=area_prefix, actor=actor, what=_told(entry))


def set_days(
    session: Session, entries: Sequence[DayEntry], *, area_prefix: str, actor: str, what: str
) -> CalendarChange:
    """Many days in one edit, which is undone as one. Raises ``BadDay``."""
    check_area(session, area_prefix)
    for entry in entries:
        check_entry(entry)
    days = [entry.day for entry in entries]
    change = _begin(session, actor, what, area_prefix, min(days), max(days))
    for entry in entries:
        _replace(session, CalendarDay, area_prefix, entry.day, change)
        append(
            session,
            CalendarDay(
                area_prefix=area_prefix, day=entry.day, is_working=entry.is_working, name=entry.name,
                is_official=entry.is_official, note=entry.note, change_id=change.id or 0,
            ),
        )  # fmt: skip
    session.flush()
    return change


def clear_day(
    session: Session, *, day: date, area_prefix: str, seen_id: int | None, actor: str
) -> CalendarChange:
    """Nothing is entered about a day any more: the published days hold, or the week's rule.

    Raises as :func:`set_day`.
    """
    _refuse_stale(session, CalendarDay, area_prefix, day, seen_id)
    if seen_id is None:
        raise BadDay(f"{day} 没有录入过，不用清除")
    change = _begin(session, actor, told_clear(day), area_prefix, day, day)
    _replace(session, CalendarDay, area_prefix, day, change)
    session.flush()
    return change


def set_hours(
    session: Session,
    *,
    spans: str,
    warn_share: float,
    valid_from: date,
    area_prefix: str,
    actor: str,
    note: str = "",
) -> CalendarChange:
    """Working hours under an area from a day on, and the share of a limit that counts as 临期.

    Raises:
        BadHours: hours or a share that cannot be.
        BadDay: a day or area that cannot be.
    """
    parsed = parse_spans(spans)
    if len(parsed) > MAX_SPANS:
        raise BadHours(f"一天分成了 {len(parsed)} 段：最多 {MAX_SPANS} 段")
    if not 0 < warn_share < 1:
        raise BadHours(f"临期比例 {warn_share * 100:g}% 不对：应大于 0%、小于 100%")
    _check_year(valid_from)
    check_area(session, area_prefix)
    told = spell_spans(parsed)
    what = f"{valid_from} 起工作时间为 {told}，临期比例 {warn_share * 100:g}%"
    change = _begin(session, actor, what, area_prefix, valid_from, None)
    _replace(session, CalendarHours, area_prefix, valid_from, change)
    append(
        session,
        CalendarHours(
            area_prefix=area_prefix, valid_from=valid_from, spans=told, warn_share=warn_share,
            note=note[:MAX_NOTE], change_id=change.id or 0,
        ),
    )  # fmt: skip
    session.flush()
    return change


def undo_change(session: Session, *, change_id: int, actor: str) -> CalendarChange:
    """Take one edit back: what it replaced holds again.

    Raises:
        NothingToUndo: there is no such edit, it was taken back, it took one back itself, or a later edit
            changed the same days.
    """
    change = session.get(CalendarChange, change_id)
    if change is None:
        raise NothingToUndo(f"没有编号为 {change_id} 的改动：请刷新后再试")
    if change.undone_by is not None:
        raise NothingToUndo(f"改动 {change_id} 已经撤销过")
    if is_undo(session, change_id):
        raise NothingToUndo(f"改动 {change_id} 本身是一次撤销，不能再撤销：需要的话请重新录入")
    what = f"{told_undo(change_id)}{change.what}"
    undo = _begin(session, actor, what, change.area_prefix, change.first_day, change.last_day)
    for model in (CalendarDay, CalendarHours):
        _take_back(session, model, change_id, undo.id or 0)
    change.undone_by = undo.id
    session.add(change)
    session.flush()
    return undo


def told_clear(day: date) -> str:
    """What an edit says that cleared a day: ``data.other_logs`` knows it by that."""
    return f"清除 {day} 的录入"


def told_undo(change_id: int) -> str:
    """How an edit begins that took another one back: ``data.other_logs`` knows it by that."""
    return f"撤销改动 {change_id}："


def is_undo(session: Session, change_id: int) -> bool:
    """Whether an edit took another one back."""
    query = select(column(CalendarChange.id)).where(column(CalendarChange.undone_by) == change_id)
    return session.execute(query.limit(1)).first() is not None


def _take_back(session: Session, model: type[Any], change_id: int, undo_id: int) -> None:
    made = list(session.execute(select(model).where(column(model.change_id) == change_id)).scalars())
    replaced = list(session.execute(select(model).where(column(model.replaced_by) == change_id)).scalars())
    later = next((row for row in made if row.replaced_by is not None), None)
    own = {_key(row) for row in made}
    later = later or next((row for row in replaced if _key(row) not in own and _stands(session, row)), None)
    if later is not None:
        raise NothingToUndo(f"改动 {change_id} 之后，{_key(later)[1]} 又改过：请先撤销后面的改动")
    for row in made:
        row.replaced_by = undo_id
        session.add(row)
    session.flush()
    for row in replaced:
        row.replaced_by = None
        session.add(row)


def _stands(session: Session, row: Version) -> bool:
    """Whether something is in force for the same area and day."""
    return _in_force(session, type(row), *_key(row)) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeLine:
    """One edit as it is listed; ``can_be_undone``: neither taken back nor an undo itself.

    ``moved`` open cases have another deadline by it; None: the deadlines are still being worked out.
    """

    number: int
    at: datetime
    actor: str
    what: str
    can_be_undone: bool
    moved: int | None


def changes(*, session: Session, limit: int) -> list[ChangeLine]:
    """The newest edits, the latest first."""
    query = select(CalendarChange).order_by(column(CalendarChange.id).desc())
    found = list(session.execute(query.limit(limit)).scalars())
    return [
        ChangeLine(
            number=change.id or 0, at=change.at, actor=change.actor, what=change.what,
            can_be_undone=change.undone_by is None and not is_undo(session, change.id or 0),
            moved=None if change.reckoned_at is None else change.moved,
        )
        for change in found
    ]  # fmt: skip


def check_entry(entry: DayEntry) -> None:
    """Raises ``BadDay`` for a year, a name or a note that cannot be."""
    _check_year(entry.day)
    if len(entry.name) > MAX_NAME:
        raise BadDay(f"{entry.day} 的名称有 {len(entry.name)} 字：最多 {MAX_NAME} 字")
    if len(entry.note) > MAX_NOTE:
        raise BadDay(f"{entry.day} 的说明有 {len(entry.note)} 字：最多 {MAX_NOTE} 字")


def check_area(session: Session, area_prefix: str) -> None:
    """Raises ``BadDay`` for an area that is in no table; '' is everywhere."""
    known = select(column(Division.code)).where(column(Division.code) == area_prefix)
    if area_prefix and session.execute(known.limit(1)).first() is None:
        raise BadDay(f"没有代码为 {area_prefix} 的区划：请选择已接入的区划，或选“全部区划”")


def _check_year(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadDay(f"{day} 不在可录入的年份里：应为 {FIRST_YEAR}–{LAST_YEAR} 年")


def _begin(
    session: Session, actor: str, what: str, area_prefix: str, first_day: date | None, last_day: date | None
) -> CalendarChange:
    change = CalendarChange(
        at=datetime.now(UTC), actor=actor[:64], what=what[:MAX_NOTE], area_prefix=area_prefix,
        first_day=first_day, last_day=last_day,
    )  # fmt: skip
    append(session, change)
    return change


def _key(row: Version) -> tuple[str, date]:
    return row.area_prefix, row.day if isinstance(row, CalendarDay) else row.valid_from


def _in_force(session: Session, model: type[Any], area_prefix: str, day: date) -> Version | None:
    of_day = column(model.day if model is CalendarDay else model.valid_from) == day
    query = select(model).where(
        of_day, column(model.area_prefix) == area_prefix, column(model.replaced_by).is_(None)
    )
    found: Version | None = session.execute(query).scalar()
    return found


def _replace(session: Session, model: type[Any], area_prefix: str, day: date, change: CalendarChange) -> None:
    of_day = column(model.day if model is CalendarDay else model.valid_from) == day
    session.execute(
        update(model)
        .where(of_day, column(model.area_prefix) == area_prefix, column(model.replaced_by).is_(None))
        .values(replaced_by=change.id)
        .execution_options(synchronize_session=False)
    )


def _refuse_stale(
    session: Session, model: type[Any], area_prefix: str, day: date, seen_id: int | None
) -> None:
    found = _in_force(session, model, area_prefix, day)
    if (found.id if found else None) != seen_id:
        raise StaleCalendar(f"{day} 已被别人改过，您看到的不是最新的：请核对后再改")


def _told(entry: DayEntry) -> str:
    named = f"（{entry.name}）" if entry.name else ""
    return f"{entry.day} 改为{'上班' if entry.is_working else '休息'}{named}"
