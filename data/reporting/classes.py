"""The classes as somebody with a phone chooses them: 大类, then 小类, the most reported of late first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, func, select
from sqlmodel import Session

from data.dispatch.tables import classes_on
from data.event_base import zone_of
from data.models import Event
from data.vocabulary import Status

DAYS: Final = 28
_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassTile:
    """A 小类; ``reports``: how often within ``DAYS``."""

    code: str
    name: str
    reports: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MajorTile:
    """A 大类 with its 小类."""

    name: str
    reports: int
    minors: tuple[ClassTile, ...]


def class_tiles(session: Session, *, as_of: datetime) -> list[MajorTile]:
    """Every class that holds on the local day, the most reported first, then by code. Reads one index."""
    today = as_of.astimezone(zone_of(session)).date()
    wanted = (
        select(_EVENT.c.class_code, func.count())
        .where(
            _EVENT.c.reported_day.between(today - timedelta(days=DAYS), today),
            _EVENT.c.status != Status.VOIDED.value,
        )
        .group_by(_EVENT.c.class_code)
    )
    counts: Counter[str] = Counter()
    for class_code, number in session.connection().execute(wanted):
        counts[class_code] = number
    by_major: dict[str, list[ClassTile]] = {}
    for one in classes_on(session, today):
        tile = ClassTile(code=one.code, name=one.minor, reports=counts[one.code])
        by_major.setdefault(one.major, []).append(tile)
    majors = [
        MajorTile(
            name=name,
            reports=sum(tile.reports for tile in tiles),
            minors=tuple(sorted(tiles, key=lambda tile: -tile.reports)),
        )
        for name, tiles in by_major.items()
    ]
    return sorted(majors, key=lambda major: -major.reports)
