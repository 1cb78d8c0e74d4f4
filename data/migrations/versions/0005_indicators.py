"""Indicators, rules and alerts, and what a street begins with: twelve indicators, rules, plans."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CODE = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
TABLES = (
    "alert_log", "alert", "rule", "response_plan", "indicator", "indicator_reading", "area_week_count",
    "count_definition",
)  # fmt: skip
COLUMNS = (
    "due_judged", "due_late", "due_done", "respond_due", "responded", "called_back", "solved", "rated",
    "satisfied",
)  # fmt: skip
GARBAGE = "0102,0103,0606,0907"
HAZARD = "07"
COUNTS = (
    ("garbage_due", "垃圾应清运", "due_judged", GARBAGE, "sum", "件"),
    ("garbage_late", "垃圾逾期清运", "due_late", GARBAGE, "sum", "件"),
    ("hazard_due", "隐患应整改", "due_judged", HAZARD, "sum", "件"),
    ("hazard_done", "隐患已整改", "due_done", HAZARD, "sum", "件"),
    ("visits_due", "应探访", "", "", "sum", "人次"),
    ("visits_done", "已探访", "", "", "sum", "人次"),
    ("disputes_accepted", "受理纠纷", "", "", "sum", "件"),
    ("disputes_settled", "调解成功", "", "", "sum", "件"),
    ("arrival_minutes", "到场中位分钟", "", "", "exact", "分钟"),
    ("wait_minutes", "窗口等待分钟", "", "", "sum", "分钟"),
    ("wait_served", "窗口叫号人数", "", "", "sum", "人次"),
    ("water_turbidity", "水体浊度", "", "", "exact", "NTU"),
)
INDICATORS = (
    ("on_time", "按期结案率", "按期结案 / 应结", "%", "up", 90, 1, 10, "ours"),
    ("reworked", "返工率", "返工 / 到期", "%", "down", 2, 1, 10, "ours"),
    ("response", "响应率", "按时响应 / 应响应", "%", "up", 100, 1, 10, ""),
    ("solved", "解决率", "已解决 / 已回访", "%", "up", 80, 1, 10, "ours"),
    ("satisfied", "满意率", "满意 / 有效评价", "%", "up", 85, 1, 10, ""),
    ("proactive", "主动发现率", "主动发现 / 上报", "%", "up", None, 1, 10, ""),
    ("garbage_late", "垃圾清运不及时率", "垃圾逾期清运 / 垃圾应清运", "%", "down", 10, 1, 10, "003"),
    ("visits", "月探访率", "已探访 / 应探访", "%", "up", 100, 4, 10, ""),
    ("disputes", "矛盾调解成功率", "调解成功 / 受理纠纷", "%", "up", 92, 4, 10, "003"),
    ("arrival", "应急到场", "到场中位分钟", "分钟", "down", 20, 1, 0, "003"),
    ("waiting", "窗口等待", "窗口等待分钟 / 窗口叫号人数", "分钟", "down", 12, 1, 10, "003"),
    ("hazard", "隐患整改率", "隐患已整改 / 隐患应整改", "%", "up", 98, 1, 10, "003"),
)
ORIGIN = {"ours": "本项目约定", "003": "街道治理效能监测平台", "": "行业通行"}
BOTH = ["street", "community"]
ORDER = {"class_code": "0199", "limit_hours": 24, "clock_type": "", "department_code": ""}
RULES: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("two_weeks_worse", "连续两周差于基准", "yellow", "street",
     {"indicators": [], "levels": BOTH, "weeks": 2, "settle_days": 1}),
    ("threshold_now", "垃圾清运不及时率超过 10%", "red", "street",
     {"indicator": "garbage_late", "limit": 10, "side": "above", "levels": ["community"], "order": ORDER}),
    ("surge", "诉求激增", "yellow", "street",
     {"times": 3, "minimum": 5, "weeks": 8, "level": "community", "sources": []}),
    ("overdue_ladder", "超期升级", "yellow", "street",
     {"rungs": [{"hours": 24, "color": "yellow", "owner": "street"},
                {"hours": 72, "color": "red", "owner": "leader"}]}),
    ("sensor_limit", "水体浊度超标", "yellow", "community",
     {"count": "water_turbidity", "above": 10, "below": None}),
    ("whistle_ladder", "吹哨未报到", "yellow", "leader", {"returns": 3}),
)  # fmt: skip
PLANS = (
    (
        "red",
        "红色风险",
        "重大舆情、群体事件，或整改指令",
        "主要领导到现场办公；3 天内提出解决方案并公开",
        72.0,
    ),
    (
        "yellow",
        "黄色风险",
        "诉求激增（如环比增加 200%）、指标连续变差",
        "增派人手和窗口、延长服务时间；当日提出措施",
        24.0,
    ),
    ("blue", "蓝色风险", "常规风险，如系统故障", "启用备用系统并发布公告", 4.0),
)


# fmt: off
def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("area_week", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_area_week_week", "area_week", ["week"])
    op.create_table("count_definition",
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("label", sa.String(32), nullable=False),
    sa.Column("base", sa.String(16), nullable=False),
    sa.Column("classes", sa.String(1000), nullable=False),
    sa.Column("sources", sa.String(500), nullable=False),
    sa.Column("aggregate", sa.String(8), nullable=False),
    sa.Column("unit", sa.String(8), nullable=False),
    sa.Column("shipped", sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint("name"),
    sa.UniqueConstraint("label")
    )
    op.create_table("area_week_count",
    sa.Column("code", CODE, nullable=False),
    sa.Column("week", sa.Date(), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("value", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("code", "week", "name")
    )
    op.create_index("ix_area_week_count_week", "area_week_count", ["week", "name"])
    op.create_table("indicator_reading",
    sa.Column("code", CODE, nullable=False),
    sa.Column("week", sa.Date(), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("value", sa.Float(), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("entered_at", sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint("code", "week", "name")
    )
    op.create_table("indicator",
    sa.Column("key", sa.String(32), nullable=False),
    sa.Column("valid_from", sa.Date(), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("formula", sa.String(200), nullable=False),
    sa.Column("unit", sa.String(8), nullable=False),
    sa.Column("direction", sa.String(8), nullable=False),
    sa.Column("baseline_kind", sa.String(8), nullable=False),
    sa.Column("baseline", sa.Float(), nullable=True),
    sa.Column("band_low", sa.Float(), nullable=True),
    sa.Column("band_high", sa.Float(), nullable=True),
    sa.Column("weeks", sa.Integer(), nullable=False),
    sa.Column("minimum_sample", sa.Integer(), nullable=False),
    sa.Column("area", CODE, nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("shipped", sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint("key", "valid_from")
    )
    op.create_table("rule",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("parameters", sa.String(2000), nullable=False),
    sa.Column("color", sa.String(8), nullable=False),
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("area", CODE, nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("changed_at", sa.DateTime(), nullable=True),
    sa.Column("changed_by", sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_table("alert",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("rule_id", sa.Integer(), nullable=True),
    sa.Column("cause", sa.String(96), nullable=False),
    sa.Column("active_key", sa.String(128), nullable=True),
    sa.Column("color", sa.String(8), nullable=False),
    sa.Column("title", sa.String(128), nullable=False),
    sa.Column("detail", sa.String(256), nullable=False),
    sa.Column("evidence", sa.String(4000), nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("is_drill", sa.Boolean(), nullable=False),
    sa.Column("event_id", sa.Integer(), nullable=True),
    sa.Column("raised_at", sa.DateTime(), nullable=False),
    sa.Column("changed_at", sa.DateTime(), nullable=False),
    sa.Column("ended_at", sa.DateTime(), nullable=True),
    sa.Column("resolved_at", sa.DateTime(), nullable=True),
    sa.Column("resolution", sa.String(256), nullable=False),
    sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
    sa.ForeignKeyConstraint(["rule_id"], ["rule.id"]),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("active_key")
    )
    unresolved = sa.text("state <> 'resolved'")
    op.create_index("ix_alert_unresolved", "alert", ["color", "code", "is_drill"], sqlite_where=unresolved,
                    postgresql_where=unresolved)
    op.create_index("ix_alert_state", "alert", ["state", "raised_at"])
    op.create_index("ix_alert_rule", "alert", ["rule_id"])
    op.create_index("ix_alert_event", "alert", ["event_id"])
    op.create_table("alert_log",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("alert_id", sa.Integer(), nullable=False),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("from_state", sa.String(16), nullable=False),
    sa.Column("to_state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(256), nullable=False),
    sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
    sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_alert_log_alert", "alert_log", ["alert_id", "id"])
    op.create_table("response_plan",
    sa.Column("color", sa.String(8), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("meaning", sa.String(128), nullable=False),
    sa.Column("actions", sa.String(512), nullable=False),
    sa.Column("within_hours", sa.Float(), nullable=True),
    sa.Column("drill_days", sa.Integer(), nullable=False),
    sa.Column("origin", sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint("color")
    )
    _ship()
    _count_what_is_there()
# fmt: on


def _ship() -> None:
    """What a street begins with; every row can be changed in the product."""
    connection = op.get_bind()
    tables = {name: sa.Table(name, sa.MetaData(), autoload_with=connection) for name in TABLES}
    op.bulk_insert(
        tables["count_definition"],
        [
            {"name": name, "label": label, "base": base, "classes": classes, "sources": "",
             "aggregate": aggregate, "unit": unit, "shipped": True}
            for name, label, base, classes, aggregate, unit in COUNTS
        ],
    )  # fmt: skip
    op.bulk_insert(
        tables["indicator"],
        [
            {"key": key, "valid_from": date(2000, 1, 3), "name": name, "formula": formula, "unit": unit,
             "direction": direction, "baseline_kind": "trend" if baseline is None else "number",
             "baseline": baseline, "band_low": None, "band_high": None, "weeks": weeks,
             "minimum_sample": sample, "area": "", "level": "", "owner": "指挥中心",
             "origin": ORIGIN[origin], "position": position, "enabled": True, "shipped": True}
            for position, (key, name, formula, unit, direction, baseline, weeks, sample, origin)
            in enumerate(INDICATORS, start=1)
        ],
    )  # fmt: skip
    op.bulk_insert(
        tables["rule"],
        [
            {"kind": kind, "name": name, "color": color, "owner": owner, "area": "", "enabled": True,
             "version": 1, "origin": ORIGIN["003"], "changed_at": None, "changed_by": "",
             "parameters": json.dumps(parameters, ensure_ascii=False, sort_keys=True)}
            for kind, name, color, owner, parameters in RULES
        ],
    )  # fmt: skip
    op.bulk_insert(
        tables["response_plan"],
        [
            {"color": color, "name": name, "meaning": meaning, "actions": actions, "within_hours": hours,
             "drill_days": 90, "origin": ORIGIN["003"]}
            for color, name, meaning, actions, hours in PLANS
        ],
    )  # fmt: skip


def _count_what_is_there() -> None:
    """The new counts of events that were there before: none of them has answers or times to respond."""
    connection = op.get_bind()
    connection.execute(sa.text(
        "UPDATE area_week SET due_judged = due - due_suspended, due_late = due - due_suspended - due_in_time"
    ))  # fmt: skip
    found = connection.execute(sa.text(
        "SELECT substr(code, 1, 12) AS area, due_day, class_code,"
        " sum(CASE WHEN status IN ('closed', 'evaluated') THEN 1 ELSE 0 END) AS done,"
        " sum(CASE WHEN in_time THEN 0 ELSE 1 END) AS late, count(*) AS judged FROM event"
        " WHERE due_day IS NOT NULL AND status NOT IN ('voided', 'merged', 'suspended')"
        " GROUP BY area, due_day, class_code"
    ).columns(due_day=sa.Date()))  # fmt: skip
    done: dict[tuple[str, date], int] = defaultdict(int)
    narrow: dict[tuple[str, date, str], int] = defaultdict(int)
    for row in found:
        key = row.area, row.due_day - timedelta(days=row.due_day.weekday())
        done[key] += row.done
        values = {"due_judged": row.judged, "due_late": row.late, "due_done": row.done}
        for name, _, base, classes, _, _ in COUNTS:
            if base and row.class_code.startswith(tuple(classes.split(","))):
                narrow[(*key, name)] += values[base]
    if done:
        connection.execute(
            sa.text("UPDATE area_week SET due_done = :done WHERE code = :code AND week = :week")
            .bindparams(sa.bindparam("week", type_=sa.Date())),
            [{"code": code, "week": week, "done": number} for (code, week), number in done.items()],
        )  # fmt: skip
    table = sa.Table("area_week_count", sa.MetaData(), autoload_with=connection)
    rows = [
        {"code": code, "week": week, "name": name, "value": value}
        for (code, week, name), value in narrow.items()
        if value
    ]
    if rows:
        connection.execute(sa.insert(table), rows)


def downgrade() -> None:
    """See :func:`upgrade`."""
    for name in TABLES:
        op.drop_table(name)
    op.drop_index("ix_area_week_week", "area_week")
    for name in COLUMNS:
        op.drop_column("area_week", name)
