"""The Chinese label of every identifier that a person can see, in one place.

An unknown key shows itself, so that data that brings its own sources stays readable.
"""

from __future__ import annotations

from typing import Final

from data.vocabulary import (
    AlertState,
    Basis,
    BatchKind,
    BatchStatus,
    ClockType,
    EvaluationSource,
    Level,
    ListStatus,
    ListType,
    Mark,
    Missing,
    Move,
    ReviewStage,
    RiskColor,
    Role,
    RouteColor,
    RuleKind,
    ServiceMode,
    SlaColor,
    Stage,
    StationKind,
    Status,
    TokenScope,
    Urgency,
    Weekly,
)
from data.whistle_vocabulary import CalledStanding, LadderColor, WhistleAct, WhistleKind, WhistleStanding

PRODUCT: Final = "一图统览"
DEMO_NOTICE: Final = "演示数据 · 网格边界为示意"
NO_CODE: Final = "未落格"
NO_POSITION: Final = "无坐标"
NO_DEPARTMENT: Final = "暂无部门"
"""Not yet dispatched, or handled by the grid or street itself."""
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
RULE_KIND: Final[dict[str, str]] = {
    RuleKind.TWO_WEEKS_WORSE: "指标连续变差",
    RuleKind.THRESHOLD_NOW: "指标超过红线",
    RuleKind.SURGE: "诉求激增",
    RuleKind.REPEAT: "同一处反复",
    RuleKind.OVERDUE_LADDER: "超期升级",
    RuleKind.SENSOR_LIMIT: "监测超标",
    RuleKind.WHISTLE_LADDER: "吹哨未报到",
    RuleKind.EVENT_CLASS: "发生即预警",
    RuleKind.SYSTEM_FAILURE: "系统故障",
}
TOKEN_SCOPE: Final[dict[str, str]] = {TokenScope.CASES: "案件", TokenScope.READINGS: "读数"}
WEEKLY: Final[dict[str, str]] = {
    Weekly.SUM: "相加",
    Weekly.MEAN: "平均",
    Weekly.MAX: "最高",
    Weekly.LAST: "最后一次",
}
RISK_COLOR: Final[dict[str, str]] = {RiskColor.RED: "红色", RiskColor.YELLOW: "黄色", RiskColor.BLUE: "蓝色"}
RISK_SIGN: Final[dict[str, str]] = {RiskColor.RED: "◆", RiskColor.YELLOW: "▲", RiskColor.BLUE: "●"}
ALERT_STATE: Final[dict[str, str]] = {
    AlertState.NEW: "待确认",
    AlertState.ACKNOWLEDGED: "已确认",
    AlertState.ORDERED: "整改中",
    AlertState.RESOLVED: "已解除",
}
MARK: Final[dict[str, str]] = {
    Mark.REWORKED: "返过工",
    Mark.RESPOND_DUE: "有响应时限",
    Mark.RESPONDED: "按时响应",
    Mark.CALLED_BACK: "已回访",
    Mark.SOLVED: "回访已解决",
    Mark.RATED: "有满意度评价",
    Mark.SATISFIED: "评价满意",
    Mark.ARRIVED: "紧急且已到场",
}
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
STAGE: Final[dict[str, str]] = {
    Stage.COLLECT: "信息收集",
    Stage.FILE: "案卷建立",
    Stage.DISPATCH: "任务派遣",
    Stage.HANDLE: "任务处理",
    Stage.FEEDBACK: "处理反馈",
    Stage.CHECK: "核查结案",
    Stage.RATE: "综合评价",
}
RESIDENT_STATUS: Final[dict[str, str]] = {
    Status.REPORTED: "已收到，社区正在核实",
    Status.FILED: "已受理，等待派给承办部门",
    Status.DISPATCHED: "已派给承办部门",
    Status.ACCEPTED: "承办部门已接单",
    Status.HANDLING: "正在处理",
    Status.FEEDBACK: "已处理，等待核查",
    Status.CHECKING: "正在核查处理结果",
    Status.RETURNED: "正在重新确定承办部门",
    Status.REWORKING: "没有达到要求，正在重新处理",
    Status.SUSPENDED: "暂时无法处理，已登记，条件具备后继续",
    Status.CLOSED: "已办结，请您评价",
    Status.EVALUATED: "已办结，谢谢您的评价",
    Status.MERGED: "与此处的同类件合并办理",
    Status.VOIDED: "经核实不予办理，如有疑问请联系社区",
}
"""A status as the resident who reported the case reads it."""
ROLE: Final[dict[str, str]] = {
    Role.GRID_WORKER: "网格员",
    Role.COMMUNITY: "社区汇总",
    Role.STREET: "街道报单",
    Role.DISPATCHER: "派遣员（指挥中心）",
    Role.DEPARTMENT: "职能部门",
    Role.CHECKER: "核查员",
    Role.LEADER: "街道书记（督办）",
    Role.RESIDENT: "居民",
    Role.SYSTEM: "系统",
}
EVALUATION_SOURCE: Final[dict[str, str]] = {
    EvaluationSource.SELF: "自评",
    EvaluationSource.PEER: "互评",
    EvaluationSource.PUBLIC: "群众评",
    EvaluationSource.THIRD_PARTY: "第三方评",
}
ROUTE_COLOR: Final[dict[str, str]] = {
    RouteColor.BLUE: "蓝：网格解决",
    RouteColor.YELLOW: "黄：街道协调",
    RouteColor.RED: "红：部门或区级处置",
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
    BatchKind.DISPATCH_RULES: "派遣规则",
    BatchKind.LIST_ITEMS: "五项清单",
    BatchKind.SERVICE_ITEMS: "办理流程",
}
BATCH_STATUS: Final[dict[str, str]] = {
    BatchStatus.PREPARING: "准备中",
    BatchStatus.PUBLISHED: "已发布",
    BatchStatus.FAILED: "未发布",
    BatchStatus.UNDONE: "已撤销",
}

MOVE: Final[dict[str, str]] = {
    Move.VERIFY: "核实",
    Move.FILE: "立案",
    Move.DISPATCH: "派遣",
    Move.REASSIGN: "改派",
    Move.ACCEPT: "受理",
    Move.HANDLE: "开始处置",
    Move.HAND_OVER: "转办",
    Move.FEEDBACK: "反馈",
    Move.CHECK: "核查",
    Move.CLOSE: "结案",
    Move.REWORK: "返工",
    Move.RETURN: "退回",
    Move.SUSPEND: "挂账",
    Move.RESUME: "恢复",
    Move.ASK_EXTENSION: "申请延期",
    Move.GRANT_EXTENSION: "批准延期",
    Move.REFUSE_EXTENSION: "不同意延期",
    Move.SUPERVISE: "督办",
    Move.END_SUPERVISE: "解除督办",
    Move.MERGE: "合并",
    Move.UNMERGE: "取消合并",
    Move.VOID: "作废",
    Move.EVALUATE: "评价",
    Move.APPEAL: "申诉",
}
ACTION: Final[dict[str, str]] = {
    **MOVE,
    "report": "上报",
    "import": "接入",
    "update": "更新资料",
    "void": "作废",
    "restore": "恢复",
    "recode": "重新落格",
    "reckon": "时限重算",
}
"""What an entry of an event's log does (``event_fold.Action``, or a move of the loop)."""
DATA_FLAG: Final[dict[str, str]] = {
    "closed_before_reported": "结案早于上报",
    "due_before_reported": "截止早于上报",
    "open_with_end": "未结案却有结案时间",
    "position_swapped": "经纬度颠倒，已更正",
}
"""Marks that an import puts on an event."""

LIST_TYPE: Final[dict[str, str]] = {
    ListType.STATUTORY: "依法履职清单",
    ListType.ASSIST: "协助事项清单",
    ListType.SELF_GOVERN: "自治事项清单",
    ListType.PURCHASE: "购买服务清单",
    ListType.NEGATIVE: "负面清单",
}
"""Names of the five lists (ours): a street puts its own in their place, see ``lists.titles``."""
REVIEW_STAGE: Final[dict[str, str]] = {
    ReviewStage.REPORT_1: "一报",
    ReviewStage.REVIEW_1: "一审",
    ReviewStage.REPLY_1: "一回",
    ReviewStage.REPORT_2: "二报",
    ReviewStage.REVIEW_2: "二审",
    ReviewStage.REPLY_2: "二回",
    ReviewStage.REPORT_3: "三报",
    ReviewStage.REVIEW_3: "三审",
    ReviewStage.REPLY_3: "三回",
    ReviewStage.PUBLISHED: "公示",
}
"""三报三审三回一公示. That the rounds follow each other in this order is ours."""
LIST_STATUS: Final[dict[str, str]] = {
    ListStatus.REVIEWING: "审议中",
    ListStatus.IN_FORCE: "现行",
    ListStatus.REMOVED: "已取消",
}
SERVICE_MODE: Final[dict[str, str]] = {
    ServiceMode.IMMEDIATE: "立即办",
    ServiceMode.PROMISED: "承诺办",
    ServiceMode.FORWARDED: "报送办",
}
WHISTLE_KIND: Final[dict[str, str]] = {
    WhistleKind.RESIDENTS: "群众反映强烈、街道难以解决",
    WhistleKind.JOINT: "联合执法",
    WhistleKind.EMERGENCY: "应急处置",
}
WHISTLE_ACT: Final[dict[str, str]] = {
    WhistleAct.BLOW: "吹哨",
    WhistleAct.ARRIVE: "报到",
    WhistleAct.RETURN: "退回",
    WhistleAct.FINISH: "办结",
    WhistleAct.SCORE: "评分",
    WhistleAct.WITHDRAW: "撤回吹哨",
    WhistleAct.UNDO: "撤销",
    WhistleAct.RECKON: "时限重算",
}
WHISTLE_STANDING: Final[dict[str, str]] = {
    WhistleStanding.ABSENT: "没报到",
    WhistleStanding.WORKING: "没办结",
    WhistleStanding.DONE: "已办结",
    WhistleStanding.WITHDRAWN: "已撤回",
}
CALLED_STANDING: Final[dict[str, str]] = {
    CalledStanding.CALLED: "没报到",
    CalledStanding.ARRIVED: "已报到",
    CalledStanding.RETURNED: "已退回",
    CalledStanding.DONE: "已办结",
}
LADDER_COLOR: Final[dict[str, str]] = {
    LadderColor.BLUE: "正常",
    LadderColor.YELLOW: "临近",
    LadderColor.RED: "超时",
}


def label(table: dict[str, str], key: str | None) -> str:
    """The Chinese label of ``key``; the key itself where the table has none, a dash for nothing."""
    return DASH if not key else table.get(key, key)
