"""A year of the working calendar: twelve months in which every day says whether it is worked, and why."""

from __future__ import annotations

import calendar as months
from datetime import date, timedelta

from dashboard.ask import ask
from dashboard.markup import Html, div, el, join, link, show, span
from dashboard.panels.duty_acts import area_choices
from dashboard.panels.explanation import menu
from dashboard.panels.messages import message
from dashboard.state import Screen
from data.calendar import Day, DayOrigin, WorkCalendar, read_calendar
from data.calendar.edit import FIRST_YEAR, LAST_YEAR

WEEKDAYS = "一二三四五六日"
ORIGIN = {
    DayOrigin.WEEK: "按周一至周五上班",
    DayOrigin.PUBLISHED: "国家公布",
    DayOrigin.OFFICIAL: "国家公布（人工录入）",
    DayOrigin.LOCAL: "本地安排",
}


def chosen_day(screen: Screen) -> date | None:
    """The day whose form is open."""
    text = screen.view.get("day")
    return date.fromisoformat(text) if text else None


def chosen_year(screen: Screen) -> int:
    """The year in view: as the address says, else the year of the chosen day, else this year."""
    day = chosen_day(screen)
    return int(screen.view.get("year") or (day or screen.today).year)


def chosen_area(screen: Screen) -> str:
    """The area whose calendar is in view; '' everywhere."""
    return screen.where.areas[0] if len(screen.where.areas) == 1 else ""


def area_name(screen: Screen, area: str) -> str:
    """An area in words."""
    return area_choices(screen).get(area, area) if area else "全部区划"


def calendar_of(screen: Screen) -> WorkCalendar:
    """The calendar of the area in view."""
    found: WorkCalendar = ask(screen, read_calendar, where=None, area_code=chosen_area(screen))
    return found


def show_year(screen: Screen, year: int, chosen: date | None) -> None:
    """The months, how many days are worked, and a notice where nothing is published."""
    found = calendar_of(screen)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366 if months.isleap(year) else 365)]
    worked = sum(found.day(day).is_working for day in days)
    notice = found.notice(year)
    show(
        div(
            div(
                span(f"{year} 年工作日历", cls="om-title"),
                _years(screen, year),
                _areas(screen),
                span(f"上班 {worked} 天，休息 {len(days) - worked} 天", cls="om-note", data_worked=worked),
                _legend(),
                cls="om-panel-head om-wrap",
            ),
            message(kind="notice", title=f"{year} 年的假日尚未录入", lines=(notice,)) if notice else None,
            div([_month(screen, found, year, month, chosen) for month in range(1, 13)], cls="om-months"),
            cls="om-panel om-calendar",
        )
    )


def _years(screen: Screen, year: int) -> Html:
    def step(to: int, sign: str, text: str) -> Html | None:
        href = screen.href(extra={"year": str(to), "day": ""})
        known = FIRST_YEAR <= to <= LAST_YEAR
        return link(href, sign, cls="om-button om-small", aria_label=text, title=text) if known else None

    return span(step(year - 1, "‹", f"{year - 1} 年"), step(year + 1, "›", f"{year + 1} 年"), cls="om-years")


def _areas(screen: Screen) -> Html:
    here = chosen_area(screen)
    options = []
    for code, name in area_choices(screen).items():
        if len(code) <= 9 or code == here:
            areas = (code,) if code else ()
            tick = span("✓" if code == here else "", cls="om-tick", aria_hidden="true")
            options.append(
                link(
                    screen.href(where=screen.where.changed(areas=areas)),
                    tick,
                    span(name if code else "全部区划", cls="om-option-text"),
                    cls="om-option om-on" if code == here else "om-option",
                )
            )
    summary = join(["区域 ", el("b", area_name(screen, here))])
    return menu(
        key="area", summary=summary, sheet=div(options, cls="om-options"),
        cls="om-chip om-set" if here else "om-chip",
    )  # fmt: skip


def _legend() -> Html:
    marks = (
        ("om-day-work", "8", "上班"), ("om-day-rest", "8", "周末休息"), ("om-day-off", "休", "放假"),
        ("om-day-swap", "班", "调休上班"), ("om-day-own", "8", "本地录入"),
    )  # fmt: skip
    return span(
        [span(span(sign, cls=f"om-day {cls}"), text) for cls, sign, text in marks], cls="om-calendar-legend"
    )


def _month(screen: Screen, found: WorkCalendar, year: int, month: int, chosen: date | None) -> Html:
    weeks = months.Calendar().monthdatescalendar(year, month)
    rows = [
        el("tr", [_cell(screen, found, day, chosen) if day.month == month else el("td") for day in week])
        for week in weeks
    ]
    return el(
        "table",
        el("caption", f"{month} 月"),
        el("thead", el("tr", [el("th", name, scope="col") for name in WEEKDAYS])),
        el("tbody", rows),
        cls="om-month",
    )


def _cell(screen: Screen, found: WorkCalendar, day: date, chosen: date | None) -> Html:
    what = found.day(day)
    said = f"{day.month} 月 {day.day} 日，{describe(what)}"
    classes = ["om-day", day_class(what)]
    classes += ["om-day-own"] if what.entry_id is not None else []
    classes += ["om-day-today"] if day == screen.today else []
    classes += ["om-day-chosen"] if day == chosen else []
    mark = None
    if what.origin is not DayOrigin.WEEK:
        mark = el("sup", "班" if what.is_working else "休")
    return el(
        "td",
        link(
            screen.href(extra={"day": day.isoformat(), "year": str(day.year)}),
            str(day.day),
            mark,
            cls=" ".join(classes),
            title=said,
            aria_label=said,
            aria_current="date" if day == screen.today else None,
            data_day=day.isoformat(),
            data_working="1" if what.is_working else "0",
        ),
    )


def day_class(what: Day) -> str:
    """How a day is drawn."""
    if what.origin is DayOrigin.WEEK:
        return "om-day-work" if what.is_working else "om-day-rest"
    return "om-day-swap" if what.is_working else "om-day-off"


def describe(what: Day) -> str:
    """A day in words."""
    name = f"（{what.name}）" if what.name else ""
    return f"{'上班' if what.is_working else '休息'}{name}，{ORIGIN[what.origin]}"
