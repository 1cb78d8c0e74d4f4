"""Rules over readings: what sensors said last, and what was entered by week."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, Table, and_, column, func, select, values
from sqlmodel import Session

from data.indicators.counts import NamedCount, named_counts
from data.models import IndicatorReading, Reading, Sensor
from data.models.base import UtcDateTime
from data.queries.days import local_day, monday, zone_of
from data.queries.names import place_names
from data.rules.found import Cause
from data.rules.parameters import SensorLimit
from data.rules.store import RuleSpec

_ENTERED: Final[Table] = IndicatorReading.__table__  # type: ignore[attr-defined]
_READING: Final[Table] = Reading.__table__  # type: ignore[attr-defined]
_SENSOR: Final[Table] = Sensor.__table__  # type: ignore[attr-defined]
_AT_ONCE: Final = 500
_LONGEST_KEY: Final = 96
"""Of a cause, as its column has it."""

Channel = tuple[str, str]
"""Source and number of a sensor."""


def sensor_limit(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Sensors whose newest reading is beyond its limits, and areas whose newest entered week is.

    A sensor counts while its newest reading is not older than ``fresh_hours``, and, with ``for_minutes``,
    once its readings have been beyond for so long; what was entered counts for ``fresh_weeks``.
    """
    wanted = rule.parameters
    assert isinstance(wanted, SensorLimit)  # noqa: S101  the kind decides the type
    count = named_counts(session=session).get(wanted.count)
    if count is None:
        return []
    return [*_measured(session, rule, wanted, count, as_of), *_entered(session, rule, wanted, count, as_of)]


def why_over(session: Session, rule: RuleSpec, row: Any, as_of: datetime) -> str:
    """Why an alert of such a rule is over: back within limits, nothing new for too long, or another rule."""
    wanted = rule.parameters
    assert isinstance(wanted, SensorLimit)  # noqa: S101  the kind decides the type
    count = named_counts(session=session).get(wanted.count)
    if count is None:
        return "监测项已不在"
    evidence = json.loads(row.evidence)
    if "summary" in evidence:
        return "各处的最新读数已回到限值以内，或没有新的读数"
    if "sensor" in evidence:
        its = (
            _SENSOR.c.source == evidence["source"], _SENSOR.c.number == evidence["sensor"],
            _SENSOR.c.name == wanted.count,
        )  # fmt: skip
        sensor = session.execute(select(_SENSOR).where(*its)).one_or_none()
        if sensor is None:
            return "传感器的读数已不在"
        when = _moment(sensor.newest_at, zone_of(session))
        if sensor.newest_at < as_of - timedelta(hours=wanted.fresh_hours):
            return f"传感器已超过 {wanted.fresh_hours:g} 小时没有新读数，最后一次是 {when}"
        if (
            beyond(sensor.newest_value, wanted)
            and wanted.for_minutes
            and not _since(session, [sensor], wanted)
        ):
            return f"其间的读数曾回到限值以内，又越线还不满 {wanted.for_minutes:g} 分钟"
        value, said = sensor.newest_value, f"{when} 的读数"
    else:
        found = [one for one in _newest_weeks(session, wanted, as_of) if one.code == row.code]
        if not found:
            return f"{wanted.fresh_weeks} 周没有新填报的数"
        value, said = found[0].value, f"{found[0].week.isoformat()} 一周的数"
    if beyond(value, wanted):
        return "规则已改，现在的读数不再触发"
    return f"{said} {value:g} {count.unit} 已回到限值以内"


def beyond(value: float, wanted: SensorLimit) -> str:
    """How a value is beyond the limits, in words; '' where it is not."""
    if wanted.above is not None and value > wanted.above:
        return f"高于 {wanted.above:g}"
    if wanted.below is not None and value < wanted.below:
        return f"低于 {wanted.below:g}"
    return ""


def _measured(
    session: Session, rule: RuleSpec, wanted: SensorLimit, count: NamedCount, as_of: datetime
) -> list[Cause]:
    fresh = select(_SENSOR).where(
        _SENSOR.c.name == wanted.count, _SENSOR.c.newest_at >= as_of - timedelta(hours=wanted.fresh_hours)
    )
    rows = session.execute(fresh.order_by(_SENSOR.c.source, _SENSOR.c.number)).all()
    rows = [row for row in rows if beyond(row.newest_value, wanted)]
    since = _since(session, rows, wanted) if wanted.for_minutes else {}
    if wanted.for_minutes:
        rows = [row for row in rows if (row.source, row.number) in since]
    places, zone = place_names(session, {row.code for row in rows}), zone_of(session)
    return [
        _cause(rule, count, row, since.get((row.source, row.number)), places[row.code], zone) for row in rows
    ]


def _since(session: Session, sensors: Sequence[Any], wanted: SensorLimit) -> dict[Channel, datetime]:
    """Since when at least all readings of these sensors are beyond; without those that are not so for
    ``for_minutes`` yet.

    Looks back no further than it has to, in one statement for ``_AT_ONCE`` sensors. After a pause of
    ``fresh_hours`` the time begins anew.
    """
    found: dict[Channel, datetime] = {}
    pause, lasts = timedelta(hours=wanted.fresh_hours), timedelta(minutes=wanted.for_minutes)
    for start in range(0, len(sensors), _AT_ONCE):
        at_once = [
            (one.source, one.number, one.newest_at - lasts, one.newest_at - lasts - pause)
            for one in sensors[start : start + _AT_ONCE]
        ]
        rows = session.execute(_readings_since_enough(wanted.count, at_once))
        for channel, readings in groupby(rows, key=lambda row: (row.source, row.number)):
            if (since := _beyond_since(list(readings), wanted, pause)) is not None:
                found[channel] = since
    return found


def _readings_since_enough(count: str, sensors: Sequence[tuple[str, str, datetime, datetime]]) -> Select[Any]:
    """The readings of sensors from the last one that is long ago enough, but not before the oldest moment;
    none of a sensor without such a one. Sensor by sensor, the newest first.
    """
    channel = column("source", String()), column("number", String())
    asked = values(*channel, column("enough", UtcDateTime()), column("oldest", UtcDateTime()), name="asked")
    sensor, at = asked.data(list(sensors)).cte().c, _READING.c.at

    def its(reading: Any) -> ColumnElement[bool]:
        c = reading.c
        return and_(c.source == sensor.source, c.number == sensor.number, c.name == count)

    before = _READING.alias()
    last_before = (
        select(func.max(before.c.at, type_=UtcDateTime()))
        .where(its(before), before.c.at <= sensor.enough, before.c.at >= sensor.oldest)
        .scalar_subquery()
    )
    return (
        select(sensor.source, sensor.number, at, _READING.c.value)
        .where(its(_READING), at >= last_before)
        .order_by(sensor.source, sensor.number, at.desc())
    )


def _beyond_since(readings: Sequence[Any], wanted: SensorLimit, pause: timedelta) -> datetime | None:
    """The oldest of these readings, the newest first, if all are beyond and no pause is longer."""
    if not all(beyond(one.value, wanted) for one in readings):
        return None
    if any(newer.at - older.at > pause for newer, older in pairwise(readings)):
        return None
    since: datetime = readings[-1].at
    return since


def _cause(
    rule: RuleSpec, count: NamedCount, row: Any, since: datetime | None, place: str, zone: ZoneInfo
) -> Cause:
    assert isinstance(rule.parameters, SensorLimit)  # noqa: S101  the kind decides the type
    said = beyond(row.newest_value, rule.parameters)
    name = f"{row.number}（{row.label}）" if row.label else row.number
    lasts = f"，{_moment(since, zone)} 起一直{said}" if since else ""
    stands = f"；位置 {row.lon:.5f}，{row.lat:.5f}" if row.lon is not None and row.lat is not None else ""
    key = f"sensor:{row.source}:{row.number}"
    if len(key) > _LONGEST_KEY:
        key = f"sensor:#{hashlib.sha256(key.encode()).hexdigest()}"
    return Cause(
        key=key,
        code=row.code,
        color=rule.color,
        owner=rule.owner,
        title=f"{place} {count.label} {row.newest_value:g} {count.unit}，{said}",
        detail=f"传感器 {name} {_moment(row.newest_at, zone)} 测得 {row.newest_value:g} {count.unit}{lasts}"
        f"；{place}{stands}",
        evidence={
            "formula": f"{count.label}{said}",
            "values": [row.newest_value],
            "source": row.source,
            "sensor": row.number,
            "at": row.newest_at.isoformat(),
        },
    )


def _entered(
    session: Session, rule: RuleSpec, wanted: SensorLimit, count: NamedCount, as_of: datetime
) -> list[Cause]:
    rows = [
        (row, said) for row in _newest_weeks(session, wanted, as_of) if (said := beyond(row.value, wanted))
    ]
    places = place_names(session, {row.code for row, _ in rows})
    return [
        Cause(
            key=row.code or "all",
            code=row.code,
            color=rule.color,
            owner=rule.owner,
            title=f"{places[row.code]} {count.label} {row.value:g} {count.unit}，{said}",
            detail=f"{row.week.isoformat()} 一周的读数，来源：{row.source or '未注明'}",
            evidence={
                "formula": f"{count.label}{said}",
                "values": [row.value],
                "weeks": [row.week.isoformat()],
            },
        )
        for row, said in rows
    ]


def _newest_weeks(session: Session, wanted: SensorLimit, as_of: datetime) -> list[Any]:
    """What was entered last for each area, not longer ago than ``fresh_weeks``."""
    oldest = monday(local_day(session, as_of)) - timedelta(weeks=wanted.fresh_weeks)
    newest = (
        select(_ENTERED.c.code, func.max(_ENTERED.c.week).label("week"))
        .where(_ENTERED.c.name == wanted.count, _ENTERED.c.week >= oldest)
        .group_by(_ENTERED.c.code)
        .subquery()
    )
    query = select(_ENTERED).join(
        newest, (newest.c.code == _ENTERED.c.code) & (newest.c.week == _ENTERED.c.week)
    )
    return list(session.execute(query.where(_ENTERED.c.name == wanted.count).order_by(_ENTERED.c.code)).all())


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%m-%d %H:%M")
