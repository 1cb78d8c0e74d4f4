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
