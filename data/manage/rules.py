"""预警规则, as a person makes, changes and removes them, with what each would ring now."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from data.indicators.counts import named_counts
from data.indicators.store import measures
from data.labels import ROLE, label
from data.lifecycle import Person
from data.manage.changes import RowChange, Subject, newest, refuse_stale, stored, write_change
from data.manage.errors import BadSetting
from data.manage.permission import RIGHTS, Duty, require
from data.models import Rule
from data.numbers import spelled
from data.queries.names import class_names, department_names, place_names
from data.rules.causes import find
from data.rules.errors import RuleError
from data.rules.parameters import (
    EventClass,
    OverdueLadder,
    Parameters,
    SensorLimit,
    ThresholdNow,
    TwoWeeksWorse,
    read_parameters,
)
from data.rules.store import Replacement, RuleSpec, list_rules, replacements, root_of, save_rule
from data.vocabulary import RiskColor, RuleKind

SHOWN: Final = 5
OWNERS: Final = RIGHTS[Duty.ALERTS].roles
"""Who may answer for an alert: the roles that may acknowledge it."""


@dataclass(frozen=True, kw_only=True)
class RuleDraft:
    """A rule as a form has it; ``parameters`` as ``data.rules.parameters`` reads them.

    ``replaces``: a new rule that stands in the place of that one in its area.
    """

    kind: str
    name: str
    parameters: Mapping[str, Any]
    color: str
    owner: str
    area: str = ""
    enabled: bool = True
    notify: bool = True
    with_plan: bool = False
    replaces: int | None = None

    @property
    def text(self) -> str:
        return json.dumps(self.parameters, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, kw_only=True)
class RulePreview:
    """What a rule would ring at a moment: ``total`` causes, ``rings`` alerts after capping at ``cap``, some
    titles.
    """

    total: int
    rings: int
    colors: Mapping[RiskColor, int]
    examples: tuple[str, ...]
    cap: int

    @property
    def too_many(self) -> bool:
        """Whether the causes are more than ``cap``, so that they ring summed up by street."""
        return self.total > self.cap


def preview(
    session: Session, draft: RuleDraft, *, as_of: datetime, rule_id: int | None = None
) -> RulePreview:
    """What the rule (a new one, or one that is there) would ring now, if it were on. Writes nothing.

    Raises:
        BadSetting: everything that is wrong with it.
    """
    parameters = _parameters(session, draft)
    rule = RuleSpec(
        id=0, kind=RuleKind(draft.kind), name=draft.name or "新规则", parameters=parameters,
        parameters_text=draft.text, color=RiskColor(draft.color), owner=draft.owner, area=draft.area,
        enabled=True, version=1, origin="", replaced_by=_standing_in(session, draft, rule_id),
    )  # fmt: skip
    found = find(session, rule, as_of)
    return RulePreview(
        total=found.total, rings=len(found.causes), colors=Counter(cause.color for cause in found.causes),
        examples=tuple(cause.title for cause in found.causes[:SHOWN]), cap=found.cap,
    )  # fmt: skip


def save(
    session: Session,
    draft: RuleDraft,
    *,
    rule_id: int | None = None,
    seen: int = 0,
    person: Person | None,
    at: datetime,
    reason: str,
    accept_many: bool = False,
) -> int:
    """Keeps a new rule, or a rule's next version; returns its number. It holds from the next evaluation on.

    Raises:
        NotAllowed, StaleSetting: as their names say.
        BadSetting: everything that is wrong; no reason for a change; or it would ring more than the cap
            times now and nobody has agreed to that.
    """
    before = None if rule_id is None else stored(session, Subject.RULE, id=rule_id)
    areas = {draft.area} | ({str(before["area"])} if before else set())
    acting = require(session, person, Duty.RULES, codes=areas)
    if rule_id is not None:
        refuse_stale(session, Subject.RULE, str(rule_id), seen=seen, name=f"规则“{draft.name}”")
        if not reason.strip():
            raise BadSetting(("修改规则要写明理由",))
    elif draft.replaces is not None and not reason.strip():
        raise BadSetting(("另行设定一条规则要写明理由",))
    found = preview(session, draft, as_of=at, rule_id=rule_id)
    if draft.enabled and found.too_many and not accept_many:
        raise BadSetting((
            f"这条规则现在会有 {found.total} 起，超过 {spelled(found.cap)} 起，"
            f"只能按街道合并为 {found.rings} 条提醒：请提高标准或缩小区域；"
            "确要这样提醒，请勾选“起数太多也保存”",
        ))  # fmt: skip
    try:
        number = save_rule(
            session, kind=draft.kind, name=draft.name, parameters=draft.text, color=draft.color,
            owner=draft.owner, area=draft.area, enabled=draft.enabled, notify=draft.notify,
            with_plan=draft.with_plan,
            actor=acting.name, at=at, rule_id=rule_id, replaces=draft.replaces,
        )  # fmt: skip
    except RuleError as error:
        raise BadSetting(error.problems) from error
    _log(session, number, before, _what(session, draft, rule_id), acting, at, reason)
    return number


def switch_off(
    session: Session, *, rule_id: int, area: str, person: Person | None, at: datetime, reason: str
) -> int:
    """Switches a wider rule off in one area: a rule of its own, not enabled, stands there in its place.

    Raises:
        NotAllowed: the person may set no rules there.
        BadSetting: no such rule, not a wider one, set apart there already, or no reason.
    """
    rule = next((one for one in list_rules(session=session) if one.id == rule_id), None)
    if rule is None:
        raise BadSetting((f"没有编号为 {rule_id} 的规则：请刷新后再试",))
    acting = require(session, person, Duty.RULES, codes=(area,))
    if not reason.strip():
        raise BadSetting(("停用规则要写明理由",))
    try:
        number = save_rule(
            session, kind=rule.kind, name=rule.name, parameters=rule.parameters_text, color=rule.color,
            owner=rule.owner, area=area, enabled=False, notify=rule.notify, with_plan=rule.with_plan,
            actor=acting.name, at=at, replaces=rule_id,
        )  # fmt: skip
    except RuleError as error:
        raise BadSetting(error.problems) from error
    place = place_names(session, {area})[area]
    _log(session, number, None, f"在{place}停用规则“{rule.name}”", acting, at, reason)
    return number


def _what(session: Session, draft: RuleDraft, rule_id: int | None) -> str:
    name = draft.name.strip()
    if rule_id is not None:
        return f"修改规则“{name}”"
    if draft.replaces is None:
        return f"新增规则“{name}”"
    return f"在{place_names(session, {draft.area})[draft.area]}另行设定规则“{name}”"


def _standing_in(session: Session, draft: RuleDraft, rule_id: int | None) -> tuple[Replacement, ...]:
    """What stands in the place of a rule as it is drafted, in parts of its area."""
    rows = session.exec(select(Rule).where(col(Rule.removed).is_(False))).all()
    root = None if draft.replaces is None else root_of(session, draft.replaces)
    if rule_id is not None:
        root = next((one.replaces for one in rows if one.id == rule_id), None)
    return replacements(rows, rule_id=rule_id, area=draft.area, root=root)


def remove(
    session: Session, *, rule_id: int, seen: int, person: Person | None, at: datetime, reason: str
) -> str:
    """Removes a rule: it rings no more, and what it rang resolves by itself; returns its name.

    Raises:
        NotAllowed, StaleSetting: as their names say.
        BadSetting: there is no such rule, or no reason.
    """
    before = stored(session, Subject.RULE, id=rule_id)
    if before is None or before["removed"]:
        raise BadSetting((f"没有编号为 {rule_id} 的规则：请刷新后再试",))
    acting = require(session, person, Duty.RULES, codes=(str(before["area"]),))
    refuse_stale(session, Subject.RULE, str(rule_id), seen=seen, name=f"规则“{before['name']}”")
    if not reason.strip():
        raise BadSetting(("删除规则要写明理由",))
    row = session.get_one(Rule, rule_id)
    row.removed, row.changed_at, row.changed_by = True, at, acting.name
    session.add(row)
    session.flush()
    _log(session, rule_id, before, f"删除规则“{before['name']}”", acting, at, reason)
    return str(before["name"])


def seen_of(*, session: Session, rule_id: int) -> int:
    """The newest change of a rule, which its form hands back."""
    return newest(session, Subject.RULE, str(rule_id))


def _log(
    session: Session,
    number: int,
    before: dict[str, Any] | None,
    what: str,
    acting: Person,
    at: datetime,
    reason: str,
) -> None:
    after = stored(session, Subject.RULE, id=number)
    write_change(
        session, subject=Subject.RULE, key=str(number), rows=[RowChange(before=before, after=after)],
        what=what, actor=acting.name, at=at, reason=reason.strip(),
    )  # fmt: skip


def _parameters(session: Session, draft: RuleDraft) -> Parameters:
    """The parameters, if they make sense and name only what there is."""
    problems: list[str] = []
    if draft.color not in set(RiskColor):
        problems.append("请选择颜色")
    try:
        parameters = read_parameters(draft.kind, draft.text)
    except RuleError as error:
        raise BadSetting((*problems, *error.problems)) from error
    problems += _not_answering(draft, parameters)
    problems += _unknown(session, parameters)
    if problems:
        raise BadSetting(tuple(problems))
    return parameters


def _not_answering(draft: RuleDraft, parameters: Parameters) -> list[str]:
    """The owners who could not acknowledge what rings; a rung without one is the rule's owner's."""
    rungs = parameters.rungs if isinstance(parameters, OverdueLadder) else ()
    wrong = {draft.owner, *(rung.owner or draft.owner for rung in rungs)} - set(OWNERS)
    allowed = "、".join(ROLE[role] for role in OWNERS)
    return [
        (f"{label(ROLE, owner)}不能处理预警，不能负责：请选择" if owner else "请选择由谁负责：") + allowed
        for owner in sorted(wrong)
    ]


def _unknown(session: Session, parameters: Parameters) -> list[str]:
    """What the parameters name that is not there."""
    problems: list[str] = []
    if isinstance(parameters, TwoWeeksWorse | ThresholdNow):
        known = {each.key for each in measures(session=session)}
        wanted = parameters.indicators if isinstance(parameters, TwoWeeksWorse) else (parameters.indicator,)
        problems += [f"没有“{key}”这个指标，或它已停用" for key in wanted if key not in known]
        if not parameters.levels:
            problems.append("请至少选择一个层级")
    if isinstance(parameters, SensorLimit):
        count = named_counts(session=session).get(parameters.count)
        if count is None or not count.is_reading:
            problems.append(f"没有“{parameters.count}”这个监测项")
        above, below = parameters.above, parameters.below
        if above is not None and below is not None and above < below:
            said = f"高于 {spelled(above)} 或低于 {spelled(below)} 包括了所有的数"
            problems.append(f"{said}：“高于”应不小于“低于”")
    if isinstance(parameters, EventClass):
        known = set(class_names(session))
        problems += [
            f"没有 {code} 这个事件类别：请重新选择" for code in parameters.classes if code not in known
        ]
    order = parameters.order if isinstance(parameters, ThresholdNow) else None
    if order is not None:
        if order.class_code not in class_names(session):
            problems.append(f"整改指令的类别 {order.class_code or '（空）'} 不存在：请选择")
        if order.department_code and order.department_code not in department_names(session):
            problems.append(f"整改指令的部门 {order.department_code} 不存在：请选择")
    return problems
