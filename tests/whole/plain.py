"""The definitions once more, from their words, as a plain loop over rows: it shares no rule with the product.

Days and colours are worked out from the moments, not from what is stored beside them; edges with fractions.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from geo.polyline import decode
from tests.dashboard.small_world import NOW
from tests.whole.nasty import Params, day

Row = dict[str, Any]
CLOSED = ("closed", "evaluated")


def matching(rows: list[Row], params: Params) -> list[Row]:
    """The rows that URL parameters ask for, at ``NOW``."""
    polygon = decode(params["poly"]) if "poly" in params else []
    return [
        row
        for row in rows
        if _in_basis(row, params)
        and _begins(row["code"], params.get("area"))
        and _begins(row["class_code"], params.get("class"))
        and _among(row["source"], params.get("source"))
        and _among(row["department_code"], params.get("dept"))
        and _among(color(row), params.get("color"))
        and _has(row, params.get("q", ""))
        and (not polygon or inside(row, polygon))
        and _lacks(row, params)
    ]


def _lacks(row: Row, params: Params) -> bool:
    """No position, or no deeper than the one area asked for; without one, in no street."""
    if params.get("missing") == "position":
        return row["lon"] is None
    if params.get("missing") == "code":
        areas = {area for area in params.get("area", "").split(",") if area}
        widest = [
            area for area in areas if not any(area != other and area.startswith(other) for other in areas)
        ]
        return row["code"] == widest[0] if len(widest) == 1 else len(row["code"]) < 9
    return True


def color(row: Row) -> str:
    """Where a row stands against its deadline now."""
    if row["ended_at"] is not None:
        late = row["status"] in CLOSED and row["due_at"] is not None and row["ended_at"] > row["due_at"]
        return "done_late" if late else "done"
    if row["status"] == "suspended":
        return "suspended"
    if row["due_at"] is None:
        return "no_limit"
    left = row["due_at"] - NOW
    if left < timedelta(0):
        return "overdue"
    return "soon" if 4 * left <= row["due_at"] - row["reported_at"] else "in_time"


def judged(row: Row) -> bool:
    """Whether the deadline has spoken: closed with a limit, or overdue."""
    return color(row) == "overdue" or (row["status"] in CLOSED and row["due_at"] is not None)


def in_time(row: Row) -> bool:
    return row["status"] in CLOSED and row["ended_at"] <= row["due_at"]


def this_week(rows: list[Row], params: Params) -> list[Row]:
    """The denominator of 按期结案率: due from Monday to today, whatever the basis, period and colours."""
    today = day(NOW)
    assert today is not None
    week = {name: value for name, value in params.items() if name not in ("basis", "from", "to", "color")}
    monday = today - timedelta(days=today.weekday())
    week |= {"basis": "due", "from": monday.isoformat(), "to": today.isoformat()}
    return [row for row in matching(rows, week) if judged(row)]


def kpis(rows: list[Row], params: Params) -> dict[str, float | None]:
    """The five figures: each has a basis of its own and keeps the other conditions."""
    today = str(day(NOW))
    rest = {name: value for name, value in params.items() if name not in ("basis", "from", "to", "color")}
    is_open = matching(rows, rest)
    new = matching(rows, rest | {"basis": "reported", "from": today, "to": today})
    week = this_week(rows, params)
    return {
        "open": len(is_open),
        "new_today": len(new),
        "overdue": sum(color(row) == "overdue" for row in is_open),
        "soon": sum(color(row) == "soon" for row in is_open),
        "on_time_rate": 100 * sum(in_time(row) for row in week) / len(week) if week else None,
    }


def _in_basis(row: Row, params: Params) -> bool:
    asked = params["status"].split(",") if "status" in params else []
    if asked and row["status"] not in asked:
        return False
    basis = params.get("basis", "open")
    if basis == "open":
        return row["ended_at"] is None
    at = row[{"reported": "reported_at", "due": "due_at", "closed": "ended_at"}[basis]]
    start, end = (date.fromisoformat(params[name]) for name in ("from", "to"))
    local = day(at)
    if local is None or not start <= local <= end:
        return False
    if row["status"] == "voided":
        return "voided" in asked
    if basis == "due":
        return bool(row["status"] != "merged")
    return basis == "reported" or row["status"] in CLOSED


def _begins(code: str, prefixes: str | None) -> bool:
    return prefixes is None or any(code.startswith(prefix) for prefix in prefixes.split(","))


def _among(value: str, values: str | None) -> bool:
    return values is None or value in values.split(",")


def _has(row: Row, text: str) -> bool:
    names = ("external_no", "title", "description", "address")
    return any(text.lower() in row[name].lower() for name in names)


def inside(row: Row, ring: list[tuple[float, float]]) -> bool:
    """Inside or on the edge, by crossings of a ray; what floats could get wrong is done with fractions."""
    if row["lon"] is None:
        return False
    x, y = row["lon"], row["lat"]
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if not min(y1, y2) <= y <= max(y1, y2):
            continue
        side = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if abs(side) < 1e-9:
            fx, fy, fx1, fy1, fx2, fy2 = (Fraction(value) for value in (x, y, x1, y1, x2, y2))
            exact = (fx2 - fx1) * (fy - fy1) - (fy2 - fy1) * (fx - fx1)
            if exact == 0 and min(x1, x2) <= x <= max(x1, x2):
                return True
            side = float((exact > 0) - (exact < 0))
        if (y1 > y) != (y2 > y) and (side > 0) == (y2 > y1):
            crossings += 1
    return crossings % 2 == 1
