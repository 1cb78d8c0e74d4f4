"""The tiny district and an empty one, as databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.database import read_session
from tests.data.databases import migrated_engine
from tests.data.queries.tiny import EVENTS, build


@pytest.fixture
def empty(tmp_path: Path) -> Engine:
    """A migrated database without a row of data."""
    return migrated_engine(tmp_path / "empty.db")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The tiny district."""
    return build(tmp_path_factory.mktemp("queries") / "tiny.db", EVENTS)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with read_session(engine) as opened:
        yield opened


@pytest.fixture
def empty_session(empty: Engine) -> Iterator[Session]:
    with read_session(empty) as opened:
        yield opened
