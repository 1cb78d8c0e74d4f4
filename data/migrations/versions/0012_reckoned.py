"""Edits of the calendar say which days and areas they are about, and whether deadlines followed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
COLUMNS = ("area_prefix", "first_day", "last_day", "reckoned_at", "moved")


# fmt: off
def upgrade() -> None:
    for column in (
        sa.Column("area_prefix", CODE, nullable=False, server_default=""),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("reckoned_at", sa.DateTime(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("calendar_change", column)
    # Deadlines stood where they were when these edits were made; nothing is moved behind people's backs.
    op.execute("UPDATE calendar_change SET reckoned_at = at")
# fmt: on


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("calendar_change", name)
