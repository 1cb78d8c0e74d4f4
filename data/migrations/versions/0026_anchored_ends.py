"""A daily anchor keeps where the logs beside that of the events ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_anchor", sa.Column("ends", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """The older program would find every anchor that keeps such ends changed: it begins its anchors anew."""
    op.execute("DELETE FROM log_anchor WHERE ends <> ''")
    op.drop_column("log_anchor", "ends")
