"""A client of the forms over a drawn district with staff, departments and classes, in its own folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import context
from dashboard.acting import COOKIE, token_of
from dashboard.routes.forms import form_routes
from data.database import open_engine, write_session
from data.migrate import migrate
from tests.data.conftest import SQUARES, division
from tests.data.loop.world import GRID, WORKER, furnish

HOST = "https://demo.invalid"


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that nobody writes: copies of it are quicker."""
    path = tmp_path_factory.mktemp("reporting") / "onemap.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    furnish(engine)
    with write_session(engine) as session:
        session.add_all(division(code, *rest) for code, rest in SQUARES.items())
        session.add(division(GRID, "01网格", 103.80, 103.81))
    engine.dispose()
    return path


@pytest.fixture
def var_dir(tmp_path: Path, furnished: Path) -> Path:
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copy(furnished, folder / "onemap.db")
    return folder


@pytest.fixture
def engine(client: TestClient) -> Engine:
    """The engine of the served database."""
    assert client is not None
    return context.engine()


@pytest.fixture
def client(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser that follows no redirects by itself, on the address that QR codes lead to."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(var_dir))
    monkeypatch.setenv("ONEMAP_PUBLIC_URL", HOST)
    context.reset()
    with TestClient(Starlette(routes=form_routes()), base_url=HOST, follow_redirects=False) as found:
        yield found
    context.reset()


@pytest.fixture
def worker(client: TestClient) -> TestClient:
    """The same browser, in which the grid worker has been chosen."""
    client.cookies.set(COOKIE, token_of(WORKER))
    return client
