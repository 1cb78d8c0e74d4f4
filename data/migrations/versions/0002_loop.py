"""What a case carries through its loop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
TABLES = ("event_attachment", "evaluation", "log_anchor", "loop_rule")
COLUMNS = (
    "limit_hours",
    "clock_type",
    "respond_by",
    "accepted_at",
    "suspended_until",
    "merged_into",
    "extension_step",
    "appealed",
    "solved",
    "satisfied",
    "rated_at",
    "route_color",
)


# fmt: off
def upgrade() -> None:
    """Columns are added with what they are in a case that the loop has not touched: no row is written."""
    for column in (
        sa.Column("limit_hours", sa.Float(), nullable=True),
        sa.Column("clock_type", sa.String(16), nullable=False, server_default=""),
        sa.Column("respond_by", sa.DateTime(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("suspended_until", sa.DateTime(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("extension_step", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("appealed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("rated_at", sa.DateTime(), nullable=True),
        sa.Column("route_color", sa.String(16), nullable=False, server_default=""),
    ):
        op.add_column("event", column)
    for index, named in (("ix_event_suspended", "suspended_until"), ("ix_event_merged", "merged_into")):
        used = sa.text(f"{named} IS NOT NULL")
        op.create_index(index, "event", [named], sqlite_where=used, postgresql_where=used)
    op.create_table("event_attachment",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("event_id", sa.Integer(), nullable=False),
    sa.Column("log_seq", sa.Integer(), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("mime", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.Integer(), nullable=False),
    sa.Column("width", sa.Integer(), nullable=True),
    sa.Column("height", sa.Integer(), nullable=True),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"], ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("event_id", "log_seq", "sha256")
    )
    op.create_index("ix_event_attachment_sha256", "event_attachment", ["sha256"])
    op.create_table("evaluation",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("department_code", sa.String(32), nullable=False),
    sa.Column("area_code", CODE, nullable=False),
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("score", sa.Float(), nullable=False),
    sa.Column("reason", sa.String(512), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("replaced_at", sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_evaluation_area_code", "evaluation", ["area_code"])
    op.create_index("ix_evaluation_department_code", "evaluation", ["department_code"])
    op.create_index("ix_evaluation_period", "evaluation", ["period"])
    op.create_table("log_anchor",
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("log_id", sa.Integer(), nullable=False),
    sa.Column("entries", sa.Integer(), nullable=False),
    sa.Column("made_at", sa.DateTime(), nullable=False),
    sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
    sa.Column("prev_hash", sa.LargeBinary(length=32), nullable=False),
    sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint("day")
    )
    op.create_table("loop_rule",
    sa.Column("key", sa.String(48), nullable=False),
    sa.Column("value", sa.Float(), nullable=False),
    sa.Column("changed_at", sa.DateTime(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint("key")
    )
# fmt: on


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_event_merged", "event")
    op.drop_index("ix_event_suspended", "event")
    for column in reversed(COLUMNS):
        op.drop_column("event", column)
