"""One search box: places, stations, classes and events by name, number, code or pinyin initials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from data.filter import MAX_TEXT, Filter
from data.initials import initials
from data.labels import LEVEL, SOURCE, STATION_KIND, STATUS, label
from data.queries.conditions import where_clauses
from data.queries.names import in_force, place_names, source_name
from data.queries.tables import DIVISION, EVENT, EVENT_CLASS, SOURCE_STATE, STATION, Condition
from data.vocabulary import Level

EVENT_ZOOM: Final = 18
STATION_ZOOM: Final = 17
LEVEL_ZOOM: Final[dict[str, int]] = {
    Level.DISTRICT: 11,
    Level.STREET: 13,
    Level.COMMUNITY: 15,
    Level.GRID: 17,
}
_AFTER_ALL: Final = "\uffff"
_NEWEST_FIRST: Final[list[ColumnElement[object]]] = [EVENT.c.reported_at.desc(), EVENT.c.id.desc()]
_MOST_TITLES: Final = 5_000
"""Of how many open events, the newest ones, the initials are read."""


class HitKind(StrEnum):
    DIVISION = "division"
    STATION = "station"
    EVENT = "event"
    CLASS = "class"


@dataclass(frozen=True, kw_only=True)
class Hit:
    """``key``: code of a division or class, id of a station or event (as text)."""

    kind: HitKind
    key: str
    title: str
    subtitle: str
    lon: float | None
    lat: float | None
    zoom: int | None


def search(*, session: Session, text: str, limit: int = 10) -> list[Hit]:
    """What ``text`` may mean, best first.

    Event numbers (from their beginning) and codes, then names and pinyin initials of divisions, stations and
    classes, and at last words, any part of the number and the pinyin initials of the title of open events.
    """
    wanted = text.strip()[:MAX_TEXT]
    if not wanted:
        return []
    ways: tuple[Callable[[Session, str, int], Iterator[Hit]], ...] = (
        _events_by_number, _divisions, _stations, _classes, _open_events, _open_initials,
    )  # fmt: skip
    hits: dict[tuple[HitKind, str], Hit] = {}
    for way in ways:
        if len(hits) >= limit:
            break
        for hit in way(session, wanted, limit - len(hits)):
            hits.setdefault((hit.kind, hit.key), hit)
    return list(hits.values())[:limit]


def _events_by_number(session: Session, text: str, limit: int) -> Iterator[Hit]:
    known = set(session.execute(select(SOURCE_STATE.c.source)).scalars()) | set(SOURCE)
    for beginning in dict.fromkeys((text, text.upper(), text.lower())):
        # Source by source, since the unique index over (source, number) begins with the source.
        yield from _events(
            session,
            [
                EVENT.c.source.in_(sorted(known)),
                EVENT.c.external_no >= beginning,
                EVENT.c.external_no < beginning + _AFTER_ALL,
            ],
            [EVENT.c.external_no, EVENT.c.source],
            limit,
        )


def _open_events(session: Session, text: str, limit: int) -> Iterator[Hit]:
    if len(text) < 2:
        return
    conditions = where_clauses(session, Filter(text=text), datetime.now(UTC))
    yield from _events(session, conditions, _NEWEST_FIRST, limit)


def _open_initials(session: Session, text: str, limit: int) -> Iterator[Hit]:
    """Open events by the initials of their title, which are stored nowhere: the open ones are few."""
    if len(text) < 2 or not (text.isascii() and text.isalnum()) or text.isdigit():
        return
    opened = select(EVENT.c.id, EVENT.c.title).where(*where_clauses(session, Filter(), datetime.now(UTC)))
    rows = session.execute(opened.order_by(*_NEWEST_FIRST).limit(_MOST_TITLES))
    found = list(islice((row.id for row in rows if text.lower() in initials(row.title)), limit))
    if found:
        yield from _events(session, [EVENT.c.id.in_(found)], _NEWEST_FIRST, limit)


def _events(
    session: Session, conditions: list[Condition], order: list[ColumnElement[object]], limit: int
) -> Iterator[Hit]:
    names = ("id", "source", "external_no", "title", "status", "code", "lon", "lat")
    columns = select(*(EVENT.c[name] for name in names))
    rows = session.execute(columns.where(*conditions).order_by(*order).limit(limit)).all()
    places = place_names(session, {row.code for row in rows})
    for row in rows:
        number = f"{source_name(row.source)} {row.external_no}"
        yield Hit(
            kind=HitKind.EVENT,
            key=str(row.id),
            title=row.title,
            subtitle=f"{number} · {label(STATUS, row.status)} · {places[row.code]}",
            lon=row.lon,
            lat=row.lat,
            zoom=EVENT_ZOOM if row.lon is not None else None,
        )


def _divisions(session: Session, text: str, limit: int) -> Iterator[Hit]:
    named = [DIVISION.c.name, DIVISION.c.short_name]
    columns = select(
        DIVISION.c.code, DIVISION.c.level, DIVISION.c.short_name, DIVISION.c.lon, DIVISION.c.lat
    ).where(_matches(text, named, DIVISION.c.initials, DIVISION.c.code), in_force())
    ordered = columns.order_by(*_nearest_first(text, DIVISION.c.short_name, DIVISION.c.code), DIVISION.c.code)
    rows = session.execute(ordered.limit(limit)).all()
    places = place_names(session, {row.code for row in rows})
    for row in rows:
        yield Hit(
            kind=HitKind.DIVISION,
            key=row.code,
            title=row.short_name,
            subtitle=f"{label(LEVEL, row.level)} · {places[row.code]}",
            lon=row.lon,
            lat=row.lat,
            zoom=LEVEL_ZOOM[row.level] if row.lon is not None else None,
        )


def _stations(session: Session, text: str, limit: int) -> Iterator[Hit]:
    columns = select(
        STATION.c.id, STATION.c.kind, STATION.c.name, STATION.c.code, STATION.c.lon, STATION.c.lat
    ).where(_matches(text, [STATION.c.name], STATION.c.initials, STATION.c.external_no))
    ordered = columns.order_by(*_nearest_first(text, STATION.c.name, STATION.c.external_no), STATION.c.id)
    rows = session.execute(ordered.limit(limit)).all()
    places = place_names(session, {row.code for row in rows})
    for row in rows:
        yield Hit(
            kind=HitKind.STATION,
            key=str(row.id),
            title=row.name,
            subtitle=f"{label(STATION_KIND, row.kind)} · {places[row.code]}",
            lon=row.lon,
            lat=row.lat,
            zoom=STATION_ZOOM if row.lon is not None else None,
        )


def _classes(session: Session, text: str, limit: int) -> Iterator[Hit]:
    columns = select(EVENT_CLASS.c.code, EVENT_CLASS.c.major, EVENT_CLASS.c.minor)
    rows = session.execute(columns.where(EVENT_CLASS.c.valid_to.is_(None)).order_by(EVENT_CLASS.c.code))
    wanted = text.lower()
    found = (
        row
        for row in rows
        if row.code == text or wanted in row.minor.lower() or wanted in initials(row.minor)
    )
    for row in islice(found, limit):
        yield Hit(
            kind=HitKind.CLASS,
            key=row.code,
            title=row.minor,
            subtitle=f"事件类别 · {row.major}",
            lon=None,
            lat=None,
            zoom=None,
        )


def _matches(
    text: str,
    names: Sequence[ColumnElement[str]],
    stored: ColumnElement[str],
    number: ColumnElement[str],
) -> Condition:
    ways = [name.icontains(text, autoescape=True) for name in names]
    ways.append(func.lower(number) == text.lower())
    if text.isascii():
        # The initials of the whole name come first, so those of a later word count as well.
        ways.append(func.lower(stored).contains(text.lower(), autoescape=True))
    return or_(*ways)


def _nearest_first(
    text: str, name: ColumnElement[str], number: ColumnElement[str]
) -> list[ColumnElement[object]]:
    return [(number != text), (name != text), ~name.startswith(text, autoescape=True), func.length(name)]
