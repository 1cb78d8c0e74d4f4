"""Alerts that no rule rings: drills, and risks that a person reports (上报风险). People alone end them.

Their causes begin with ``drill:``, ``hand:``; a reminder of drills (``data.rules.drills``) with ``due:``. As
active keys they let one drill of a level go on in an area, and one report of a title stand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from data.lifecycle.duplicates import cases_numbered
from data.models import Event, ResponsePlan
from data.models.base import column
from data.queries.names import place_names, places_of
from data.rules.errors import MoveRefused
from data.rules.plan_clock import limits, plan_columns
from data.rules.steps import ALERT, Step, write_log
from data.vocabulary import AlertState, RiskColor

DRILL, REPORTED, REMINDER = "drill:", "hand:", "due:"
DRILL_SIGN: Final = "【演练】"
"""How titles of drills began that are kept from before; a badge says it now."""
MOST_OF_TITLE: Final = 60
MOST_OF_DETAIL: Final = 256
STAYS: Final = "人工上报的预警不会自动解除：处置完毕后，由人写明理由解除"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A risk as a person reports it. ``code`` '': the whole district; ``owner`` '': whoever the plan of the
    level names; ``case`` is the number of the case that it is about, '' for none.
    """

    color: RiskColor
    code: str
    title: str
    detail: str
    owner: str = ""
    case: str = ""
    reason: str = ""


def report_risk(session: Session, report: Report, *, actor: str, at: datetime) -> int:
    """Rings an alert that a person saw; returns its id.

    Raises:
        MoveRefused: a text is missing or too long, no such area or case, nobody answers for the level, or the
            same stands already; the text says which.
    """
    title = " ".join(_seen(report.title).split())
    detail = report.detail.strip() if _seen(report.detail).strip() else ""
    if not title or len(title) > MOST_OF_TITLE:
        raise MoveRefused(f"请写明是什么风险，不超过 {MOST_OF_TITLE} 个字")
    if not detail or len(detail) > MOST_OF_DETAIL:
        raise MoveRefused(f"请写明具体情况，不超过 {MOST_OF_DETAIL} 个字")
    if report.code and not places_of(session, {report.code}):
        raise MoveRefused(f"没有代码为 {report.code} 的区域：请选择")
    plan = session.get(ResponsePlan, report.color.value)
    owner = report.owner or (plan.owner if plan else "")
    if not owner:
        raise MoveRefused("这一级风险的处置预案没有负责人：请选择由谁负责")
    evidence = {"event_id": _case(session, report)} if report.case.strip() else {}
    cause = f"{REPORTED}{report.color.value}:{report.code}:{_sign(title)}"
    if refusal := _standing(session, cause, title):
        raise MoveRefused(refusal)
    return _ring(
        session, cause=cause, color=report.color, title=title, detail=detail, evidence=evidence,
        code=report.code, owner=owner, is_drill=False,
        step=Step(action="report", actor=actor, at=at, reason=report.reason.strip()),
    )  # fmt: skip


def start_drill(
    session: Session,
    *,
    color: RiskColor,
    code: str,
    actor: str,
    at: datetime,
    title: str,
) -> int:
    """Rings a drill of a risk level in an area; returns its id. Marked as a drill everywhere.

    Raises:
        MoveRefused: no plan for the level, no title, or a drill of it is going on there.
    """
    plan = session.get(ResponsePlan, color.value)
    if plan is None:
        raise MoveRefused("这一级风险还没有响应预案，不能演练")
    said = title_of(title.strip(), is_drill=True)
    if not said or len(said) > 100:
        raise MoveRefused("请写明演练内容，不超过 100 个字")
    cause = f"{DRILL}{color.value}:{code}"
    if refusal := _going_on(session, cause, code):
        raise MoveRefused(refusal)
    return _ring(
        session, cause=cause, color=color, title=said, detail=plan.actions[:256], evidence={}, code=code,
        owner=plan.owner, is_drill=True,
        step=Step(action="drill", actor=actor, at=at, reason="开始演练"),
    )  # fmt: skip


def second_of_its_kind(session: Session, row: Any) -> str:
    """Why an alert that was resolved may not come back beside another one like it; '' where it may."""
    if row.is_drill:
        return _going_on(session, row.cause, row.code)
    return _standing(session, row.cause, row.title) if row.cause.startswith(REPORTED) else ""


def title_of(title: str, *, is_drill: bool) -> str:
    """The title as it is shown beside its badge: 演练 is said once."""
    return re.sub(rf"^(?:{DRILL_SIGN}|演练[：:])\s*", "", title) if is_drill else title


def _ring(
    session: Session,
    *,
    cause: str,
    color: RiskColor,
    title: str,
    detail: str,
    evidence: dict[str, Any],
    code: str,
    owner: str,
    is_drill: bool,
    step: Step,
) -> int:
    done = session.connection().execute(
        ALERT.insert().values(
            rule_id=None, cause=cause, active_key=cause, color=color.value, title=title, detail=detail,
            evidence=json.dumps(evidence, ensure_ascii=False), code=code, owner=owner,
            state=AlertState.NEW.value, is_drill=is_drill, event_id=None, raised_at=step.at,
            changed_at=step.at, ended_at=None, resolved_at=None, resolution="", plan_done_at=None,
            plan_done_by="", plan_text="", **plan_columns(limits(session), color, step.at),
        )
    )  # fmt: skip
    alert_id = int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0
    write_log(session, alert_id, step, before="", after=AlertState.NEW)
    return alert_id


def _case(session: Session, report: Report) -> int:
    """The case with the number that was typed; it lies in the area of the report."""
    number = report.case.strip()
    found = cases_numbered(session, number=number)
    if not found:
        raise MoveRefused(f"没有案件号为“{number}”的事件：请核对，或不填")
    codes = session.connection().execute(
        select(column(Event.id), column(Event.code)).where(column(Event.id).in_(found))
    )
    here = [row.id for row in codes if row.code.startswith(report.code)]
    if not here:
        raise MoveRefused(f"事件“{number}”不在所选的区域：请改选区域")
    return int(here[0])


def _going_on(session: Session, cause: str, code: str) -> str:
    """Why no drill of this cause may begin now; '' where one may."""
    if _active(session, cause) is None:
        return ""
    return f"{place_names(session, {code})[code] if code else '全区'}的这一级演练正在进行，请先结束它"


def _standing(session: Session, cause: str, title: str) -> str:
    """Why the same risk is not reported twice; '' where none like it stands."""
    number = _active(session, cause)
    if number is None:
        return ""
    return f"同一区域、同一级别已有“{title}”（预警 {number}），还没有解除：请在那一条上处理，不重复上报"


def _active(session: Session, cause: str) -> int | None:
    found: int | None = (
        session.connection().execute(select(ALERT.c.id).where(ALERT.c.active_key == cause)).scalar()
    )
    return found


def _seen(text: str) -> str:
    """A text without what nobody sees (marks of no width, of direction): a title of these alone is none."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _sign(title: str) -> str:
    return sha256(title.casefold().encode()).hexdigest()[:20]
