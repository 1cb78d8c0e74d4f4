"""The Chinese label of every identifier that a person can see, in one place.

An unknown key shows itself, so that data that brings its own sources stays readable.
"""

from __future__ import annotations

from typing import Final

from data.vocabulary import (
    Basis,
    BatchKind,
    BatchStatus,
    ClockType,
    Level,
    Missing,
    SlaColor,
    StationKind,
    Status,
    Urgency,
)

PRODUCT: Final = "一图统览"
DEMO_NOTICE: Final = "演示数据 · 网格边界为示意"
NO_CODE: Final = "未落格"
NO_POSITION: Final = "无坐标"
NO_DEPARTMENT: Final = "尚未派遣"
DASH: Final = "—"

LEVEL: Final[dict[str, str]] = {
    Level.DISTRICT: "区",
    Level.STREET: "街道",
    Level.COMMUNITY: "社区",
    Level.GRID: "网格",
}
BASIS: Final[dict[str, str]] = {
    Basis.OPEN: "在办",
    Basis.REPORTED: "上报",
    Basis.DUE: "到期",
    Basis.CLOSED: "结案",
}
MISSING: Final[dict[str, str]] = {Missing.CODE: NO_CODE, Missing.POSITION: NO_POSITION}
STATUS: Final[dict[str, str]] = {
    Status.REPORTED: "已上报",
    Status.FILED: "已立案",
    Status.DISPATCHED: "已派遣",
    Status.ACCEPTED: "已受理",
    Status.HANDLING: "处置中",
    Status.FEEDBACK: "已反馈",
    Status.CHECKING: "核查中",
    Status.RETURNED: "已退回",
    Status.REWORKING: "返工中",
    Status.SUSPENDED: "挂账",
    Status.CLOSED: "已结案",
    Status.EVALUATED: "已评价",
    Status.MERGED: "已合并",
    Status.VOIDED: "已作废",
}
SLA_COLOR: Final[dict[str, str]] = {
    SlaColor.OVERDUE: "超期",
    SlaColor.SOON: "临期",
    SlaColor.IN_TIME: "期内",
    SlaColor.NO_LIMIT: "无时限",
    SlaColor.SUSPENDED: "挂账",
    SlaColor.DONE: "已结",
    SlaColor.DONE_LATE: "超期结案",
}
SLA_SIGN: Final[dict[str, str]] = {
    SlaColor.OVERDUE: "◆",
    SlaColor.SOON: "▲",
    SlaColor.IN_TIME: "●",
    SlaColor.NO_LIMIT: "○",
    SlaColor.SUSPENDED: "‖",
    SlaColor.DONE: "✓",
    SlaColor.DONE_LATE: "✗",
}
SOURCE: Final[dict[str, str]] = {
    "patrol": "网格巡查",
    "resident": "居民扫码",
    "12345": "12345",
    "12349": "12349",
    "city_mgmt": "数字城管",
    "sensor": "物联感知",
    "mailbox": "民情意见箱",
    "superior": "上级交办",
}
URGENCY: Final[dict[str, str]] = {Urgency.URGENT: "紧急", Urgency.NORMAL: "一般"}
CLOCK_TYPE: Final[dict[str, str]] = {
    ClockType.URGENT_HOURS: "紧急工作时",
    ClockType.WORKING_HOURS: "工作时",
    ClockType.WORKING_DAYS: "工作日",
    ClockType.CALENDAR_DAYS: "自然日",
}
STATION_KIND: Final[dict[str, str]] = {
    StationKind.STREET_CENTRE: "街道综合便民服务中心",
    StationKind.COMMUNITY_CENTRE: "社区公共服务中心",
    StationKind.SERVICE_STATION: "便民服务站",
    StationKind.SOCIAL_WORK: "社会工作站",
    StationKind.SERVICE_POINT: "办事点",
    StationKind.PARTY_CENTRE: "党群服务中心",
    StationKind.RED_STATION: "红色驿站",
    StationKind.MICRO_POINT: "微服务点",
    StationKind.SELF_SERVICE: "24小时自助终端",
}
BATCH_KIND: Final[dict[str, str]] = {
    BatchKind.DEMO: "演示数据",
    BatchKind.DIVISIONS: "区划边界",
    BatchKind.STATIONS: "站点",
    BatchKind.EVENTS: "事件",
    BatchKind.DEPARTMENTS: "部门",
    BatchKind.EVENT_CLASSES: "事件类别",
    BatchKind.STAFF: "人员",
}
BATCH_STATUS: Final[dict[str, str]] = {
    BatchStatus.PREPARING: "准备中",
    BatchStatus.PUBLISHED: "已发布",
    BatchStatus.FAILED: "未发布",
    BatchStatus.UNDONE: "已撤销",
}

ACTION: Final[dict[str, str]] = {
    "report": "上报",
    "import": "接入",
    "update": "更新资料",
    "move": "流转",
    "mark": "加标记",
    "void": "作废",
    "restore": "恢复",
    "recode": "重新落格",
}
"""What an entry of an event's log does (``event_fold.Action``)."""
DATA_FLAG: Final[dict[str, str]] = {
    "closed_before_reported": "结案早于上报",
    "due_before_reported": "截止早于上报",
    "open_with_end": "未结案却有结案时间",
    "position_swapped": "经纬度颠倒，已更正",
}
"""Marks that an import puts on an event."""


def label(table: dict[str, str], key: str | None) -> str:
    """The Chinese label of ``key``; the key itself where the table has none, a dash for nothing."""
    return DASH if not key else table.get(key, key)
