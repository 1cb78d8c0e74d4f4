"""处置预案 of the risk levels, as a person edits them; drills that are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from data.labels import RISK_COLOR, ROLE, label
from data.lifecycle import Person
from data.manage.changes import RowChange, Subject, refuse_stale, stored, write_change
from data.manage.errors import BadSetting
from data.manage.permission import RIGHTS, Duty, require
from data.rules.by_hand import start_drill
from data.rules.errors import RuleError
from data.rules.store import save_plan
from data.vocabulary import RiskColor


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanDraft:
    """What a plan says. ``within_hours`` None: no limit; ``owner`` is a role that may answer for alerts."""

    meaning: str
    actions: str
    within_hours: float | None
    drill_days: int
    owner: str


def change_plan(
    session: Session,
    draft: PlanDraft,
    *,
    color: RiskColor,
    seen: int,
    person: Person | None,
    at: datetime,
    reason: str,
) -> None:
    """Changes the plan of a risk level.

    Raises:
        NotAllowed, StaleSetting: as their names say.
        BadSetting: a value that cannot be, nothing is different, or there is no reason.
    """
    acting = require(session, person, Duty.PLANS)
    name = f"{RISK_COLOR[color]}风险预案"
    refuse_stale(session, Subject.PLAN, color.value, seen=seen, name=name)
    if not reason.strip():
        raise BadSetting((f"修改{name}要写明理由",))
    if draft.owner not in RIGHTS[Duty.ALERTS].roles:
        allowed = "、".join(ROLE[role] for role in RIGHTS[Duty.ALERTS].roles)
        named = f"{label(ROLE, draft.owner)}不能处理预警，不能负责" if draft.owner else "处置预案要有人负责"
        raise BadSetting((f"{named}：请选择{allowed}",))
    before = stored(session, Subject.PLAN, color=color.value)
    try:
        save_plan(
            session, color=color.value, meaning=draft.meaning, actions=draft.actions,
            within_hours=draft.within_hours, drill_days=draft.drill_days, owner=draft.owner,
        )  # fmt: skip
    except RuleError as error:
        raise BadSetting(error.problems) from error
    after = stored(session, Subject.PLAN, color=color.value)
    if after == before:
        raise BadSetting((f"{name}没有变化，没有保存",))
    write_change(
        session, subject=Subject.PLAN, key=color.value, rows=[RowChange(before=before, after=after)],
        what=f"修改{name}", actor=acting.name, at=at, reason=reason.strip(),
    )  # fmt: skip


def begin_drill(
    session: Session, *, color: RiskColor, code: str, title: str, person: Person | None, at: datetime
) -> int:
    """Starts a drill of a risk level in an area; returns the alert's id.

    Raises:
        NotAllowed: role or area do not reach.
        data.rules.errors.MoveRefused: no title, no plan, or one is going on there.
    """
    acting = require(session, person, Duty.DRILL, codes=(code,))
    return start_drill(session, color=color, code=code, actor=acting.name, at=at, title=title)
