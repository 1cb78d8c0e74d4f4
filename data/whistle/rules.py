"""Who may do what with a whistle, and when: each rule refuses with a sentence for people, or says nothing.

A street blows and judges, for its own area; a department reports, finishes and gives back for itself. Who
comes to a place is seen by the street, which may note an arrival or an end for a department that has nobody
at a screen; the log names who did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from data.conventions import Conventions
from data.labels import CALLED_STANDING, ROLE, WHISTLE_ACT
from data.lifecycle import Person
from data.models import Whistle, WhistleDepartment, WhistleLog
from data.vocabulary import Role
from data.whistle.errors import WhistleRule
from data.whistle.log import called_standing
from data.whistle_vocabulary import CalledStanding, WhistleAct

UNDONE: Final = frozenset(set(WhistleAct) - {WhistleAct.BLOW, WhistleAct.UNDO, WhistleAct.RECKON})
"""What can be undone. A whistle that was blown is withdrawn instead, with a reason; what followed the
calendar goes back with the calendar."""
_STREET: Final = frozenset({Role.STREET, Role.LEADER})
ROLES: Final[Mapping[WhistleAct, frozenset[Role]]] = {
    WhistleAct.BLOW: _STREET,
    WhistleAct.ARRIVE: _STREET | {Role.DEPARTMENT},
    WhistleAct.RETURN: frozenset({Role.DEPARTMENT}),
    WhistleAct.FINISH: _STREET | {Role.DEPARTMENT},
    WhistleAct.SCORE: _STREET,
    WhistleAct.WITHDRAW: _STREET,
    WhistleAct.RECKON: frozenset({Role.SYSTEM}),
}
Refusal = tuple[WhistleRule, str]
_NOTHING_TO_UNDO: Final[Mapping[str, str]] = {
    WhistleAct.BLOW: "要取消吹哨请用“撤回吹哨”",
    WhistleAct.RECKON: "上一步是随工作日历重算时限",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What the rules look at. ``called`` is the department that the act is about, ``others`` the rest;
    ``zone`` is that of the moments in sentences. ``conventions``: how long an act can be taken back.
    """

    act: WhistleAct
    person: Person
    at: datetime
    code: str
    zone: ZoneInfo
    whistle: Whistle | None = None
    called: WhistleDepartment | None = None
    name: str = ""
    departments: tuple[WhistleDepartment, ...] = ()
    newest: WhistleLog | None = None
    conventions: Conventions = field(default_factory=Conventions)


def refusal(look: Look) -> Refusal | None:
    """The first rule that refuses, with its sentence; None where the act may be done."""
    act = look.act
    if act is WhistleAct.UNDO:
        if sentence := _undo(look):
            return WhistleRule.UNDO, sentence
        act = WhistleAct(look.newest.action) if look.newest else act
    for rule, guard in _GENERAL:
        if sentence := guard(look, act):
            return rule, sentence
    if look.act is not WhistleAct.UNDO and (sentence := _state(look)):
        return WhistleRule.STATE, sentence
    return None


def _role(look: Look, act: WhistleAct) -> str | None:
    if look.person.role in ROLES[act]:
        return None
    named = "、".join(text for role, text in ROLE.items() if role in ROLES[act])
    return f"“{WHISTLE_ACT[act]}”由{named}办理，{look.person.name}的角色是{ROLE[look.person.role]}"


def _area(look: Look, act: WhistleAct) -> str | None:
    del act
    if look.person.role not in _STREET or (look.code and look.person.covers(look.code)):
        return None
    return (
        f"地点 {look.code or '（没有选）'} 不在{look.person.name}的责任区 {look.person.division_code} 内，"
        "请由当地街道办理"
    )


def _side(look: Look, act: WhistleAct) -> str | None:
    if look.called is None or look.person.role is not Role.DEPARTMENT:
        return None
    if look.person.department_code == look.called.department_code:
        return None
    return f"{look.name}由该部门自己{WHISTLE_ACT[act]}，{look.person.name}属于其他部门"


def _clock(look: Look, act: WhistleAct) -> str | None:
    since = look.newest.at if look.newest else (look.whistle.blown_at if look.whistle else look.at)
    if look.at >= since:
        return None
    named = "吹哨时间" if look.newest is None or look.newest.action == WhistleAct.BLOW else "上一步的时间"
    now, last = (moment.astimezone(look.zone) for moment in (look.at, since))
    return f"{WHISTLE_ACT[act]}时间 {now:%m-%d %H:%M:%S} 早于{named} {last:%m-%d %H:%M:%S}，请核对本机时钟"


_GENERAL: Final[tuple[tuple[WhistleRule, Callable[[Look, WhistleAct], str | None]], ...]] = (
    (WhistleRule.ROLE, _role),
    (WhistleRule.AREA, _area),
    (WhistleRule.SIDE, _side),
    (WhistleRule.CLOCK, _clock),
)


def _state(look: Look) -> str | None:
    whistle = look.whistle
    if whistle is None:
        return None
    if whistle.withdrawn:
        return "这次吹哨已经撤回"
    if look.act is WhistleAct.WITHDRAW:
        return _may_withdraw(look)
    return _department_state(look) if look.called is not None else None


def _may_withdraw(look: Look) -> str | None:
    if look.whistle is not None and look.whistle.done_at is not None:
        return "这次吹哨已经办结，不能撤回"
    if any(one.arrived_at is not None for one in look.departments):
        return "已有部门报到，不能撤回：请由到场的部门办结"
    return None


def _department_state(look: Look) -> str | None:
    """Each act of a department has its one place on the way 没报到 → 已报到 → 已办结 → 评分."""
    if look.called is None:
        return None
    standing = called_standing(look.called)
    if look.act is WhistleAct.SCORE:
        return None if standing is CalledStanding.DONE else f"{look.name}还没有办结，不能评分"
    if standing is CalledStanding.DONE:
        return f"{look.name}已经办结，不能再{WHISTLE_ACT[look.act]}"
    if look.act is WhistleAct.ARRIVE and standing is CalledStanding.ARRIVED:
        return f"{look.name}已经报到过"
    if look.act is WhistleAct.FINISH and standing is not CalledStanding.ARRIVED:
        return f"{look.name}现在是“{CALLED_STANDING[standing]}”，还没有报到，不能办结"
    return None


def _undo(look: Look) -> str | None:
    newest = look.newest
    if newest is None or newest.action not in UNDONE:
        last = newest.action if newest else WhistleAct.UNDO
        return f"没有可撤销的：{_NOTHING_TO_UNDO.get(last, '上一步就是撤销')}"
    if look.at - newest.at > look.conventions.undo_within:
        return f"上一步“{WHISTLE_ACT[newest.action]}”已超过 {look.conventions.undo_text}，不能撤销"
    return None
