"""Edits of the dispatch table: a change closes the version in force and opens another, overwriting nothing.

Every edit is one new version in the caller's write session, with who made it and why: an undo too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlmodel import Session

from data.chain import append
from data.demo_state import demo_state
from data.dispatch.errors import BadRule, RuleExists, StaleRule, UnknownRule
from data.dispatch.tables import PREFIX_LENGTHS, department_of, versions_of
from data.models import DispatchRule, Division, EventClass
from data.models.base import column
from data.vocabulary import CODE_LENGTH, ClockType

MAX_HOURS: Final = 366 * 24.0
MAX_NOTE: Final = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleDraft:
    """What a rule says. ``limit_hours`` None leaves limit and clock to the class; hours as ``Decision``."""

    class_prefix: str = ""
    area_prefix: str = ""
    department_code: str = ""
    limit_hours: float | None = None
    clock_type: str = ""
    respond_hours: float | None = None
    note: str = ""


def draft_of(rule: DispatchRule) -> RuleDraft:
    """What a stored version says."""
    return RuleDraft(
        class_prefix=rule.class_prefix, area_prefix=rule.area_prefix, department_code=rule.department_code,
        limit_hours=rule.limit_hours, clock_type=rule.clock_type, respond_hours=rule.respond_hours,
        note=rule.note,
    )  # fmt: skip


def add_rule(
    session: Session, draft: RuleDraft, *, valid_from: date, today: date, actor: str
) -> DispatchRule:
    """A new rule from a day on.

    Raises:
        BadRule: something in it cannot be.
        RuleExists: there is a rule for the same class and area at that time.
    """
    _check(session, draft, valid_from=valid_from, today=today)
    _refuse_twin(session, draft, number=0, valid_from=valid_from)
    return open_version(session, next_number(session), 1, draft, valid_from=valid_from, actor=actor)


def change_rule(
    session: Session,
    draft: RuleDraft,
    *,
    number: int,
    seen_version: int,
    valid_from: date,
    today: date,
    actor: str,
) -> DispatchRule:
    """The rule says something else from a day on; ``seen_version`` is the newest that the person saw.

    Raises:
        StaleRule: somebody changed it meanwhile.
        BadRule, RuleExists, UnknownRule: as their names say.
    """
    newest = _newest(session, number, seen_version)
    _check(session, draft, valid_from=valid_from, today=today)
    _refuse_twin(session, draft, number=number, valid_from=valid_from)
    if not newest.withdrawn and _plain(draft) == _plain(draft_of(newest)):
        raise BadRule(f"规则 {number} 没有变化，没有保存")
    return follow(session, newest, draft, valid_from=valid_from, actor=actor)


def withdraw_rule(
    session: Session,
    *,
    number: int,
    seen_version: int,
    valid_from: date,
    today: date,
    actor: str,
    note: str = "",
) -> DispatchRule:
    """The rule no longer exists from a day on. Raises as :func:`change_rule`."""
    newest = _newest(session, number, seen_version)
    if newest.withdrawn:
        raise BadRule(f"规则 {number} 已经停用")
    if valid_from < today:
        raise BadRule(f"停用日期 {valid_from} 早于今天：已经过去的派遣不改，请选今天或以后")
    return follow(
        session, newest, draft_of(newest), valid_from=valid_from, actor=actor, note=note, withdrawn=True
    )


def restore_version(
    session: Session, *, number: int, version: int, seen_version: int, today: date, actor: str
) -> DispatchRule:
    """The rule says again what it said in ``version``, from today on. Raises as :func:`change_rule`."""
    newest = _newest(session, number, seen_version)
    wanted = next((each for each in versions_of(session, number) if each.version == version), None)
    if wanted is None:
        raise UnknownRule(f"规则 {number} 没有第 {version} 版")
    return _restore(session, newest, wanted, today=today, actor=actor)


def undo_rule(session: Session, *, number: int, seen_version: int, today: date, actor: str) -> DispatchRule:
    """Take the newest change back: the version before it holds again; a rule that was new is withdrawn.

    Raises as :func:`change_rule`.
    """
    newest = _newest(session, number, seen_version)
    before = next((one for one in versions_of(session, number) if one.version == newest.version - 1), None)
    return _restore(session, newest, before, today=today, actor=actor)


def _restore(
    session: Session, newest: DispatchRule, wanted: DispatchRule | None, *, today: date, actor: str
) -> DispatchRule:
    """A change that has not begun yet is taken back from its own first day."""
    valid_from = max(today, newest.valid_from)
    draft = draft_of(wanted or newest)
    withdrawn = wanted is None or wanted.withdrawn
    if not withdrawn:
        _check(session, draft, valid_from=valid_from, today=today)
        _refuse_twin(session, draft, number=newest.number, valid_from=valid_from)
    note = None if wanted else "撤销新增"
    return follow(session, newest, draft, valid_from=valid_from, actor=actor, note=note, withdrawn=withdrawn)


def next_number(session: Session) -> int:
    """The number of the next new rule; numbers are never used again."""
    return (
        int(session.execute(select(func.coalesce(func.max(column(DispatchRule.number)), 0))).scalar_one()) + 1
    )


def open_version(
    session: Session,
    number: int,
    version: int,
    draft: RuleDraft,
    *,
    valid_from: date,
    actor: str,
    withdrawn: bool = False,
    note: str | None = None,
    batch_id: int | None = None,
) -> DispatchRule:
    """Write one version, unchecked. While the demo is in, what is added belongs to it and leaves with it."""
    rule = DispatchRule(
        number=number, version=version, class_prefix=draft.class_prefix, area_prefix=draft.area_prefix,
        department_code=draft.department_code, limit_hours=draft.limit_hours,
        clock_type=draft.clock_type if draft.limit_hours is not None else "",
        respond_hours=draft.respond_hours, valid_from=valid_from, withdrawn=withdrawn,
        note=(draft.note if note is None else note)[:MAX_NOTE], actor=actor[:64],
        created_at=datetime.now(UTC), batch_id=batch_id or demo_batch(session),
    )  # fmt: skip
    append(session, rule)
    return rule


def demo_batch(session: Session) -> int | None:
    """The demo's batch while it is in the tables."""
    state = demo_state(session)
    return state.batch_id if state.present else None


def _plain(draft: RuleDraft) -> RuleDraft:
    """Without a limit there is no clock of its own."""
    return draft if draft.limit_hours is not None else replace(draft, clock_type="")


def follow(
    session: Session,
    newest: DispatchRule,
    draft: RuleDraft,
    *,
    valid_from: date,
    actor: str,
    note: str | None = None,
    withdrawn: bool = False,
    batch_id: int | None = None,
) -> DispatchRule:
    """Close the newest version where the next begins."""
    if valid_from < newest.valid_from:
        raise BadRule(
            f"规则 {newest.number} 已有从 {newest.valid_from} 起的第 {newest.version} 版："
            "新的一版不能更早，请先撤销那一版"
        )
    newest.valid_to = valid_from
    session.add(newest)
    return open_version(
        session, newest.number, newest.version + 1, draft,
        valid_from=valid_from, actor=actor, withdrawn=withdrawn, note=note, batch_id=batch_id,
    )  # fmt: skip


def _newest(session: Session, number: int, seen_version: int) -> DispatchRule:
    versions = versions_of(session, number)
    if not versions:
        raise UnknownRule(f"没有编号为 {number} 的派遣规则：请刷新后再试")
    if versions[0].version != seen_version:
        raise StaleRule(
            f"规则 {number} 已由{versions[0].actor}改为第 {versions[0].version} 版，"
            f"您看到的是第 {seen_version} 版：请核对新的内容后再改"
        )
    return versions[0]


def _check(session: Session, draft: RuleDraft, *, valid_from: date, today: date) -> None:
    problems = [*_bad_place(session, draft), *_bad_limits(draft)]
    if department_of(session, draft.department_code) is None:
        wrong = f"部门“{draft.department_code}”不存在" if draft.department_code else "还没有选责任部门"
        problems.append(f"{wrong}：请选择已接入的部门")
    if valid_from < today:
        problems.append(f"生效日期 {valid_from} 早于今天：已经过去的派遣不改，请选今天或以后")
    if len(draft.note) > MAX_NOTE:
        problems.append(f"说明有 {len(draft.note)} 字，最多 {MAX_NOTE} 字")
    if problems:
        raise BadRule("；".join(problems))


def _bad_place(session: Session, draft: RuleDraft) -> list[str]:
    problems = []
    if draft.class_prefix:
        known = column(EventClass.code).startswith(draft.class_prefix, autoescape=True)
        query = select(column(EventClass.code)).where(column(EventClass.valid_to).is_(None), known)
        fits = len(draft.class_prefix) in PREFIX_LENGTHS
        if not fits or session.execute(query.limit(1)).first() is None:
            problems.append(f"没有代码为 {draft.class_prefix} 的类别：请选择大类（两位）或小类（四位）")
    if draft.area_prefix:
        query = select(column(Division.code)).where(
            column(Division.code) == draft.area_prefix, column(Division.valid_to).is_(None)
        )
        fits = len(draft.area_prefix) in CODE_LENGTH.values()
        if not fits or session.execute(query.limit(1)).first() is None:
            problems.append(f"没有代码为 {draft.area_prefix} 的区划：请选择已接入的区划")
    return problems


def _bad_limits(draft: RuleDraft) -> list[str]:
    problems = []
    for name, hours in (("处置时限", draft.limit_hours), ("响应时限", draft.respond_hours)):
        if hours is not None and not 0 < hours <= MAX_HOURS:
            problems.append(f"{name} {hours:g} 小时不对：应大于 0，不超过 {MAX_HOURS:g}，没有请留空")
    if draft.limit_hours is not None and draft.clock_type not in set(ClockType):
        problems.append("填了处置时限，还要选计时方式")
    if draft.limit_hours and draft.respond_hours and draft.respond_hours > draft.limit_hours:
        problems.append(f"响应时限 {draft.respond_hours:g} 小时长于处置时限 {draft.limit_hours:g} 小时")
    return problems


def _refuse_twin(session: Session, draft: RuleDraft, *, number: int, valid_from: date) -> None:
    """Another rule for the same class and area that holds on the day or later."""
    query = select(column(DispatchRule.number)).where(
        column(DispatchRule.class_prefix) == draft.class_prefix,
        column(DispatchRule.area_prefix) == draft.area_prefix,
        column(DispatchRule.withdrawn).is_(False),
        column(DispatchRule.number) != number,
        or_(
            column(DispatchRule.valid_to).is_(None),
            (column(DispatchRule.valid_to) > valid_from)
            & (column(DispatchRule.valid_to) > column(DispatchRule.valid_from)),
        ),
    )
    other = session.execute(query.order_by(column(DispatchRule.number)).limit(1)).scalar()
    if other is not None:
        raise RuleExists(f"规则 {other} 的类别和区域与此相同：请直接修改规则 {other}，或先停用它")
