"""The red line of 垃圾清运不及时率 begins with streets as well: few communities reach the minimum sample.

A database that has cases already keeps what it watches: its people widen the rule on the page, and the log
says who did.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_RULE = sa.table("rule", *(sa.column(name) for name in ("id", "kind", "parameters", "version")))


def upgrade() -> None:
    connection = op.get_bind()
    if connection.execute(sa.select(sa.literal(1)).select_from(sa.table("event")).limit(1)).first():
        return
    shipped = sa.select(_RULE).where(_RULE.c.kind == "threshold_now", _RULE.c.version == 1)
    for rule in connection.execute(shipped).all():
        parameters = json.loads(rule.parameters)
        if parameters.get("indicator") == "garbage_late" and parameters.get("levels") == ["community"]:
            text = json.dumps(
                parameters | {"levels": ["street", "community"]}, ensure_ascii=False, sort_keys=True
            )
            connection.execute(sa.update(_RULE).where(_RULE.c.id == rule.id).values(parameters=text))


def downgrade() -> None:
    """What the rule says now is as good as before: nothing is taken back."""
