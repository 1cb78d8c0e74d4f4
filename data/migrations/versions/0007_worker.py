"""The background worker and notices of alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("notice", "receiver", "worker_job", "worker_lease")


# fmt: off
def upgrade() -> None:
    op.create_table("worker_lease",
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("beat", sa.Integer(), nullable=False),
    sa.Column("acquired_at", sa.DateTime(), nullable=False),
    sa.Column("heartbeat_at", sa.DateTime(), nullable=False),
    sa.Column("expires_at", sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint("name")
    )
    op.create_table("worker_job",
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("started_at", sa.DateTime(), nullable=False),
    sa.Column("duration_seconds", sa.Float(), nullable=False),
    sa.Column("result", sa.String(256), nullable=False),
    sa.Column("error", sa.String(256), nullable=False),
    sa.Column("failed_at", sa.DateTime(), nullable=True),
    sa.Column("failures", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("name")
    )
    op.create_table("receiver",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("address", sa.String(500), nullable=False),
    sa.Column("secret_name", sa.String(32), nullable=False),
    sa.Column("colors", sa.String(32), nullable=False),
    sa.Column("areas", sa.String(500), nullable=False),
    sa.Column("quiet_from", sa.String(5), nullable=False),
    sa.Column("quiet_to", sa.String(5), nullable=False),
    sa.Column("digest_at", sa.String(5), nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("after_alert_id", sa.Integer(), nullable=False),
    sa.Column("added_at", sa.DateTime(), nullable=False),
    sa.Column("added_by", sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("name")
    )
    op.create_table("notice",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("alert_id", sa.Integer(), nullable=False),
    sa.Column("receiver_id", sa.Integer(), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("claimed_by", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(256), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("due_at", sa.DateTime(), nullable=True),
    sa.Column("sent_at", sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
    sa.ForeignKeyConstraint(["receiver_id"], ["receiver.id"]),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("alert_id", "receiver_id")
    )
    op.create_index("ix_notice_receiver_state", "notice", ["receiver_id", "state"])
    op.create_index("ix_notice_state", "notice", ["state"])
# fmt: on


def downgrade() -> None:
    """See :func:`upgrade`."""
    for name in TABLES:
        op.drop_table(name)
