"""Who handles and who reported a case by number: a name alone can be that of two people."""

from __future__ import annotations

import json
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = ("handler_id", "reporter_id")
_EVENT = sa.table("event", sa.column("id"), *(sa.column(name) for name in COLUMNS))
_LOG = sa.table("event_log", *(sa.column(name) for name in ("event_id", "seq", "changes")))


def upgrade() -> None:
    """The numbers are filled in from what the logs say, as the fold of a log does."""
    for name in COLUMNS:
        op.add_column("event", sa.Column(name, sa.Integer(), nullable=True))
    connection = op.get_bind()
    named = sa.select(_LOG.c.event_id).where(_LOG.c.changes.like('%"person_id":%')).distinct()
    wanted = sa.select(_LOG).where(_LOG.c.event_id.in_(named)).order_by(_LOG.c.event_id, _LOG.c.seq)
    found = [
        {"the_id": event_id, **_people([json.loads(entry.changes) for entry in entries])}
        for event_id, entries in groupby(connection.execute(wanted), key=lambda entry: entry.event_id)
    ]
    if found:
        change = sa.update(_EVENT).where(_EVENT.c.id == sa.bindparam("the_id"))
        connection.execute(change.values({name: sa.bindparam(f"new_{name}") for name in COLUMNS}), found)


def _people(entries: list[dict[str, object]]) -> dict[str, object]:
    handler_id = None
    for changes in entries:
        if "handler_id" in changes:
            handler_id = changes["handler_id"]
        elif "handler" in changes:
            handler_id = changes.get("person_id") if changes.get("accepted_at") else None
    return {"new_handler_id": handler_id, "new_reporter_id": entries[0].get("person_id")}


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("event", name)
