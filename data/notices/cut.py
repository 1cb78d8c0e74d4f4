"""Cuts a connection that has been open for too long, however busily the other side drips bytes into it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Final

_AGAIN_SECONDS: Final = 0.2


@contextmanager
def cut_after(seconds: float, sock: Callable[[], socket.socket | None]) -> Iterator[Event]:
    """While inside, the connection that ``sock`` gives is shut so many seconds after the beginning: whoever
    reads it is at the end then. The event says that the time was up.
    """
    done, late = Event(), Event()

    def watch() -> None:
        if done.wait(seconds):
            return
        late.set()
        _shut(sock())
        while not done.wait(_AGAIN_SECONDS):  # it may connect only now
            _shut(sock())

    Thread(target=watch, name="onemap-cut", daemon=True).start()
    try:
        yield late
    finally:
        done.set()


def _shut(found: socket.socket | None) -> None:
    if found is not None:
        with suppress(OSError):
            socket.socket.shutdown(found, socket.SHUT_RDWR)  # past TLS, which would talk first
