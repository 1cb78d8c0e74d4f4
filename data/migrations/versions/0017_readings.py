"""Readings that sensors send, tokens for them, and how a week is made of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
TABLES = ("reading", "sensor", "reading_week")
DEFINITION = sa.table(
    "count_definition",
    *(sa.column(name, sa.String()) for name in ("name", "label", "base", "classes", "sources", "aggregate")),
    sa.column("unit", sa.String()),
    sa.column("shipped", sa.Boolean()),
    sa.column("weekly", sa.String()),
)


# fmt: off
def upgrade() -> None:
    op.add_column("intake_token", sa.Column("scope", sa.String(16), nullable=False, server_default="cases"))
    op.add_column("count_definition", sa.Column("weekly", sa.String(8), nullable=False, server_default="sum"))
    entered = (DEFINITION.c.base == "") & (DEFINITION.c.aggregate == "exact")
    op.execute(DEFINITION.update().where(entered).values(weekly="mean"))
    op.bulk_insert(DEFINITION, [{
        "name": "water_level", "label": "河道水位", "base": "", "classes": "", "sources": "",
        "aggregate": "exact", "unit": "米", "shipped": True, "weekly": "max",
    }])
    op.create_table("reading",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("number", sa.String(64), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("value", sa.Float(), nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("external_no", sa.String(64), nullable=True),
    sa.Column("received_at", sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("source", "number", "name", "at"),
    sa.UniqueConstraint("source", "external_no"),
    )
    op.create_index("ix_reading_at", "reading", ["at"])
    op.create_table("sensor",
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("number", sa.String(64), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("label", sa.String(64), nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("lon", sa.Float(), nullable=True),
    sa.Column("lat", sa.Float(), nullable=True),
    sa.Column("newest_at", sa.DateTime(), nullable=False),
    sa.Column("newest_value", sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint("source", "number", "name"),
    )
    op.create_index("ix_sensor_name", "sensor", ["name", "newest_at"])
    op.create_table("reading_week",
    sa.Column("code", CODE, nullable=False),
    sa.Column("week", sa.Date(), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("readings", sa.Integer(), nullable=False),
    sa.Column("total", sa.String(40), nullable=False),
    sa.Column("highest", sa.Float(), nullable=False),
    sa.Column("last_value", sa.Float(), nullable=False),
    sa.Column("last_at", sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint("code", "week", "name"),
    )
    op.create_index("ix_reading_week_week", "reading_week", ["week", "name"])
# fmt: on


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute(DEFINITION.delete().where(DEFINITION.c.name == "water_level"))
    op.drop_column("count_definition", "weekly")
    op.drop_column("intake_token", "scope")
