"""What would become of a report, while somebody is still typing it. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from data.calendar import read_calendar
from data.clock import deadline
from data.dispatch import Decision, decide, limit_text
from data.event_base import zone_of
from data.lifecycle import Duplicate, suggest_duplicates
from data.models import Department
from data.queries.names import place_names
from data.reporting.place import place_at

OUTSIDE = "这里不在本区任何网格内：照样可以上报，将进入未落格队列，由指挥中心核定位置"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Grid and its names, open cases that may be the same, and who would handle it by when.

    ``code`` '' and ``outside`` a sentence where the position lies in no division. ``decision`` is None while
    no class is chosen; ``department`` its name, '' where a person has to choose; ``refused``: the sentence of
    the negative list, '' where nothing forbids. ``due_at`` None: no limit; ``notice``: a sentence where
    the holidays of its year are not published yet.
    """

    code: str
    place: str
    outside: str
    duplicates: tuple[Duplicate, ...] = ()
    decision: Decision | None = None
    department: str = ""
    limit: str = ""
    due_at: datetime | None = None
    notice: str = ""
    refused: str = ""


def draft(
    session: Session,
    *,
    lon: float | None,
    lat: float | None,
    class_code: str,
    as_of: datetime,
    code: str = "",
) -> Draft:
    """What would become of a report at a position in degrees (``code`` where there is none) at ``as_of``."""
    if lon is not None and lat is not None:
        code = place_at(session, lon=lon, lat=lat)
    place, outside = place_names(session, {code})[code], "" if code else OUTSIDE
    if not class_code:
        return Draft(code=code, place=place, outside=outside)
    decision = decide(session, class_code=class_code, code=code, on=as_of.astimezone(zone_of(session)).date())
    found = session.get(Department, decision.department_code) if decision.department_code else None
    name = "" if found is None else found.name
    due_at, notice = _due(session, decision, code, as_of)
    return Draft(
        code=code,
        place=place,
        outside=outside,
        duplicates=tuple(
            suggest_duplicates(session, class_code=class_code, lon=lon, lat=lat, reported_at=as_of)
        ),
        decision=decision,
        department=name,
        limit=limit_text(decision.limit_hours, decision.clock_type),
        due_at=due_at,
        notice=notice,
        refused="" if decision.refused_by is None else decision.refused_by.says(name),
    )


def _due(session: Session, decision: Decision, code: str, as_of: datetime) -> tuple[datetime | None, str]:
    """The deadline, and what its calendar does not know yet."""
    if decision.limit_hours is None:
        return None, ""
    calendar = read_calendar(session, area_code=code)
    found = deadline(
        reported_at=as_of,
        limit_hours=decision.limit_hours,
        clock_type=decision.clock_type,
        calendar=calendar,
    )
    return found.due_at, calendar.notice_of(found.due_at, decision.clock_type)
