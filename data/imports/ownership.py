"""Which fields of an event a file may still change, once people have worked on it here.

The source owns what it reports: title, description, address, place, class, urgency, time of the report, data
marks. How the case stands is the source's too, until somebody moves it here. From then on the loop owns it:

- a move into another status: status with its times and whether it was in time, deadline and limit,
  department and handler;
- a deadline set here (延期, 恢复, 派遣) without such a move: deadline and limit;
- a department or handler set here: both;
- 督办 and its end: that mark;
- 到场 noted here: that moment.

So importing a file again never takes back a move, an extension, 挂账, a dispatch or a judgement, whatever the
file says meanwhile. Entries of an import and of its undo, and what follows boundaries and calendars, are
nobody's work (decision 0019).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Table, cast, select
from sqlmodel import Session

from data.bulk import listed
from data.event_fold import decoded
from data.models import EventLog
from data.vocabulary import Move

_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_BY_PEOPLE: Final = frozenset(move.value for move in Move)
CLOCK: Final = frozenset({"due_at", "warn_at", "limit_hours", "clock_type"})
HANDS: Final = frozenset({"department_code", "handler"})
STATE: Final = frozenset({"status", "status_since", "ended_at", "in_time"})
_MARK: Final = frozenset({"supervised"})
_ARRIVAL: Final = frozenset({"arrived_at"})
_GROUPS: Final = ((STATE, STATE | CLOCK | HANDS), (CLOCK, CLOCK), (HANDS, HANDS), (_MARK, _MARK),
                  (_ARRIVAL, _ARRIVAL))  # fmt: skip
"""What an entry sets, and what is the loop's from then on."""


def owned_by_loop(session: Session, event_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The fields of each event that the loop owns; events on which nobody has worked are not among them."""
    if not event_ids:
        return {}
    ids = listed(session.connection(), [str(event_id) for event_id in event_ids]).subquery()
    entries = select(_LOG.c.event_id, _LOG.c.changes).where(
        _LOG.c.event_id.in_(select(cast(ids.c[0], BigInteger))),
        _LOG.c.seq > 1,
        _LOG.c.batch_id.is_(None),  # the undo of an import voids and restores too, under its batch
        _LOG.c.action.in_(sorted(_BY_PEOPLE)),
    )
    found: dict[int, frozenset[str]] = defaultdict(frozenset)
    for row in session.connection().execute(entries):
        found[row.event_id] |= _owned(decoded(row.changes))
    return {event_id: fields for event_id, fields in found.items() if fields}


def _owned(changes: dict[str, Any]) -> frozenset[str]:
    return frozenset().union(*(owned for set_here, owned in _GROUPS if set_here & changes.keys()))
