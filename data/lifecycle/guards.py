"""The rules that refuse. Each looks at a case and answers with a sentence for people, or None.

The sentences name the rule, the value that broke it, and the way out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from data.dispatch import refusal, refusal_at
from data.event_base import zone_of
from data.labels import LEVEL, MOVE, NO_CODE, ROLE, ROUTE_COLOR, STATUS, label
from data.lifecycle.case import Case
from data.lifecycle.duplicates import why_not_the_same
from data.lifecycle.errors import Rule
from data.lifecycle.moves import LOCAL_LEVEL, LOCAL_ROLES, LOCAL_SIDE, MOVES, MoveField, MoveRule
from data.vocabulary import ENDED, Move, Role, Status, Urgency

Refusal = tuple[Rule, str]
Guard = Callable[[Case], str | None]
_DAY_S: Final = 86400.0


def general_refusals(case: Case, move: Move) -> Iterator[Refusal]:
    """Which of the rules that every move has refuse: status, role, area, side, own work. In this order."""
    for kind, guard in _GENERAL:
        sentence = guard(case, move, MOVES[move])
        if sentence:
            yield kind, sentence


def particular_refusals(case: Case, move: Move) -> Iterator[Refusal]:
    """Which of the move's own rules refuse. About what is filled in they only speak once the case has fields,
    which have to be checked before.
    """
    for kind, particular in GUARDS.get(move, ()):
        sentence = particular(case)
        if sentence:
            yield kind, sentence


def _status(case: Case, move: Move, rule: MoveRule) -> str | None:
    if case.row["status"] in rule.from_statuses:
        return None
    wanted = "、".join(STATUS[status] for status in Status if status in rule.from_statuses)
    return f"这件现在是“{label(STATUS, case.row['status'])}”，不能{MOVE[move]}：只有{wanted}的件可以"


def _role(case: Case, move: Move, rule: MoveRule) -> str | None:
    may = rule.roles | (LOCAL_ROLES.get(case.route_color, frozenset()) if rule.local else frozenset())
    if case.person.role in may:
        return None
    named = "、".join(text for role, text in ROLE.items() if role in may)
    return f"“{MOVE[move]}”由{named}办理，{case.person.name}的角色是{ROLE[case.person.role]}"


def _area(case: Case, _move: Move, _rule: MoveRule) -> str | None:
    if case.person.covers(case.row["code"]):
        return None
    place = case.row["code"] or NO_CODE
    return f"这件在 {place}，不在{case.person.name}的责任区 {case.person.division_code} 内，请由当地人员办理"


def _side(case: Case, move: Move, rule: MoveRule) -> str | None:
    """Only who handles the case: its department; without one the grid (blue) or the street (yellow)."""
    if not rule.side:
        return None
    code, person = case.row["department_code"], case.person
    if code:
        if person.role is Role.DEPARTMENT and person.department_code == code:
            return None
        return f"这件由{case.department_name(code)}承办，只有该部门的人员可以{MOVE[move]}"
    if person.role in LOCAL_SIDE.get(case.row["route_color"], ()):
        return None
    if case.row["route_color"] in LOCAL_SIDE:
        return f"这件按“{ROUTE_COLOR[case.row['route_color']]}”办理，{ROLE[person.role]}不能{MOVE[move]}"
    return "这件还没有承办部门，请指挥中心先派遣"


def _own_work(case: Case, move: Move, rule: MoveRule) -> str | None:
    if rule.not_own and case.is_handler:
        return f"{case.person.name}是这件的经办人，自己办的件不能由本人{MOVE[move]}，请由他人办理"
    return None


_GENERAL: Final[tuple[tuple[Rule, Callable[[Case, Move, MoveRule], str | None]], ...]] = (
    (Rule.STATUS, _status),
    (Rule.ROLE, _role),
    (Rule.AREA, _area),
    (Rule.SIDE, _side),
    (Rule.OWN_WORK, _own_work),
)


def _verified(case: Case) -> str | None:
    if case.route_color or case.fields is None:
        return None
    return "这件尚未核实：立案前先由社区核实并定出处置颜色（蓝网格、黄街道、红部门），或在立案时选定"


def _department(case: Case) -> str | None:
    """Who the case goes to: named by the command centre, or by the dispatch table."""
    named, role = case.given(MoveField.DEPARTMENT), case.person.role
    if role is not Role.DISPATCHER:
        return f"派给部门由指挥中心办理，{ROLE[role]}只能派到本级" if named else None
    if named:
        is_known = case.department_name(named) != named
        return None if is_known else f"没有代码为 {named} 的部门，请从部门表里选择"
    if case.row["route_color"] in LOCAL_SIDE or case.fields is None:
        return None
    return None if case.decision.department_code else f"不知道派给谁：{case.decision.basis}"


def _not_forbidden(case: Case) -> str | None:
    """What stands on the negative list is not pushed down, whoever names the department, nor left with
    the community (blue) or the street (yellow).
    """
    row, code = case.row, case.given(MoveField.DEPARTMENT)
    is_centre = case.person.role is Role.DISPATCHER
    if code:
        line = refusal(case.session, class_code=row["class_code"], code=row["code"], department_code=code)
    elif is_centre and case.fields is None:
        return None  # a department may still be named
    elif row["route_color"] in LOCAL_SIDE:
        level = LOCAL_LEVEL[row["route_color"]]
        line = refusal_at(case.session, class_code=row["class_code"], code=row["code"], level=level)
        return None if line is None else f"{line.says(LEVEL[level])}，请由指挥中心派给部门"
    elif not is_centre:
        return None
    else:
        code, line = case.decision.department_code, case.decision.refused_by
    return None if line is None else line.says(case.department_name(code))


def _other_department(case: Case) -> str | None:
    if case.fields is not None and case.given(MoveField.DEPARTMENT) == case.row["department_code"]:
        return f"这件已经派给{case.department_name(case.row['department_code'])}，改派请选别的部门"
    return None


def _may_ask(case: Case) -> str | None:
    """Asked before it is overdue; at most so many times; one question at a time."""
    row, most = case.row, int(case.rules.extensions)
    if row["extension_step"]:
        return "这件的延期申请正在审批，不能重复申请"
    if row["extended_count"] >= most:
        return f"这件已延期 {row['extended_count']} 次，最多 {most} 次，不能再延期"
    if row["due_at"] is None:
        return "这件没有时限，不需要延期"
    if case.at > row["due_at"]:
        zone = zone_of(case.session)
        return f"延期要在到期前申请，这件已于 {row['due_at'].astimezone(zone):%m-%d %H:%M} 到期"
    return None


def _may_approve(case: Case) -> str | None:
    """Approved twice: by the street where the case is, then by the command centre."""
    step = case.row["extension_step"]
    if not step:
        return "这件没有待审批的延期申请"
    if step == 1 and case.person.role is Role.DISPATCHER:
        return "延期先由案发地街道初批，再由指挥中心终批：这件还没有初批"
    if step == 2 and case.person.role is not Role.DISPATCHER:
        return "这件的延期已经街道初批，现由指挥中心终批"
    return None


def _may_arrive(case: Case) -> str | None:
    """到场 is a fact of emergencies, once: between the report and now."""
    row, arrived = case.row, case.given(MoveField.ARRIVED_AT)
    if arrived is None:
        return None
    if row["urgency"] != Urgency.URGENT:
        return "只有紧急的件记到场时间，这件不是，请不填"
    zone = zone_of(case.session)
    if row["arrived_at"] is not None:
        return f"这件已记首次到场 {row['arrived_at'].astimezone(zone):%m-%d %H:%M}，不能再记"
    if arrived > case.at:
        return f"到场时间 {arrived.astimezone(zone):%m-%d %H:%M} 晚于现在，请重新填写"
    if arrived < row["reported_at"].replace(second=0, microsecond=0):
        reported = row["reported_at"].astimezone(zone)
        return f"到场时间早于上报时间 {reported:%m-%d %H:%M}，请重新填写"
    return None


def _may_suspend(case: Case) -> str | None:
    until, most = case.given(MoveField.SUSPENDED_UNTIL), case.rules.suspension_days
    before = case.suspended_days_so_far()
    if before >= most:
        return f"这件已累计挂账 {before:.0f} 天，满 {most:.0f} 天，不能再挂账"
    if until is None:
        return None
    if until <= case.at:
        return "挂账的截止时间应晚于现在，请重新选择"
    if (until - case.at) / timedelta(seconds=_DAY_S) + before > most:
        return f"一件累计挂账不超过 {most:.0f} 天（已挂 {before:.0f} 天），请把截止时间提前"
    return None


def _not_supervised(case: Case) -> str | None:
    return "这件已在督办中" if case.row["supervised"] else None


def _supervised(case: Case) -> str | None:
    return None if case.row["supervised"] else "这件没有在督办"


def _own_report(case: Case) -> str | None:
    """Who only reports says "it is the same" of what they have just reported, and of nothing else."""
    if case.person.role not in {Role.GRID_WORKER, Role.RESIDENT}:
        return None
    if case.row["status"] == Status.REPORTED and case.is_reporter:
        return None
    return f"{ROLE[case.person.role]}只能把自己刚上报、还没有立案的件并入另一件，其他的请由社区或街道合并"


def _may_merge(case: Case) -> str | None:
    number = case.given(MoveField.MERGED_INTO)
    if number is None:
        return None
    if number == case.event_id:
        return "不能把一件并入它自己，请选择另一件"
    other = case.other(number)
    if other is None:
        return f"没有编号为 {number} 的事件，请选择另一件"
    if other["status"] in ENDED:
        return f"{other['external_no']} 已是“{STATUS[other['status']]}”，只能并入在办的件"
    if not case.person.covers(other["code"]):
        return f"{other['external_no']} 不在{case.person.name}的责任区内，请由上一级合并"
    return why_not_the_same(case.row, other, rules=case.rules, class_name=case.class_name)


def _may_take_over(case: Case) -> str | None:
    given = case.given(MoveField.HANDLER)
    if given is None or case.taker is not None:
        return None
    return f"没有编号或姓名为“{given}”、可以承办这件的人员（同名的请用编号），请从名单里选择"


def _was_merged_here(case: Case) -> str | None:
    statuses = case.status_entries
    if len(statuses) > 1:
        return None
    return "这件接入时就是合并件，没有合并前的状态可以恢复"


def _is_reporter(case: Case) -> str | None:
    """The reporter judges; the command centre writes down what a call back heard."""
    if case.person.role in {Role.RESIDENT, Role.DISPATCHER} or case.is_reporter:
        return None
    return f"由上报人评价或申诉，这件的上报人是{case.reporter}；其他人请由指挥中心回访后代录"


def _says_why(case: Case) -> str | None:
    judged = [case.given(MoveField.SOLVED), case.given(MoveField.SATISFIED)]
    if False in judged and not case.given(MoveField.REASON):
        return "评价为未解决或不满意时请写明原因"
    return None


def _first_appeal(case: Case) -> str | None:
    return "这件已申诉过一次，不能再次申诉" if case.row["appealed"] else None


GUARDS: Final[Mapping[Move, tuple[tuple[Rule, Guard], ...]]] = {
    Move.FILE: ((Rule.NOT_VERIFIED, _verified),),
    Move.DISPATCH: ((Rule.NO_DEPARTMENT, _department), (Rule.NEGATIVE_LIST, _not_forbidden)),
    Move.REASSIGN: (
        (Rule.NO_DEPARTMENT, _department),
        (Rule.NO_DEPARTMENT, _other_department),
        (Rule.NEGATIVE_LIST, _not_forbidden),
    ),
    Move.HANDLE: ((Rule.FIELDS, _may_arrive),),
    Move.HAND_OVER: ((Rule.SIDE, _may_take_over),),
    Move.ASK_EXTENSION: ((Rule.EXTENSION, _may_ask),),
    Move.GRANT_EXTENSION: ((Rule.EXTENSION, _may_approve),),
    Move.REFUSE_EXTENSION: ((Rule.EXTENSION, _may_approve),),
    Move.SUSPEND: ((Rule.SUSPENSION, _may_suspend),),
    Move.SUPERVISE: ((Rule.SUPERVISION, _not_supervised),),
    Move.END_SUPERVISE: ((Rule.SUPERVISION, _supervised),),
    Move.MERGE: ((Rule.REPORTER, _own_report), (Rule.DUPLICATE, _may_merge)),
    Move.UNMERGE: ((Rule.DUPLICATE, _was_merged_here),),
    Move.EVALUATE: ((Rule.REPORTER, _is_reporter), (Rule.FIELDS, _says_why)),
    Move.APPEAL: ((Rule.REPORTER, _is_reporter), (Rule.APPEAL_ONCE, _first_appeal)),
}
