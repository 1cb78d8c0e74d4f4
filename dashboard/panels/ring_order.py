"""The rectification order of an alert on one page: the order, what was done, and the indicator afterwards."""

from __future__ import annotations

from datetime import timedelta

from dashboard.ask import ask
from dashboard.formats import day_text, moment_text, number
from dashboard.markup import Html, div, el, link, span
from dashboard.panels.event_parts import photo_row, timeline
from dashboard.panels.performance_table import baseline_text
from dashboard.state import Screen
from data.labels import STATUS, label
from data.queries.events import EventCard, event_card
from data.queries.limits import LimitLine, limit_line
from data.rules.afterwards import Afterwards, WeekAfter, afterwards
from data.rules.indicator_causes import number_text
from data.rules.listing import AlertCard


def order_section(screen: Screen, card: AlertCard) -> Html | None:
    """Nothing where the alert has no order."""
    event_id = card.row.event_id
    if event_id is None:
        return None
    order: EventCard | None = ask(screen, event_card, event_id=event_id)
    if order is None:
        return None
    row = order.row
    due = moment_text(row.due_at, zone=screen.zone, now=screen.as_of) if row.due_at else "无时限"
    limit: LimitLine | None = ask(screen, limit_line, event_id=event_id)
    unknown_days = limit.notice if limit else ""
    lines = [
        ("指令", row.external_no), ("谁在办", row.in_charge),
        ("状态", label(STATUS, row.status)), ("期限", due),
    ]  # fmt: skip
    return el(
        "section",
        el("h3", "整改指令"),
        link(screen.href_select("event", event_id, page="events"), row.title, cls="om-more om-wrap"),
        [div(span(name, cls="om-key"), span(text), cls="om-pair") for name, text in lines],
        el("p", "▲ ", unknown_days, cls="om-note") if unknown_days else None,
        el("h3", "办了什么"),
        timeline(screen, order.timeline),
        photo_row(screen, event_id),
        _indicator(screen, card),
        cls="om-ring-order",
        data_order=event_id,
    )


def _indicator(screen: Screen, card: AlertCard) -> Html | None:
    """The weeks around the order against the baseline; nothing for alerts that are about no indicator."""
    indicator = card.evidence.get("indicator")
    ordered_at = next((step.at for step in card.steps if step.action == "order"), None)
    if not indicator or ordered_at is None:
        return None
    found: Afterwards | None = ask(
        screen, afterwards, indicator=str(indicator), code=card.row.code, ordered_at=ordered_at
    )
    if found is None:
        return el("p", "这项指标已停用，没有后来的数。", cls="om-note")
    measure = found.measure
    head = el("tr", [el("th", title, cls="om-left") for title in ("周", measure.name, "分子/分母", "")])
    body = [_week(screen, found, each) for each in found.weeks]
    return div(
        el("h3", "指标后来怎样"),
        div(el("table", el("thead", head), el("tbody", body), cls="om-table"), cls="om-x"),
        el("p", f"基准 {baseline_text(measure)}；{measure.name} = {measure.formula_text}", cls="om-note"),
        data_afterwards=measure.key,
    )


def _week(screen: Screen, found: Afterwards, each: WeekAfter) -> Html:
    value = each.value
    last = each.week + timedelta(days=6)
    sign = {True: ("✗ 差于基准", "om-overdue"), False: ("✓ 达到", "om-done"), None: ("", "")}[value.worse]
    marks = [text for on, text in ((each.ordered, "下达指令"), (each.running, "本周至今")) if on]
    few = "样本不足" if value.value is not None and not value.enough else ""
    days = f"{day_text(each.week, today=screen.today)} 至 {day_text(last, today=screen.today)}"
    part = f"{number(value.numerator)}/{number(value.sample)}" if value.sample is not None else ""
    return el(
        "tr",
        el("td", days, div("、".join(marks), cls="om-note") if marks else None, cls="om-left om-nowrap"),
        el("td", number_text(value.value, found.measure.unit), cls="om-left om-nowrap"),
        el("td", part, cls="om-left om-nowrap"),
        el("td", span(sign[0] or few, cls=sign[1] or "om-note"), cls="om-left om-nowrap"),
        data_week=each.week.isoformat(),
        data_value="" if value.value is None else f"{value.value:.4f}",
        cls="om-selected" if each.ordered else "",
    )
