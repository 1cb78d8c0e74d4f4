"""「这件会怎么走」: what would happen to a case, step by step, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from data.calendar import read_calendar
from data.clock import deadline
from data.dispatch.decide import Decision, decide
from data.dispatch.negative import NegativeLine, department_level, refusal
from data.dispatch.tables import class_on, department_of, rules_for
from data.labels import CLOCK_TYPE, LEVEL, NO_CODE, URGENCY, label
from data.models import DispatchRule
from data.queries.names import class_names, place_names
from data.vocabulary import ClockType


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseDraft:
    """A case that nobody has reported yet. ``department_code``: the dispatcher's own choice, '' for none.

    ``reported_at`` (aware) also asks until when it would have to be done; None leaves that out.
    """

    class_code: str
    code: str
    on: date
    department_code: str = ""
    reported_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RehearsedStep:
    """One step: its title, what happens, and whether the case stops here."""

    title: str
    text: str
    stops: bool = False


def what_would_happen(session: Session, draft: CaseDraft) -> list[RehearsedStep]:
    """The steps of a case from its class to its limit, in Chinese. Reads no event, writes nothing."""
    decision = decide(session, class_code=draft.class_code, code=draft.code, on=draft.on)
    steps = [
        _class_step(session, draft),
        RehearsedStep(title="地点", text=_place(session, draft.code)),
        _rules_step(session, draft, decision),
    ]
    department_code = draft.department_code or decision.department_code
    steps.append(_department_step(session, draft, decision, department_code))
    department = department_of(session, department_code)
    if department is None:
        return steps
    line = (
        refusal(session, class_code=draft.class_code, code=draft.code, department_code=draft.department_code)
        if draft.department_code
        else decision.refused_by
    )
    steps.append(_negative_step(line, department.name, department.kind))
    if line is None:
        steps.append(_limit_step(session, draft, decision))
    return steps


def _class_step(session: Session, draft: CaseDraft) -> RehearsedStep:
    found = class_on(session, draft.class_code, draft.on)
    if found is None:
        return RehearsedStep(title="类别", text=f"{draft.on} 没有代码为 {draft.class_code} 的类别")
    urgency = label(URGENCY, found.urgency)
    return RehearsedStep(title="类别", text=f"{found.code} {found.major}/{found.minor}，{urgency}")


def _place(session: Session, code: str) -> str:
    name = place_names(session, [code])[code]
    return f"{name}（{code}）" if code else f"{NO_CODE}：不在任何区划内，只有不分区域的规则适用"


def _rules_step(session: Session, draft: CaseDraft, decision: Decision) -> RehearsedStep:
    rules = rules_for(session, class_code=draft.class_code, code=draft.code, on=draft.on)
    if not rules:
        return RehearsedStep(title="派遣规则", text="没有适用的规则，按类别的默认部门")
    names = class_names(session)
    places = place_names(session, {rule.area_prefix for rule in rules})
    if decision.contradiction:
        return RehearsedStep(title="派遣规则", text=decision.basis)
    first, *others = (f"规则 {rule.number}（{scope(rule, names, places)}）" for rule in rules)
    text = f"适用 {len(rules)} 条，用最具体的{first}"
    if others:
        text += f"；没有用{'、'.join(others)}，因为范围更大"
    return RehearsedStep(title="派遣规则", text=text)


def scope(rule: DispatchRule, names: dict[str, str], places: dict[str, str]) -> str:
    """What a rule speaks about, in words: class and area."""
    kind = names.get(rule.class_prefix, rule.class_prefix) if rule.class_prefix else "全部类别"
    place = places.get(rule.area_prefix, rule.area_prefix) if rule.area_prefix else "全部区域"
    return f"{kind}，{place}"


def _department_step(
    session: Session, draft: CaseDraft, decision: Decision, department_code: str
) -> RehearsedStep:
    department = department_of(session, department_code)
    if department is None:
        text = f"指定的部门 {draft.department_code} 不存在" if draft.department_code else decision.basis
        return RehearsedStep(title="责任部门", text=text, stops=True)
    if draft.department_code and draft.department_code != decision.department_code:
        own = department_of(session, decision.department_code)
        instead = f"，规则给出的是{own.name}" if own else ""
        return RehearsedStep(title="责任部门", text=f"人工指定{department.name}{instead}")
    return RehearsedStep(title="责任部门", text=decision.basis)


def _negative_step(line: NegativeLine | None, department: str, kind: str) -> RehearsedStep:
    if line is not None:
        return RehearsedStep(title="负面清单", text=f"拒绝派遣。{line.says(department)}", stops=True)
    level = label(LEVEL, department_level(kind))
    return RehearsedStep(title="负面清单", text=f"{department}属{level}级，不在负面清单所禁之列")


def limit_text(limit_hours: float | None, clock_type: str) -> str:
    """``4 工作时``, ``2 工作日``, ``15 分钟（工作时）``; 无时限 without a limit. A day is 24 hours."""
    if limit_hours is None:
        return "无时限"
    days = clock_type in (ClockType.WORKING_DAYS, ClockType.CALENDAR_DAYS)
    amount = limit_hours / 24 if days else limit_hours
    unit = label(CLOCK_TYPE, clock_type) if clock_type else "小时"
    return f"{limit_hours * 60:g} 分钟（{unit}）" if amount < 1 and not days else f"{amount:g} {unit}"


def _limit_step(session: Session, draft: CaseDraft, decision: Decision) -> RehearsedStep:
    text = f"处置 {limit_text(decision.limit_hours, decision.clock_type)}"
    if decision.respond_hours is not None:
        text += f"，其中响应 {limit_text(decision.respond_hours, decision.clock_type)}"
    if draft.reported_at is not None and decision.limit_hours is not None:
        text += _until(session, draft.code, draft.reported_at, decision)
    return RehearsedStep(title="时限", text=text)


def _until(session: Session, code: str, reported_at: datetime, decision: Decision) -> str:
    """When the limit ends on the working calendar of the place."""
    calendar = read_calendar(session, area_code=code)
    due = deadline(
        reported_at=reported_at, limit_hours=decision.limit_hours, clock_type=decision.clock_type,
        calendar=calendar,
    ).due_at  # fmt: skip
    if due is None:
        return ""
    local = due.astimezone(calendar.timezone)
    notice = calendar.notice_of(due, decision.clock_type)
    return f"；此刻上报，应在 {local:%Y-%m-%d %H:%M} 前办结" + (f"（{notice}）" if notice else "")
