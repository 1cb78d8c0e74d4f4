"""The closed word lists of the field, as English identifiers. Their Chinese labels are in ``labels``."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """Level of a division, from the length of its code (GB/T 2260, GB/T 10114, 网格 +3)."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"


CODE_LENGTH: Final[dict[Level, int]] = {
    Level.DISTRICT: 6,
    Level.STREET: 9,
    Level.COMMUNITY: 12,
    Level.GRID: 15,
}


class Basis(StrEnum):
    """What makes an event belong to a number: open as of now, or something that fell in a period."""

    OPEN = "open"
    REPORTED = "reported"
    DUE = "due"
    CLOSED = "closed"


class Missing(StrEnum):
    """What an event lacks: an area below the one in view (未落格), or a position (无坐标)."""

    CODE = "code"
    POSITION = "position"


class Mark(StrEnum):
    """What became of an event beside its status; the rows behind the counts of ``data.counted``."""

    REWORKED = "reworked"
    RESPOND_DUE = "respond_due"
    RESPONDED = "responded"
    CALLED_BACK = "called_back"
    SOLVED = "solved"
    RATED = "rated"
    SATISFIED = "satisfied"
    ARRIVED = "arrived"


class RuleKind(StrEnum):
    """What a rule watches (``data.rules``)."""

    TWO_WEEKS_WORSE = "two_weeks_worse"
    THRESHOLD_NOW = "threshold_now"
    SURGE = "surge"
    REPEAT = "repeat"
    OVERDUE_LADDER = "overdue_ladder"
    SENSOR_LIMIT = "sensor_limit"
    WHISTLE_LADDER = "whistle_ladder"
    EVENT_CLASS = "event_class"
    SYSTEM_FAILURE = "system_failure"


class TokenScope(StrEnum):
    """What a token of the interface may send."""

    CASES = "cases"
    READINGS = "readings"


class Weekly(StrEnum):
    """What the readings of a week make: of those that add up their sum, of others one of the rest."""

    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    LAST = "last"


class RiskColor(StrEnum):
    """Levels of risk (红黄蓝, DOMAIN section 3), the worst first."""

    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"


class AlertState(StrEnum):
    """How far people have come with an alert."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ORDERED = "ordered"
    RESOLVED = "resolved"


class Status(StrEnum):
    """Lifecycle of an event."""

    REPORTED = "reported"
    FILED = "filed"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    CHECKING = "checking"
    RETURNED = "returned"
    REWORKING = "reworking"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    EVALUATED = "evaluated"
    MERGED = "merged"
    VOIDED = "voided"


ENDED: Final = frozenset({Status.CLOSED, Status.EVALUATED, Status.MERGED, Status.VOIDED})
"""Statuses in which an event is no longer 在办; exactly these carry ``ended_at``."""
CLOSED: Final = frozenset({Status.CLOSED, Status.EVALUATED})
"""Statuses that count as 结案."""
HANDED_BACK: Final = frozenset({Status.FEEDBACK, Status.CHECKING})
"""Statuses in which the department has handed back: whether that was in time is judged already."""


class Stage(StrEnum):
    """The seven standard stages of a case, DOMAIN section 3."""

    COLLECT = "collect"
    FILE = "file"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    FEEDBACK = "feedback"
    CHECK = "check"
    RATE = "rate"


STAGE_STATUSES: Final[dict[Stage, frozenset[Status]]] = {
    Stage.COLLECT: frozenset({Status.REPORTED}),
    Stage.FILE: frozenset({Status.FILED}),
    Stage.DISPATCH: frozenset({Status.DISPATCHED, Status.RETURNED}),
    Stage.HANDLE: frozenset({Status.ACCEPTED, Status.HANDLING, Status.REWORKING, Status.SUSPENDED}),
    Stage.FEEDBACK: frozenset({Status.FEEDBACK}),
    Stage.CHECK: frozenset({Status.CHECKING}),
    Stage.RATE: CLOSED,
}
"""Which statuses stand in which stage: every open status in exactly one of the first six."""


class Move(StrEnum):
    """What may be done with a case: who may, from where, with what effect stands in ``lifecycle.moves``."""

    VERIFY = "verify"
    FILE = "file"
    DISPATCH = "dispatch"
    REASSIGN = "reassign"
    ACCEPT = "accept"
    HANDLE = "handle"
    HAND_OVER = "hand_over"
    FEEDBACK = "feedback"
    CHECK = "check"
    CLOSE = "close"
    REWORK = "rework"
    RETURN = "return"
    SUSPEND = "suspend"
    RESUME = "resume"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    SUPERVISE = "supervise"
    END_SUPERVISE = "end_supervise"
    MERGE = "merge"
    UNMERGE = "unmerge"
    VOID = "void"
    EVALUATE = "evaluate"
    APPEAL = "appeal"


class Role(StrEnum):
    """What a person is in the loop, from their post (``data.lifecycle.person``). DOMAIN sections 1 and 3."""

    GRID_WORKER = "grid_worker"
    COMMUNITY = "community"
    STREET = "street"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "department"
    CHECKER = "checker"
    LEADER = "leader"
    RESIDENT = "resident"
    SYSTEM = "system"


class EvaluationSource(StrEnum):
    """Who judges a department or an area (四源, DOMAIN section 7 no. 6)."""

    SELF = "self"
    PEER = "peer"
    PUBLIC = "public"
    THIRD_PARTY = "third_party"


class RouteColor(StrEnum):
    """分色处置 (ours, DOMAIN section 3): who solves the case."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


class SlaColor(StrEnum):
    """Where an event stands against its deadline at a moment; see ``clock.sla_color``."""

    OVERDUE = "overdue"
    SOON = "soon"
    IN_TIME = "in_time"
    NO_LIMIT = "no_limit"
    SUSPENDED = "suspended"
    DONE = "done"
    DONE_LATE = "done_late"


class Urgency(StrEnum):
    URGENT = "urgent"
    NORMAL = "normal"


class ClockType(StrEnum):
    """How a limit counts: always, in working hours, in working days, in calendar days."""

    URGENT_HOURS = "urgent_hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


class StationKind(StrEnum):
    """Kinds of service station, DOMAIN section 5."""

    STREET_CENTRE = "street_centre"
    COMMUNITY_CENTRE = "community_centre"
    SERVICE_STATION = "service_station"
    SOCIAL_WORK = "social_work"
    SERVICE_POINT = "service_point"
    PARTY_CENTRE = "party_centre"
    RED_STATION = "red_station"
    MICRO_POINT = "micro_point"
    SELF_SERVICE = "self_service"


class BatchStatus(StrEnum):
    PREPARING = "preparing"
    PUBLISHED = "published"
    FAILED = "failed"
    UNDONE = "undone"


class BatchKind(StrEnum):
    DEMO = "demo"
    DIVISIONS = "divisions"
    STATIONS = "stations"
    EVENTS = "events"
    DEPARTMENTS = "departments"
    EVENT_CLASSES = "event_classes"
    STAFF = "staff"
    DISPATCH_RULES = "dispatch_rules"
    LIST_ITEMS = "list_items"
    SERVICE_ITEMS = "service_items"


class ListType(StrEnum):
    """五项清单. The paper's own names of the five lists are not known to us: these are ours (``labels``)."""

    STATUTORY = "statutory"
    ASSIST = "assist"
    SELF_GOVERN = "self_govern"
    PURCHASE = "purchase"
    NEGATIVE = "negative"


class ReviewStage(StrEnum):
    """三报三审三回一公示 in its order: three rounds of report, review and reply, then the public notice."""

    REPORT_1 = "report_1"
    REVIEW_1 = "review_1"
    REPLY_1 = "reply_1"
    REPORT_2 = "report_2"
    REVIEW_2 = "review_2"
    REPLY_2 = "reply_2"
    REPORT_3 = "report_3"
    REVIEW_3 = "review_3"
    REPLY_3 = "reply_3"
    PUBLISHED = "published"


class ListStatus(StrEnum):
    """A line is under review until the public notice, then in force until it is removed (取消)."""

    REVIEWING = "reviewing"
    IN_FORCE = "in_force"
    REMOVED = "removed"


class ServiceMode(StrEnum):
    """立即办, 承诺办, 报送办 (001)."""

    IMMEDIATE = "immediate"
    PROMISED = "promised"
    FORWARDED = "forwarded"
