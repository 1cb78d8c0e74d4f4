"""How departments answer: a table with numerators and denominators, ranked only above the minimum sample."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import number, rate
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.panels.whistle_list import plain, standing_href
from dashboard.state import Screen
from data.conventions import read_conventions
from data.labels import DASH
from data.lifecycle import read_rules
from data.whistle import DepartmentScore, department_scores

_FORMULA: Final = (
    "及时报到 = 时限内报到的次数 ÷ 已报到或时限已过的次数（退回后未再报到的按没有报到计）；"
    "办结 = 已办结的次数 ÷ 被吹哨的次数；平均分 = 街道评分的平均，括号内为评分次数。"
    "名次按及时报到率、再按平均分；应报到不足 {fewest} 次的只列数、不排名。"
    "口径为在办时统计近 {days} 天吹的哨，已撤回的不计。"
)


def show_scores(screen: Screen) -> None:
    """The right side while no whistle is chosen."""
    found: list[DepartmentScore] = ask(screen, department_scores)
    formula = _FORMULA.format(
        fewest=number(round(ask(screen, read_conventions).minimum_sample)),
        days=number(round(read_rules(screen.session).whistle_scored_days)),
    )
    head = el(
        "tr",
        el("th", "名次"),
        el("th", "部门", cls="om-left"),
        [el("th", text) for text in ("被吹哨", "及时报到", "办结", "平均分")],
    )
    rows = [_row(screen, one) for one in found]
    table = el("table", el("thead", head), el("tbody", rows), cls="om-table om-scores")
    show(
        div(
            div(
                span("部门报到情况", cls="om-title"),
                explain_menu(screen, key="scores", title="部门报到情况", formula=formula, about_events=False),
                span("点一行看这个部门未办结的哨", cls="om-note"),
                cls="om-panel-head om-wrap",
            ),
            div(table if rows else empty("这里还没有吹过哨"), cls="om-scroll om-x"),
            cls="om-panel",
        )
    )


def _row(screen: Screen, one: DepartmentScore) -> Html:
    where = plain(screen).where.changed(departments=(one.code,))
    href = standing_href(screen, "", where=where)
    mean = f"{one.mean:.1f}（{number(one.scored)}）" if one.mean is not None else DASH
    rank = number(one.rank) if one.rank else span("样本不足", cls="om-note om-nowrap")
    return el(
        "tr",
        el("td", rank),
        el("td", link(href, one.name), cls="om-left"),
        el("td", number(one.whistles)),
        el("td", _share(one.in_time, one.judged)),
        el("td", _share(one.done, one.whistles)),
        el("td", mean, cls="om-nowrap"),
        data_href=href,
        data_score=one.code,
        data_judged=one.judged,
        data_rank=one.rank or "",
    )


def _share(part: int, whole: int) -> Html:
    return span(
        rate(part, whole), span(f" {number(part)}/{number(whole)}", cls="om-fraction"), cls="om-nowrap"
    )
