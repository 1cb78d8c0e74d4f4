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
from data.vocabulary import Level, RiskColor, RuleKind, Urgency

LEVELS: Final = {level.value: LEVEL[level] for level in (Level.DISTRICT, Level.STREET, Level.COMMUNITY)}
OWNERS: Final = {role.value: ROLE[role] for role in rules.OWNERS}
_AS_THE_RULE: Final = {"": "与规则相同", **OWNERS}
COLORS: Final = {color.value: RISK_COLOR[color] for color in RiskColor}
_URGENT: Final = {"": "不限", Urgency.URGENT.value: "只看紧急的"}
MOST_RUNGS: Final = 4
Given = Mapping[str, Any]
Fields = dict[str, Any]


def ask_parameters(screen: Screen, kind: RuleKind, given: Given, key: str) -> Fields:
    """The parameters that the form's fields say."""
    return _ASK[kind](screen, given, key)


def pick_owner(title: str, options: dict[str, str], value: str, *, key: str) -> str:
    """Who answers; who may not acknowledge alerts is shown only where a rule names them already."""
    named = f"{label(ROLE, value)}（不能处理预警，请另选）" if value else "不指定（请选择）"
    return pick(title, options if value in options else {value: named, **options}, value, key=key)


def _number(title: str, given: Given, name: str, default: float, key: str, *, whole: bool = False) -> float:
    value = st.number_input(
        title, value=float(given.get(name, default)), step=1.0 if whole else 0.5, format="%g",
        key=f"{key}_{name}",
    )  # fmt: skip
    return int(value) if value == int(value) else float(value)


def _levels(given: Given, default: tuple[str, ...], key: str) -> list[str]:
    return st.multiselect(
        "看哪一级", list(LEVELS), list(given.get("levels", default)), format_func=LEVELS.__getitem__,
        key=f"{key}_levels", placeholder="请选择",
    )  # fmt: skip


def _measures(screen: Screen) -> dict[str, str]:
    found: list[Measure] = ask(screen, measures, where=None)
    return {each.key: f"{each.name}（{each.unit}）" for each in found}


def _two_weeks(screen: Screen, given: Given, key: str) -> Fields:
    names = _measures(screen)
    kept = [one for one in given.get("indicators", []) if one in names]
    indicators = st.multiselect(
        "看哪些指标", list(names), kept, format_func=names.__getitem__, key=f"{key}_indicators",
        placeholder="全部指标",
    )  # fmt: skip
    levels = _levels(given, ("street", "community"), key)
    first, second, third = st.columns(3)
    with first:
        weeks = _number("连续几周", given, "weeks", 2, key, whole=True)
    with second:
        days = _number("等几天再判定", given, "settle_days", 1, key, whole=True)
    with third:
        margin = _number("与趋势相差百分之几才算", given, "trend_margin", 20, key)
    return {
        "indicators": indicators, "levels": levels, "weeks": weeks, "settle_days": days,
        "trend_margin": margin,
    }  # fmt: skip


def _threshold(screen: Screen, given: Given, key: str) -> Fields:
    names = _measures(screen)
    indicator = pick("看哪个指标", names, str(given.get("indicator") or next(iter(names), "")),
                     key=f"{key}_indicator")  # fmt: skip
    first, second = st.columns(2)
    with first:
        side = pick("怎样算越线", {"above": "高于红线", "below": "低于红线"}, str(given.get("side", "above")),
                    key=f"{key}_side")  # fmt: skip
    with second:
        limit = _number("红线", given, "limit", 10, key)
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
    class_code = pick("指令的类别", classes, first, key=f"{key}_order_class")
    departments = {"": "按派遣规则", **department_choices(screen)}
    department = pick(
        "指令的部门", departments, str(order.get("department_code", "")), key=f"{key}_order_department"
    )
    left, right = st.columns(2)
    with left:
        hours = _number("指令的时限（小时）", order, "limit_hours", 24, key)
    with right:
        clocks = {"": "连续计时", **CLOCK_TYPE}
        clock = pick("指令的计时方式", clocks, str(order.get("clock_type", "")), key=f"{key}_order_clock")
    return {
        "class_code": class_code, "department_code": department, "limit_hours": hours, "clock_type": clock
    }  # fmt: skip


def _surge(screen: Screen, given: Given, key: str) -> Fields:
    first, second, third = st.columns(3)
    with first:
        times = _number("达到平时的几倍", given, "times", 3, key)
    with second:
        minimum = _number("至少几件", given, "minimum", 5, key, whole=True)
    with third:
        weeks = _number("与前几周比", given, "weeks", 8, key, whole=True)
    with first:
        deviations = _number("高出几个标准差", given, "deviations", 3, key)
    with second:
        level = pick("按哪一级数", LEVELS, str(given.get("level", "community")), key=f"{key}_level")
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
    first, second = st.columns(2)
    with first:
        minimum = _number("同一处同一类至少几件", given, "minimum", 3, key, whole=True)
    with second:
        days = _number("在几天之内", given, "days", 30, key, whole=True)
    return {"minimum": minimum, "days": days}


def _overdue(_screen: Screen, given: Given, key: str) -> Fields:
    rungs = list(given.get("rungs", [{"hours": 24, "color": "yellow", "owner": "street"}]))
    found = []
    for place in range(max(MOST_RUNGS, len(rungs))):
        rung = rungs[place] if place < len(rungs) else {}
        first, second, third = st.columns(3)
        with first:
            hours = st.number_input(
                f"第 {place + 1} 级：超期满（小时）", value=float(rung["hours"]) if rung else None,
                min_value=0.0, step=1.0, format="%g", placeholder="不用", key=f"{key}_hours_{place}",
            )  # fmt: skip
        with second:
            color = pick("变为", COLORS, str(rung.get("color", "red")), key=f"{key}_color_{place}")
        with third:
            owner = pick_owner(
                "由谁负责", _AS_THE_RULE, str(rung.get("owner", "leader")), key=f"{key}_owner_{place}"
            )
        if hours is not None:
            found.append({"hours": hours, "color": color, "owner": owner})
    return {"rungs": found}


def _sensor(screen: Screen, given: Given, key: str) -> Fields:
    counts: dict[str, NamedCount] = ask(screen, named_counts, where=None)
    names = {name: f"{one.label}（{one.unit}）" for name, one in counts.items() if one.is_reading}
    count = pick("看哪个监测项", names, str(given.get("count") or next(iter(names), "")), key=f"{key}_count")
    first, second = st.columns(2)
    fields: Fields = {"count": count}
    for column, name, title in ((first, "above", "高于"), (second, "below", "低于")):
        with column:
            value = given.get(name)
            fields[name] = st.number_input(
                title, value=None if value is None else float(value), step=0.5, format="%g",
                placeholder="不用", key=f"{key}_{name}",
            )  # fmt: skip
    first, second, third = st.columns(3)
    with first:
        fields["for_minutes"] = _number("持续几分钟才报", given, "for_minutes", 0, key, whole=True)
    with second:
        fields["fresh_hours"] = _number("传感器几小时内的读数算数", given, "fresh_hours", 6, key)
    with third:
        fields["fresh_weeks"] = _number("按周填报几周内的算数", given, "fresh_weeks", 2, key, whole=True)
    return fields


def _whistle(_screen: Screen, given: Given, key: str) -> Fields:
    return {"returns": _number("退回几次列入联席会", given, "returns", 3, key, whole=True)}


def _event_class(screen: Screen, given: Given, key: str) -> Fields:
    classes = {code: name for code, name in class_choices(screen).items() if code}
    kept = list(given.get("classes", []))
    classes |= {code: f"{code}（类别表里没有）" for code in kept if code not in classes}
    chosen = st.multiselect(
        "哪些类别一发生就响", list(classes), kept, format_func=classes.__getitem__, key=f"{key}_classes",
        placeholder="请选择类别",
    )  # fmt: skip
    urgency = pick("紧急程度", _URGENT, str(given.get("urgency", "")), key=f"{key}_urgency")
    return {"classes": chosen, "urgency": urgency, "sources": _sources(screen, given, key)}


def _system(_screen: Screen, given: Given, key: str) -> Fields:
    first, second, third = st.columns(3)
    with first:
        failures = _number("后台任务连续出错几次", given, "failures", 3, key, whole=True)
    with second:
        minutes = _number("没有心跳几分钟", given, "silent_minutes", 10, key)
    with third:
        hours = _number("通知发不出去几小时", given, "delivery_hours", 2, key)
    return {"failures": failures, "silent_minutes": minutes, "delivery_hours": hours}


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
