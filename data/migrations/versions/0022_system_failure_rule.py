"""A blue rule that rings when the worker, one of its jobs or a receiver of notices does not work."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KIND = "system_failure"
PARAMETERS = {"failures": 3, "silent_minutes": 10, "delivery_hours": 2}
_COLUMNS = (
    "kind", "name", "parameters", "color", "owner", "area", "version", "origin", "changed_by",
)  # fmt: skip
_RULE = sa.table("rule", sa.column("enabled", sa.Boolean()), *(sa.column(name) for name in _COLUMNS))


def upgrade() -> None:
    op.get_bind().execute(
        sa.insert(_RULE).values(
            kind=KIND, name="系统故障", parameters=json.dumps(PARAMETERS, sort_keys=True), color="blue",
            owner="dispatcher", area="", enabled=True, version=1, origin="街道治理效能监测平台",
            changed_by="",
        )
    )  # fmt: skip


def downgrade() -> None:
    """The older program knows no such kind of rule: it goes, and what it rang stays with its log."""
    rules = f"SELECT id FROM rule WHERE kind = '{KIND}'"  # noqa: S608
    op.execute(f"UPDATE alert SET rule_id = NULL, active_key = NULL WHERE rule_id IN ({rules})")  # noqa: S608
    op.execute(f"DELETE FROM rule WHERE kind = '{KIND}'")  # noqa: S608
