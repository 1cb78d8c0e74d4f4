"""One search box: places, stations, classes and events by name, number, code or pinyin initials."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session


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
    """What ``text`` may mean, best first: exact numbers and codes, then names, then initials, then open events."""
    raise NotImplementedError
