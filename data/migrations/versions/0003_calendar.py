"""Working calendar; the next colour change of open events is found by index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
TABLES = ("calendar_change", "calendar_day", "calendar_hours")


# fmt: off
def upgrade() -> None:
    op.create_table("calendar_change",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("what", sa.String(256), nullable=False),
    sa.Column("undone_by", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["undone_by"], ["calendar_change.id"], ),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_table("calendar_day",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("area_prefix", CODE, nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("is_working", sa.Boolean(), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("is_official", sa.Boolean(), nullable=False),
    sa.Column("note", sa.String(256), nullable=False),
    sa.Column("change_id", sa.Integer(), nullable=False),
    sa.Column("replaced_by", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["change_id"], ["calendar_change.id"], ),
    sa.ForeignKeyConstraint(["replaced_by"], ["calendar_change.id"], ),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_table("calendar_hours",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("area_prefix", CODE, nullable=False),
    sa.Column("valid_from", sa.Date(), nullable=False),
    sa.Column("spans", sa.String(128), nullable=False),
    sa.Column("warn_share", sa.Float(), nullable=False),
    sa.Column("note", sa.String(256), nullable=False),
    sa.Column("change_id", sa.Integer(), nullable=False),
    sa.Column("replaced_by", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["change_id"], ["calendar_change.id"], ),
    sa.ForeignKeyConstraint(["replaced_by"], ["calendar_change.id"], ),
    sa.PrimaryKeyConstraint("id")
    )
    in_force = sa.text("replaced_by IS NULL")
    for table, day in (("calendar_day", "day"), ("calendar_hours", "valid_from")):
        op.create_index(f"ix_{table}_in_force", table, ["area_prefix", day], unique=True,
                        sqlite_where=in_force, postgresql_where=in_force)
        op.create_index(f"ix_{table}_change_id", table, ["change_id"])
        op.create_index(f"ix_{table}_replaced_by", table, ["replaced_by"])
    is_open = sa.text("ended_at IS NULL")
    for name, column in (("ix_event_open_due", "due_at"), ("ix_event_open_warn", "warn_at")):
        op.create_index(name, "event", [column], sqlite_where=is_open, postgresql_where=is_open)
# fmt: on


def downgrade() -> None:
    op.drop_index("ix_event_open_warn", "event")
    op.drop_index("ix_event_open_due", "event")
    for table in reversed(TABLES):
        op.drop_table(table)
