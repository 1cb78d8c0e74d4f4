"""Dispatch table, lists, process tables, whistles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
TABLES = (
    "dispatch_rule",
    "list_title",
    "list_item",
    "service_item",
    "list_item_log",
    "whistle",
    "whistle_department",
    "whistle_event",
    "whistle_log",
)


def upgrade() -> None:
    _dispatch()
    _lists()
    _whistles()


# fmt: off
def _dispatch() -> None:
    op.create_table("dispatch_rule",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("number", sa.Integer(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("class_prefix", CODE, nullable=False),
    sa.Column("area_prefix", CODE, nullable=False),
    sa.Column("department_code", sa.String(32), nullable=False),
    sa.Column("limit_hours", sa.Float(), nullable=True),
    sa.Column("clock_type", sa.String(16), nullable=False),
    sa.Column("respond_hours", sa.Float(), nullable=True),
    sa.Column("valid_from", sa.Date(), nullable=False),
    sa.Column("valid_to", sa.Date(), nullable=True),
    sa.Column("withdrawn", sa.Boolean(), nullable=False),
    sa.Column("note", sa.String(512), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("number", "version")
    )
    op.create_index("ix_dispatch_rule_prefixes", "dispatch_rule", ["class_prefix", "area_prefix"])
    op.create_index("ix_dispatch_rule_batch_id", "dispatch_rule", ["batch_id"])


def _lists() -> None:
    op.create_table("list_title",
    sa.Column("list_type", sa.String(16), nullable=False),
    sa.Column("title", sa.String(32), nullable=False),
    sa.Column("note", sa.String(256), nullable=False),
    sa.PrimaryKeyConstraint("list_type")
    )
    op.create_table("list_item",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("external_no", sa.String(64), nullable=False),
    sa.Column("list_type", sa.String(16), nullable=False),
    sa.Column("text", sa.String(512), nullable=False),
    sa.Column("class_prefix", CODE, nullable=False),
    sa.Column("area_prefix", CODE, nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("review_stage", sa.String(16), nullable=False),
    sa.Column("removed_at", sa.DateTime(), nullable=True),
    sa.Column("basis", sa.String(512), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("source", "external_no")
    )
    op.create_index("ix_list_item_type", "list_item", ["list_type", "status"])
    op.create_index("ix_list_item_batch_id", "list_item", ["batch_id"])
    op.create_table("service_item",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("external_no", sa.String(64), nullable=False),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("initials", sa.String(64), nullable=False),
    sa.Column("content", sa.String(1000), nullable=False),
    sa.Column("undertaker", sa.String(128), nullable=False),
    sa.Column("requirements", sa.String(1000), nullable=False),
    sa.Column("materials", sa.String(1000), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("limit_days", sa.Float(), nullable=True),
    sa.Column("removed_at", sa.DateTime(), nullable=True),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("source", "external_no")
    )
    op.create_index("ix_service_item_batch_id", "service_item", ["batch_id"])
    op.create_table("list_item_log",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("subject", sa.String(16), nullable=False),
    sa.Column("subject_id", sa.Integer(), nullable=False),
    sa.Column("seq", sa.Integer(), nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("from_stage", sa.String(16), nullable=False),
    sa.Column("to_stage", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(512), nullable=False),
    sa.Column("before_json", sa.String(), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("subject", "subject_id", "seq")
    )


def _whistles() -> None:
    op.create_table("whistle",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("blown_at", sa.DateTime(), nullable=False),
    sa.Column("half_at", sa.DateTime(), nullable=False),
    sa.Column("respond_by", sa.DateTime(), nullable=False),
    sa.Column("second_by", sa.DateTime(), nullable=False),
    sa.Column("returned_count", sa.Integer(), nullable=False),
    sa.Column("done_at", sa.DateTime(), nullable=True),
    sa.Column("outcome", sa.String(512), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_whistle_code", "whistle", ["code"])
    op.create_index("ix_whistle_done_at", "whistle", ["done_at"])
    op.create_index("ix_whistle_batch_id", "whistle", ["batch_id"])
    op.create_table("whistle_department",
    sa.Column("whistle_id", sa.Integer(), nullable=False),
    sa.Column("department_code", sa.String(32), nullable=False),
    sa.Column("leads", sa.Boolean(), nullable=False),
    sa.Column("arrived_at", sa.DateTime(), nullable=True),
    sa.Column("done_at", sa.DateTime(), nullable=True),
    sa.Column("returned_count", sa.Integer(), nullable=False),
    sa.Column("score", sa.Integer(), nullable=True),
    sa.Column("score_note", sa.String(256), nullable=False),
    sa.ForeignKeyConstraint(["whistle_id"], ["whistle.id"], ),
    sa.PrimaryKeyConstraint("whistle_id", "department_code")
    )
    op.create_table("whistle_event",
    sa.Column("whistle_id", sa.Integer(), nullable=False),
    sa.Column("event_id", sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(["whistle_id"], ["whistle.id"], ),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"], ),
    sa.PrimaryKeyConstraint("whistle_id", "event_id")
    )
    op.create_index("ix_whistle_event_event_id", "whistle_event", ["event_id"])
    op.create_table("whistle_log",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("whistle_id", sa.Integer(), nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("department_code", sa.String(32), nullable=False),
    sa.Column("reason", sa.String(512), nullable=False),
    sa.ForeignKeyConstraint(["whistle_id"], ["whistle.id"], ),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_whistle_log_whistle_id", "whistle_log", ["whistle_id"])
# fmt: on


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
