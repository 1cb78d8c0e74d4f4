"""Who of several workers may act: a row in the database that its owner renews.

No clock is compared with another's. Each renewal makes ``beat`` grow. Whoever wants the lease takes it when
it has seen the same beat for ``EXPIRY_SECONDS`` of its own monotonic clock. The owner counts the same seconds
from *before* its last renewal and stops acting ``MARGIN_SECONDS`` earlier, so the two never overlap, whatever
happens to the time of day. The times in the row are for people.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Table, insert, select, update
from sqlalchemy.engine import Engine
from sqlmodel import Session

from data.database import DatabaseProblem, read_session, write_session
from data.models import WorkerLease

NAME: Final = "worker"
EXPIRY_SECONDS: Final = 15.0
MARGIN_SECONDS: Final = 3.0
"""How much sooner an owner stops than another may begin."""
_LEASE: Final[Table] = WorkerLease.__table__  # type: ignore[attr-defined]


def new_owner() -> str:
    """A name that no other worker has; says machine and process to people."""
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid4().hex[:12]}"


@dataclass(frozen=True, slots=True)
class _Seen:
    owner: str
    beat: int
    since: float


class Lease:
    """One worker's view of the lease. ``clock`` never runs backwards and counts seconds."""

    def __init__(
        self,
        engine: Engine,
        *,
        owner: str,
        expiry_seconds: float = EXPIRY_SECONDS,
        margin_seconds: float = MARGIN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.owner = owner
        self._engine = engine
        self._expiry = expiry_seconds
        self._margin = margin_seconds
        self._clock = clock
        self._held_until: float | None = None
        self._seen: _Seen | None = None

    def held(self) -> bool:
        """Whether this worker may act now. False from the moment at which it could not renew in time."""
        return self._held_until is not None and self._clock() < self._held_until

    def beat(self) -> bool:
        """Renews the lease, or takes it where nobody renews it any more; whether it is held afterwards.

        A database that cannot be written now is no error: the lease runs out by itself.
        """
        began = self._clock()
        try:
            if self._held_until is None and not self._may_take():
                return False
            with write_session(self._engine, announce=False) as session:
                if not self._write(session):
                    self._held_until = None
                    return False
        except DatabaseProblem:
            return self.held()
        self._held_until = began + self._expiry - self._margin
        return self.held()

    def release(self) -> None:
        """Gives the lease back, so that another need not wait. Nothing happens where it is not ours."""
        self._held_until = None
        with write_session(self._engine, announce=False) as session:
            session.connection().execute(
                update(_LEASE)
                .where(_LEASE.c.name == NAME, _LEASE.c.owner == self.owner)
                .values(owner="", beat=_LEASE.c.beat + 1)
            )

    def _may_take(self) -> bool:
        with read_session(self._engine) as session:
            row = _row(session)
        return row is None or self._is_free(row)

    def _is_free(self, row: Any) -> bool:
        """Whether the row is nobody's, ours, or has not changed for as long as an owner may act."""
        if row.owner in ("", self.owner):
            return True
        if self._seen is None or (self._seen.owner, self._seen.beat) != (row.owner, row.beat):
            self._seen = _Seen(row.owner, row.beat, self._clock())
        return self._clock() - self._seen.since >= self._expiry

    def _write(self, session: Session) -> bool:
        """Under the write lock: looks once more, then writes the next beat."""
        row = _row(session)
        now = datetime.now(UTC)
        values = {
            "owner": self.owner, "heartbeat_at": now, "expires_at": now + timedelta(seconds=self._expiry),
        }  # fmt: skip
        if row is None:
            session.connection().execute(insert(_LEASE).values(name=NAME, beat=1, acquired_at=now, **values))
            return True
        if row.owner != self.owner and (self._held_until is not None or not self._is_free(row)):
            return False
        taken = {} if row.owner == self.owner else {"acquired_at": now}
        session.connection().execute(
            update(_LEASE).where(_LEASE.c.name == NAME).values(beat=row.beat + 1, **values, **taken)
        )
        return True


def _row(session: Session) -> Any:
    wanted = select(_LEASE.c.owner, _LEASE.c.beat).where(_LEASE.c.name == NAME)
    return session.connection().execute(wanted).first()
