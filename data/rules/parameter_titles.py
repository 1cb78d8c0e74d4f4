"""What people call the parameters of each kind of rule: on the form, and where one of them cannot be."""

from __future__ import annotations

from typing import Final

from data.vocabulary import RuleKind

ORDER_TITLES: Final[dict[str, str]] = {
    "class_code": "指令的类别",
    "department_code": "指令的部门",
    "limit_hours": "指令的时限（小时）",
    "clock_type": "指令的计时方式",
}
RUNG_TITLES: Final[dict[str, str]] = {
    "hours": "超期满（小时）",
    "color": "变为",
    "owner": "由谁负责",
}
TITLES: Final[dict[RuleKind, dict[str, str]]] = {
    RuleKind.TWO_WEEKS_WORSE: {
        "indicators": "看哪些指标",
        "levels": "看哪一级",
        "weeks": "连续几周",
        "settle_days": "等几天再判定",
        "trend_margin": "与趋势相差百分之几才算",
    },
    RuleKind.THRESHOLD_NOW: {
        "indicator": "看哪个指标",
        "side": "怎样算越线",
        "limit": "红线",
        "levels": "看哪一级",
        "order": "整改指令",
    },
    RuleKind.SURGE: {
        "times": "达到平时的几倍",
        "minimum": "至少几件",
        "weeks": "与前几周比",
        "deviations": "高出几个标准差",
        "level": "按哪一级数",
        "sources": "只数这些来源",
    },
    RuleKind.REPEAT: {"minimum": "同一处同一类至少几件", "days": "在几天之内"},
    RuleKind.OVERDUE_LADDER: {"rungs": "各级"},
    RuleKind.SENSOR_LIMIT: {
        "count": "看哪个监测项",
        "above": "高于",
        "below": "低于",
        "for_minutes": "持续几分钟才报",
        "fresh_hours": "传感器几小时内的读数算数",
        "fresh_weeks": "按周填报几周内的算数",
    },
    RuleKind.WHISTLE_LADDER: {"returns": "退回几次列入联席会"},
    RuleKind.EVENT_CLASS: {
        "classes": "哪些类别一发生就响",
        "urgency": "紧急程度",
        "sources": "只数这些来源",
    },
    RuleKind.SYSTEM_FAILURE: {
        "failures": "后台任务连续出错几次",
        "running_minutes": "一次运行满几分钟还不结束",
        "silent_minutes": "没有心跳几分钟",
        "delivery_hours": "通知发不出去几小时",
    },
}
"""By kind and parameter."""
