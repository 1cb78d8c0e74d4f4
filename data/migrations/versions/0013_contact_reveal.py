"""Who saw a resident's contact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")


# fmt: off
def upgrade() -> None:
    op.create_table("contact_reveal",
    sa.Column("seq", sa.Integer(), nullable=False),
    sa.Column("event_id", sa.Integer(), nullable=False),
    sa.Column("external_no", sa.String(64), nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("staff_id", sa.Integer(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(256), nullable=False),
    sa.Column("prev_hash", sa.LargeBinary(32), nullable=False),
    sa.Column("hash", sa.LargeBinary(32), nullable=False),
    sa.PrimaryKeyConstraint("seq")
    )
    op.create_index("ix_contact_reveal_event_id", "contact_reveal", ["event_id"])
    op.create_index("ix_contact_reveal_staff", "contact_reveal", ["staff_id", "at"])
# fmt: on


def downgrade() -> None:
    op.drop_table("contact_reveal")
