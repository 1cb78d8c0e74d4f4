"""Who judged, by number and role; and judgements that were taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = ("staff_id", "role", "withdrawn_at")


def upgrade() -> None:
    op.add_column("evaluation", sa.Column("staff_id", sa.Integer(), nullable=True))
    op.add_column("evaluation", sa.Column("role", sa.String(16), nullable=False, server_default=""))
    op.add_column("evaluation", sa.Column("withdrawn_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("evaluation", name)
