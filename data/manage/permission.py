"""Who may set what: role and area of the person who acts (ours; sign-in comes later)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlmodel import Session

from data.chain import sign_as
from data.labels import ROLE
from data.lifecycle import Person
from data.manage.errors import NotAllowed
from data.queries.names import place_names
from data.vocabulary import Role


class Duty(StrEnum):
    """What can be set or ordered."""

    RECEIVERS = "receivers"
    NUMBERS = "numbers"
    PLANS = "plans"
    DRILL = "drill"
    READINGS = "readings"
    RULES = "rules"
    ALERTS = "alerts"
    REPORT_RISK = "report_risk"
    INDICATORS = "indicators"
    CALENDAR = "calendar"
    DISPATCH = "dispatch"
    LISTS = "lists"
    REVIEW = "review"
    LIST_TITLES = "list_titles"
    SERVICES = "services"


@dataclass(frozen=True, slots=True)
class Right:
    """``what`` completes 可以…; ``everywhere``: only somebody who answers for the whole district."""

    what: str
    roles: tuple[Role, ...]
    everywhere: bool = False


_CENTRE: Final = (Role.DISPATCHER, Role.LEADER)
_STREET: Final = (Role.STREET, *_CENTRE)
RIGHTS: Final[dict[Duty, Right]] = {
    Duty.RECEIVERS: Right("管理通知接收方", _CENTRE),
    Duty.NUMBERS: Right("修改全区参数", _CENTRE, everywhere=True),
    Duty.PLANS: Right("修改处置预案", _CENTRE, everywhere=True),
    Duty.DRILL: Right("组织演练", _STREET),
    Duty.READINGS: Right("填报指标", (Role.COMMUNITY, *_STREET)),
    Duty.RULES: Right("设置预警规则", _STREET),
    Duty.ALERTS: Right("处理预警", (Role.COMMUNITY, *_STREET)),
    Duty.REPORT_RISK: Right("上报风险", (Role.COMMUNITY, *_STREET)),
    Duty.INDICATORS: Right("设置指标", _STREET),
    Duty.CALENDAR: Right("修改工作日历", _CENTRE),
    Duty.DISPATCH: Right("修改派遣规则", _CENTRE),
    Duty.LISTS: Right("填报清单", _STREET),
    Duty.REVIEW: Right("审议清单", _CENTRE),
    Duty.LIST_TITLES: Right("修改清单名称", _CENTRE, everywhere=True),
    Duty.SERVICES: Right("修改办理流程", _STREET, everywhere=True),
}


def require(session: Session, person: Person | None, duty: Duty, *, codes: Iterable[str] = ("",)) -> Person:
    """The person, if they may do it in all areas of ``codes`` ('' is the whole district).

    What they then write in this session carries their number.

    Raises:
        NotAllowed: nobody was chosen, or role or area do not reach; the text names the rule.
    """
    right = RIGHTS[duty]
    if person is None:
        raise NotAllowed(f"还没有选择办理人，不能{right.what}：请先在右上角选择")
    if person.role is not Role.SYSTEM:
        _check_role_and_area(session, person, right, codes)
    sign_as(session, name=person.name, staff_id=person.staff_id)
    return person


def _check_role_and_area(session: Session, person: Person, right: Right, codes: Iterable[str]) -> None:
    if person.role not in right.roles:
        allowed = "、".join(ROLE[role] for role in right.roles)
        raise NotAllowed(
            f"规则“按角色办理”：{right.what}由{allowed}办理，{person.name}是{ROLE[person.role]}，不能办理"
        )
    for code in {""} if right.everywhere else set(codes):
        if not person.covers(code):
            mine = place_names(session, {person.division_code})[person.division_code]
            theirs = place_names(session, {code})[code] if code else "全区"
            raise NotAllowed(
                f"规则“只管自己的区域”：{person.name}负责{mine}，不能为{theirs}{right.what}；"
                "请改选自己的区域，或由区级人员办理"
            )


def refusal(session: Session, person: Person | None, duty: Duty, *, codes: Iterable[str] = ("",)) -> str:
    """Why the person may not; '' where they may. For a screen that says so before anybody types."""
    try:
        require(session, person, duty, codes=codes)
    except NotAllowed as error:
        return str(error)
    return ""
