"""What the tables already hold that an import is judged against: divisions, classes, departments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlmodel import Session

from data.calendar import Calendars, read_calendars
from data.imports.mapping import plain_word
from data.models import Department, Division, EventClass
from data.models.base import column
from geo.locate import Locator


@dataclass(frozen=True, slots=True)
class KnownDivision:
    """A division in force, its shape in CGCS2000 degrees (None: never drawn)."""

    code: str
    name: str
    short_name: str
    shape: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class KnownClass:
    """An event class in force."""

    code: str
    major: str
    minor: str
    department_code: str
    urgency: str
    limit_hours: float | None
    clock_type: str


@dataclass(frozen=True)
class Known:
    """A snapshot of the reference tables."""

    divisions: tuple[KnownDivision, ...]
    classes: tuple[KnownClass, ...]
    departments: tuple[tuple[str, str], ...]
    calendars: Calendars

    @cached_property
    def outline(self) -> BaseGeometry | None:
        """Union of the divisions of the highest level that has shapes; None before the first boundaries."""
        drawn = [division for division in self.divisions if division.shape is not None]
        if not drawn:
            return None
        top = min(len(division.code) for division in drawn)
        return shapely.union_all([division.shape for division in drawn if len(division.code) == top])

    @cached_property
    def locator(self) -> Locator:
        return Locator([d.code for d in self.divisions], [d.shape for d in self.divisions])

    @cached_property
    def division_words(self) -> dict[str, str]:
        """Code and unique name → code."""
        names = [(d.code, d.code) for d in self.divisions]
        names += _unique((name, d.code) for d in self.divisions for name in {d.name, d.short_name})
        return {plain_word(name): code for name, code in names}

    @cached_property
    def class_by_code(self) -> dict[str, KnownClass]:
        return {known.code: known for known in self.classes}

    @cached_property
    def class_words(self) -> dict[str, str]:
        """Code (also without its leading zero), 大类/小类, and unique 小类 → code."""
        words = dict(_unique((known.minor, known.code) for known in self.classes))
        words |= {f"{known.major}/{known.minor}": known.code for known in self.classes}
        words |= {known.code.lstrip("0"): known.code for known in self.classes}
        words |= {known.code: known.code for known in self.classes}
        return {plain_word(word): code for word, code in words.items()}

    @cached_property
    def department_words(self) -> dict[str, str]:
        """Code and unique name → code."""
        words = dict(_unique((name, code) for code, name in self.departments))
        words |= {code: code for code, _ in self.departments}
        return {plain_word(word): code for word, code in words.items()}


def load_known(session: Session) -> Known:
    """The reference tables as they are in force."""
    divisions = session.execute(
        select(*map(column, (Division.code, Division.name, Division.short_name, Division.geometry)))
        .where(column(Division.valid_to).is_(None))
        .order_by(column(Division.code))
    ).all()
    classes = session.execute(
        select(
            *map(
                column,
                (
                    EventClass.code, EventClass.major, EventClass.minor,
                    EventClass.department_code, EventClass.urgency, EventClass.limit_hours,
                    EventClass.clock_type,
                ),
            )
        )
        .where(column(EventClass.valid_to).is_(None))
        .order_by(column(EventClass.code))
    ).all()  # fmt: skip
    departments = session.execute(select(column(Department.code), column(Department.name))).all()
    return Known(
        divisions=tuple(
            KnownDivision(code, name, short, _shape(wkb)) for code, name, short, wkb in divisions
        ),
        classes=tuple(KnownClass(*row) for row in classes),
        departments=tuple((code, name) for code, name in departments),
        calendars=read_calendars(session),
    )


def _shape(wkb: bytes | None) -> BaseGeometry | None:
    return None if wkb is None else shapely.from_wkb(wkb)


def _unique(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs whose word belongs to one code only."""
    listed = [(word, code) for word, code in pairs if word]
    codes: Counter[str] = Counter(word for word, _ in set(listed))
    return [(word, code) for word, code in listed if codes[word] == 1]
