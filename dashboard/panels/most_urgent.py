"""最急三件: where they are, who has them, how long is left. They stand above all other alerts."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, link, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.risk_line import risk_line
from dashboard.state import Screen
from data.labels import ROLE, SLA_SIGN, STATUS
from data.queries.events import EventPage, list_events
from data.queries.rows import EventRow, left_text
from data.rules.in_force import rung_at
from data.rules.store import RuleSpec, list_rules
from data.vocabulary import ENDED, HANDED_BACK, SlaColor, Status

THREE: Final = 3
_RUNNING: Final = frozenset(Status) - ENDED - HANDED_BACK - {Status.SUSPENDED}
_FORMULA: Final = (
    "在办、未挂账、有时限、还没有反馈的事件中到期最早的三件：先是超期最久的，然后是到期最近的。"
    "承办为现在的承办部门和经办人；还剩多久按该件的计时方式计算：工作时、工作日只计上班时间。"
    "超期的标出当地启用的超期升级规则走到哪一级（颜色和负责人），没有启用的不标。"
)


def most_urgent(screen: Screen) -> tuple[EventRow, ...]:
    """Up to three cases whose clock runs, the earliest deadline first.

    What the department has handed back waits for the check: nobody can be quicker there by its deadline.
    """
    where = screen.where.standing
    statuses = _RUNNING & set(where.statuses) if where.statuses else _RUNNING
    if not statuses:
        return ()
    running = where.changed(statuses=tuple(sorted(statuses)))
    page: EventPage = ask(screen, list_events, where=running, limit=THREE)
    return tuple(row for row in page.rows if row.left is not None)


def urgent_part(screen: Screen, rows: tuple[EventRow, ...]) -> Html | None:
    """Heading and rows; each opens its card."""
    if not rows:
        return None
    explanation = explain_menu(
        screen, key="urgent", title="最急三件", formula=_FORMULA, where=screen.where.standing, rows=0
    )
    return div(
        div(el("h3", "最急三件"), explanation, cls="om-part-head"),
        [_row(screen, place, row) for place, row in enumerate(rows, start=1)],
        cls="om-urgent",
    )


def _row(screen: Screen, place: int, row: EventRow) -> Html:
    due = moment_text(row.due_at, zone=screen.zone, now=screen.as_of)
    return link(
        screen.href_select("event", row.id),
        span(SLA_SIGN[row.color], cls=f"om-sign om-{row.color}", title=f"第 {place} 急"),
        span(
            span(
                span(row.title, cls="om-row-title"),
                el("b", left_text(row), cls=f"om-row-detail om-{row.color}"),
            ),
            span(span(row.place_name), span(f"到期 {due}", cls="om-note"), cls="om-row-second"),
            span(span(f"承办 {row.in_charge}"), span(STATUS[row.status], cls="om-note"), cls="om-row-second"),
            _rung(screen, row),
            cls="om-row-body",
        ),
        cls="om-row",
        data_urgent=place,
        data_event=row.id,
        data_alert=row.color if row.color in (SlaColor.OVERDUE, SlaColor.SOON) else None,
    )


def _rung(screen: Screen, row: EventRow) -> Html | None:
    """Of an overdue case the rung of the ladder in force at its place, and who answers."""
    if row.color is not SlaColor.OVERDUE or row.due_at is None:
        return None
    rules: list[RuleSpec] = ask(screen, list_rules, where=None)
    rung = rung_at(rules, code=row.code, due_at=row.due_at, as_of=screen.as_of, left=row.clock)
    if rung is None:
        return None
    color, owner = rung
    return risk_line(color, ROLE[owner] if owner else "")
