"""Other words for a line in force, which are reviewed before they replace it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_item", sa.Column("proposal", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("list_item", "proposal")
