"""Repeats at one place are a rule; what a district had set for the overview goes over to the rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

REPEAT: dict[str, Any] = {"minimum": 3, "days": 30}
SURGE: dict[str, Any] = {"times": 3, "minimum": 5, "weeks": 8, "deviations": 3}
"""What ships; a rule that somebody has set otherwise keeps that."""
TITLES = {
    "times": "倍数", "minimum": "至少件数", "weeks": "比较周数", "deviations": "标准差个数", "days": "天数"
}  # fmt: skip
NAME = "同一处反复"
BOUNDS: dict[str, tuple[str, float, float, type[int] | type[float]]] = {
    "surge_weeks": ("weeks", 3, 26, int),
    "surge_minimum": ("minimum", 2, 10_000, int),
    "surge_times": ("times", 1.1, 100, float),
    "surge_deviations": ("deviations", 0, 10, float),
    "repeat_minimum": ("minimum", 2, 100, int),
    "repeat_days": ("days", 2, 180, int),
}
"""The number that a district could set: its name in the rule, and what a rule allows."""
ACTOR = "系统（升级）"
ORIGIN = "本项目约定"
REASON = "程序升级"


def upgrade() -> None:
    connection = op.get_bind()
    rule, number = (_table(name) for name in ("rule", "loop_rule"))
    rows = connection.execute(sa.select(number.c.key, number.c.value).where(number.c.key.in_(BOUNDS)))
    was_set = {row.key: float(row.value) for row in rows}
    at = datetime.now(UTC).replace(tzinfo=None)

    def say(rule_id: int, name: str, taken: dict[str, Any]) -> None:
        numbers = "、".join(f"{TITLES[key]} {value:g}" for key, value in taken.items())
        what = f"修改规则“{name}”：一图统览原来按全区参数，现在按本规则，沿用{numbers}"
        _keep(str(rule_id), what[:256], at)

    wanted = _of("repeat", was_set)
    made = connection.execute(
        rule.insert().values(
            kind="repeat", name=NAME, color="blue", owner="community", area="", enabled=True, version=1,
            origin=ORIGIN, changed_at=None, changed_by="", notify=False, removed=False,
            parameters=json.dumps(REPEAT | wanted, ensure_ascii=False, sort_keys=True),
        )
    )  # fmt: skip
    if wanted and made.inserted_primary_key is not None:
        say(made.inserted_primary_key[0], NAME, wanted)
    shipped = connection.execute(
        sa.select(rule.c.id, rule.c.name, rule.c.parameters, rule.c.version)
        .where(rule.c.kind == "surge", rule.c.area == "", sa.not_(rule.c.removed), rule.c.origin != "")
        .order_by(rule.c.id)
    ).first()
    wanted = _of("surge", was_set)
    given = json.loads(shipped.parameters) if shipped else {}
    taken = {name: wanted[name] for name in wanted if given.get(name, SURGE[name]) == SURGE[name]}
    if shipped is not None and taken:
        text = json.dumps(given | taken, ensure_ascii=False, sort_keys=True)
        values = {"parameters": text, "version": shipped.version + 1, "changed_at": at, "changed_by": ACTOR}
        connection.execute(rule.update().where(rule.c.id == shipped.id).values(**values))
        say(shipped.id, shipped.name, taken)
    connection.execute(number.delete().where(number.c.key.in_(BOUNDS)))


def _table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())


def _keep(key: str, what: str, at: datetime) -> None:
    """Writes a change of a rule at the end of its chain, as ``data.chain`` does."""
    connection, head = op.get_bind(), _table("chain_head")
    mine = head.c.log == "setting_change"
    end = connection.execute(sa.select(head.c.entries, head.c.hash).where(mine)).one()
    listed = ["rule", key, at.isoformat() + "Z", ACTOR, None, what, REASON, "[]", end.hash.hex()]
    own = sha256(json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()).digest()
    connection.execute(
        _table("setting_change").insert().values(
            subject="rule", key=key, at=at, actor=ACTOR, staff_id=None, what=what, reason=REASON, rows="[]",
            prev_hash=end.hash, hash=own,
        )
    )  # fmt: skip
    connection.execute(head.update().where(mine).values(entries=end.entries + 1, hash=own))


def _of(group: str, was_set: dict[str, float]) -> dict[str, Any]:
    """The parameters of one rule that somebody had set, within what a rule allows."""
    found: dict[str, Any] = {}
    for key, (name, low, high, kind) in BOUNDS.items():
        if key.startswith(group) and key in was_set:
            found[name] = kind(min(max(was_set[key], low), high))
    return found


def downgrade() -> None:
    """The older program knows no such kind: its rules stay for their alerts, as removed ones of another."""
    op.execute("UPDATE rule SET kind = 'surge', parameters = '{}', removed = true WHERE kind = 'repeat'")
