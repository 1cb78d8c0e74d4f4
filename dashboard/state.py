"""What a screen shows: the URL read once into a Filter and a View, the moment, and one snapshot of the data.

The URL is the state. Every control is a link or a form whose address spells the view it leads to
(``Screen.href``), so that a copied address shows the same thing in another browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlmodel import Session

from dashboard.acting import Acting
from dashboard.extras import (
    ALL,
    BY_GRID,
    EXTRAS,
    LIST_TABS,
    LOOKS,
    MINE,
    MONTH,
    NEW_ROW,
    OPEN_NOW,
    OWN_RULE,
    PROCESSES,
    QUEUES,
    SETTINGS,
    WORSE,
    YEAR_AGO,
    extra_problems,
)
from data.database import Moment
from data.filter import Filter, FilterError, parse_filter
from data.lifecycle import Person
from data.queries.areas import Metric
from data.queries.events import Order
from data.settings import Settings
from data.vocabulary import Level

__all__ = [
    "ALL",
    "BY_GRID",
    "DEFAULT_LAYERS",
    "EXTRAS",
    "LAYERS",
    "LEVELS",
    "LIST_TABS",
    "LOOKS",
    "MINE",
    "MONTH",
    "NEW_ROW",
    "OPEN_NOW",
    "OWN_RULE",
    "PAINTS",
    "PATHS",
    "PROCESSES",
    "QUEUES",
    "SELECTIONS",
    "SETTINGS",
    "TABS",
    "WORSE",
    "YEAR_AGO",
    "Screen",
    "View",
    "as_of_bucket",
    "current_actor",
    "current_screen",
    "parse_url",
    "parse_view",
    "set_screen",
]  # fmt: skip

LEVELS: Final = ("auto", *Level)
PAINTS: Final = ("sla", "class")
LAYERS: Final = ("areas", "points", "stations", "heat", "names")
DEFAULT_LAYERS: Final = ("areas", "points", "stations", "names")
SELECTIONS: Final = ("event", "station", "area")
TABS: Final = ("alerts", "events", "areas", "stations", "info")
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
    for name, advice in extra_problems(params):
        fail(name, advice)
    if problems:
        raise FilterError(tuple(problems))
    extra = tuple((name, params[name]) for name in EXTRAS if params.get(name))
    return View(extra=extra, **chosen)


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
    "whistle": "./whistle",
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
