"""Facts of the demo district, read from ``facts/``: outline, names and codes, classes, departments, wording.

Names and codes: National Bureau of Statistics, 2023; outline: public district boundary in CGCS2000. Street
centres and residents are rounded guesses that give the invented boundaries a plausible shape. Departments are
invented, with phone numbers that no line has. ``event_classes.csv`` and ``departments.csv`` are also what the
product offers as a start to a street that has no lists of its own. Limits in hours count a day as 24 hours,
whatever the clock type: 2 working days are 48.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import shapely
from shapely.geometry import shape

FACTS_DIR: Final = Path(__file__).resolve().parent / "facts"


@dataclass(frozen=True, slots=True)
class StreetFact:
    code: str
    name: str
    centre_lon: float
    centre_lat: float
    residents: int


@dataclass(frozen=True, slots=True)
class ClassFact:
    """A class of events; ``limit_hours`` None means 无时限."""

    code: str
    major: str
    minor: str
    department_code: str
    urgency: str
    limit_hours: float | None
    clock_type: str
    closing_condition: str


@dataclass(frozen=True, slots=True)
class DepartmentFact:
    code: str
    name: str
    kind: str
    phone: str


@dataclass(frozen=True, slots=True)
class ClassRate:
    """How often a class comes up (``weight``), at which hours, at what kind of place, by which channel."""

    class_code: str
    weight: float
    rhythm: str
    place: str
    channel: str
    texts: tuple[tuple[str, str], ...]
    """(title, description) templates with ``{p}`` for the place."""


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of a fact file, as text."""
    with (FACTS_DIR / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def district() -> tuple[str, str, shapely.Polygon]:
    """Code, name and outline (CGCS2000 degrees) of the district."""
    feature = json.loads((FACTS_DIR / "district.geojson").read_text(encoding="utf-8"))["features"][0]
    outline = shape(feature["geometry"])
    assert isinstance(outline, shapely.Polygon)  # noqa: S101 - a file of this package
    return feature["properties"]["code"], feature["properties"]["name"], outline


@lru_cache(maxsize=1)
def streets() -> tuple[StreetFact, ...]:
    """The nine streets and towns, by code."""
    return tuple(
        StreetFact(r["code"], r["name"], float(r["centre_lon"]), float(r["centre_lat"]), int(r["residents"]))
        for r in read_rows("streets.csv")
    )


@lru_cache(maxsize=1)
def communities() -> tuple[tuple[str, str], ...]:
    """(code, name) of the communities and villages, by code."""
    return tuple((row["code"], row["name"]) for row in read_rows("communities.csv"))


@lru_cache(maxsize=1)
def event_classes() -> tuple[ClassFact, ...]:
    """The default classes of events, by code."""
    return tuple(
        ClassFact(
            code=row["code"], major=row["major"], minor=row["minor"],
            department_code=row["department_code"], urgency=row["urgency"],
            limit_hours=float(row["limit_hours"]) if row["limit_hours"] else None,
            clock_type=row["clock_type"], closing_condition=row["closing_condition"],
        )
        for row in read_rows("event_classes.csv")
    )  # fmt: skip


@lru_cache(maxsize=1)
def departments() -> tuple[DepartmentFact, ...]:
    """The default departments, by code."""
    return tuple(DepartmentFact(**row) for row in read_rows("departments.csv"))


@lru_cache(maxsize=1)
def units() -> tuple[DepartmentFact, ...]:
    """Units below the district, to whom the negative list forbids passing some of the cases, by code."""
    return tuple(DepartmentFact(**row) for row in read_rows("units.csv"))


@lru_cache(maxsize=1)
def class_rates() -> tuple[ClassRate, ...]:
    """Which classes the demo district reports, with the wording of their cases."""
    texts: dict[str, list[tuple[str, str]]] = {}
    for row in read_rows("event_texts.csv"):
        texts.setdefault(row["class_code"], []).append((row["title"], row["description"]))
    return tuple(
        ClassRate(
            row["class_code"], float(row["weight"]), row["rhythm"], row["place"], row["channel"],
            tuple(texts[row["class_code"]]),
        )
        for row in read_rows("event_rates.csv")
    )  # fmt: skip
