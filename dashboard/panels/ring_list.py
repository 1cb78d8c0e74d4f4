"""预警中心: the alerts by state and colour, with an overdue plan first, then the worst; drills apart."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.extras import DRILLS
from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, link, show, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.header import breadcrumb
from dashboard.panels.messages import empty
from dashboard.panels.ring_drills import drill_states, late_drills
from dashboard.panels.ring_plan import plan_color, plan_left
from dashboard.panels.system_line import system_lines
from dashboard.state import Screen
from data.conventions import read_conventions
from data.labels import ALERT_STATE, RISK_COLOR, RISK_SIGN, ROLE, label
from data.rules.listing import OPEN_STATES, AlertPage, AlertRow, alert_page
from data.vocabulary import AlertState, RiskColor, SlaColor

PAGE_ROWS: Final = 50
_NO_DRILLS: Final = "这里没有演练；在“风险演练”里可以开始一次"
NAMED: Final = 2
"""So many alerts whose plan is overdue are named above the list."""
_FORMULA: Final = (
    "规则响起的预警和人工上报的风险。规则的：同一原因只响一次，原因变化时内容随之更新，原因消失时自动解除并写明。"
    "一条规则同时超过 {cap} 起时按街道合并为一条。地图旁的“预警”是按当前筛选现算的清单，"
    "这里是留下记录、需要有人处理的。方案超时限的排在最前。演练另列，不计入任何件数。"
)


def show_ring_list(screen: Screen) -> None:
    """Tabs by state, chips by colour, the rows."""
    state, color = screen.view.get("state"), screen.view.get("risk")
    are_drills = state == DRILLS
    states = () if are_drills else (state,) if state else tuple(OPEN_STATES)
    page: AlertPage = ask(
        screen, alert_page, areas=screen.where.areas, states=states, colors=(color,) if color else (),
        drills=are_drills,
        limit=PAGE_ROWS, offset=(screen.view.page_number - 1) * PAGE_ROWS,
    )  # fmt: skip
    nothing = empty(_NO_DRILLS if are_drills else "没有这样的预警")
    rows = [_row(screen, row) for row in page.rows] or nothing
    formula = _FORMULA.format(cap=number(round(ask(screen, read_conventions).alert_cap)))
    show(
        div(
            div(
                span("预警中心", cls="om-title"),
                explain_menu(screen, key="rings", title="预警", formula=formula, about_events=False),
                breadcrumb(screen),
                cls="om-panel-head om-wrap",
            ),
            div(
                _states(screen, page, state),
                None if are_drills else _colors(screen, page, states, color),
                cls="om-panel-head om-wrap",
            ),
            system_lines(screen),
            _due(screen, page),
            div(
                rows,
                _pager(screen, page),
                cls="om-scroll",
            ),
            cls="om-panel om-ring-list",
            data_total=page.total,
        )
    )


def _due(screen: Screen, page: AlertPage) -> Html | None:
    """What is overdue here: plans of alerts, drills of streets. Nothing where all is in time."""
    lines = []
    if page.late:
        named = [
            row.title for row in page.rows if not row.is_drill and plan_color(screen, row) is SlaColor.OVERDUE
        ][:NAMED]
        more = "等" if named and page.late > len(named) else ""
        said = f"方案超时限 {number(page.late)} 条" + (f"：{'、'.join(named)}{more}" if named else "")
        lines.append(div(span("◆ ", cls="om-overdue"), said, data_late_plans=page.late))
    if drills := late_drills(drill_states(screen)):
        lines.append(div(span("▲ ", cls="om-soon"), f"应演练：{drills}", data_late_drills="1"))
    return div(lines, cls="om-ring-due") if lines else None


def _states(screen: Screen, page: AlertPage, chosen: str) -> list[Html]:
    def count(states: tuple[str, ...]) -> int:
        return sum(number for (state, _), number in page.totals.items() if state in states)

    tabs = [
        ("", "未解除", tuple(OPEN_STATES)),
        *((each.value, ALERT_STATE[each], (each,)) for each in AlertState),
    ]
    numbers = [(key, text, count(tuple(states))) for key, text, states in tabs]
    numbers.append((DRILLS, "演练", page.drills))
    return [
        link(
            screen.href(extra={"state": key}, page_number=1),
            text,
            span(number(found), cls="om-badge"),
            cls="om-tab om-on" if key == chosen else "om-tab",
            aria_pressed="true" if key == chosen else "false",
        )
        for key, text, found in numbers
    ]


def _colors(screen: Screen, page: AlertPage, states: tuple[str, ...], chosen: str) -> Html:
    chips = [
        link(
            screen.href(extra={"risk": "" if chosen == color else color.value}, page_number=1),
            span(RISK_SIGN[color], cls=f"om-sign om-risk-{color}"),
            f"{RISK_COLOR[color]} {sum(page.totals.get((state, color), 0) for state in states)}",
            cls="om-color om-on" if chosen == color else "om-color",
            aria_pressed="true" if chosen == color else "false",
        )
        for color in RiskColor
    ]
    return div(chips, cls="om-ring-colors")


def _row(screen: Screen, row: AlertRow) -> Html:
    on = screen.view.get("ring") == str(row.id)
    when = row.resolved_at or row.raised_at
    state = f"{ALERT_STATE[row.state]} · {label(ROLE, row.owner)}"
    return link(
        screen.href(extra={"ring": str(row.id)}),
        span(RISK_SIGN[row.color], cls=f"om-sign om-risk-{row.color}", title=RISK_COLOR[row.color]),
        span(
            [span("演练", cls="om-drill"), " "] if row.is_drill else None,
            [span("上报", cls="om-drill"), " "] if row.by_hand else None,
            span(row.title, cls="om-ring-title"),
        ),
        span(moment_text(when, zone=screen.zone, now=screen.as_of), cls="om-note om-nowrap"),
        span(f"{row.resolution or row.detail}　{state}　", plan_left(screen, row), cls="om-ring-detail"),
        cls="om-ring om-on" if on else "om-ring",
        data_ring=row.id,
    )


def _pager(screen: Screen, page: AlertPage) -> Html | None:
    if page.total <= PAGE_ROWS:
        return None
    here, last = screen.view.page_number, -(-page.total // PAGE_ROWS)
    return div(
        link(screen.href(page_number=here - 1), "上一页", cls="om-button om-small") if here > 1 else None,
        span(
            f"显示 {len(page.rows)} 条，共 {number(page.total)} 条（第 {here} 页，共 {last} 页）",
            cls="om-note",
        ),
        link(screen.href(page_number=here + 1), "下一页", cls="om-button om-small") if here < last else None,
        cls="om-note om-cut om-actions",
    )
