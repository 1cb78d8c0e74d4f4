"""What a running server does by itself: the demo is brought forward, and the rules of alerts are evaluated.

``keep_demo_fresh`` and ``evaluate_rules`` are the work and can be called from anywhere; ``upkeep`` runs both
beside the server.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any, Final

from sqlalchemy.engine import Engine

from dashboard import context
from data.database import read_session
from data.demo import catch_up_demo, demo_state
from data.rules.run import evaluate_rules
from data.settings import Settings

EVERY_SECONDS: Final = 600.0
STOPS_WITHIN_SECONDS: Final = 10.0
LOG = logging.getLogger("onemap")


def keep_demo_fresh(engine: Engine, settings: Settings) -> int:
    """Brings the demo forward to now where there is one; returns how many events moved or are new."""
    with read_session(engine) as session:
        if not demo_state(session).present:
            return 0
    return catch_up_demo(engine, settings)


def _run(stop: Event, every_seconds: float) -> None:
    """Until told to stop. Whatever goes wrong is logged and tried again next time: the pages go on."""
    while not stop.wait(every_seconds):
        try:
            keep_demo_fresh(context.engine(), context.settings())
        except Exception:
            LOG.exception("the demo could not be brought forward")
        try:
            evaluate_rules(context.engine(), as_of=datetime.now(UTC))
        except Exception:
            LOG.exception("the rules could not be evaluated")


@asynccontextmanager
async def upkeep(_app: Any, *, every_seconds: float = EVERY_SECONDS) -> AsyncIterator[None]:
    """The server's lifespan: a thread beside it that ends with it."""
    stop = Event()
    worker = Thread(target=_run, args=(stop, every_seconds), name="onemap-upkeep", daemon=True)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(STOPS_WITHIN_SECONDS)
