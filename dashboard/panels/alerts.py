"""The alert panel: what calls for attention. Each alert flies to its place and opens its rows."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, link, span
from dashboard.panels.event_list import unknown_years_note
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.panels.most_urgent import most_urgent, urgent_part
from dashboard.panels.risk_line import risk_line
from dashboard.panels.stuck_table import stuck_table
from dashboard.panels.system_line import system_lines
from dashboard.panels.whistle_line import whistle_line
from dashboard.state import Screen
from data.labels import RISK_SIGN, ROLE, SLA_SIGN
from data.queries.alerts import Alert, AlertKind, AlertList, alert_list
from data.queries.rows import EventRow
from data.rules.listing import open_alerts
from data.vocabulary import RiskColor, SlaColor

KIND_LABEL: Final = {
    AlertKind.OVERDUE: "超期",
    AlertKind.SOON: "临期",
    AlertKind.SURGE: "突增",
    AlertKind.REPEAT: "反复",
}
KIND_SIGN: Final = {AlertKind.OVERDUE: "◆", AlertKind.SOON: "▲", AlertKind.SURGE: "↑", AlertKind.REPEAT: "↻"}
_UNIT: Final = {
    AlertKind.OVERDUE: "一件一条",
    AlertKind.SOON: "一件一条",
    AlertKind.SURGE: "一个区域的一个类别一条",
    AlertKind.REPEAT: "一处的一个类别一条",
}
_FORMULA: Final = (
    "全部 = 超期 + 临期 + 突增 + 反复，按筛选现算，不受口径、时段、时限颜色影响。"
    "突增、反复按“预警中心 › 规则”里启用的规则，标出规则名称和颜色；"
    "同时符合几条规则的只列一条，取最重的颜色。\n"
)
_RUNG: Final = "预警中心：规则响起、尚未解除的预警条数，按风险颜色，不含演练；只随所看区域变化。"
_OF_EVENTS: Final = frozenset({AlertKind.OVERDUE, AlertKind.SOON})


def kind_hints(found: AlertList) -> dict[AlertKind, str]:
    """From when on each kind of alert stands in the list: the clock, and the rules in force."""
    return {
        AlertKind.OVERDUE: "已过办理时限、尚未办结；"
        "标出的颜色和负责人按当地启用的超期升级规则，没有启用或还不到第一级的不标",
        AlertKind.SOON: "剩余时间不超过时限的临期比例（默认四分之一，可按区域在工作日历里改）",
        **{kind: f"按规则：{said}" for kind, said in found.rules.items()},
    }


def alert_panel(screen: Screen) -> Html:
    """Tabs by kind, then the alerts of the chosen kind, the most pressing first."""
    found: AlertList = ask(screen, alert_list, where=screen.where.standing, limit=30)
    chosen = screen.view.get("alert")
    kinds = [kind for kind in AlertKind if kind == chosen] or list(AlertKind)
    alerts = [alert for alert in found.alerts if alert.kind in kinds]
    first: tuple[EventRow, ...] = ()
    if len(kinds) > 1:
        first = most_urgent(screen)
        shown = {row.id for row in first}
        alerts = [alert for alert in _mixed(alerts) if alert.event_id not in shown or not _is_of_event(alert)]
    total = sum(found.totals.get(kind, 0) for kind in kinds)
    hints = kind_hints(found)
    shown_here = len(alerts) + sum(row.color in (SlaColor.OVERDUE, SlaColor.SOON) for row in first)
    return div(
        div(
            span("预警", cls="om-title"),
            _explained(screen, hints),
            _tab(screen, "", "全部", sum(found.totals.values()), hint=None, on=len(kinds) > 1),
            [
                _tab(
                    screen,
                    kind,
                    f"{KIND_SIGN[kind]} {KIND_LABEL[kind]}",
                    found.totals.get(kind, 0),
                    hint=hints[kind],
                    on=chosen == kind,
                )
                for kind in AlertKind
            ],
            _rung(screen),
            cls="om-panel-head om-wrap",
        ),
        system_lines(screen),
        whistle_line(screen),
        div(
            urgent_part(screen, first),
            _stuck(screen, chosen),
            [_row(screen, alert) for alert in alerts],
            None if alerts or first else empty(_nothing(chosen)),
            _cut(shown_here, total),
            unknown_years_note([*first, *alerts]),
            cls="om-scroll",
        ),
        cls="om-panel om-alerts",
    )


def _explained(screen: Screen, hints: dict[AlertKind, str]) -> Html:
    """怎么算的 of the counts in the tabs and of those beside 预警中心."""
    kinds = "".join(f"{KIND_LABEL[kind]}：{hint}，{_UNIT[kind]}。\n" for kind, hint in hints.items())
    return explain_menu(
        screen,
        key="alerts",
        title="预警条数",
        formula=_FORMULA + kinds + _RUNG,
        where=screen.where.standing,
        basis="超期、临期为此刻在办，突增为今日上报，反复为近期上报",
        rows=0,
    )


def _stuck(screen: Screen, chosen: str) -> Html | None:
    """Of cases that are late or soon will be: where they are stuck."""
    if chosen not in _OF_EVENTS:
        return None
    return stuck_table(screen, kind=chosen, name=KIND_LABEL[AlertKind(chosen)])


def _cut(shown: int, total: int) -> Html | None:
    if total <= shown:
        return None
    return div(f"显示 {number(shown)} 条，共 {number(total)} 条", cls="om-note om-cut")


def _is_of_event(alert: Alert) -> bool:
    """Whether it is about one event, and not about several of one class."""
    return alert.kind in _OF_EVENTS


def _nothing(chosen: str) -> str:
    return f"没有{KIND_LABEL[AlertKind(chosen)]}预警" if chosen else "没有预警，一切在时限之内"


def _mixed(alerts: list[Alert]) -> list[Alert]:
    """At most ten of a kind at first, so that one kind does not push the others off the panel."""
    return [alert for kind in AlertKind for alert in [a for a in alerts if a.kind is kind][:10]]


def _rung(screen: Screen) -> Html | None:
    """The way to 预警中心, with what rules rang here and nobody has resolved."""
    found: dict[RiskColor, int] = ask(screen, open_alerts, areas=screen.where.areas)
    if not found:
        return None
    counts = [
        span(f"{RISK_SIGN[color]}{number(found[color])}", cls=f"om-risk-{color}")
        for color in RiskColor
        if color in found
    ]
    href = screen.href(page="alerts")
    return link(href, "预警中心 ", counts, cls="om-more om-rung", title="规则响起、尚未解除的预警")


def _tab(screen: Screen, kind: str, text: str, count: int, *, hint: str | None, on: bool) -> Html:
    return link(
        screen.href(extra={"alert": kind}),
        text,
        span(number(count), cls="om-badge"),
        cls=f"om-tab om-on om-tab-{kind}" if on else f"om-tab om-tab-{kind}",
        aria_pressed="true" if on else "false",
        title=hint,
    )


def _row(screen: Screen, alert: Alert) -> Html:
    """An event's card opens over this column; a surge or repeat narrows the view to its rows."""
    if alert.event_id is not None and _is_of_event(alert):
        href = screen.href_select("event", alert.event_id)
    else:
        href = screen.href(where=alert.where, tab="events")
    since = moment_text(alert.since, zone=screen.zone, now=screen.as_of) if alert.since else ""
    if _is_of_event(alert):
        sign = span(SLA_SIGN[alert.color], cls=f"om-sign om-{alert.color}")
    else:
        sign = span(KIND_SIGN[alert.kind], cls=f"om-sign om-risk-{alert.risk}")
    return link(
        href,
        sign,
        span(
            span(span(alert.title, cls="om-row-title"), span(since, cls="om-note om-nowrap")),
            span(span(alert.detail), span(alert.place_name, cls="om-nowrap"), cls="om-row-second"),
            _by_rule(alert),
            cls="om-row-body",
        ),
        cls="om-row",
        data_alert=alert.kind,
    )


def _by_rule(alert: Alert) -> Html | None:
    """The rule that says so with its colour; of an overdue event its rung and who answers."""
    if alert.rule and alert.risk is not None:
        return risk_line(alert.risk, f"规则“{alert.rule}”")
    return None if alert.risk is None else risk_line(alert.risk, ROLE[alert.owner] if alert.owner else "")
