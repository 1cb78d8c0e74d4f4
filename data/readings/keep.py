"""Writes readings that were judged: each once, whatever is delivered again; the first of two values stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, bindparam, select, update
from sqlmodel import Session

from data.bulk import insert_rows, listed
from data.imports.rejects import Reject
from data.models import Reading, Sensor
from data.readings.judge import Channel, Judged
from data.readings.read import refusal
from data.readings.weeks import add_to_weeks

_READING: Final[Table] = Reading.__table__  # type: ignore[attr-defined]
_SENSOR: Final[Table] = Sensor.__table__  # type: ignore[attr-defined]

Key = tuple[str, str, datetime]
"""Number of the sensor, name of the count, moment."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What became of the rows: lines that are new, lines that were known already, and refusals."""

    new: list[int]
    same: list[int]
    refused: list[Reject]


def keep(session: Session, judged: Sequence[Judged], *, source: str, now: datetime) -> Kept:
    """Writes what is new, in the caller's write session. A reading that is there already changes nothing;
    one that says something else than the one that is there is refused.
    """
    by_key, by_number = _standing(session, judged, source)
    kept = Kept(new=[], same=[], refused=[])
    fresh: list[Judged] = []
    for one in judged:
        key = (*one.channel, one.at)
        numbered = by_number.get(one.external_no) if one.external_no else None
        there = by_key.get(key)
        if numbered is not None and numbered != (key, one.value):
            kept.refused.append(_refused(one, "external_no", "读数编号已用于另一条读数，保留先到的",
                                         "请给每条读数不同的编号"))  # fmt: skip
        elif there is not None and there != one.value:
            reason = f"这个传感器这一时刻已有读数 {there:g}，保留先到的"
            kept.refused.append(_refused(one, "value", reason, "同一时刻只能有一个值，请核对"))
        elif there is not None:
            kept.same.append(one.line)
        else:
            by_key[key] = one.value
            if one.external_no:
                by_number[one.external_no] = (key, one.value)
            fresh.append(one)
            kept.new.append(one.line)
    if fresh:
        insert_rows(
            session.connection(), _READING,
            [
                {"source": source, "number": one.number, "name": one.name, "at": one.at, "value": one.value,
                 "code": one.code, "external_no": one.external_no, "received_at": now}
                for one in fresh
            ],
        )  # fmt: skip
        _tell_sensors(session, fresh, source)
        add_to_weeks(session, fresh)
    return kept


def _refused(one: Judged, name: str, reason: str, advice: str) -> Reject:
    return refusal(one.line, name, one.cells.get(name, ""), reason, advice, dict(one.cells))


def _standing(
    session: Session, judged: Sequence[Judged], source: str
) -> tuple[dict[Key, float], dict[str, tuple[Key, float]]]:
    """The readings that are there at these moments or under these numbers, each found by an index."""
    connection = session.connection()
    rows: list[Any] = []
    wanted = [_READING.c[name] for name in ("number", "name", "at", "value", "external_no")]
    for condition in _moments(connection, judged):
        rows += connection.execute(select(*wanted).where(_READING.c.source == source, condition))
    numbers = sorted({one.external_no for one in judged if one.external_no})
    if numbers:
        its = _READING.c.external_no.in_(listed(connection, numbers))
        rows += connection.execute(select(*wanted).where(_READING.c.source == source, its))
    by_key = {(row.number, row.name, row.at): row.value for row in rows}
    by_number = {
        row.external_no: ((row.number, row.name, row.at), row.value) for row in rows if row.external_no
    }
    return by_key, by_number


def _moments(connection: Any, judged: Iterable[Judged]) -> list[ColumnElement[bool]]:
    """By sensor or by moment, whichever makes fewer questions."""
    by_channel: dict[Channel, set[datetime]] = defaultdict(set)
    by_moment: dict[tuple[str, datetime], set[str]] = defaultdict(set)
    for one in judged:
        by_channel[one.channel].add(one.at)
        by_moment[one.name, one.at].add(one.number)
    if len(by_channel) <= len(by_moment):
        return [
            (_READING.c.number == number) & (_READING.c.name == name) & _READING.c.at.in_(sorted(moments))
            for (number, name), moments in by_channel.items()
        ]
    return [
        (_READING.c.name == name)
        & (_READING.c.at == at)
        & _READING.c.number.in_(listed(connection, sorted(numbers)))
        for (name, at), numbers in by_moment.items()
    ]


def _tell_sensors(session: Session, fresh: Sequence[Judged], source: str) -> None:
    """What each sensor said last, and where it stood then; a reading that comes late changes neither."""
    newest: dict[Channel, Judged] = {}
    for one in fresh:
        if one.channel not in newest or one.at >= newest[one.channel].at:
            newest[one.channel] = one
    connection = session.connection()
    numbers = listed(connection, sorted({number for number, _ in newest}))
    known = {
        (row.number, row.name): row
        for row in connection.execute(
            select(_SENSOR).where(_SENSOR.c.source == source, _SENSOR.c.number.in_(numbers))
        )
    }
    added, changed = [], []
    for (number, name), one in newest.items():
        says = {"code": one.code, "newest_at": one.at, "newest_value": one.value}
        there = known.get((number, name))
        if there is None:
            added.append(
                {"source": source, "number": number, "name": name, **says, "label": one.label, "lon": one.lon,
                 "lat": one.lat}
            )  # fmt: skip
            continue
        if one.at < there.newest_at:
            continue
        stands = one if one.lon is not None or one.code != there.code else there
        says |= {"label": one.label or there.label, "lon": stands.lon, "lat": stands.lat}
        changed.append({"_number": number, "_name": name, **says})
    insert_rows(connection, _SENSOR, added)
    if changed:
        is_this = (
            _SENSOR.c.source == source, _SENSOR.c.number == bindparam("_number"),
            _SENSOR.c.name == bindparam("_name"),
        )  # fmt: skip
        connection.execute(update(_SENSOR).where(*is_this), changed)
