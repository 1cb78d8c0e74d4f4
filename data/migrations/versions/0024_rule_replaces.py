"""A rule may stand in the place of a wider one in its own area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

STANDING_IN = sa.text("replaces IS NOT NULL AND NOT removed")


def upgrade() -> None:
    op.execute("ALTER TABLE rule ADD COLUMN replaces INTEGER REFERENCES rule (id)")
    op.create_index(
        "ix_rule_replaces", "rule", ["replaces", "area"], unique=True, sqlite_where=STANDING_IN,
        postgresql_where=STANDING_IN,
    )  # fmt: skip


def downgrade() -> None:
    """See :func:`upgrade`. The older program rings by both rules; one that switches off is silent."""
    op.drop_index("ix_rule_replaces", "rule")
    op.drop_column("rule", "replaces")
