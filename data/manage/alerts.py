"""What the person who acts does with an alert, the order that it asks for, and a risk that they report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from data.clock import MAX_LIMIT_HOURS
from data.conventions import read_conventions
from data.dispatch import Decision, decide, refusal
from data.filter import FilterError, parse_filter
from data.indicators.counts import named_counts
from data.indicators.store import measures
from data.labels import ROLE, label
from data.lifecycle import Person
from data.manage.errors import BadSetting
from data.manage.permission import RIGHTS, Duty, require
from data.models import Alert
from data.queries.names import class_names, department_names
from data.rules import act, by_hand, plan_clock
from data.rules.by_hand import Report
from data.rules.errors import UnknownAlert
from data.rules.parameters import Order
from data.rules.plan_clock import PlanNote
from data.vocabulary import ClockType


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What dispatch would do with an order of this class at this place. ``basis`` says why, in Chinese."""

    class_code: str
    department_code: str
    limit_hours: float
    clock_type: str
    basis: str


def acknowledge(
    session: Session, *, alert_id: int, seen_state: str, person: Person | None, at: datetime
) -> None:
    """As ``data.rules.act.acknowledge``, by somebody whose role and area reach so far (``NotAllowed``)."""
    acting = _may(session, alert_id, person)
    act.acknowledge(session, alert_id=alert_id, seen_state=seen_state, actor=acting.name, at=at)


def resolve(
    session: Session, *, alert_id: int, seen_state: str, person: Person | None, at: datetime, reason: str
) -> None:
    """As ``data.rules.act.resolve``, by somebody whose role and area reach so far (``NotAllowed``)."""
    acting = _may(session, alert_id, person)
    act.resolve(session, alert_id=alert_id, seen_state=seen_state, actor=acting.name, at=at, reason=reason)


def note_plan(
    session: Session,
    *,
    alert_id: int,
    seen_state: str,
    note: PlanNote,
    text: str,
    person: Person | None,
    at: datetime,
) -> None:
    """As ``data.rules.plan_clock.note_plan``, by somebody who may (``NotAllowed``)."""
    acting = _may(session, alert_id, person)
    plan_clock.note_plan(
        session, alert_id=alert_id, seen_state=seen_state, note=note, text=text, actor=acting.name, at=at
    )


def take_plan_back(session: Session, *, alert_id: int, person: Person | None, at: datetime) -> None:
    """As ``data.rules.plan_clock.take_plan_back``, by somebody who may (``NotAllowed``)."""
    acting = _may(session, alert_id, person)
    plan_clock.take_plan_back(session, alert_id=alert_id, actor=acting.name, at=at)


def report_risk(session: Session, report: Report, *, person: Person | None, at: datetime) -> int:
    """Rings an alert that a person saw (上报风险); returns its id.

    Raises:
        NotAllowed: role or area do not reach.
        BadSetting: whoever was chosen to answer for it may not acknowledge alerts.
        data.rules.errors.MoveRefused: as ``data.rules.by_hand.report_risk``.
    """
    acting = require(session, person, Duty.REPORT_RISK, codes=(report.code,))
    if report.owner and report.owner not in RIGHTS[Duty.ALERTS].roles:
        raise BadSetting((f"{label(ROLE, report.owner)}不能处理预警，不能负责：请另选",))
    return by_hand.report_risk(session, report, actor=acting.name, at=at)


def take_back(session: Session, *, alert_id: int, person: Person | None, at: datetime) -> None:
    """As ``data.rules.act.take_back``, by somebody whose role and area reach so far (``NotAllowed``)."""
    acting = _may(session, alert_id, person)
    act.take_back(session, alert_id=alert_id, actor=acting.name, at=at)


def order(
    session: Session,
    *,
    alert_id: int,
    seen_state: str,
    person: Person | None,
    at: datetime,
    reason: str,
    what: Order,
) -> int:
    """Issues a rectification order (整改指令); returns the event's id.

    Raises:
        NotAllowed: role or area do not reach.
        BadSetting: a class or department that is not there, a limit that cannot be, or the negative list
            refuses the department; the text names its line.
        data.rules.errors.AlertError: as ``data.rules.act.order``.
    """
    acting = _may(session, alert_id, person)
    code = session.get_one(Alert, alert_id).code
    problems = []
    if what.class_code not in class_names(session):
        problems.append(f"没有代码为 {what.class_code or '（空）'} 的类别：请选择")
    if not 0 < what.limit_hours <= MAX_LIMIT_HOURS:
        problems.append(f"时限 {what.limit_hours:g} 小时不对：应大于 0、不超过一年")
    if what.clock_type and what.clock_type not in set(ClockType):
        problems.append(f"没有“{what.clock_type}”这种计时方式")
    names = department_names(session)
    if what.department_code and what.department_code not in names:
        problems.append(f"没有代码为 {what.department_code} 的部门：请选择")
    line = refusal(session, class_code=what.class_code, code=code, department_code=what.department_code)
    if line is not None:
        problems.append(line.says(names[what.department_code]))
    if problems:
        raise BadSetting(tuple(problems))
    return act.order(
        session, alert_id=alert_id, seen_state=seen_state, actor=acting.name, at=at, reason=reason, what=what
    )


def suggested_class(session: Session, *, evidence: Mapping[str, Any]) -> str:
    """The class of an order: what the alert is about, else other matters (0199), else the first; '' none."""
    known = class_names(session)
    full = sorted(code for code in known if len(code) == 4)
    for prefix in _classes_of(session, evidence):
        if found := [code for code in full if code.startswith(prefix)]:
            return found[0]
    return "0199" if "0199" in known else (full[0] if full else "")


def suggest(session: Session, *, class_code: str, code: str, on: date) -> Suggestion:
    """Department, limit and clock for an order of this class, as the dispatch table has them."""
    found: Decision = decide(session, class_code=class_code, code=code, on=on)
    refused = found.refused_by is not None
    basis = found.basis
    if found.refused_by is not None:
        basis += f"；但负面清单第 {found.refused_by.number} 条不允许，请另选部门"
    return Suggestion(
        class_code=class_code, department_code="" if refused else found.department_code,
        limit_hours=found.limit_hours or read_conventions(session=session).order_hours,
        clock_type=found.clock_type if found.limit_hours else "", basis=basis,
    )  # fmt: skip


def _classes_of(session: Session, evidence: Mapping[str, Any]) -> list[str]:
    from urllib.parse import parse_qsl

    try:
        where = parse_filter(dict(parse_qsl(str(evidence.get("query", "")))))
    except FilterError:
        return []
    if where.classes:
        return list(where.classes)
    counts = named_counts(session=session)
    measure = next((one for one in measures(session=session) if one.key == evidence.get("indicator")), None)
    names = measure.formula.names if measure and measure.formula else ()
    return [code for name in names for code in counts[name].classes]


def _may(session: Session, alert_id: int, person: Person | None) -> Person:
    row = session.get(Alert, alert_id)
    if row is None:
        raise UnknownAlert(f"没有编号为 {alert_id} 的预警。请刷新后再试")
    return require(session, person, Duty.ALERTS, codes=(row.code,))
