"""One alert: its evidence and rows, the plan of its level, what was done, and what can be done now."""

from __future__ import annotations

from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.messages import message
from dashboard.panels.ring_acts import show_acts
from dashboard.panels.ring_order import order_section
from dashboard.panels.ring_plan import plan_pairs
from dashboard.state import Screen
from data.filter import FilterError, parse_filter
from data.labels import ALERT_STATE, RISK_COLOR, RISK_SIGN, ROLE, label
from data.rules.by_hand import STAYS
from data.rules.listing import AlertCard, alert_card
from data.rules.steps import ALERT_ACTION
from data.rules.store import Plan, response_plans
from data.vocabulary import AlertState


def show_ring_card(screen: Screen) -> bool:
    """The card of the alert in the URL; False where the URL names none."""
    text = screen.view.get("ring")
    if not text:
        return False
    card: AlertCard | None = ask(screen, alert_card, alert_id=int(text))
    if card is None:
        show(message(kind="notice", title=f"没有编号为 {text} 的预警", lines=("请在左边的列表里重新选择。",)))
        return True
    plans: list[Plan] = ask(screen, response_plans)
    show(_card(screen, card, next((plan for plan in plans if plan.color == card.row.color), None)))
    show_acts(screen, card)
    return True


def _card(screen: Screen, card: AlertCard, plan: Plan | None) -> Html:
    row = card.row
    lines = [
        ("级别", f"{RISK_SIGN[row.color]} {RISK_COLOR[row.color]}"),
        (
            "状态",
            ALERT_STATE[row.state]
            + ("" if row.lasting or row.state == AlertState.RESOLVED else "（原因已消失）"),
        ),
        ("区域", row.place_name),
        ("负责", label(ROLE, row.owner)),
        ("规则", row.rule_name),
        ("来源", f"人工上报。{STAYS}。" if row.by_hand else ""),
        ("上报" if row.by_hand else "响起", moment_text(row.raised_at, zone=screen.zone, now=screen.as_of)),
        *plan_pairs(screen, row),
        ("情况", row.detail),
        ("解除", row.resolution),
    ]
    return div(
        div(
            span("演练", cls="om-drill") if row.is_drill else None,
            span(row.title, cls="om-title"),
            link(screen.href(extra={"ring": ""}), "✕", cls="om-close", title="关闭", data_escape=True),
            cls="om-panel-head",
        ),
        div(
            [div(span(name, cls="om-key"), span(text), cls="om-pair") for name, text in lines if text],
            _evidence(screen, card),
            order_section(screen, card),
            div(
                el("strong", f"{plan.name}响应预案"),
                el("p", plan.actions),
                el("p", f"时限 {number(plan.within_hours)} 小时", cls="om-note")
                if plan.within_hours
                else None,
                cls="om-ring-plan",
            )
            if plan
            else None,
            _steps(screen, card),
            cls="om-scroll",
        ),
        cls="om-panel om-ring-card",
        data_card="ring",
        data_state=row.state,
    )


def _evidence(screen: Screen, card: AlertCard) -> Html:
    """The formula, the weeks and numbers, and links to the rows."""
    found = card.evidence
    weeks, values = found.get("weeks", []), found.get("values", [])
    numbers = "、".join("—" if value is None else f"{value:.1f}".removesuffix(".0") for value in values)
    lines = [
        ("依据", found.get("formula", "")),
        ("各周", "、".join(weeks)),
        ("数值", numbers),
        ("基准", f"{found['baseline']:g}" if found.get("baseline") is not None else ""),
        (
            "合并",
            f"{found['summary']} 起，例如：{'；'.join(found['examples'])}" if found.get("summary") else "",
        ),
        ("规则版本", f"第 {found['rule_version']} 版" if found.get("rule_version") else ""),
    ]
    parts = [(f"查看{name}的件", query) for name, query in found.get("parts", [])]
    if not parts and found.get("query"):
        parts = [("查看这些件", found["query"])]
    links = [link(href, text, cls="om-button") for text, query in parts if (href := _rows(screen, query))]
    if found.get("event_id"):
        links.append(
            link(screen.href_select("event", found["event_id"], page="events"), "打开这一件", cls="om-button")
        )
    if found.get("whistle_id"):
        href = screen.href(page="whistle", extra={"whistle": str(found["whistle_id"])})
        links.append(link(href, "打开这次吹哨", cls="om-button"))
    if found.get("page") == "quality":
        links.append(link(screen.href(page="quality"), "看后台任务", cls="om-button"))
    if found.get("indicator"):
        cell = f"{found['indicator']}:{card.row.code}"
        parent = card.row.code[:-3] if len(card.row.code) > 6 else ""
        where = screen.where.changed(areas=(parent,) if parent else ())
        href = screen.href(page="performance", where=where, extra={"cell": cell})
        links.append(link(href, "指标后来怎样", cls="om-button"))
    return div(
        [div(span(name, cls="om-key"), span(text), cls="om-pair") for name, text in lines if text],
        div(links, cls="om-perf-parts"),
    )


def _rows(screen: Screen, query: str) -> str:
    """The address of the list of exactly the rows that the evidence names; '' where it is not understood."""
    from urllib.parse import parse_qsl

    try:
        return screen.href(page="events", where=parse_filter(dict(parse_qsl(query))))
    except FilterError:
        return ""


def _steps(screen: Screen, card: AlertCard) -> Html:
    rows = [
        el(
            "li",
            span(moment_text(step.at, zone=screen.zone, now=screen.as_of), cls="om-note"),
            span(
                el("b", ALERT_ACTION.get(step.action, step.action)),
                f" {step.actor}" + (f"：{step.reason}" if step.reason else ""),
            ),
        )
        for step in card.steps
    ]
    return el("ul", rows, cls="om-ring-steps")
