"""The dispatch table: one line a rule, narrowed to a class and an area, and what the check finds in it."""

from __future__ import annotations

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, join, link, show, span
from dashboard.panels.duty_acts import import_step
from dashboard.panels.explanation import explain_menu, menu
from dashboard.panels.frame import panel
from dashboard.panels.messages import empty
from dashboard.state import NEW_ROW, Screen
from data.dispatch import PROBLEM, CheckResult, Problem, ProblemKind, check
from data.dispatch.listing import RULE_STATE, RuleLine, RuleState, rule_lines
from data.labels import DASH
from data.queries.reference import ClassOption, DivisionOption, division_options, event_classes
from data.vocabulary import Level

STATE_SIGN = {
    RuleState.IN_FORCE: ("✓", "om-done"),
    RuleState.COMING: ("○", "om-no_limit"),
    RuleState.WITHDRAWN: ("‖", "om-suspended"),
    RuleState.PAST: ("‖", "om-suspended"),
}
TITLES = ("编号", "类别", "区域", "责任部门", "处置时限", "响应", "状态")


def state_mark(state: RuleState) -> Html:
    """The state of a rule with its sign."""
    sign, cls = STATE_SIGN[state]
    return span(f"{sign} {RULE_STATE[state]}", cls=f"{cls} om-nowrap")


def show_rules(screen: Screen, *, chosen: int | None) -> None:
    """The table; each line opens its rule."""
    where = screen.where
    lines: list[RuleLine] = ask(
        screen, rule_lines, where=None, on=screen.today, areas=where.areas, classes=where.classes
    )
    head = el("tr", [el("th", title, cls="om-left") for title in TITLES])
    body = [_line(screen, line, on=line.number == chosen) for line in lines]
    table = el("table", el("thead", head), el("tbody", body), cls="om-table om-duty-table")
    narrowed = bool(where.areas or where.classes)
    nothing = "没有适用于所选类别和区域的规则" if narrowed else "还没有派遣规则"
    aside = [
        _class_menu(screen),
        _area_menu(screen),
        link(screen.href(where=where.changed(areas=(), classes=())), "清除", cls="om-clear om-small")
        if narrowed
        else None,
        span(f"共 {number(len(lines))} 条", cls="om-note", data_rules=len(lines)),
        span(
            link(import_step(screen, "dispatch_rules"), "从文件接入", cls="om-button om-small"),
            link(screen.href(extra={"rule": NEW_ROW}), "新增规则", cls="om-button om-small"),
            cls="om-exports",
        ),
    ]
    show(
        div(
            div(span("派遣规则", cls="om-title"), aside, cls="om-panel-head om-wrap"),
            div(
                div(table, cls="om-x") if lines else empty(f"{nothing}，按类别的默认部门派遣"),
                cls="om-scroll",
            ),
            cls="om-panel om-duty-list",
        )
    )


def _line(screen: Screen, line: RuleLine, *, on: bool) -> Html:
    href = screen.href(extra={"rule": str(line.number)})
    coming = span(f"{line.coming} 起有新的一版", cls="om-note") if line.coming else None
    begins = span(f"{line.valid_from} 起", cls="om-note") if line.state is RuleState.COMING else None
    return el(
        "tr",
        el("td", link(href, str(line.number)), cls="om-left"),
        el("td", el("div", line.class_name), el("div", line.class_prefix, cls="om-note"), cls="om-left"),
        el("td", line.area_name, cls="om-left"),
        el("td", el("div", line.department), el("div", line.note, cls="om-note"), cls="om-left om-wide"),
        el("td", line.limit, cls="om-left om-nowrap"),
        el("td", line.respond or DASH, cls="om-left om-nowrap"),
        el("td", state_mark(line.state), begins, coming, cls="om-left"),
        data_href=href,
        data_rule=line.number,
        cls="om-selected" if on else "",
    )


def _class_menu(screen: Screen) -> Html:
    classes: list[ClassOption] = ask(screen, event_classes, where=None)
    chosen = screen.where.classes
    majors = {one.code[:2]: one.major for one in classes}
    options = [_option(screen, "全部类别", on=not chosen, classes=())]
    options += [_option(screen, name, on=chosen == (code,), classes=(code,)) for code, name in majors.items()]
    known = {one.code: one.minor for one in classes} | majors
    said = "、".join(known.get(code, code) for code in chosen[:2]) or "全部"
    return _chip("class", "类别", said, options, is_set=bool(chosen))


def _area_menu(screen: Screen) -> Html:
    streets: list[DivisionOption] = ask(screen, division_options, where=None, deepest=Level.STREET)
    chosen = screen.where.areas
    options = [_option(screen, "全部区域", on=not chosen, areas=())]
    options += [
        _option(screen, one.name, on=chosen == (one.code,), areas=(one.code,))
        for one in streets
        if one.level is Level.STREET
    ]
    known = {one.code: one.name for one in streets}
    said = "、".join(known.get(code, code) for code in chosen[:2]) or "全部"
    return _chip("area", "区域", said, options, is_set=bool(chosen))


def _option(screen: Screen, text: str, *, on: bool, **changes: tuple[str, ...]) -> Html:
    return link(
        screen.href(where=screen.where.changed(**changes)),
        span("✓" if on else "", cls="om-tick", aria_hidden="true"),
        span(text, cls="om-option-text"),
        cls="om-option om-on" if on else "om-option",
    )


def _chip(key: str, title: str, said: str, options: list[Html], *, is_set: bool) -> Html:
    sheet = div(options, cls="om-options")
    cls = "om-chip om-set" if is_set else "om-chip"
    return menu(key=key, summary=join([f"{title} ", el("b", said)]), sheet=sheet, cls=cls)


def show_check(screen: Screen) -> None:
    """What the check finds, counted by kind, each with the rule or the class to mend."""
    found: CheckResult = ask(screen, check, where=None, on=screen.today)
    counts = [_count(kind, found.count(kind)) for kind in ProblemKind]
    explanation = explain_menu(
        screen,
        key="check",
        title="规则检查",
        formula=(
            "今天有效的规则与类别、区划、部门逐一核对。无人负责：类别没有默认部门，又有区域没有规则。"
            "负面清单不许：按规则或默认会派给街道或社区的部门，负面清单却不许下派，派遣时会被拒绝。"
            "部门没有人员：按规则或默认会派给它，人员表里却没有它的人，派去后无人能受理。"
            "时限与类别矛盾：规则的时限比类别长，或计时方式不同。"
        ),
        about_events=False,
    )
    body = [
        div(counts, cls="om-wrap om-check-counts"),
        [_problem(screen, problem) for problem in found.problems]
        or empty(f"核对了 {number(found.rules)} 条规则、{number(found.classes)} 个类别，没有发现问题"),
    ]
    total = span(f"{number(len(found.problems))} 处", cls="om-note")
    show(panel("规则检查", body, aside=[explanation, total], cls="om-check"))


def _count(kind: ProblemKind, count: int) -> Html:
    cls = "om-tag" if count else "om-tag om-zero"
    return span(f"{PROBLEM[kind]} ", el("b", str(count)), cls=cls, data_problem=kind.value, data_count=count)


def _problem(screen: Screen, problem: Problem) -> Html:
    serious = problem.kind not in (ProblemKind.LIMIT, ProblemKind.UNKNOWN_PLACE)
    where_to = (
        screen.href(extra={"rule": str(problem.rules[0])})
        if problem.rules
        else screen.href(where=screen.where.changed(classes=(problem.class_prefix,)), extra={"rule": NEW_ROW})
    )
    return link(
        where_to,
        span("◆" if serious else "▲", cls="om-sign om-overdue" if serious else "om-sign om-soon"),
        span(problem.text, cls="om-row-body"),
        span("去改规则" if problem.rules else "去补规则", cls="om-more"),
        cls="om-row",
    )
