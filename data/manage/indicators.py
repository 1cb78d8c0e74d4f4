"""Indicators as people change them: those of their own wholly, those that ship in all but what they count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlmodel import Session

from data.indicators.store import IndicatorError, Measure, all_measures, save
from data.lifecycle import Person
from data.manage.changes import RowChange, Subject, stored, write_change
from data.manage.errors import BadSetting
from data.manage.permission import Duty, require

_CHANGED: Final = "，本区改过"
"""Ends the origin of an indicator that ships, once its baseline is no longer the one it shipped with."""


def save_indicator(session: Session, measure: Measure, *, person: Person | None, at: datetime) -> Measure:
    """Keeps an indicator, or its next version, which stays switched on or off as it was.

    One that ships keeps its name, formula, unit and area.

    Raises:
        NotAllowed: role or area do not reach.
        BadSetting: another indicator has the name, or what ships would count something else.
    """
    acting = require(session, person, Duty.INDICATORS, codes=(measure.area,))
    old = _find(session, measure.key)
    if old is None:
        return _keep(session, measure, f"新增指标“{measure.name}”", acting, at)
    require(session, person, Duty.INDICATORS, codes=(old.area,))
    wanted = replace(_as_shipped(old, measure) if old.shipped else measure, enabled=old.enabled)
    return _keep(session, wanted, f"修改指标“{measure.name}”", acting, at)


def switch_indicator(
    session: Session, *, key: str, enabled: bool, on: date, person: Person | None, at: datetime
) -> Measure:
    """Switches an indicator off or on, from the week of ``on``. Raises as :func:`save_indicator`."""
    found = _find(session, key)
    if found is None:
        raise BadSetting((f"没有编号为“{key}”的指标：请刷新后再试",))
    acting = require(session, person, Duty.INDICATORS, codes=(found.area,))
    wanted = replace(found, enabled=enabled, valid_from=max(on, found.valid_from))
    return _keep(session, wanted, f"{'启用' if enabled else '停用'}指标“{found.name}”", acting, at)


def _find(session: Session, key: str) -> Measure | None:
    return next((each for each in all_measures(session=session) if each.key == key), None)


def _as_shipped(old: Measure, measure: Measure) -> Measure:
    """The next version of an indicator that ships, still counting what it counted."""
    fixed = ("name", "formula", "unit", "area")
    if any(getattr(old, name) != getattr(measure, name) for name in fixed):
        raise BadSetting(
            (f"“{old.name}”是内置指标，名称、公式、单位和适用区域不能改：要算别的，请用另一个名称自设",)
        )
    origin = old.origin.removesuffix(_CHANGED) + _CHANGED
    return replace(measure, shipped=True, owner=old.owner, origin=origin)


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
