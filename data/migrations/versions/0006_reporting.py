"""Reporting by grid workers and residents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("report_counter", "report_receipt", "resident_contact", "report_rate")


# fmt: off
def upgrade() -> None:
    op.create_table("report_counter",
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("last", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("source", "day")
    )
    op.create_table("report_receipt",
    sa.Column("form_hash", sa.String(64), nullable=False),
    sa.Column("receipt_hash", sa.String(64), nullable=False),
    sa.Column("event_id", sa.Integer(), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"], ),
    sa.PrimaryKeyConstraint("form_hash"),
    sa.UniqueConstraint("receipt_hash")
    )
    op.create_index("ix_report_receipt_event_id", "report_receipt", ["event_id"])
    op.create_table("resident_contact",
    sa.Column("event_id", sa.Integer(), nullable=False),
    sa.Column("contact", sa.String(64), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"], ),
    sa.PrimaryKeyConstraint("event_id")
    )
    op.create_table("report_rate",
    sa.Column("key", sa.String(80), nullable=False),
    sa.Column("hour", sa.DateTime(), nullable=False),
    sa.Column("reports", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("key", "hour")
    )
# fmt: on


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
