"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
TABLES = (
    "area_week",
    "data_state",
    "import_batch",
    "source_state",
    "department",
    "division",
    "event",
    "event_class",
    "import_change",
    "import_reject",
    "staff",
    "station",
    "event_log",
)


# fmt: off
def upgrade() -> None:
    op.create_table("area_week",
    sa.Column("code", CODE, nullable=False),
    sa.Column("week", sa.Date(), nullable=False),
    sa.Column("reported", sa.Integer(), nullable=False),
    sa.Column("proactive", sa.Integer(), nullable=False),
    sa.Column("due", sa.Integer(), nullable=False),
    sa.Column("due_in_time", sa.Integer(), nullable=False),
    sa.Column("due_suspended", sa.Integer(), nullable=False),
    sa.Column("closed", sa.Integer(), nullable=False),
    sa.Column("reworked", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("code", "week")
    )
    op.create_table("data_state",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("revision", sa.Integer(), nullable=False),
    sa.Column("changed_at", sa.DateTime(), nullable=True),
    sa.Column("tiles", sa.String(128), nullable=False),
    sa.Column("tiles_revision", sa.Integer(), nullable=False),
    sa.Column("last_event_id", sa.Integer(), nullable=False),
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_table("import_batch",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("file_name", sa.String(256), nullable=False),
    sa.Column("file_sha256", sa.String(64), nullable=False),
    sa.Column("profile", sa.String(64), nullable=False),
    sa.Column("is_demo", sa.Boolean(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("published_at", sa.DateTime(), nullable=True),
    sa.Column("undone_at", sa.DateTime(), nullable=True),
    sa.Column("rows_total", sa.Integer(), nullable=False),
    sa.Column("rows_new", sa.Integer(), nullable=False),
    sa.Column("rows_changed", sa.Integer(), nullable=False),
    sa.Column("rows_same", sa.Integer(), nullable=False),
    sa.Column("rows_rejected", sa.Integer(), nullable=False),
    sa.Column("rows_unplaced", sa.Integer(), nullable=False),
    sa.Column("rows_unlocated", sa.Integer(), nullable=False),
    sa.Column("rows_marked", sa.Integer(), nullable=False),
    sa.Column("note", sa.String(2000), nullable=False),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_table("source_state",
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("last_reported_at", sa.DateTime(), nullable=True),
    sa.Column("last_batch_at", sa.DateTime(), nullable=True),
    sa.Column("events", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("source")
    )
    op.create_table("department",
    sa.Column("code", sa.String(32), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("initials", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("phone", sa.String(32), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("code")
    )
    op.create_index("ix_department_batch_id", "department", ["batch_id"])
    op.create_table("division",
    sa.Column("code", CODE, nullable=False),
    sa.Column("valid_from", sa.Date(), nullable=False),
    sa.Column("valid_to", sa.Date(), nullable=True),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("short_name", sa.String(64), nullable=False),
    sa.Column("initials", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("parent_code", CODE, nullable=False),
    sa.Column("residents", sa.Integer(), nullable=True),
    sa.Column("households", sa.Integer(), nullable=True),
    sa.Column("area_km2", sa.Float(), nullable=True),
    sa.Column("lon", sa.Float(), nullable=True),
    sa.Column("lat", sa.Float(), nullable=True),
    sa.Column("min_lon", sa.Float(), nullable=True),
    sa.Column("min_lat", sa.Float(), nullable=True),
    sa.Column("max_lon", sa.Float(), nullable=True),
    sa.Column("max_lat", sa.Float(), nullable=True),
    sa.Column("tile_index", sa.Integer(), nullable=True),
    sa.Column("geometry", sa.LargeBinary(), nullable=True),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("code", "valid_from")
    )
    op.create_index("ix_division_batch_id", "division", ["batch_id"])
    op.create_index("ix_division_level_code", "division", ["level", "code"])
    op.create_index("ix_division_parent_code", "division", ["parent_code"])
    op.create_table("event",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("external_no", sa.String(64), nullable=False),
    sa.Column("class_code", CODE, nullable=False),
    sa.Column("title", sa.String(128), nullable=False),
    sa.Column("description", sa.String(2000), nullable=False),
    sa.Column("address", sa.String(256), nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("code_at_report", CODE, nullable=False),
    sa.Column("lon", sa.Float(), nullable=True),
    sa.Column("lat", sa.Float(), nullable=True),
    sa.Column("cell", sa.BigInteger(), nullable=True),
    sa.Column("urgency", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("status_since", sa.DateTime(), nullable=False),
    sa.Column("department_code", sa.String(32), nullable=False),
    sa.Column("handler", sa.String(64), nullable=False),
    sa.Column("reported_at", sa.DateTime(), nullable=False),
    sa.Column("reported_day", sa.Date(), nullable=False),
    sa.Column("due_at", sa.DateTime(), nullable=True),
    sa.Column("due_day", sa.Date(), nullable=True),
    sa.Column("warn_at", sa.DateTime(), nullable=True),
    sa.Column("ended_at", sa.DateTime(), nullable=True),
    sa.Column("ended_day", sa.Date(), nullable=True),
    sa.Column("in_time", sa.Boolean(), nullable=True),
    sa.Column("supervised", sa.Boolean(), nullable=False),
    sa.Column("extended_count", sa.Integer(), nullable=False),
    sa.Column("reworked_count", sa.Integer(), nullable=False),
    sa.Column("flags", sa.String(128), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.Column("seq", sa.Integer(), nullable=False),
    sa.Column("head_hash", sa.LargeBinary(length=32), nullable=False),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("source", "external_no")
    )
    op.create_index("ix_event_batch", "event", ["batch_id"])
    op.create_index("ix_event_cell", "event", ["cell", "reported_day"])
    op.create_index("ix_event_due", "event", ["due_day", "code", "class_code", "source", "department_code",
        "status", "due_at", "warn_at", "in_time", "ended_at", "reported_at", "cell", "lon", "lat"])
    op.create_index("ix_event_ended", "event", ["ended_day", "code", "class_code", "source",
        "department_code", "status", "due_at", "warn_at", "in_time", "ended_at", "reported_at", "cell",
        "lon", "lat"])
    op.create_index("ix_event_open_cell", "event", ["cell", "code", "class_code", "source",
        "department_code", "status", "due_at", "warn_at", "in_time", "ended_at", "lon", "lat"],
        sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("ix_event_open_code", "event", ["code", "class_code", "source", "department_code",
        "status", "due_at", "warn_at", "in_time", "ended_at", "reported_at", "cell", "lon", "lat"],
        sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("ix_event_reported", "event", ["reported_day", "code", "class_code", "source",
        "department_code", "status", "due_at", "warn_at", "in_time", "ended_at", "reported_at", "cell",
        "lon", "lat"])
    op.create_table("event_class",
    sa.Column("code", CODE, nullable=False),
    sa.Column("valid_from", sa.Date(), nullable=False),
    sa.Column("valid_to", sa.Date(), nullable=True),
    sa.Column("major", sa.String(32), nullable=False),
    sa.Column("minor", sa.String(64), nullable=False),
    sa.Column("department_code", sa.String(32), nullable=False),
    sa.Column("urgency", sa.String(16), nullable=False),
    sa.Column("limit_hours", sa.Float(), nullable=True),
    sa.Column("clock_type", sa.String(16), nullable=False),
    sa.Column("closing_condition", sa.String(256), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("code", "valid_from")
    )
    op.create_index("ix_event_class_batch_id", "event_class", ["batch_id"])
    op.create_table("import_change",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=False),
    sa.Column("table_name", sa.String(32), nullable=False),
    sa.Column("row_key", sa.String(128), nullable=False),
    sa.Column("before_json", sa.String(), nullable=False),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_import_change_batch_id", "import_change", ["batch_id"])
    op.create_table("import_reject",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=False),
    sa.Column("line", sa.Integer(), nullable=False),
    sa.Column("field", sa.String(64), nullable=False),
    sa.Column("value", sa.String(256), nullable=False),
    sa.Column("reason", sa.String(256), nullable=False),
    sa.Column("advice", sa.String(256), nullable=False),
    sa.Column("row_json", sa.String(), nullable=False),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_import_reject_batch_id", "import_reject", ["batch_id"])
    op.create_table("staff",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("external_no", sa.String(64), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("post", sa.String(32), nullable=False),
    sa.Column("division_code", CODE, nullable=False),
    sa.Column("department_code", sa.String(32), nullable=False),
    sa.Column("phone", sa.String(32), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("source", "external_no")
    )
    op.create_index("ix_staff_batch_id", "staff", ["batch_id"])
    op.create_index("ix_staff_division_code", "staff", ["division_code"])
    op.create_table("station",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("external_no", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("initials", sa.String(128), nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("address", sa.String(256), nullable=False),
    sa.Column("phone", sa.String(32), nullable=False),
    sa.Column("lon", sa.Float(), nullable=True),
    sa.Column("lat", sa.Float(), nullable=True),
    sa.Column("cell", sa.BigInteger(), nullable=True),
    sa.Column("hours", sa.String(256), nullable=False),
    sa.Column("area_m2", sa.Float(), nullable=True),
    sa.Column("counters", sa.Integer(), nullable=True),
    sa.Column("staff_count", sa.Integer(), nullable=True),
    sa.Column("items", sa.String(), nullable=False),
    sa.Column("serves", sa.String(), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("source", "external_no")
    )
    op.create_index("ix_station_batch_id", "station", ["batch_id"])
    op.create_index("ix_station_cell", "station", ["cell"])
    op.create_index("ix_station_code", "station", ["code"])
    op.create_table("event_log",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("event_id", sa.Integer(), nullable=False),
    sa.Column("seq", sa.Integer(), nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("from_status", sa.String(16), nullable=False),
    sa.Column("to_status", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(512), nullable=False),
    sa.Column("changes", sa.String(), nullable=False),
    sa.Column("batch_id", sa.Integer(), nullable=True),
    sa.Column("prev_hash", sa.LargeBinary(length=32), nullable=False),
    sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
    sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"], ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("event_id", "seq")
    )
    op.create_index("ix_event_log_batch", "event_log", ["batch_id"])
    op.execute(
        "INSERT INTO data_state (id, revision, tiles, tiles_revision, last_event_id, timezone)"
        " VALUES (1, 0, '', 0, 0, 'Asia/Shanghai')"
    )
# fmt: on


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
