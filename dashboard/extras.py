"""Parameters of the URL that only some page knows: their names, and what each may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from data.calendar.edit import FIRST_YEAR, LAST_YEAR
from data.evaluation import UnitKind, parse_period
from data.queries.alerts import AlertKind
from data.vocabulary import (
    AlertState,
    BatchKind,
    EvaluationSource,
    ListType,
    Move,
    RiskColor,
    Stage,
    StationKind,
)
from data.whistle import ACTS, STANDINGS

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)
_UNIT: Final = re.compile(r"[\w.\-·]{1,64}")
_CELL: Final = re.compile(r"[a-z][a-z0-9_]{0,31}:\d{0,15}", re.ASCII)
_ROW_NUMBER: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)
EXTRAS: Final = ("alert", "kind", "now", "sort", "batch", "step", "queue", "week", "against", "cell", "own",
                 "state", "risk", "ring", "rank", "look", "rule", "list", "item", "year", "day",
                 "lane", "wait", "move", "into", "no", "pick", "set", "param",
                 "units", "period", "unit", "by", "whistle", "standing", "act", "event")  # fmt: skip
"""Parameters that only some page knows."""
QUEUES: Final = ("unplaced", "unlocated", "marked")
SORTS: Final = ("total", "overdue", "rate", "per_1000", "name")
OPEN_NOW: Final = "open"
BY_GRID: Final = "grids"
"""Of the ranked areas: grids by their load instead of the next level down."""
WORSE, MONTH = "worse", "month"
YEAR_AGO: Final = "year"
"""Of 效能: the week is compared with the same ISO week of the year before."""
LOOKS: Final = (WORSE, MONTH)
"""Of 效能: what has been worse than its baseline for weeks; a month against the month before."""
PROCESSES: Final = "services"
SETTINGS: Final = ("notices", "numbers", "plans", "readings", "counts")
"""Tabs of 设置."""
LIST_TABS: Final = (*ListType, PROCESSES)
OWN_RULE: Final = "own-"
"""Before a rule's number: the form for a rule that stands in its place in an area of one's own."""
NEW_ROW: Final = "new"
"""Of a rule or a list's row: the form for one that is not there yet."""
DRILLS: Final = "drill"
"""Of 预警: drills instead of the real alerts of a state."""
MINE: Final = "mine"
ALL: Final = "all"
"""Of the loop: every stage, or every case of what is listed."""
LANES: Final = (MINE, ALL, *Stage)
MOST_PICKED: Final = 200
LONGEST_NUMBER: Final = 64
_EXTRA_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "alert": tuple(AlertKind),
    "now": (OPEN_NOW,),
    "sort": SORTS,
    "step": tuple(kind for kind in BatchKind if kind is not BatchKind.DEMO),
    "queue": QUEUES,
    "rank": (BY_GRID,),
    "look": LOOKS,
    "state": (*AlertState, DRILLS),
    "risk": tuple(RiskColor),
    "list": LIST_TABS,
    "set": SETTINGS,
    "lane": LANES,
    "wait": tuple(Move),
    "move": tuple(Move),
    "units": tuple(UnitKind),
    "by": tuple(EvaluationSource),
    "standing": STANDINGS,
    "act": ACTS,
}


def extra_problems(params: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each parameter that makes no sense, and what it should be."""
    for name, allowed in _EXTRA_CHOICES.items():
        if params.get(name) and params[name] not in allowed:
            yield name, f"可用的值是 {'、'.join(allowed)}"
    if unknown := [kind for kind in params.get("kind", "").split(",") if kind not in ("", *StationKind)]:
        yield "kind", f"没有这种站点 {'、'.join(unknown)[:40]}，可用的值是 {'、'.join(StationKind)}"
    if (batch := params.get("batch", "")) and not _ROW_NUMBER.fullmatch(batch):
        yield "batch", "批次号应为从 1 起的整数"
    if (year := params.get("year", "")) and not _is_calendar_day(f"{year}-01-01"):
        yield "year", f"应为 {FIRST_YEAR}–{LAST_YEAR} 年"
    if (day := params.get("day", "")) and not _is_calendar_day(day):
        yield "day", f"应写作 2026-10-01，{FIRST_YEAR}–{LAST_YEAR} 年"
    for name in ("rule", "item", "whistle"):
        row = params.get(name, "")
        number = row.removeprefix(OWN_RULE) if name == "rule" else row
        if row not in ("", NEW_ROW) and not _ROW_NUMBER.fullmatch(number):
            yield name, f"应为从 1 起的编号，或 {NEW_ROW}"
    for name in ("into", "event"):
        if params.get(name) and not _ROW_NUMBER.fullmatch(params[name]):
            yield name, "应为从 1 起的事件编号"
    if (period := params.get("period", "")) and parse_period(period) is None:
        yield "period", "应写作 2026-11（月）、2026-Q4（季）或 2026（年）"
    if (unit := params.get("unit", "")) and not _UNIT.fullmatch(unit):
        yield "unit", "应为部门代码或区划代码"
    if len(params.get("no", "")) > LONGEST_NUMBER:
        yield "no", f"案件号最多 {LONGEST_NUMBER} 个字"
    if problem := _pick_problem(params.get("pick", "")):
        yield "pick", problem
    if (ring := params.get("ring", "")) and not (ring.isascii() and ring.isdigit() and len(ring) <= 18):
        yield "ring", "应为预警的编号"
    if (param := params.get("param", "")) and not _KEY.fullmatch(param):
        yield "param", "应为参数的名称"
    if (own := params.get("own", "")) and not _KEY.fullmatch(own):
        yield "own", "应为 new 或指标的编号"
    if (cell := params.get("cell", "")) and not _CELL.fullmatch(cell):
        yield "cell", "应写作 指标:区划代码"
    for name in ("week", "against"):
        week = params.get(name, "")
        if week and not _is_calendar_day(week) and (name, week) != ("against", YEAR_AGO):
            yield name, f"日期应写作 2026-11-16 这样，{FIRST_YEAR}–{LAST_YEAR} 年"


def _pick_problem(value: str) -> str:
    keys = value.split(",") if value not in ("", ALL) else []
    if len(keys) > MOST_PICKED:
        return f"一次最多 {MOST_PICKED} 件"
    wrong = any(not _ROW_NUMBER.fullmatch(key) for key in keys)
    return f"应为用逗号隔开的事件编号，或 {ALL}" if wrong else ""


def _is_calendar_day(text: str) -> bool:
    """Whether a text is a day that the working calendar can hold, written 2026-10-01."""
    try:
        return bool(_DAY.fullmatch(text)) and FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False
