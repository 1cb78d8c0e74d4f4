"""The logs of what people changed are chained, and name who acted by number.

Rows that are there are sealed in the order of their numbers, from now on nobody can change them unseen;
``chain_head`` keeps that they were sealed afterwards, and when.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LOGS = {
    "alert_log": "alert_id at actor staff_id action from_state to_state reason",
    "list_item_log": (
        "subject subject_id seq at actor staff_id action from_stage to_stage reason before_json"
    ),
    "setting_change": "subject key at actor staff_id what reason rows",
    "dispatch_rule": (
        "number version class_prefix area_prefix department_code limit_hours clock_type respond_hours"
        " valid_from withdrawn note actor staff_id created_at"
    ),
    "calendar_change": "at actor staff_id what area_prefix first_day last_day",
    "calendar_day": "area_prefix day is_working name is_official note change_id",
    "calendar_hours": "area_prefix valid_from spans warn_share note change_id",
}


def upgrade() -> None:
    op.create_table(
        "chain_head",
        sa.Column("log", sa.String(32), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("sealed_up_to", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("log"),
    )
    for name, columns in LOGS.items():
        if "staff_id" in columns.split():
            op.add_column(name, sa.Column("staff_id", sa.Integer(), nullable=True))
        op.add_column(name, sa.Column("prev_hash", sa.LargeBinary(), nullable=True))
        op.add_column(name, sa.Column("hash", sa.LargeBinary(), nullable=True))
        seal(name, columns.split())


def seal(name: str, columns: list[str]) -> None:
    """What ``data.chain`` does with a new row, for all that are there."""
    connection = op.get_bind()
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    wanted = sa.select(*(table.c[each] for each in ("id", *columns))).order_by(table.c.id)
    prev_hash, seals, last = bytes(32), [], 0
    for row in connection.execute(wanted).mappings().all():
        listed = [*(plain(row[each]) for each in columns), prev_hash.hex()]
        chained = sha256(json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()).digest()
        seals.append({"the_id": row["id"], "before": prev_hash, "own": chained})
        prev_hash, last = chained, row["id"]
    if seals:
        sealing = sa.update(table).where(table.c.id == sa.bindparam("the_id"))
        sealing = sealing.values(prev_hash=sa.bindparam("before"), hash=sa.bindparam("own"))
        connection.execute(sealing, seals)
    head = sa.Table("chain_head", sa.MetaData(), autoload_with=connection)
    sealed_at = datetime.now(UTC).replace(tzinfo=None) if seals else None
    connection.execute(
        head.insert().values(
            log=name, entries=len(seals), hash=prev_hash, sealed_up_to=last, sealed_at=sealed_at
        )
    )


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def downgrade() -> None:
    for name, columns in LOGS.items():
        for column in ("hash", "prev_hash", *(["staff_id"] if "staff_id" in columns.split() else [])):
            op.drop_column(name, column)
    op.drop_table("chain_head")
