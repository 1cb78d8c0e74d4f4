"""The background worker as a child of the server.

A process and not a thread: rules over a large district take whole seconds of processor time, and in one
process the pages would wait for them. The child ends when its input does, so it never outlives the server,
however that ended.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from data.settings import PROJECT_ROOT

COMMAND: Final = (sys.executable, "-m", "dashboard", "worker", "--until-input-ends")
RESTART_AFTER_SECONDS: Final = 10.0
STOPS_WITHIN_SECONDS: Final = 10.0
LOG: Final = logging.getLogger("onemap")


@contextmanager
def worker_beside(
    *, command: tuple[str, ...] = COMMAND, restart_after_seconds: float = RESTART_AFTER_SECONDS
) -> Iterator[None]:
    """Keeps a worker running until the end of the block; one that dies is started again after a while."""
    stop = Event()
    keeper = Thread(
        target=_keep, args=(stop, command, restart_after_seconds), name="onemap-worker-keeper", daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join(STOPS_WITHIN_SECONDS + 1)


def _keep(stop: Event, command: tuple[str, ...], restart_after_seconds: float) -> None:
    while not stop.is_set():
        with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=PROJECT_ROOT) as child:  # noqa: S603
            while not stop.wait(0.2) and child.poll() is None:
                pass
            if child.stdin:
                child.stdin.close()
            try:
                child.wait(STOPS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
        if not stop.is_set():
            LOG.error("the background worker ended (%s) and is started again", child.returncode)
            stop.wait(restart_after_seconds)
