"""The one log of changed settings: what was written, what it replaced, and taking it back by another change.

A change holds every row that it wrote, before and after. It can be taken back while each of these rows is
still as it left it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Date, Table, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from data.bulk import refusable
from data.chain import append
from data.indicators.store import used_in
from data.lifecycle import Person
from data.manage.errors import NothingToUndo, StaleSetting
from data.manage.permission import Duty, require
from data.models import (
    CountDefinition,
    Indicator,
    IndicatorReading,
    LoopRule,
    Receiver,
    ResponsePlan,
    Rule,
    Sensor,
    SettingChange,
)
from data.models.base import UtcDateTime, column
from data.numbers import SUBJECT as NUMBER_SUBJECT
from data.roll_up import recompute_definition
from data.rules.parameters import SensorLimit
from data.rules.store import list_rules

Row = dict[str, Any]


class Subject(StrEnum):
    """What a change is about; ``key`` beside it names the one setting."""

    RECEIVER = "receiver"
    NUMBER = NUMBER_SUBJECT
    PLAN = "plan"
    READINGS = "readings"
    RULE = "rule"
    INDICATOR = "indicator"
    LIST_TITLE = "list_title"
    COUNT = "count"


TABLES: Final[dict[Subject, Table]] = {
    Subject.RECEIVER: Receiver.__table__,  # type: ignore[attr-defined]
    Subject.NUMBER: LoopRule.__table__,  # type: ignore[attr-defined]
    Subject.PLAN: ResponsePlan.__table__,  # type: ignore[attr-defined]
    Subject.READINGS: IndicatorReading.__table__,  # type: ignore[attr-defined]
    Subject.RULE: Rule.__table__,  # type: ignore[attr-defined]
    Subject.INDICATOR: Indicator.__table__,  # type: ignore[attr-defined]
    Subject.COUNT: CountDefinition.__table__,  # type: ignore[attr-defined]
}
DUTIES: Final[dict[Subject, Duty]] = {
    Subject.RECEIVER: Duty.RECEIVERS,
    Subject.NUMBER: Duty.NUMBERS,
    Subject.PLAN: Duty.PLANS,
    Subject.READINGS: Duty.READINGS,
    Subject.RULE: Duty.RULES,
    Subject.INDICATOR: Duty.INDICATORS,
    Subject.COUNT: Duty.INDICATORS,
}
_STILL_USED: Final = "新增的内容已经被用到，不能撤销：请改为停用"
_TAKEN: Final = "这个区域后来又另行设定了同一条规则，不能撤销：请先删除那一条"


@dataclass(frozen=True, kw_only=True, slots=True)
class RowChange:
    """One row: None before it was there, or after it is gone. Values as the table has them."""

    before: Row | None
    after: Row | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeLine:
    """One change as it is listed. ``can_be_undone``: neither taken back nor an undo, and it wrote rows."""

    number: int
    subject: str
    key: str
    at: datetime
    actor: str
    what: str
    reason: str
    can_be_undone: bool


def stored(session: Session, subject: Subject, **key: Any) -> Row | None:
    """The row of a subject's table as it is now; None where there is none."""
    table = TABLES[subject]
    found = session.connection().execute(
        select(table).where(*(table.c[name] == value for name, value in key.items()))
    )
    row = found.mappings().first()
    return dict(row) if row else None


def write_change(
    session: Session,
    *,
    subject: Subject,
    key: str = "",
    rows: Sequence[RowChange] = (),
    what: str,
    actor: str,
    at: datetime,
    reason: str = "",
) -> int:
    """Keeps a change in the caller's write session, after its rows were written; returns its number."""
    spelled = [{"before": _plain(one.before), "after": _plain(one.after)} for one in rows]
    entry = SettingChange(
        subject=subject.value, key=key[:64], at=at, actor=actor[:64], what=what[:256], reason=reason[:256],
        rows=json.dumps(spelled, ensure_ascii=False, sort_keys=True),
    )  # fmt: skip
    append(session, entry)
    return entry.id or 0


def newest(session: Session, subject: Subject, key: str) -> int:
    """Number of the newest change of a setting; 0 where nobody has changed it."""
    query = select(column(SettingChange.id)).where(
        column(SettingChange.subject) == subject.value, column(SettingChange.key) == key
    )
    return session.execute(query.order_by(column(SettingChange.id).desc()).limit(1)).scalar() or 0


def refuse_stale(session: Session, subject: Subject, key: str, *, seen: int, name: str) -> None:
    """Raises ``StaleSetting`` where somebody changed the setting after the change ``seen``."""
    if newest(session, subject, key) != seen:
        raise StaleSetting(f"{name}刚被别人改过，您看到的不是最新的：请核对后再改")


def history(
    *, session: Session, subjects: tuple[str, ...] = (), key: str = "", limit: int = 20
) -> list[ChangeLine]:
    """The newest changes of these subjects (empty: all) and this key ('' all), the latest first."""
    query = select(SettingChange).order_by(column(SettingChange.id).desc()).limit(limit)
    if subjects:
        query = query.where(column(SettingChange.subject).in_(subjects))
    if key:
        query = query.where(column(SettingChange.key) == key)
    found = list(session.execute(query).scalars())
    undos = _undos(session, {one.id or 0 for one in found})
    return [
        ChangeLine(
            number=one.id or 0, subject=one.subject, key=one.key, at=one.at, actor=one.actor, what=one.what,
            reason=one.reason,
            can_be_undone=one.undone_by is None and one.id not in undos and one.rows != "[]",
        )
        for one in found
    ]  # fmt: skip


def undo_change(session: Session, *, number: int, person: Person | None, at: datetime) -> str:
    """Takes a change back; returns what was taken back.

    Raises:
        NotAllowed: the person may not change this.
        NothingToUndo: no such change, it was taken back already, or its rows were changed since.
    """
    change = session.get(SettingChange, number)
    if change is None or change.rows == "[]":
        raise NothingToUndo(f"改动 {number} 没有可以撤销的内容：请刷新后再试")
    subject = Subject(change.subject)
    rows = [
        RowChange(before=_read(subject, one["before"]), after=_read(subject, one["after"]))
        for one in json.loads(change.rows)
    ]
    acting = require(session, person, DUTIES[subject], codes=areas_of(subject, rows))
    if change.undone_by is not None or number in _undos(session, {number}):
        raise NothingToUndo(f"改动 {number} 已经撤销过，或本身是一次撤销：需要的话请重新填写")
    if subject is Subject.COUNT:
        _refuse_used(session, rows)
    back = [_put_back(session, subject, one, number=number) for one in rows]
    if subject is Subject.COUNT:
        recompute_definition(session, change.key)
    undo = write_change(
        session, subject=subject, key=change.key, rows=back, what=f"撤销改动 {number}：{change.what}",
        actor=acting.name, at=at,
    )  # fmt: skip
    change.undone_by = undo
    session.add(change)
    session.flush()
    return change.what


def _refuse_used(session: Session, rows: Sequence[RowChange]) -> None:
    """Raises ``NothingToUndo`` where a formula calls a count that would be gone, a rule watches it, or
    readings of it are there.
    """
    for gone in [one.after for one in rows if one.before is None and one.after is not None]:
        if users := used_in(session=session).get(gone["name"]):
            raise NothingToUndo(
                f"指标“{users[0]}”的公式用到了“{gone['label']}”，不能撤销：请先修改该指标，或只改选类别和来源"
            )
        for rule in list_rules(session=session):
            if isinstance(rule.parameters, SensorLimit) and rule.parameters.count == gone["name"]:
                raise NothingToUndo(f"规则“{rule.name}”看着“{gone['label']}”，不能撤销：请先修改或删除该规则")
        for model in (IndicatorReading, Sensor):
            of_it = select(column(model.name)).where(column(model.name) == gone["name"]).limit(1)
            if session.execute(of_it).first() is not None:
                raise NothingToUndo(f"“{gone['label']}”已有填报或接入的读数，不能撤销：不再用的可以不填不送")


def areas_of(subject: Subject, rows: Sequence[RowChange]) -> set[str]:
    """The areas that the rows of a change speak about; '' is the whole district."""
    name = {Subject.READINGS: "code", Subject.RECEIVER: "areas"}.get(subject, "area")
    texts = {str(row.get(name, "")) for one in rows for row in (one.before, one.after) if row is not None}
    return {code for text in texts for code in text.split(",")} or {""}


def _undos(session: Session, numbers: set[int]) -> set[int]:
    """Which of these changes took another one back."""
    query = select(column(SettingChange.undone_by)).where(column(SettingChange.undone_by).in_(numbers))
    return set(session.execute(query).scalars())


def _put_back(session: Session, subject: Subject, one: RowChange, *, number: int) -> RowChange:
    """Puts the row back as it was before; returns what that replaced and wrote.

    A rule gets a new version all the same: evidence names versions, so that none may stand for two rules.
    """
    table, connection = TABLES[subject], session.connection()
    known = one.after or one.before or {}
    is_this = [part == known[part.name] for part in table.primary_key.columns]
    now = connection.execute(select(table).where(*is_this)).mappings().first()
    found = dict(now) if now else None
    if _content(subject, found) != _content(subject, one.after):
        raise NothingToUndo(f"改动 {number} 之后又改过：请先撤销后面的改动，或重新填写")
    before = one.before
    if before is not None and found is not None and subject is Subject.RULE:
        before = before | {"version": found["version"] + 1}
    if before is None:
        try:
            with refusable(connection):
                connection.execute(table.delete().where(*is_this))
        except IntegrityError as error:
            if subject is not Subject.RULE:
                raise NothingToUndo(_STILL_USED) from error
            before = known | {"removed": True, "version": known["version"] + 1}  # it stays for its alerts
            connection.execute(table.update().where(*is_this).values(**before))
    elif one.after is None:
        connection.execute(table.insert().values(**before))
    else:
        try:
            with session.begin_nested():
                connection.execute(table.update().where(*is_this).values(**before))
        except IntegrityError as error:
            raise NothingToUndo(_TAKEN) from error
    session.expire_all()
    return RowChange(before=found, after=before)


def _content(subject: Subject, row: Row | None) -> Row | None:
    """What two states of a row are compared by: a rule put back has its old content and a new version.

    What is empty is left out: a change of before knows nothing of columns that were added since.
    """
    left_out = {"version"} if subject is Subject.RULE else set()
    plain = _plain(row)
    return (
        None
        if plain is None
        else {name: value for name, value in plain.items() if value is not None and name not in left_out}
    )


def _plain(row: Row | None) -> Row | None:
    if row is None:
        return None
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in row.items()
    }


def _read(subject: Subject, row: Row | None) -> Row | None:
    if row is None:
        return None
    found = dict(row)
    for part in TABLES[subject].columns:
        value = found.get(part.name)
        if value is not None and isinstance(part.type, UtcDateTime):
            found[part.name] = datetime.fromisoformat(value)
        elif value is not None and isinstance(part.type, Date):
            found[part.name] = date.fromisoformat(value)
    return found
