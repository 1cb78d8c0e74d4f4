"""One demo database, made once, and copies of it for tests that change it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from data.database import open_engine
from data.demo import DEFAULT_SEED, seed_demo
from data.demo.boundaries import build_grids
from data.demo.world import World, build_world
from data.migrate import migrate
from data.settings import Settings, read_settings
from tests.data.databases import copy_of, new_url

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Database:
    engine: Engine
    settings: Settings


def open_database(folder: Path, url: str = "") -> Database:
    """A database with its tables, and a folder of its own."""
    url = url or new_url(folder / "onemap.db")
    settings = read_settings({"ONEMAP_VAR_DIR": str(folder), "ONEMAP_DATABASE_URL": url})
    engine = open_engine(settings.database_url)
    migrate(engine, timezone=settings.timezone.key)
    return Database(engine, settings)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "empty")
    yield database
    database.engine.dispose()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The whole demo at ``NOW``. Only for reading."""
    database = open_database(tmp_path_factory.mktemp("demo") / "var")
    seed_demo(database.engine, database.settings, now=NOW)
    yield database
    database.engine.dispose()


@pytest.fixture
def copied(seeded: Database, tmp_path: Path) -> Iterator[Database]:
    """A copy of the whole demo, to be changed."""
    seeded.engine.dispose()  # so that its database is whole and can be copied
    var = tmp_path / "var"
    shutil.copytree(seeded.settings.var_dir, var, ignore=shutil.ignore_patterns("onemap.db*"))
    with copy_of(seeded.settings.database_url, var / "onemap.db") as url:
        database = open_database(var, url)
        yield database
        database.engine.dispose()


@pytest.fixture(scope="session")
def world() -> World:
    """The district at the default seed, without a database."""
    timezone = read_settings({}).timezone
    return build_world(build_grids(seed=DEFAULT_SEED), seed=DEFAULT_SEED, timezone=timezone)
