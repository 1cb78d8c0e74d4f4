"""Seven years of real cases with one profile: every one of the 46,638 rows is accounted for, twice.

The quirks of the files, as found: the 2019 file has one more column in front; 70 rows have no position, 98 no
address; 68 lie outside all neighbourhoods; 10 were closed before they were reported; one neighbourhood's
boundary crosses itself; zip codes are floats. No number occurs twice.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Engine, func, select, text
from sqlmodel import SQLModel

from data.database import read_session
from data.imports import ImportResult, load_profile
from data.models import Division, Event, EventLog
from data.models.base import column
from data.settings import Settings
from data.vocabulary import BatchKind
from tests.conftest import PROJECT_ROOT
from tests.data.imports.support import Street

FIXTURES = PROJECT_ROOT / "tests" / "fixtures"
DISTRICT, STREET = "990100", "990100001"
"""Made-up codes: no province begins with 99."""
EXPECTED = {
    # total, unplaced, unlocated, marked (closed before reported)
    2013: (3_095, 3, 19, 0),
    2014: (5_268, 3, 17, 0),
    2015: (6_221, 2, 8, 3),
    2016: (7_494, 8, 3, 5),
    2017: (7_760, 16, 10, 2),
    2018: (7_872, 22, 5, 0),
    2019: (8_928, 14, 8, 0),
}

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]


def outline_of(neighbourhoods: Path, target: Path) -> Path:
    """A file with the district and its one street: the union of the neighbourhoods."""
    union = shapely.union_all(shapely.make_valid(gpd.read_file(neighbourhoods).geometry.to_numpy()))
    rows = {"code": [DISTRICT, STREET], "name": ["Boston", "Boston"]}
    gpd.GeoDataFrame(rows, geometry=[union, union], crs=4326).to_file(target)
    return target


def prepare(street: Street, folder: Path, tmp_path: Path) -> None:
    """Departments, classes, the outline and the neighbourhoods as communities."""
    street.load(FIXTURES / "boston_departments.csv", BatchKind.DEPARTMENTS)
    street.load(FIXTURES / "boston_classes.csv", BatchKind.EVENT_CLASSES)
    neighbourhoods = folder / "neighborhoods.geojson"
    assert street.load(outline_of(neighbourhoods, tmp_path / "outline.geojson"), BatchKind.DIVISIONS).new == 2
    profile = load_profile(FIXTURES / "boston_neighborhoods.toml")
    result = street.load(neighbourhoods, BatchKind.DIVISIONS, profile)
    assert (result.total, result.new, result.rejected) == (26, 26, 0)
    assert any("第 20 行" in warning and "已自动修复" in warning for warning in result.warnings)


def load_years(street: Street, folder: Path) -> dict[int, ImportResult]:
    profile = load_profile(FIXTURES / "boston_events.toml")
    return {
        year: street.load(folder / f"filtered_{year}.csv.gz", BatchKind.EVENTS, profile) for year in EXPECTED
    }


def test_seven_years_of_boston_are_accounted_for_row_by_row(
    engine: Engine, settings: Settings, tmp_path: Path, shared_data: Path
) -> None:
    street = Street(engine=engine, settings=settings)
    folder = shared_data / "boston_animal"
    prepare(street, folder, tmp_path)
    first = load_years(street, folder)
    for year, (total, unplaced, unlocated, marked) in EXPECTED.items():
        result = first[year]
        assert (result.total, result.new, result.changed, result.same, result.rejected) == (
            total,
            total,
            0,
            0,
            0,
        )
        assert (result.unplaced, result.unlocated, result.marked) == (unplaced, unlocated, marked)
    assert sum(result.total for result in first.values()) == 46_638
    stored = events_by_fate(street)
    assert stored == {"placed": 46_500, "unplaced": 68, "unlocated": 70}
    facts = read_facts(street)
    assert facts == {"events": 46_638, "entries": 46_638, "open": 17_020, "closed": 29_618, "marked": 10}
    before = sizes(street)
    again = load_years(street, folder)
    for year, (total, *_) in EXPECTED.items():
        assert (again[year].new, again[year].changed, again[year].same) == (0, 0, total)
    assert sizes(street) == before


def events_by_fate(street: Street) -> Counter[str]:
    with read_session(street.engine) as session:
        rows = session.execute(select(column(Event.code), column(Event.lon))).all()
    codes = {row.code for row in street.rows(Division) if len(row.code) == 12}
    assert all(code in codes or code == "" or code == STREET for code, _ in rows)
    return Counter("unlocated" if lon is None else "placed" if code else "unplaced" for code, lon in rows)


def read_facts(street: Street) -> dict[str, int]:
    with read_session(street.engine) as session:

        def count(*where: object) -> int:
            return int(session.execute(select(func.count(column(Event.id))).where(*where)).scalar_one())  # type: ignore[arg-type]

        return {
            "events": count(),
            "entries": int(session.execute(select(func.count(column(EventLog.id)))).scalar_one()),
            "open": count(column(Event.ended_at).is_(None)),
            "closed": count(column(Event.status) == "closed"),
            "marked": count(column(Event.flags) == "closed_before_reported"),
        }


def sizes(street: Street) -> dict[str, int]:
    """Rows of every table that an import of events could double."""
    with read_session(street.engine) as session:
        return {
            name: int(session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())  # noqa: S608
            for name in SQLModel.metadata.tables
            if name not in ("import_batch",)
        }
