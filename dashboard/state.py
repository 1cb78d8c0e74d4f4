"""What a screen shows: the URL read once into a Filter and a View, the moment, and one snapshot of the data.

The URL is the state. Every control is a link or a form whose address spells the view it leads to
(``Screen.href``), so that a copied address shows the same thing in another browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlmodel import Session

from dashboard.acting import Acting
from data.calendar.edit import FIRST_YEAR, LAST_YEAR
from data.database import Moment
from data.evaluation import UnitKind, parse_period
from data.filter import Filter, FilterError, parse_filter
from data.lifecycle import Person
from data.queries.alerts import AlertKind
from data.queries.areas import Metric
from data.queries.events import Order
from data.settings import Settings
from data.vocabulary import (
    AlertState,
    BatchKind,
    EvaluationSource,
    Level,
    ListType,
    Move,
    RiskColor,
    Stage,
    StationKind,
)

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)
_UNIT: Final = re.compile(r"[\w.\-·]{1,64}")
_CELL: Final = re.compile(r"[a-z][a-z0-9_]{0,31}:\d{0,15}", re.ASCII)
LEVELS: Final = ("auto", *Level)
PAINTS: Final = ("sla", "class")
LAYERS: Final = ("areas", "points", "stations", "heat", "names")
DEFAULT_LAYERS: Final = ("areas", "points", "stations", "names")
SELECTIONS: Final = ("event", "station", "area")
TABS: Final = ("alerts", "events", "areas", "stations", "info")
_ROW_NUMBER: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "level": LEVELS,
    "paint": PAINTS,
    "metric": tuple(Metric),
    "order": tuple(Order),
    "tab": TABS,
}


@dataclass(frozen=True, kw_only=True)
class View:
    """What the URL says beside the Filter. Defaults are left out of the URL.

    ``sel_kind``/``sel_key`` name the card that is open. ``extra`` holds the parameters of one page only
    (alert kind, station kind, sorting …).
    """

    level: str = "auto"
    metric: str = "open"
    paint: str = "sla"
    layers: tuple[str, ...] = DEFAULT_LAYERS
    sel_kind: str = ""
    sel_key: str = ""
    tab: str = "alerts"
    order: str = "urgent"
    page_number: int = 1
    extra: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """An extra parameter; empty when the URL does not have it."""
        return dict(self.extra).get(name, "")

    @property
    def station_kinds(self) -> tuple[str, ...]:
        """Station kinds that the stations page is narrowed to; empty: all."""
        return tuple(kind for kind in self.get("kind").split(",") if kind)

    def to_params(self) -> dict[str, str]:
        """URL parameters in a fixed order, defaults left out."""
        default = View()
        params = {
            "level": self.level if self.level != default.level else "",
            "metric": self.metric if self.metric != default.metric else "",
            "paint": self.paint if self.paint != default.paint else "",
            "layers": (",".join(self.layers) or "none") if self.layers != default.layers else "",
            "sel": f"{self.sel_kind}:{self.sel_key}" if self.sel_kind else "",
            "tab": self.tab if self.tab != default.tab else "",
            "order": self.order if self.order != default.order else "",
            "p": str(self.page_number) if self.page_number != 1 else "",
            **dict(self.extra),
        }
        return {name: value for name, value in params.items() if value}


EXTRAS: Final = ("alert", "kind", "now", "sort", "batch", "step", "queue", "week", "cell", "own", "state",
                 "risk", "ring", "rank", "look", "rule", "list", "item", "year", "day",
                 "lane", "wait", "move", "into", "no", "pick", "set", "param",
                 "units", "period", "unit", "by")  # fmt: skip
"""Parameters that only some page knows."""
QUEUES: Final = ("unplaced", "unlocated", "marked")
SORTS: Final = ("total", "overdue", "rate", "per_1000", "name")
OPEN_NOW: Final = "open"
BY_GRID: Final = "grids"
"""Of the ranked areas: grids by their load instead of the next level down."""
WORSE, MONTH = "worse", "month"
LOOKS: Final = (WORSE, MONTH)
"""Of 效能: what has been worse than its baseline for weeks; a month against the month before."""
PROCESSES: Final = "services"
SETTINGS: Final = ("notices", "numbers", "plans", "readings")
"""Tabs of 设置."""
LIST_TABS: Final = (*ListType, PROCESSES)
NEW_ROW: Final = "new"
"""Of a rule or a list's row: the form for one that is not there yet."""
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
    "own": ("new",),
    "rank": (BY_GRID,),
    "look": LOOKS,
    "state": tuple(AlertState),
    "risk": tuple(RiskColor),
    "list": LIST_TABS,
    "set": SETTINGS,
    "lane": LANES,
    "wait": tuple(Move),
    "move": tuple(Move),
    "units": tuple(UnitKind),
    "by": tuple(EvaluationSource),
}


def parse_view(params: Mapping[str, str]) -> View:
    """The View that URL parameters spell. Raises FilterError naming each parameter that makes no sense."""
    problems: list[str] = []
    chosen: dict[str, Any] = {}

    def fail(name: str, advice: str) -> None:
        problems.append(f"网址参数 {name}={params[name][:40]} 无效：{advice}")

    for name, allowed in _CHOICES.items():
        value = params.get(name, "")
        if value in allowed:
            chosen[name] = value
        elif value:
            fail(name, f"可用的值是 {'、'.join(allowed)}")
    layers = [part for part in params.get("layers", "").split(",") if part and part != "none"]
    if unknown := [part for part in layers if part not in LAYERS]:
        fail("layers", f"没有图层 {'、'.join(unknown)}，可用的是 {'、'.join(LAYERS)}")
    elif params.get("layers"):
        chosen["layers"] = tuple(name for name in LAYERS if name in layers)
    if selection := params.get("sel", ""):
        kind, _, key = selection.partition(":")
        if kind in SELECTIONS and key.isascii() and key.isdigit() and len(key) <= 18:
            chosen |= {"sel_kind": kind, "sel_key": key}
        else:
            fail("sel", "应写作 event:编号、station:编号 或 area:区划代码")
    if page := params.get("p", ""):
        if page.isascii() and page.isdigit() and 1 <= int(page) <= 100_000:
            chosen["page_number"] = int(page)
        else:
            fail("p", "页码应为从 1 起的整数")
    for name, allowed in _EXTRA_CHOICES.items():
        if params.get(name) and params[name] not in allowed:
            fail(name, f"可用的值是 {'、'.join(allowed)}")
    if unknown := [kind for kind in params.get("kind", "").split(",") if kind not in ("", *StationKind)]:
        fail("kind", f"没有这种站点 {'、'.join(unknown)[:40]}，可用的值是 {'、'.join(StationKind)}")
    if (batch := params.get("batch", "")) and not _ROW_NUMBER.fullmatch(batch):
        fail("batch", "批次号应为从 1 起的整数")
    if (year := params.get("year", "")) and not _is_calendar_day(f"{year}-01-01"):
        fail("year", f"应为 {FIRST_YEAR}–{LAST_YEAR} 年")
    if (day := params.get("day", "")) and not _is_calendar_day(day):
        fail("day", f"应写作 2026-10-01，{FIRST_YEAR}–{LAST_YEAR} 年")
    for name in ("rule", "item"):
        if (row := params.get(name, "")) not in ("", NEW_ROW) and not _ROW_NUMBER.fullmatch(row):
            fail(name, f"应为从 1 起的编号，或 {NEW_ROW}")
    if (into := params.get("into", "")) and not _ROW_NUMBER.fullmatch(into):
        fail("into", "应为从 1 起的事件编号")
    if (period := params.get("period", "")) and parse_period(period) is None:
        fail("period", "应写作 2026-11（月）、2026-Q4（季）或 2026（年）")
    if (unit := params.get("unit", "")) and not _UNIT.fullmatch(unit):
        fail("unit", "应为部门代码或区划代码")
    if len(params.get("no", "")) > LONGEST_NUMBER:
        fail("no", f"案件号最多 {LONGEST_NUMBER} 个字")
    if problem := _pick_problem(params.get("pick", "")):
        fail("pick", problem)
    if (ring := params.get("ring", "")) and not (ring.isascii() and ring.isdigit() and len(ring) <= 18):
        fail("ring", "应为预警的编号")
    if (param := params.get("param", "")) and not _KEY.fullmatch(param):
        fail("param", "应为参数的名称")
    if (cell := params.get("cell", "")) and not _CELL.fullmatch(cell):
        fail("cell", "应写作 指标:区划代码")
    if problem := _week_problem(params.get("week", "")):
        fail("week", problem)
    if problems:
        raise FilterError(tuple(problems))
    extra = tuple((name, params[name]) for name in EXTRAS if params.get(name))
    return View(extra=extra, **chosen)


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


def _week_problem(value: str) -> str:
    wrong = "日期应写作 2026-11-16 这样"
    try:
        return "" if not value or date.fromisoformat(value).isoformat() == value else wrong
    except ValueError:
        return wrong


def parse_url(params: Mapping[str, str]) -> tuple[Filter, View]:
    """Filter and View of a URL. Raises FilterError with the problems of both."""
    problems: list[str] = []
    where, view = Filter(), View()
    try:
        where = parse_filter(params)
    except FilterError as error:
        problems += error.problems
    try:
        view = parse_view(params)
    except FilterError as error:
        problems += error.problems
    if problems:
        raise FilterError(tuple(problems))
    return where, view


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One run of one page: what is asked for, at which moment, on which snapshot of the data."""

    page: str
    where: Filter
    view: View
    moment: Moment
    session: Session
    settings: Settings
    is_demo: bool = False
    acting: Acting = field(default_factory=Acting)

    @property
    def person(self) -> Person | None:
        """Who acts at this screen; None where nobody was chosen."""
        return self.acting.person

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.timezone

    @property
    def as_of(self) -> datetime:
        return self.moment.as_of

    @property
    def today(self) -> date:
        """The local day of ``as_of``."""
        return self.as_of.astimezone(self.zone).date()

    def href(self, *, page: str | None = None, where: Filter | None = None, **view_changes: Any) -> str:
        """Address of the view that differs from this one in what is given; see ``params``."""
        query = urlencode(self.params(page=page, where=where, **view_changes), safe=",:")
        path = PATHS[page or self.page]
        return f"{path}?{query}" if query else path

    def params(
        self, *, page: str | None = None, where: Filter | None = None, **view_changes: Any
    ) -> dict[str, str]:
        """URL parameters of the view that differs from this one in what is given.

        Another filter begins at the first page of a list. Another page keeps the filter and how the map is
        drawn, and nothing else unless it is given.
        """
        view = self.view
        if page is not None and page != self.page:
            view = View(level=view.level, metric=view.metric, paint=view.paint, layers=view.layers)
        elif where is not None:
            view = replace(view, page_number=1)
        extra = view_changes.pop("extra", {})
        if extra:
            merged = {**dict(view.extra), **extra}
            view = replace(view, extra=tuple((name, merged[name]) for name in EXTRAS if merged.get(name)))
        if view_changes:
            view = replace(view, **view_changes)
        return {**(where if where is not None else self.where).to_params(), **view.to_params()}

    def href_select(self, kind: str, key: str | int, *, page: str | None = None) -> str:
        """Address of this view with the card of one event, station or area open."""
        return self.href(page=page, sel_kind=kind, sel_key=str(key))

    def href_area(self, code: str, *, page: str | None = None) -> str:
        """Address of this view focused on one area (everything for the empty code), no card open."""
        areas = (code,) if code else ()
        return self.href(page=page, where=self.where.changed(areas=areas), sel_kind="", sel_key="")


PATHS: Final = {
    "overview": "./",
    "community": "./community",
    "events": "./events",
    "loop": "./loop",
    "stations": "./stations",
    "performance": "./performance",
    "alerts": "./alerts",
    "import_data": "./import",
    "quality": "./quality",
    "dispatch": "./dispatch",
    "lists": "./lists",
    "calendar": "./calendar",
    "settings": "./settings",
    "evaluation": "./evaluation",
}


def as_of_bucket(now: datetime) -> datetime:
    """``now`` rounded down to ten seconds, so that screens opened together share their answers."""
    at = now.astimezone(UTC)
    return at.replace(second=at.second - at.second % 10, microsecond=0)


_SCREEN: ContextVar[Screen] = ContextVar("screen")


def set_screen(screen: Screen) -> None:
    """Make ``screen`` the one of this run."""
    _SCREEN.set(screen)


def current_screen() -> Screen:
    """The screen of this run; ``main.py`` sets it before the page runs."""
    return _SCREEN.get()


def current_actor() -> str:
    """Who stands in the log for what this run does: the person who acts, 页面操作 where nobody was chosen."""
    return current_screen().acting.actor
