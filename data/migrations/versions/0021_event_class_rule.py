"""A red rule that rings for every mass incident and every major public-opinion case, as it happens."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KIND = "event_class"
NAME = "重大舆情和群体事件"
SHIPPED = ("0409", "0410")
"""群发性事件 and 重大舆情 in the classes that a street may start with."""
MEANT = ("群体性", "群体事件", "群体上访", "群体访", "群发性", "群发事件", "舆情")
_COLUMNS = (
    "kind", "name", "parameters", "color", "owner", "area", "version", "origin", "changed_by",
)  # fmt: skip
_RULE = sa.table("rule", sa.column("enabled", sa.Boolean()), *(sa.column(name) for name in _COLUMNS))
_CLASS = sa.table("event_class", *(sa.column(name) for name in ("code", "minor", "valid_to")))


def upgrade() -> None:
    """On where the street's own table has such classes, by their names, or has no classes yet."""
    connection = op.get_bind()
    found = connection.execute(sa.select(_CLASS.c.code, _CLASS.c.minor).where(_CLASS.c.valid_to.is_(None)))
    known = {row.code: row.minor for row in found}
    named = sorted(code for code, name in known.items() if _is_meant(name))
    parameters = {"classes": named or list(SHIPPED), "sources": [], "urgency": ""}
    connection.execute(
        sa.insert(_RULE).values(
            kind=KIND, name=NAME, parameters=json.dumps(parameters, ensure_ascii=False, sort_keys=True),
            color="red", owner="leader", area="", enabled=bool(named or not known), version=1,
            origin="街道治理效能监测平台", changed_by="",
        )
    )  # fmt: skip


def _is_meant(name: str) -> bool:
    """特殊群体 and the like are people to care for, and no incident."""
    return any(word in name for word in MEANT)


def downgrade() -> None:
    """The older program knows no such kind of rule: it goes, and what it rang stays with its log."""
    rules = f"SELECT id FROM rule WHERE kind = '{KIND}'"  # noqa: S608
    op.execute(f"UPDATE alert SET rule_id = NULL, active_key = NULL WHERE rule_id IN ({rules})")  # noqa: S608
    op.execute(f"DELETE FROM rule WHERE kind = '{KIND}'")  # noqa: S608
