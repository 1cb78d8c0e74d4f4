"""Indicators, rules and alerts."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in by the work that brings the tables."""


def downgrade() -> None:
    """See :func:`upgrade`."""
