"""A running server brings the demo forward by itself, goes on whatever goes wrong, and stops cleanly."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard import context, upkeep
from data.database import open_engine, read_session, write_session
from data.demo import demo_state
from data.demo.state import new_batch
from data.migrate import migrate
from data.settings import Settings, read_settings


@pytest.fixture
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A process that serves an empty database."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path))
    context.reset()
    settings = read_settings()
    engine = open_engine(settings.database_url)
    migrate(engine, timezone=settings.timezone.key)
    engine.dispose()
    yield settings
    context.reset()


def serve_until(enough: threading.Event) -> None:
    """The lifespan of a server that stops as soon as ``enough`` is set."""

    async def life() -> None:
        async with upkeep.upkeep(None, every_seconds=0.01):
            assert await asyncio.to_thread(enough.wait, 20)

    asyncio.run(life())


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "onemap-upkeep"]


def test_the_work_is_done_again_and_again_until_the_server_stops(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    enough, calls = threading.Event(), []

    def work(_engine: object, settings: Settings) -> int:
        calls.append(settings)
        if len(calls) >= 3:
            enough.set()
        return 0

    monkeypatch.setattr(upkeep, "keep_demo_fresh", work)
    serve_until(enough)

    assert calls[:3] == [own_settings] * 3
    assert workers() == []


@pytest.mark.usefixtures("own_settings")
def test_what_fails_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    enough, calls = threading.Event(), []

    def work(*_: object) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("disk full")
        enough.set()
        return 0

    monkeypatch.setattr(upkeep, "keep_demo_fresh", work)
    with caplog.at_level(logging.ERROR, logger="onemap"):
        serve_until(enough)

    assert [record.message for record in caplog.records] == ["the demo could not be brought forward"]
    assert workers() == []


def test_without_a_demo_nothing_is_written(own_settings: Settings) -> None:
    before = Path(own_settings.var_dir / "onemap.db").read_bytes()

    assert upkeep.keep_demo_fresh(context.engine(), own_settings) == 0
    assert Path(own_settings.var_dir / "onemap.db").read_bytes() == before


def test_a_demo_is_caught_up(own_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    then = datetime.now(UTC) - timedelta(minutes=30)
    with write_session(context.engine()) as session:
        session.add(new_batch(seed=1, first_day=then.date(), now=then))
    monkeypatch.setattr(upkeep, "catch_up_demo", lambda engine, settings: 7 if engine and settings else 0)

    assert upkeep.keep_demo_fresh(context.engine(), own_settings) == 7
    with read_session(context.engine()) as session:
        assert demo_state(session).present
