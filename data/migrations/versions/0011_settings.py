"""One log of changed settings; rules removed or without a notice; owners of plans; notices that only test."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


# fmt: off
def upgrade() -> None:
    op.create_table("setting_change",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("subject", sa.String(16), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("what", sa.String(256), nullable=False),
    sa.Column("reason", sa.String(256), nullable=False),
    sa.Column("rows", sa.Text(), nullable=False),
    sa.Column("undone_by", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["undone_by"], ["setting_change.id"]),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_setting_change_subject", "setting_change", ["subject", "key", "id"])
    op.add_column("rule", sa.Column("notify", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("rule", sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("response_plan", sa.Column("owner", sa.String(32), nullable=False, server_default="leader"))
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("alert_id", existing_type=sa.Integer(), nullable=True)
# fmt: on


def downgrade() -> None:
    """See :func:`upgrade`. Tests of receivers are forgotten: the older table has no place for them."""
    op.execute("DELETE FROM notice WHERE alert_id IS NULL")
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("alert_id", existing_type=sa.Integer(), nullable=False)
    op.drop_column("response_plan", "owner")
    op.drop_column("rule", "removed")
    op.drop_column("rule", "notify")
    op.drop_table("setting_change")
