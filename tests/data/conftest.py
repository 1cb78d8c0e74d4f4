"""A fresh migrated database for each test, and four hand-made divisions.

SQLite, unless the tests run on PostgreSQL (``tests.data.databases``).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
from sqlalchemy import Engine

from data.database import open_engine, write_session
from data.migrate import migrate
from data.models import Division
from data.settings import Settings
from data.vocabulary import Level
from tests.data.databases import POSTGRES, migrated_template, postgres_database

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""Saturday noon in Shanghai."""

SQUARES = {
    "510115": ("温江区", 103.80, 103.84),
    "510115001": ("公平街道", 103.80, 103.84),
    "510115001001": ("惠民社区", 103.80, 103.82),
    "510115001002": ("文武社区", 103.82, 103.84),
}
"""Code → name, western and eastern edge in degrees; all between latitude 30.70 and 30.72."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL, what is about SQLite alone has nothing to say."""
    if not POSTGRES:
        return
    for item in items:
        if item.get_closest_marker("sqlite"):
            item.add_marker(pytest.mark.skip(reason="not applicable: this is about SQLite itself"))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database that nobody writes: copies of it are quicker than migrating again."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def database_path(tmp_path: Path, empty_database: Path) -> Path:
    """Path of this test's own migrated database."""
    return Path(shutil.copy(empty_database, tmp_path / "onemap.db"))


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of this test's own migrated database."""
    if not POSTGRES:
        yield f"sqlite:///{request.getfixturevalue('database_path')}"
        return
    with postgres_database(POSTGRES, template=migrated_template()) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on this test's own migrated database."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings whose files all lie in this test's own folder."""
    return Settings(
        var_dir=tmp_path,
        database_url=database_url,
        timezone=ZoneInfo("Asia/Shanghai"),
        basemap="none",
        basemap_url="",
        basemap_key="",
    )


def square(west: float, east: float) -> shapely.Polygon:
    """An area from longitude ``west`` to ``east``, between latitude 30.70 and 30.72."""
    return shapely.box(west, 30.70, east, 30.72)


def division(code: str, name: str, west: float, east: float, *, since: date = date(2026, 1, 1)) -> Division:
    """A division row with a square for its boundary."""
    levels = {6: Level.DISTRICT, 9: Level.STREET, 12: Level.COMMUNITY, 15: Level.GRID}
    return Division(
        code=code,
        valid_from=since,
        level=levels[len(code)].value,
        name=name,
        short_name=name,
        parent_code=code[:-3] if len(code) > 6 else "",
        geometry=shapely.to_wkb(square(west, east)),
    )


@pytest.fixture
def small_district(engine: Engine) -> Engine:
    """The database with a district of one street and two communities side by side (``SQUARES``)."""
    with write_session(engine) as session:
        session.add_all(division(code, *rest) for code, rest in SQUARES.items())
    return engine
