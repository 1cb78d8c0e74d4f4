"""自设指标, as a street adds, changes and switches off its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session

from data.indicators.store import IndicatorError, Measure, all_measures, save
from data.lifecycle import Person
from data.manage.changes import RowChange, Subject, stored, write_change
from data.manage.errors import BadSetting
from data.manage.permission import Duty, require


def save_own(session: Session, measure: Measure, *, person: Person | None, at: datetime) -> Measure:
    """Keeps an indicator of one's own, or its next version.

    Raises:
        NotAllowed: role or area do not reach.
        BadSetting: another indicator has the name, or it is one that ships.
    """
    acting = require(session, person, Duty.INDICATORS, codes=(measure.area,))
    known = {each.key: each for each in all_measures(session=session)}
    old = known.get(measure.key)
    if old is not None and old.shipped:
        raise BadSetting((f"“{old.name}”是内置指标，不能在这里修改：请用另一个名称自设",))
    if old is not None:
        require(session, person, Duty.INDICATORS, codes=(old.area,))
    return _keep(session, measure, f"{'修改' if old else '新增'}指标“{measure.name}”", acting, at)


def switch_own(
    session: Session, *, key: str, enabled: bool, on: date, person: Person | None, at: datetime
) -> Measure:
    """Switches an indicator of one's own off or on, from the week of ``on``. Raises as :func:`save_own`."""
    found = next((each for each in all_measures(session=session) if each.key == key), None)
    if found is None or found.shipped:
        raise BadSetting((f"没有编号为“{key}”的自设指标：请刷新后再试",))
    acting = require(session, person, Duty.INDICATORS, codes=(found.area,))
    wanted = replace(found, enabled=enabled, valid_from=max(on, found.valid_from))
    return _keep(session, wanted, f"{'启用' if enabled else '停用'}指标“{found.name}”", acting, at)


def _keep(session: Session, measure: Measure, what: str, acting: Person, at: datetime) -> Measure:
    key = {"key": measure.key, "valid_from": measure.valid_from}
    before = stored(session, Subject.INDICATOR, **key)
    try:
        kept = save(session, measure)
    except IndicatorError as error:
        raise BadSetting(error.problems) from error
    after = stored(session, Subject.INDICATOR, **key)
    write_change(
        session, subject=Subject.INDICATOR, key=measure.key, rows=[RowChange(before=before, after=after)],
        what=what, actor=acting.name, at=at,
    )  # fmt: skip
    return kept
