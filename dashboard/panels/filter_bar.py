"""The one row of conditions that all pages share. Each option links to the same view under another Filter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from dashboard.ask import ask
from dashboard.formats import day_text, number
from dashboard.markup import Child, Html, div, el, join, link, show, span
from dashboard.panels.explanation import explain_menu, menu
from dashboard.panels.header import breadcrumb
from dashboard.state import Screen
from data.filter import EARLIEST, LATEST, NOBODY, Filter
from data.labels import BASIS, MARK, MISSING, NO_DEPARTMENT, NO_POSITION, SLA_COLOR, SLA_SIGN, STATUS
from data.queries.events import EventCount, count_events
from data.queries.reference import ClassOption, KeyOption, departments, event_classes, sources
from data.queries.trends import KeyCount, by_class, by_department, by_source
from data.vocabulary import Basis, Missing, SlaColor, Status

OPEN_COLORS: Final = (
    SlaColor.OVERDUE,
    SlaColor.SOON,
    SlaColor.IN_TIME,
    SlaColor.NO_LIMIT,
    SlaColor.SUSPENDED,
)
PERIOD_COLORS: Final = (*OPEN_COLORS, SlaColor.DONE, SlaColor.DONE_LATE)


def show_filter_bar(screen: Screen) -> EventCount:
    """The row, ending in the number of events that the Filter holds, which is returned as well."""
    count = ask(screen, count_events)
    where = screen.where
    show(
        div(
            breadcrumb(screen),
            _basis(screen),
            _period(screen) if where.basis is not Basis.OPEN else None,
            _classes(screen),
            _keys(screen, "source", "来源", ask(screen, sources), where.sources, "sources", by_source),
            _statuses(screen),
            _keys(
                screen,
                "dept",
                "部门",
                [*ask(screen, departments), KeyOption(key=NOBODY, label=NO_DEPARTMENT)],
                where.departments,
                "departments",
                by_department,
            ),
            _colors(screen, count),
            _text(screen),
            _polygon(screen),
            _missing(screen),
            _marks(screen),
            link(screen.href(where=Filter(areas=where.areas)), "清除", cls="om-clear")
            if where != Filter(areas=where.areas)
            else None,
            _total(screen, count),
            cls="om-filter",
            role="toolbar",
            aria_label="筛选",
        )
    )
    return count


def _total(screen: Screen, count: EventCount) -> Html:
    unlocated = f"其中 {number(count.unlocated)} 件{NO_POSITION}" if count.unlocated else ""
    return span(
        "共 ",
        el("b", number(count.total), data_total=count.total),
        " 件",
        link(
            screen.href(page="events", where=screen.where.changed(missing=Missing.POSITION)),
            unlocated,
            cls="om-aside",
        )
        if unlocated and screen.where.missing is None
        else None,
        explain_menu(
            screen,
            key="total",
            title="共计件数",
            formula="符合全部筛选条件的事件件数，与地图、列表、导出相同",
            rows=count.total,
        ),
        cls="om-total",
    )


def _option(href: str, text: Child, *, on: bool, count: int | None = None, cls: str = "") -> Html:
    return link(
        href,
        span("✓" if on else "", cls="om-tick", aria_hidden="true"),
        span(text, cls="om-option-text"),
        span(number(count), cls="om-option-count") if count is not None else None,
        cls=f"om-option {cls} {'om-on' if on else ''}".strip(),
        aria_pressed="true" if on else "false",
        data_keep_open=True,
    )


def _basis(screen: Screen) -> Html:
    where = screen.where
    options = []
    for basis in Basis:
        if basis is Basis.OPEN:
            target = where.changed(basis=basis, start=None, end=None)
        else:
            start, end = where.start or screen.today - timedelta(days=6), where.end or screen.today
            target = where.changed(basis=basis, start=start, end=end)
        hint = "此刻未办结" if basis is Basis.OPEN else "时段内"
        options.append(
            _option(screen.href(where=target), [BASIS[basis], el("small", hint)], on=basis is where.basis)
        )
    return menu(
        key="basis",
        summary=join(["口径：", el("b", BASIS[where.basis])]),
        sheet=join(options),
        cls="om-chip om-set",
    )


def presets(today: date) -> list[tuple[str, date, date]]:
    """今日, 本周 (from Monday), 近 7 天, 近 30 天; all end today."""
    return [
        ("今日", today, today),
        ("本周", today - timedelta(days=today.weekday()), today),
        ("近 7 天", today - timedelta(days=6), today),
        ("近 30 天", today - timedelta(days=29), today),
    ]


def _period(screen: Screen) -> Html:
    where = screen.where
    options = [
        _option(
            screen.href(where=where.changed(start=start, end=end)),
            text,
            on=(start, end) == (where.start, where.end),
        )
        for text, start, end in presets(screen.today)
    ]
    fields = [
        el(
            "label",
            text,
            el(
                "input",
                type="date",
                name=name,
                value=str(value),
                required=True,
                min=str(EARLIEST),
                max=str(LATEST),
            ),
        )
        for text, name, value in (("从", "from", where.start), ("到", "to", where.end))
    ]
    done = el("button", "确定", type="submit", cls="om-button om-small")
    form = el("form", fields, done, action=screen.href(),
              cls="om-dates")  # fmt: skip
    named = next(
        (text for text, *period in presets(screen.today) if period == [where.start, where.end]), None
    )
    if named is None and where.start and where.end:
        days = [day_text(day, today=screen.today) for day in (where.start, where.end)]
        named = days[0] if days[0] == days[1] else f"{days[0]} 至 {days[1]}"
    return menu(
        key="period",
        summary=join(["时段：", el("b", named)]),
        sheet=join([options, form]),
        cls="om-chip om-set",
    )


def toggle(values: Iterable[str], value: str) -> tuple[str, ...]:
    """``values`` with ``value`` put in or taken out, sorted."""
    return tuple(sorted(set(values) ^ {value}))


def toggle_class(chosen: tuple[str, ...], code: str, every: Iterable[str]) -> tuple[str, ...]:
    """Put a class or a whole 大类 (two digits) in or out; ``every`` lists the codes of all 小类.

    Taking one 小类 out of a chosen 大类 leaves its other 小类.
    """
    if len(code) == 2:
        rest = tuple(sorted(each for each in chosen if not each.startswith(code)))
        return rest if code in chosen else tuple(sorted((*rest, code)))
    if code[:2] in chosen:
        siblings = {each for each in every if each[:2] == code[:2] and each != code}
        return tuple(sorted({*chosen, *siblings} - {code[:2]}))
    return toggle(chosen, code)


def _classes(screen: Screen) -> Html:
    options: list[ClassOption] = ask(screen, event_classes)
    where = screen.where
    counts = _counts(ask(screen, by_class, where=where.changed(classes=())))
    every = [option.code for option in options]
    groups = []
    for major in dict.fromkeys(code[:2] for code in every):
        own = [option for option in options if option.code[:2] == major]
        total = sum(counts.get(option.code, 0) for option in own)

        def address(code: str) -> str:
            return screen.href(where=where.changed(classes=toggle_class(where.classes, code, every)))

        rows = [
            _option(
                address(option.code), option.minor, count=counts.get(option.code, 0),
                on=option.code in where.classes or major in where.classes,
            )
            for option in own
        ]  # fmt: skip
        head = _option(address(major), own[0].major, on=major in where.classes, count=total, cls="om-major")
        groups.append(div(head, rows, cls="om-group"))
    return _multi("class", "类别", groups, chosen=len(where.classes), wide=True)


def _counts(rows: list[KeyCount]) -> dict[str, int]:
    return {row.key: row.count for row in rows}


def _keys(
    screen: Screen,
    key: str,
    name: str,
    options: list[KeyOption],
    chosen: tuple[str, ...],
    field: str,
    counted: object,
) -> Html:
    where = screen.where
    counts = _counts(ask(screen, counted, where=where.changed(**{field: ()})))  # type: ignore[arg-type]
    rows = [
        _option(
            screen.href(where=where.changed(**{field: toggle(chosen, option.key)})),
            option.label,
            on=option.key in chosen,
            count=counts.get("" if option.key == NOBODY else option.key, 0),
        )
        for option in options
    ]
    return _multi(key, name, rows, chosen=len(chosen))


def _statuses(screen: Screen) -> Html:
    chosen = screen.where.statuses
    rows = [
        _option(
            screen.href(
                where=screen.where.changed(statuses=tuple(Status(s) for s in toggle(chosen, status)))
            ),
            STATUS[status],
            on=status in chosen,
        )
        for status in Status
    ]
    return _multi("status", "状态", rows, chosen=len(chosen))


def _multi(key: str, name: str, rows: Child, *, chosen: int, wide: bool = False) -> Html:
    return menu(
        key=key,
        summary=join([name, el("b", f" {chosen}") if chosen else None]),
        sheet=div(rows, cls="om-options om-wide" if wide else "om-options"),
        cls="om-chip om-set" if chosen else "om-chip",
    )


def _colors(screen: Screen, count: EventCount) -> Html:
    where = screen.where
    shown = OPEN_COLORS if where.basis is Basis.OPEN else PERIOD_COLORS
    chips = []
    for color in shown:
        target = where.changed(colors=tuple(SlaColor(c) for c in toggle(where.colors, color)))
        chips.append(
            link(
                screen.href(where=target),
                span(SLA_SIGN[color], cls=f"om-sign om-{color}"),
                SLA_COLOR[color],
                cls="om-color om-on" if color in where.colors else "om-color",
                aria_pressed="true" if color in where.colors else "false",
                data_color=color,
                data_count=getattr(count, color),
            )
        )
    return div(chips, cls="om-colors")


def _text(screen: Screen) -> Html:
    return el(
        "form",
        el(
            "input", type="search", name="q", value=screen.where.text, placeholder="含文字…",
            maxlength="50", aria_label="文字",
        ),
        action=screen.href(where=screen.where.changed(text="")),
        cls="om-text",
    )  # fmt: skip


def _polygon(screen: Screen) -> Html | None:
    if screen.where.polygon:
        without = screen.where.changed(polygon=())
        return link(
            screen.href(where=without), "已画范围", span(" ✕"), cls="om-color om-on", title="去掉所画范围"
        )
    return None


def _marks(screen: Screen) -> list[Html]:
    """What an indicator's rows are beside the other conditions; each can be taken off."""
    return [
        link(
            screen.href(where=screen.where.changed(marks=tuple(m for m in screen.where.marks if m != mark))),
            MARK[mark],
            span(" ✕"),
            cls="om-color om-on",
            title="去掉这个条件",
        )
        for mark in screen.where.marks
    ]


def _missing(screen: Screen) -> Html | None:
    if screen.where.missing is None:
        return None
    without = screen.where.changed(missing=None)
    return link(
        screen.href(where=without),
        f"只看{MISSING[screen.where.missing]}",
        span(" ✕"),
        cls="om-color om-on",
        title="去掉这个条件",
    )
