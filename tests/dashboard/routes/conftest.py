"""A client of the routes over a small world, in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import context
from dashboard.routes import routes
from tests.dashboard.small_world import World, build_world


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    built = build_world(tmp_path_factory.mktemp("routes"), grids=8, events=200)
    yield built
    built.engine.dispose()


@pytest.fixture
def client(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(world.var_dir))
    context.reset()
    with TestClient(Starlette(routes=routes())) as found:
        yield found
    context.reset()
