"""Sends what is due: each receiver in a thread of its own, so that one that hangs holds up nobody else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from data.database import read_session, write_session
from data.notices.compose import Message, compose, read_lines, test_message
from data.notices.outbound import Outbound
from data.notices.queue import (
    Claim,
    anything_missing,
    claim,
    make_notices,
    mark_of,
    ready,
    recover,
    settle,
    unsettled,
)
from data.notices.receivers import ReceiverRow, list_receivers
from data.notices.send import Outcome, Patience, Result, send
from data.queries.days import zone_of

LOG: Final = logging.getLogger("onemap.notices")
_STOPS_WITHIN_SECONDS: Final = 3.0


class Delivery:
    """The job ``notices``: looks once, starts what is due, and says what has ended since the last look."""

    def __init__(
        self,
        engine: Engine,
        *,
        worker: str,
        outbound: Outbound,
        public_url: str = "",
        patience: Patience | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._worker = worker
        self._outbound = outbound
        self._public_url = public_url
        self._patience = patience or Patience()
        self._now = now
        self._lock = Lock()
        self._busy: dict[int, Thread] = {}
        self._claims: set[str] = set()
        self._ended: list[tuple[str, Result, int]] = []

    def __call__(self) -> str | None:
        with read_session(self._engine) as session:
            receivers = [each for each in list_receivers(session) if each.enabled]
            zone = zone_of(session)
        for receiver in receivers:
            with self._lock:
                busy = receiver.id in self._busy
            if not busy and (mine := self._take(receiver, zone)):
                self._start(receiver, mine)
        return self._report()

    def wait(self, seconds: float = _STOPS_WITHIN_SECONDS) -> None:
        """Until everything that is being sent has ended, at most so long. What has not is left claimed."""
        until = time.monotonic() + seconds
        with self._lock:
            threads = list(self._busy.values())
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _take(self, receiver: ReceiverRow, zone: ZoneInfo) -> Claim | None:
        """Makes and claims notices. Takes the write lock only where there is something to write."""
        now = self._now()
        with read_session(self._engine) as session:
            any_new = anything_missing(session, receiver, now=now)
            waiting = bool(ready(session, receiver, now=now, zone=zone))
            lost = unsettled(session, receiver, sending=self._claims)
        if not (any_new or waiting or lost):
            return None
        with write_session(self._engine, announce=False) as session:
            recover(session, receiver, sending=self._claims)
            make_notices(session, receiver, now=now)
            return claim(session, receiver, worker=self._worker, now=now, zone=zone)

    def _start(self, receiver: ReceiverRow, mine: Claim) -> None:
        thread = Thread(
            target=self._deliver, args=(receiver, mine), name=f"onemap-notice-{receiver.id}", daemon=True
        )
        with self._lock:
            self._busy[receiver.id] = thread
            self._claims.add(mark_of(self._worker, mine))
        thread.start()

    def _deliver(self, receiver: ReceiverRow, mine: Claim) -> None:
        result = Result(Outcome.REFUSED, "程序出错，详见服务日志")
        try:
            message = self._message(mine)
            result = Result(Outcome.UNCLEAR, "已送出，程序没有等到结果")
            result = send(receiver, message, outbound=self._outbound, patience=self._patience)
        except Exception:
            LOG.exception("a notice for receiver %s could not be sent", receiver.id)
        try:
            with write_session(self._engine, announce=False) as session:
                settle(session, mine, result, worker=self._worker, now=self._now())
        except Exception:
            LOG.exception("what became of a notice for receiver %s could not be written", receiver.id)
        with self._lock:
            self._busy.pop(receiver.id, None)
            self._claims.discard(mark_of(self._worker, mine))
            self._ended.append((receiver.name, result, len(mine.notice_ids)))

    def _message(self, mine: Claim) -> Message:
        with read_session(self._engine) as session:
            if mine.is_test:
                return test_message(key=mine.key, at=self._now().astimezone(zone_of(session)))
            lines = read_lines(session, told=mine.told, public_url=self._public_url)
        return compose(lines, key=mine.key)

    def _report(self) -> str | None:
        with self._lock:
            ended, self._ended = self._ended, []
        parts = [
            f"“{name}”已发 {count} 条"
            if result.outcome is Outcome.SENT
            else f"“{name}”未发成 {count} 条：{result.reason}"
            for name, result, count in ended
        ]
        return "；".join(parts) or None
