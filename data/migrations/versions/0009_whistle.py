"""Whistles: withdrawn ones, and a hash-chained log whose fold their rows are.

No page could blow a whistle before this version, so there is nothing to chain in a database that people made.
Entries that a program wrote are numbered; they stay without a hash, and ``verify-log`` names them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHISTLE = ("withdrawn", "seq", "head_hash")
LOG = ("seq", "from_state", "to_state", "changes", "prev_hash", "hash")


def upgrade() -> None:
    for column in (
        sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("seq", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("head_hash", sa.LargeBinary(length=32), nullable=True),
    ):
        op.add_column("whistle", column)
    for noted in (
        sa.Column("seq", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("from_state", sa.String(16), nullable=False, server_default=""),
        sa.Column("to_state", sa.String(16), nullable=False, server_default=""),
        sa.Column("changes", sa.String(), nullable=False, server_default="{}"),
        sa.Column("prev_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=True),
    ):
        op.add_column("whistle_log", noted)
    op.execute(
        "UPDATE whistle_log SET seq = (SELECT count(*) FROM whistle_log AS older"
        " WHERE older.whistle_id = whistle_log.whistle_id AND older.id <= whistle_log.id)"
    )
    op.execute(
        "UPDATE whistle SET seq ="
        " (SELECT count(*) FROM whistle_log WHERE whistle_log.whistle_id = whistle.id)"
    )
    op.create_index("ix_whistle_log_seq", "whistle_log", ["whistle_id", "seq"], unique=True)
    op.create_index("ix_whistle_blown_at", "whistle", ["blown_at"])


def downgrade() -> None:
    op.drop_index("ix_whistle_blown_at", "whistle")
    op.drop_index("ix_whistle_log_seq", "whistle_log")
    for name in reversed(LOG):
        op.drop_column("whistle_log", name)
    for name in reversed(WHISTLE):
        op.drop_column("whistle", name)
