"""The Filter's rules once more, as a plain loop over rows: what the statements are compared with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import shapely

from data.clock import sla_color
from data.filter import Filter
from data.vocabulary import Basis, SlaColor

DAY = {Basis.REPORTED: "reported_day", Basis.DUE: "due_day", Basis.CLOSED: "ended_day"}


def color(row: dict[str, Any], as_of: datetime) -> SlaColor:
    names = ("status", "due_at", "warn_at", "ended_at", "in_time")
    return sla_color(**{name: row[name] for name in names}, as_of=as_of)


def holds(row: dict[str, Any], where: Filter, as_of: datetime) -> bool:
    """Whether a row belongs to a filter."""
    return (
        _basis(row, where)
        and (not where.areas or any(row["code"].startswith(area) for area in where.areas))
        and (not where.classes or any(row["class_code"].startswith(code) for code in where.classes))
        and (not where.sources or row["source"] in where.sources)
        and (not where.departments or (row["department_code"] or "-") in where.departments)
        and (not where.colors or color(row, as_of) in where.colors)
        and (not where.text or _has_text(row, where.text))
        and (not where.polygon or _is_inside(row, where.polygon))
    )


def matching(rows: list[dict[str, Any]], where: Filter, as_of: datetime) -> list[dict[str, Any]]:
    return [row for row in rows if holds(row, where, as_of)]


def _basis(row: dict[str, Any], where: Filter) -> bool:
    status = row["status"]
    if where.statuses and status not in where.statuses:
        return False
    if where.basis is Basis.OPEN:
        return row["ended_at"] is None
    day = row[DAY[where.basis]]
    if day is None or where.start is None or where.end is None or not where.start <= day <= where.end:
        return False
    if status == "voided":
        return "voided" in where.statuses
    if where.basis is Basis.DUE:
        return bool(status != "merged")
    return where.basis is Basis.REPORTED or status in ("closed", "evaluated")


def _has_text(row: dict[str, Any], text: str) -> bool:
    fields = ("external_no", "title", "description", "address")
    return any(text.lower() in row[name].lower() for name in fields)


def _is_inside(row: dict[str, Any], polygon: tuple[tuple[float, float], ...]) -> bool:
    if row["lon"] is None:
        return False
    return bool(shapely.Polygon(polygon).intersects(shapely.Point(row["lon"], row["lat"])))
