"""All tables. Importing this package registers them with SQLModel's metadata."""

from data.models.batch import DataState, ImportBatch, ImportChange, ImportReject, SourceState
from data.models.event import AreaWeek, Event, EventLog
from data.models.loop import Evaluation, EventAttachment, LogAnchor, LoopRule
from data.models.organisation import Department, EventClass, Staff
from data.models.place import Division, Station

__all__ = [
    "AreaWeek",
    "DataState",
    "Department",
    "Division",
    "Evaluation",
    "Event",
    "EventAttachment",
    "EventClass",
    "EventLog",
    "ImportBatch",
    "ImportChange",
    "ImportReject",
    "LogAnchor",
    "LoopRule",
    "SourceState",
    "Staff",
    "Station",
]
