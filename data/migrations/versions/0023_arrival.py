"""When somebody came to an emergency: 应急到场 is the median of its cases, a reading where none has it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INDEX = "ix_event_arrived"
COLUMNS = ["reported_day", "code", "urgency", "status", "reported_at", "arrived_at"]
ARRIVED = "arrived_at IS NOT NULL"
MINIMUM = 5
"""Emergencies of a week below which a median is shown and not judged."""
_COUNT = sa.table("count_definition", sa.column("name"), sa.column("aggregate"))
_INDICATOR = sa.table("indicator", sa.column("key"), sa.column("minimum_sample"))


def upgrade() -> None:
    """An indicator whose minimum sample somebody has set keeps it."""
    op.add_column("event", sa.Column("arrived_at", sa.DateTime(), nullable=True))
    where = sa.text(ARRIVED)
    op.create_index(INDEX, "event", COLUMNS, sqlite_where=where, postgresql_where=where)
    _set("median", old=0, new=MINIMUM)


def downgrade() -> None:
    _set("exact", old=MINIMUM, new=0)
    op.drop_index(INDEX, "event")
    op.drop_column("event", "arrived_at")


def _set(aggregate: str, *, old: int, new: int) -> None:
    op.execute(_COUNT.update().where(_COUNT.c.name == "arrival_minutes").values(aggregate=aggregate))
    is_this = (_INDICATOR.c.key == "arrival") & (_INDICATOR.c.minimum_sample == old)
    op.execute(_INDICATOR.update().where(is_this).values(minimum_sample=new))
