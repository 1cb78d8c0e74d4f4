"""Continuous intake: tokens, requests that were taken, and repeats across sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("intake_token", "intake_request", "event_link")


# fmt: off
def upgrade() -> None:
    op.create_table("intake_token",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("profile", sa.String(64), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False),
    sa.Column("requests_a_minute", sa.Integer(), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("revoked_at", sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("name"),
    sa.UniqueConstraint("token_hash")
    )
    op.create_table("intake_request",
    sa.Column("token_id", sa.Integer(), nullable=False),
    sa.Column("key_hash", sa.String(64), nullable=False),
    sa.Column("body_hash", sa.String(64), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=False),
    sa.Column("answer", sa.String(), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(["token_id"], ["intake_token.id"], ),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("token_id", "key_hash")
    )
    op.create_index("ix_intake_request_created_at", "intake_request", ["created_at"])
    op.create_table("event_link",
    sa.Column("event_id", sa.Integer(), nullable=False),
    sa.Column("other_id", sa.Integer(), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    sa.Column("made_at", sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"], ),
    sa.ForeignKeyConstraint(["other_id"], ["event.id"], ),
    sa.PrimaryKeyConstraint("event_id", "other_id")
    )
    op.create_index("ix_event_link_other_id", "event_link", ["other_id"])
    op.create_index("ix_import_batch_file_sha256", "import_batch", ["file_sha256"])
# fmt: on


def downgrade() -> None:
    op.drop_index("ix_import_batch_file_sha256", "import_batch")
    for table in reversed(TABLES):
        op.drop_table(table)
