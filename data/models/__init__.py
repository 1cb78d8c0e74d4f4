"""All tables. Importing this package registers them with SQLModel's metadata."""

from data.models.batch import DataState, ImportBatch, ImportChange, ImportReject, SourceState
from data.models.event import AreaWeek, Event, EventLog
from data.models.organisation import Department, EventClass, Staff
from data.models.place import Division, Station

__all__ = [
    "AreaWeek",
    "DataState",
    "Department",
    "Division",
    "Event",
    "EventClass",
    "EventLog",
    "ImportBatch",
    "ImportChange",
    "ImportReject",
    "SourceState",
    "Staff",
    "Station",
]
