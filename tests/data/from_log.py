"""The weekly roll-up from nothing but the log: what the counts that are kept up to date have to equal."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import Table, select
from sqlmodel import Session

from data.event_base import zone_of
from data.event_fold import fold_without_cell
from data.models import EventLog
from data.roll_up import Deltas, add, definitions_of, new_deltas

_LOG: Table = EventLog.__table__  # type: ignore[attr-defined]


def from_log(session: Session) -> Deltas:
    """All counts, each event's entries folded anew."""
    deltas, timezone = new_deltas(definitions_of(session)), zone_of(session)
    entries: Any = session.connection().execute(select(_LOG).order_by(_LOG.c.event_id, _LOG.c.seq))
    for _, records in groupby(entries, key=lambda record: record.event_id):
        add(deltas, fold_without_cell(list(records), timezone=timezone), sign=1)
    return deltas
