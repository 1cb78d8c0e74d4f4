"""A small district with classes, departments and rules, written straight into the tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine

from data.database import write_session
from data.models import Department, DispatchRule, EventClass, ListItem
from data.vocabulary import ListStatus, ListType, ReviewStage

DISTRICT, STREET, COMMUNITY, NEIGHBOUR = "510115", "510115001", "510115001001", "510115001002"
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LONG_AGO = date(2026, 1, 1)
CLASSES = (
    ("0102", "市容环境", "暴露垃圾", "D01", 4.0, "working_hours"),
    ("0104", "市容环境", "道路不洁", "D01", 2.0, "working_hours"),
    ("0601", "部件设施", "井盖缺失", "D02", 2.0, "urgent_hours"),
    ("0804", "矛盾纠纷", "家庭纠纷", "", None, "calendar_days"),
)
DEPARTMENTS = (
    ("D01", "示例执法局", "区级部门"),
    ("D02", "示例住建局", "区级部门"),
    ("S01", "示例街道城管办", "街道内设机构"),
    ("C01", "示例社区工作站", "社区"),
)


def build_town(engine: Engine) -> Engine:
    """Four classes, of which one has no department, and four departments."""
    with write_session(engine) as session:
        for code, major, minor, department, hours, clock in CLASSES:
            session.add(
                EventClass(
                    code=code, valid_from=LONG_AGO, major=major, minor=minor, department_code=department,
                    urgency="normal", limit_hours=hours, clock_type=clock,
                )
            )  # fmt: skip
        session.add_all(Department(code=code, name=name, kind=kind) for code, name, kind in DEPARTMENTS)
    return engine


def rule(number: int, class_prefix: str, area_prefix: str, department: str, **more: Any) -> DispatchRule:
    """A first version in force since long ago."""
    return DispatchRule(
        **{
            "number": number, "version": 1, "class_prefix": class_prefix, "area_prefix": area_prefix,
            "department_code": department, "valid_from": LONG_AGO, "actor": "测试", "created_at": NOW, **more,
        }
    )  # fmt: skip


def negative(number: str, class_prefix: str, area_prefix: str = "", **more: Any) -> ListItem:
    """A line of the negative list in force."""
    return ListItem(
        **{
            "source": "test", "external_no": number, "list_type": ListType.NEGATIVE.value,
            "text": f"示例禁止事项{number}", "class_prefix": class_prefix, "area_prefix": area_prefix,
            "status": ListStatus.IN_FORCE.value, "review_stage": ReviewStage.PUBLISHED.value, **more,
        }
    )  # fmt: skip


def put(engine: Engine, *rows: Any) -> None:
    with write_session(engine) as session:
        session.add_all(rows)
