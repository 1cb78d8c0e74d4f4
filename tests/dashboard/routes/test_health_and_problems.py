"""Health, the stream of revisions, and what a database that does not answer looks like from outside."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import context
from dashboard.routes import revisions as streaming
from dashboard.routes import routes
from data.database import write_session
from tests.dashboard.small_world import World


def test_health_names_the_revision_and_the_kind_of_database(client: TestClient) -> None:
    body = client.get("/onemap/health").json()
    assert body["ok"] is True
    assert body["database"] == "sqlite"
    assert body["revision"] >= 1


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    (tmp_path / "onemap.db").write_bytes(b"this is not a database, and long enough to look at" * 40)
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path))
    context.reset()
    return TestClient(Starlette(routes=routes()))


@pytest.mark.parametrize(
    "address",
    [
        "values?level=grid",
        "points?z=1&x0=0&y0=0&x1=1&y1=1",
        "stations",
        "search?q=公平",
        "export.csv",
        "health",
    ],
)
def test_a_database_that_cannot_be_read_is_503_with_the_way_out(broken: TestClient, address: str) -> None:
    response = broken.get(f"/onemap/{address}")
    context.reset()
    assert response.status_code == 503
    assert "不是数据库文件" in response.json()["problems"][0]


def test_the_hub_tells_a_new_revision_once_and_keeps_quiet_otherwise(
    world: World, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/onemap/health").status_code == 200
    monkeypatch.setattr(streaming, "POLL_SECONDS", 0.05)

    async def listen() -> list[int | None]:
        hub = streaming.RevisionHub()
        hub.enter()
        first = await hub.newer_than(None, timeout_seconds=5)
        quiet = await hub.newer_than(first, timeout_seconds=0.2)
        with write_session(world.engine):
            pass
        second = await hub.newer_than(first, timeout_seconds=5)
        hub.leave()
        return [first, quiet, second]

    first, quiet, second = asyncio.run(listen())
    assert first is not None
    assert quiet == first
    assert second == first + 1


def test_the_hub_asks_the_database_only_while_someone_listens(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/onemap/health").status_code == 200
    monkeypatch.setattr(streaming, "POLL_SECONDS", 0.01)
    asked: list[int] = []

    def read() -> int:
        asked.append(1)
        return len(asked)

    monkeypatch.setattr(streaming, "_read_revision", read)

    async def listen() -> int:
        hub = streaming.RevisionHub()
        hub.enter()
        hub.enter()
        await asyncio.sleep(0.1)
        hub.leave()
        assert hub.listeners == 1
        hub.leave()
        await asyncio.sleep(0.02)
        before = len(asked)
        await asyncio.sleep(0.1)
        return len(asked) - before

    assert asyncio.run(listen()) == 0
    assert asked


def test_a_stream_ends_when_the_server_is_asked_to_stop(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/onemap/health").status_code == 200
    monkeypatch.setattr(streaming, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(streaming, "server_is_stopping", lambda: True)
    with client.stream("GET", "/onemap/stream") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        text = "".join(response.iter_text())
    assert text.startswith("retry: 3000\n\nevent: revision\ndata: ")
