"""The sentence with which an alert resolves by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from data.rules.causes import WHY_OVER
from data.rules.store import RuleSpec
from data.vocabulary import RuleKind

_OVER: Final[Mapping[RuleKind, str]] = {
    RuleKind.TWO_WEEKS_WORSE: "指标已不再连续差于基准",
    RuleKind.THRESHOLD_NOW: "指标已回到红线以内，或本周已结束",
    RuleKind.SURGE: "今日件数已不高于激增标准，或当天已结束",
    RuleKind.REPEAT: "同一处的件数已不到标准",
    RuleKind.OVERDUE_LADDER: "事件已办结、挂账或不再超期",
    RuleKind.WHISTLE_LADDER: "部门已报到，或哨件已办结、撤回",
    RuleKind.EVENT_CLASS: "事件已办结、作废，或不再属于这些类别",
    RuleKind.SYSTEM_FAILURE: "系统已恢复正常",
}
"""The sentence with which an alert resolves by itself, where its kind of rule has only one."""
RULE_OFF: Final = "规则已停用或已删除"
REGROUPED: Final = "起数跨过合并提醒的上限，已换一种方式提醒"
_SET_APART: Final = "本区域已另行设定这条规则"
_OFF_HERE: Final = "本区域已停用这条规则"


def why_over(session: Session, rule: RuleSpec, row: Any, as_of: datetime) -> str:
    """Why what the rule rang is over: it does not hold there any more, or the alert's cause is gone."""
    standing_in = rule.replaced_at(row.code)
    if standing_in is not None:
        return _SET_APART if standing_in.enabled else _OFF_HERE
    why = WHY_OVER.get(rule.kind)
    return why(session, rule, row, as_of) if why is not None else _OVER[rule.kind]
