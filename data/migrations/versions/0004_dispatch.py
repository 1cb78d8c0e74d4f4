"""Dispatch table, lists, process tables."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in by the work that brings the tables."""


def downgrade() -> None:
    """See :func:`upgrade`."""
