"""效能监测: which week is shown and with which it is compared, both chosen freely and kept in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from dashboard.ask import ask
from dashboard.formats import day_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import menu
from dashboard.panels.header import breadcrumb
from dashboard.state import MONTH, WORSE, YEAR_AGO, Screen
from data.calendar.edit import FIRST_YEAR
from data.counted import monday_of
from data.indicators.compare import same_week_last_year
from data.indicators.counts import week_end
from data.indicators.table import IndicatorTable
from data.rules.lagging import Lags, lags

WEEKS: Final = 8
OWN: Final = "new"


def week_of(screen: Screen) -> date:
    """The Monday of the week in the URL; of the last complete one without one, or with one still to come."""
    return _past(screen, screen.view.get("week")) or monday_of(screen.today) - timedelta(weeks=1)


def against_of(screen: Screen, week: date) -> date | None:
    """The Monday of the week that ``week`` is compared with, the one before by default; None where there is
    no such week: a week 53 that the year before did not have, a week still to come.
    """
    text = screen.view.get("against")
    if text == YEAR_AGO:
        return same_week_last_year(week)
    return _past(screen, text) if text else week - timedelta(weeks=1)


def _past(screen: Screen, text: str) -> date | None:
    monday = monday_of(date.fromisoformat(text)) if text else None
    return monday if monday and monday <= screen.today else None


def show_week_bar(screen: Screen, table: IndicatorTable) -> None:
    """Where, which week, against which one, and the way to an indicator of one's own."""
    show(
        div(
            breadcrumb(screen),
            _weeks(screen, table),
            None if screen.view.get("look") else _against(screen, table),
            _looks(screen),
            link(screen.href(extra={"own": OWN, "cell": ""}), "＋ 自设指标", cls="om-button"),
            span(
                _other_week(screen, table),
                "" if table.has_last_year else "去年同周没有数据，暂不能与去年比较。",
                "本周还没结束：到期类指标只计到今天，不作排名依据。" if table.running else "",
                "对比周是本周，还没结束。" if table.against_running else "",
                cls="om-note",
            ),
            cls="om-perf-bar",
        )
    )


def _other_week(screen: Screen, table: IndicatorTable) -> str:
    """Where the week shown is not the one that the address asks for: which one it is, and why."""
    asked = screen.view.get("week")
    if not asked or monday_of(date.fromisoformat(asked)) == table.week:
        return ""
    return f"{asked} 所在的一周还没有到，改看最近完整的一周：{week_text(screen, table.week)}。"


def _weeks(screen: Screen, table: IndicatorTable) -> Html:
    running = monday_of(screen.today)
    weeks = [running - timedelta(weeks=back) for back in range(WEEKS + 1)]
    options = [
        _option(screen, {"week": week.isoformat()}, week_text(screen, week), on=week == table.week)
        for week in weeks
    ]
    sheet = div(div(options, cls="om-options"), _any_week(screen, "week", table.week))
    return menu(key="week", summary=f"周：{week_text(screen, table.week)}", sheet=sheet, cls="om-chip")


def _against(screen: Screen, table: IndicatorTable) -> Html:
    """对比周: the week before, the same week of last year, or any other."""
    chosen, year_ago = screen.view.get("against"), same_week_last_year(table.week)
    named = {
        "": ("上一周", table.week - timedelta(weeks=1)),
        YEAR_AGO: ("去年同周", year_ago),
    }
    options = [
        _option(screen, {"against": key}, f"{name}：{_any_text(screen, week)}", on=key == chosen)
        for key, (name, week) in named.items()
    ]
    name = named[chosen][0] if chosen in named else "自选"
    sheet = div(
        div(options, cls="om-options"),
        _any_week(screen, "against", table.against or table.week - timedelta(weeks=1)),
    )
    summary = f"对比周：{name} {_any_text(screen, table.against)}"
    return menu(key="against", summary=summary, sheet=sheet, cls="om-chip")


def _option(screen: Screen, extra: Mapping[str, str], text: str, *, on: bool) -> Html:
    return link(
        screen.href(extra=dict(extra)),
        text,
        cls="om-option om-on" if on else "om-option",
        aria_current="true" if on else None,
    )


def _any_week(screen: Screen, name: str, week: date) -> Html:
    """自选: any day of the week that is wanted."""
    field = el("input", type="date", name=name, value=str(week), required=True, min=f"{FIRST_YEAR}-01-01",
               max=str(screen.today))  # fmt: skip
    return el(
        "form",
        el("label", "自选：那一周的任一天", field),
        el("button", "确定", type="submit", cls="om-button om-small"),
        action=screen.href(),
        cls="om-dates",
    )


def _any_text(screen: Screen, week: date | None) -> str:
    return week_text(screen, week) if week else "没有这一周"


def week_text(screen: Screen, week: date) -> str:
    """``第 46 周（11-09 至 11-15）``; the one that is not over yet says so."""
    days = f"{day_text(week, today=screen.today)} 至 {day_text(week_end(week), today=screen.today)}"
    running = week == monday_of(screen.today)
    return f"本周至今（{days}，进行中）" if running else f"第 {week.isocalendar().week} 周（{days}）"


def _looks(screen: Screen) -> Html:
    """The heat table, what has been worse for weeks, a month against the month before."""
    worse: Lags = ask(screen, lags, areas=screen.where.areas)
    chosen = screen.view.get("look")
    names = {"": "指标热表", WORSE: "连续两周不达标", MONTH: "12345 月度三率"}
    counts = {WORSE: span(f"{number(worse.communities)} 个社区", cls="om-badge")}
    tabs = [
        link(
            screen.href(extra={"look": key, "cell": "", "own": ""}), text, counts.get(key),
            cls="om-tab om-on" if key == chosen else "om-tab",
            aria_current="true" if key == chosen else None, data_look=key or "table",
        )
        for key, text in names.items()
    ]  # fmt: skip
    return span(tabs, cls="om-looks")
