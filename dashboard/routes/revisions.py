"""Server-sent events: the revision of the data, when it changes and every fifteen seconds as a sign of life.

One task a process asks the database four times a second (one row by its key), however many browsers listen,
and only while one does. A stream ends by itself when the server is asked to stop: it never delays that.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from dashboard import context
from dashboard.routes.respond import NO_STORE, SECURITY_HEADERS, guarded, problem_response
from data.database import DatabaseProblem, current_moment, read_session

POLL_SECONDS: Final = 0.25
HEARTBEAT_SECONDS: Final = 15.0
MAX_LISTENERS: Final = 500


class RevisionHub:
    """Knows the newest revision and wakes those who wait for a newer one. Belongs to one event loop."""

    def __init__(self) -> None:
        self._revision: int | None = None
        self._changed = asyncio.Condition()
        self._listeners = 0
        self.stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def listeners(self) -> int:
        return self._listeners

    def enter(self) -> None:
        self._listeners += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())

    def leave(self) -> None:
        self._listeners -= 1
        if self._listeners <= 0 and self._task is not None:
            self._task.cancel()
            self._task = None

    async def newer_than(self, seen: int | None, *, timeout_seconds: float) -> int | None:
        """The newest revision once it differs from ``seen``; ``seen`` itself when the time is up."""
        try:
            async with asyncio.timeout(timeout_seconds), self._changed:
                await self._changed.wait_for(lambda: self.stopping or self._revision not in (None, seen))
        except TimeoutError:
            pass
        return self._revision

    async def _poll(self) -> None:
        while not self.stopping:
            revision: int | None
            try:
                revision = await run_in_threadpool(_read_revision)
            except DatabaseProblem:
                revision = self._revision  # told by the routes themselves; the stream waits for better times
            if revision != self._revision:
                async with self._changed:
                    self._revision = revision
                    self._changed.notify_all()
            await self._pause()

    async def _pause(self) -> None:
        await asyncio.sleep(POLL_SECONDS)
        if server_is_stopping():
            async with self._changed:
                self.stopping = True
                self._changed.notify_all()


def _read_revision() -> int:
    with read_session(context.engine()) as session:
        return current_moment(session).revision


def server_is_stopping() -> bool:
    """Whether the server has been asked to stop. It waits for every answer to end, and a stream has none.

    The server that runs in the main thread owns the handler of the signal; nothing else tells a route.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))


_hubs: dict[asyncio.AbstractEventLoop, RevisionHub] = {}


def hub() -> RevisionHub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    for closed in [known for known in _hubs if known.is_closed()]:
        del _hubs[closed]
    return _hubs.setdefault(loop, RevisionHub())


async def _stream(request: Request) -> Response:
    if hub().listeners >= MAX_LISTENERS:
        return problem_response(503, f"实时连接已达 {MAX_LISTENERS} 个，请稍后再试")
    headers = {**SECURITY_HEADERS, "Cache-Control": NO_STORE, "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(request), media_type="text/event-stream", headers=headers)


async def _events(request: Request) -> AsyncIterator[bytes]:
    here = hub()
    here.enter()
    seen: int | None = None
    try:
        yield b"retry: 3000\n\n"
        while not here.stopping and not await request.is_disconnected():
            revision = await here.newer_than(seen, timeout_seconds=HEARTBEAT_SECONDS)
            if here.stopping:
                break
            name = "alive" if revision == seen else "revision"
            seen = revision
            yield f"event: {name}\ndata: {json.dumps({'revision': revision})}\n\n".encode()
    finally:
        here.leave()


revision_stream = guarded(_stream)
