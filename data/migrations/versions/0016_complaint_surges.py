"""The shipped rule on surges counts complaints only; a rule that names nobody answers to its usual owner."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COMPLAINTS = ("12345", "12349", "mailbox", "resident")
OWNERS = {"sensor_limit": "community", "whistle_ladder": "leader"}
"""Who answered for the rules of a kind as shipped, where it was not the street."""
_RULE = sa.table(
    "rule",
    *(
        sa.column(name)
        for name in ("id", "kind", "name", "parameters", "owner", "version", "changed_by", "removed")
    ),
)
_CHANGE = sa.table(
    "setting_change",
    *(sa.column(name) for name in ("subject", "key", "actor", "what", "reason", "rows")),
    sa.column("at", sa.DateTime()),
)


def upgrade() -> None:
    connection = op.get_bind()
    kept = sa.select(_RULE).where(_RULE.c.removed == sa.false()).order_by(_RULE.c.id)
    for rule in connection.execute(kept).all():
        values, said = {}, []
        parameters = json.loads(rule.parameters) if _is_shipped_surge(rule) else {"sources": None}
        if parameters.get("sources", []) == []:
            text = json.dumps(parameters | {"sources": COMPLAINTS}, ensure_ascii=False, sort_keys=True)
            values["parameters"] = text
            said.append("只数投诉来源（12345、12349、民情意见箱、居民扫码）")
        if not rule.owner:
            values["owner"] = OWNERS.get(rule.kind, "street")
            said.append("原来没有指定由谁负责，改为这类规则的默认负责人")
        if values:
            _keep(connection, rule, values, "；".join(said))


def _is_shipped_surge(rule: sa.Row[tuple[object, ...]]) -> bool:
    """Whether it is the rule that came with the product and nobody has edited it."""
    return bool(rule.kind == "surge" and rule.version == 1 and not rule.changed_by)


def _keep(
    connection: sa.Connection, rule: sa.Row[tuple[object, ...]], values: dict[str, str], said: str
) -> None:
    """A new version, which the history of the rule names; what a new database begins with is its first."""
    has_events = connection.execute(sa.select(sa.literal(1)).select_from(sa.table("event")).limit(1)).first()
    if has_events is None:
        connection.execute(sa.update(_RULE).where(_RULE.c.id == rule.id).values(**values))
        return
    changed = sa.update(_RULE).where(_RULE.c.id == rule.id).values(**values, version=rule.version + 1)
    connection.execute(changed)
    connection.execute(
        sa.insert(_CHANGE).values(
            subject="rule", key=str(rule.id), at=datetime.now(UTC).replace(tzinfo=None), actor="系统（升级）",
            what=f"修改规则“{rule.name}”：{said}"[:256], reason="程序升级", rows="[]",
        )
    )  # fmt: skip


def downgrade() -> None:
    """What a rule says now is as good as before: nothing is taken back."""
