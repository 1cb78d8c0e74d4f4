"""All tables. Importing this package registers them with SQLModel's metadata."""

from data.models.alert import Alert, AlertLog, ResponsePlan, Rule
from data.models.batch import DataState, ImportBatch, ImportChange, ImportReject, SourceState
from data.models.calendar import CalendarChange, CalendarDay, CalendarHours
from data.models.dispatch import DispatchRule
from data.models.event import AreaWeek, Event, EventLog
from data.models.indicator import AreaWeekCount, CountDefinition, Indicator, IndicatorReading
from data.models.intake import EventLink, IntakeRequest, IntakeToken
from data.models.lists import ListItem, ListItemLog, ListTitle, ServiceItem
from data.models.loop import ChainHead, Evaluation, EventAttachment, LogAnchor, LoopRule
from data.models.notice import Notice, Receiver
from data.models.organisation import Department, EventClass, Staff
from data.models.place import Division, Station
from data.models.reading import Reading, ReadingWeek, Sensor
from data.models.reporting import ContactReveal, ReportCounter, ReportRate, ReportReceipt, ResidentContact
from data.models.setting import SettingChange
from data.models.whistle import Whistle, WhistleDepartment, WhistleEvent, WhistleLog
from data.models.worker import WorkerJob, WorkerLease

__all__ = [
    "Alert",
    "AlertLog",
    "AreaWeek",
    "AreaWeekCount",
    "CalendarChange",
    "CalendarDay",
    "CalendarHours",
    "ChainHead",
    "ContactReveal",
    "CountDefinition",
    "DataState",
    "Department",
    "DispatchRule",
    "Division",
    "Evaluation",
    "Event",
    "EventAttachment",
    "EventClass",
    "EventLink",
    "EventLog",
    "ImportBatch",
    "ImportChange",
    "ImportReject",
    "Indicator",
    "IndicatorReading",
    "IntakeRequest",
    "IntakeToken",
    "ListItem",
    "ListItemLog",
    "ListTitle",
    "LogAnchor",
    "LoopRule",
    "Notice",
    "Reading",
    "ReadingWeek",
    "Receiver",
    "ReportCounter",
    "ReportRate",
    "ReportReceipt",
    "ResidentContact",
    "ResponsePlan",
    "Rule",
    "Sensor",
    "ServiceItem",
    "SettingChange",
    "SourceState",
    "Staff",
    "Station",
    "Whistle",
    "WhistleDepartment",
    "WhistleEvent",
    "WhistleLog",
    "WorkerJob",
    "WorkerLease",
]
