"""The fields of a rule's parameters, kind by kind, as ``data.rules.parameters`` reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from dashboard.ask import ask
from dashboard.panels.duty_acts import class_choices, department_choices, pick
from dashboard.state import Screen
from data.indicators.counts import NamedCount, named_counts
from data.indicators.store import Measure, measures
from data.labels import CLOCK_TYPE, LEVEL, RISK_COLOR, ROLE, label
from data.manage import rules
from data.queries.reference import KeyOption, sources
from data.rules.parameter_titles import ORDER_TITLES, RUNG_TITLES, TITLES
from data.rules.parameters import SystemFailure
from data.vocabulary import Level, RiskColor, RuleKind, Urgency

LEVELS: Final = {level.value: LEVEL[level] for level in (Level.DISTRICT, Level.STREET, Level.COMMUNITY)}
OWNERS: Final = {role.value: ROLE[role] for role in rules.OWNERS}
_AS_THE_RULE: Final = {"": "与规则相同", **OWNERS}
COLORS: Final = {color.value: RISK_COLOR[color] for color in RiskColor}
_URGENT: Final = {"": "不限", Urgency.URGENT.value: "只看紧急的"}
MOST_RUNGS: Final = 4
Given = Mapping[str, Any]
Fields = dict[str, Any]
Titles = Mapping[str, str]


def ask_parameters(screen: Screen, kind: RuleKind, given: Given, key: str) -> Fields:
    """The parameters that the form's fields say."""
    return _ASK[kind](screen, given, key)


def pick_owner(title: str, options: dict[str, str], value: str, *, key: str) -> str:
    """Who answers; who may not acknowledge alerts is shown only where a rule names them already."""
    named = f"{label(ROLE, value)}（不能处理预警，请另选）" if value else "不指定（请选择）"
    return pick(title, options if value in options else {value: named, **options}, value, key=key)


def _number(titles: Titles, given: Given, name: str, default: float, key: str) -> float:
    value = st.number_input(
        titles[name], value=float(given.get(name, default)), step=0.5, format="%g", key=f"{key}_{name}"
    )
    return int(value) if value == int(value) else float(value)


def _whole(titles: Titles, given: Given, name: str, default: int, key: str) -> int:
    return int(
        st.number_input(titles[name], value=int(given.get(name, default)), step=1, key=f"{key}_{name}")
    )


def _levels(given: Given, default: tuple[str, ...], key: str) -> list[str]:
    return st.multiselect(
        "看哪一级", list(LEVELS), list(given.get("levels", default)), format_func=LEVELS.__getitem__,
        key=f"{key}_levels", placeholder="请选择",
    )  # fmt: skip


def _measures(screen: Screen) -> dict[str, str]:
    found: list[Measure] = ask(screen, measures, where=None)
    return {each.key: f"{each.name}（{each.unit}）" for each in found}


def _two_weeks(screen: Screen, given: Given, key: str) -> Fields:
    titles = TITLES[RuleKind.TWO_WEEKS_WORSE]
    names = _measures(screen)
    kept = [one for one in given.get("indicators", []) if one in names]
    indicators = st.multiselect(
        titles["indicators"], list(names), kept, format_func=names.__getitem__, key=f"{key}_indicators",
        placeholder="全部指标",
    )  # fmt: skip
    levels = _levels(given, ("street", "community"), key)
    first, second, third = st.columns(3)
    with first:
        weeks = _whole(titles, given, "weeks", 2, key)
    with second:
        days = _whole(titles, given, "settle_days", 1, key)
    with third:
        margin = _number(titles, given, "trend_margin", 20, key)
    return {
        "indicators": indicators, "levels": levels, "weeks": weeks, "settle_days": days,
        "trend_margin": margin,
    }  # fmt: skip


def _threshold(screen: Screen, given: Given, key: str) -> Fields:
    titles = TITLES[RuleKind.THRESHOLD_NOW]
    names = _measures(screen)
    indicator = pick(titles["indicator"], names, str(given.get("indicator") or next(iter(names), "")),
                     key=f"{key}_indicator")  # fmt: skip
    first, second = st.columns(2)
    with first:
        sides = {"above": "高于红线", "below": "低于红线"}
        side = pick(titles["side"], sides, str(given.get("side", "above")), key=f"{key}_side")
    with second:
        limit = _number(titles, given, "limit", 10, key)
    levels = _levels(given, ("community",), key)
    fields: Fields = {"indicator": indicator, "side": side, "limit": limit, "levels": levels}
    order = given.get("order") or {}
    orders = st.checkbox("越线时自动下达整改指令", bool(order), key=f"{key}_orders")
    with st.expander("整改指令的类别、部门和时限", expanded=bool(order)):
        asked = _order(screen, order, key)
    return fields | ({"order": asked} if orders else {})


def _order(screen: Screen, order: Given, key: str) -> Fields:
    classes = {code: name for code, name in class_choices(screen).items() if len(code) == 4}
    first = str(order.get("class_code") or ("0199" if "0199" in classes else next(iter(classes), "")))
    class_code = pick(ORDER_TITLES["class_code"], classes, first, key=f"{key}_order_class")
    departments = {"": "按派遣规则", **department_choices(screen)}
    department = pick(
        ORDER_TITLES["department_code"],
        departments,
        str(order.get("department_code", "")),
        key=f"{key}_order_department",
    )
    left, right = st.columns(2)
    with left:
        hours = _number(ORDER_TITLES, order, "limit_hours", 24, key)
    with right:
        clocks = {"": "连续计时", **CLOCK_TYPE}
        clock = pick(
            ORDER_TITLES["clock_type"], clocks, str(order.get("clock_type", "")), key=f"{key}_order_clock"
        )
    return {
        "class_code": class_code, "department_code": department, "limit_hours": hours, "clock_type": clock
    }  # fmt: skip


def _surge(screen: Screen, given: Given, key: str) -> Fields:
    titles = TITLES[RuleKind.SURGE]
    first, second, third = st.columns(3)
    with first:
        times = _number(titles, given, "times", 3, key)
    with second:
        minimum = _whole(titles, given, "minimum", 5, key)
    with third:
        weeks = _whole(titles, given, "weeks", 8, key)
    with first:
        deviations = _number(titles, given, "deviations", 3, key)
    with second:
        level = pick(titles["level"], LEVELS, str(given.get("level", "community")), key=f"{key}_level")
    chosen = _sources(screen, given, key)
    return {
        "times": times, "minimum": minimum, "weeks": weeks, "deviations": deviations, "level": level,
        "sources": chosen,
    }  # fmt: skip


def _sources(screen: Screen, given: Given, key: str) -> list[str]:
    options: list[KeyOption] = ask(screen, sources, where=None)
    names = {one.key: one.label for one in options}
    kept = [one for one in given.get("sources", []) if one in names]
    return st.multiselect(
        "只数这些来源", list(names), kept, format_func=names.__getitem__, key=f"{key}_sources",
        placeholder="全部来源",
    )  # fmt: skip


def _repeat(_screen: Screen, given: Given, key: str) -> Fields:
    titles = TITLES[RuleKind.REPEAT]
    first, second = st.columns(2)
    with first:
        minimum = _whole(titles, given, "minimum", 3, key)
    with second:
        days = _whole(titles, given, "days", 30, key)
    return {"minimum": minimum, "days": days}


def _overdue(_screen: Screen, given: Given, key: str) -> Fields:
    rungs = list(given.get("rungs", [{"hours": 24, "color": "yellow", "owner": "street"}]))
    found = []
    for place in range(max(MOST_RUNGS, len(rungs))):
        rung = rungs[place] if place < len(rungs) else {}
        first, second, third = st.columns(3)
        with first:
            hours = st.number_input(
                f"第 {place + 1} 级：{RUNG_TITLES['hours']}", value=float(rung["hours"]) if rung else None,
                min_value=0.0, step=1.0, format="%g", placeholder="不用", key=f"{key}_hours_{place}",
            )  # fmt: skip
        with second:
            color = pick(
                RUNG_TITLES["color"], COLORS, str(rung.get("color", "red")), key=f"{key}_color_{place}"
            )
        with third:
            owner = pick_owner(
                RUNG_TITLES["owner"],
                _AS_THE_RULE,
                str(rung.get("owner", "leader")),
                key=f"{key}_owner_{place}",
            )
        if hours is not None:
            found.append({"hours": hours, "color": color, "owner": owner})
    return {"rungs": found}


def _sensor(screen: Screen, given: Given, key: str) -> Fields:
    titles = TITLES[RuleKind.SENSOR_LIMIT]
    counts: dict[str, NamedCount] = ask(screen, named_counts, where=None)
    names = {name: f"{one.label}（{one.unit}）" for name, one in counts.items() if one.is_reading}
    count = pick(titles["count"], names, str(given.get("count") or next(iter(names), "")), key=f"{key}_count")
    first, second = st.columns(2)
    fields: Fields = {"count": count}
    for column, name in ((first, "above"), (second, "below")):
        with column:
            value = given.get(name)
            fields[name] = st.number_input(
                titles[name], value=None if value is None else float(value), step=0.5, format="%g",
                placeholder="不用", key=f"{key}_{name}",
            )  # fmt: skip
    first, second, third = st.columns(3)
    with first:
        fields["for_minutes"] = _whole(titles, given, "for_minutes", 0, key)
    with second:
        fields["fresh_hours"] = _number(titles, given, "fresh_hours", 6, key)
    with third:
        fields["fresh_weeks"] = _whole(titles, given, "fresh_weeks", 2, key)
    return fields


def _whistle(_screen: Screen, given: Given, key: str) -> Fields:
    titles = TITLES[RuleKind.WHISTLE_LADDER]
    return {"returns": _whole(titles, given, "returns", 3, key)}


def _event_class(screen: Screen, given: Given, key: str) -> Fields:
    titles = TITLES[RuleKind.EVENT_CLASS]
    classes = {code: name for code, name in class_choices(screen).items() if code}
    kept = list(given.get("classes", []))
    classes |= {code: f"{code}（类别表里没有）" for code in kept if code not in classes}
    chosen = st.multiselect(
        titles["classes"], list(classes), kept, format_func=classes.__getitem__, key=f"{key}_classes",
        placeholder="请选择类别",
    )  # fmt: skip
    urgency = pick(titles["urgency"], _URGENT, str(given.get("urgency", "")), key=f"{key}_urgency")
    return {"classes": chosen, "urgency": urgency, "sources": _sources(screen, given, key)}


def _system(_screen: Screen, given: Given, key: str) -> Fields:
    titles = TITLES[RuleKind.SYSTEM_FAILURE]
    first, second = st.columns(2)
    with first:
        failures = _whole(titles, given, "failures", 3, key)
        silent = _number(titles, given, "silent_minutes", 10, key)
    with second:
        running = _number(titles, given, "running_minutes", SystemFailure.running_minutes, key)
        hours = _number(titles, given, "delivery_hours", 2, key)
    return {
        "failures": failures, "running_minutes": running, "silent_minutes": silent, "delivery_hours": hours,
    }  # fmt: skip


_ASK: Final[dict[RuleKind, Callable[[Screen, Given, str], Fields]]] = {
    RuleKind.TWO_WEEKS_WORSE: _two_weeks,
    RuleKind.THRESHOLD_NOW: _threshold,
    RuleKind.SURGE: _surge,
    RuleKind.REPEAT: _repeat,
    RuleKind.OVERDUE_LADDER: _overdue,
    RuleKind.SENSOR_LIMIT: _sensor,
    RuleKind.WHISTLE_LADDER: _whistle,
    RuleKind.EVENT_CLASS: _event_class,
    RuleKind.SYSTEM_FAILURE: _system,
}
