"""What a case carries through its loop."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in by the work that brings the tables."""


def downgrade() -> None:
    """See :func:`upgrade`."""
