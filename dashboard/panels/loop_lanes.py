"""The seven stages of the loop as one row: how many stand in each, how many late, how old the oldest."""

from __future__ import annotations

from dataclasses import replace

from dashboard.ask import ask
from dashboard.formats import ago_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import explain_menu
from dashboard.state import ALL, MINE, Screen
from data.labels import SLA_COLOR, SLA_SIGN, STAGE
from data.queries.loop import RATING_DAYS, Lane, Lanes, lanes
from data.vocabulary import Basis, SlaColor, Stage

OF_THE_CASE = ("move", "into", "no", "pick")
"""Parameters that belong to what is being done: another list or case begins without them."""


def plain(screen: Screen) -> Screen:
    """The same screen without a move begun: links of lists and cards lead on from here."""
    extra = tuple((name, value) for name, value in screen.view.extra if name not in OF_THE_CASE)
    return replace(screen, view=replace(screen.view, extra=extra))


def chosen_lane(screen: Screen) -> str:
    """What the list shows: the URL's lane; otherwise one's own queue, or everything where nobody acts."""
    return screen.view.get("lane") or (MINE if screen.person else ALL)


def lane_href(screen: Screen, lane: str, *, wait: str = "") -> str:
    """Address of the list of one stage, of everything, or of one's own queue."""
    found = plain(screen)
    return found.href(extra={"lane": lane, "wait": wait}, sel_kind="", sel_key="", page_number=1)


def show_lanes(screen: Screen) -> Lanes:
    """The row; a stage leads to its rows."""
    found: Lanes = ask(screen, lanes)
    is_open = screen.where.basis is Basis.OPEN
    shown = [_lane(screen, lane) for lane in found.lanes]
    note = explain_menu(
        screen,
        key="lanes",
        title="七个阶段",
        formula=(
            "按案件现在的状态归入阶段。前六个阶段相加等于在办件数；"
            f"综合评价另列近 {RATING_DAYS} 天结案、尚未评价的件，已经不在办。"
            if is_open
            else "按案件现在的状态归入阶段。七个阶段加上已合并、已作废的件，等于共计件数。"
        )
        + "最早：其中最早一件的上报时间。",
        where=screen.where,
        rows=found.total,
    )
    show(div(shown, note, cls="om-lanes", data_lanes=sum(lane.count for lane in found.lanes)))
    return found


def _lane(screen: Screen, lane: Lane) -> Html:
    on = chosen_lane(screen) == lane.stage
    color = SlaColor.OVERDUE if _is_open(screen, lane.stage) else SlaColor.DONE_LATE
    late = (
        span(f"{SLA_SIGN[color]} {SLA_COLOR[color]} {number(lane.overdue)}", cls=f"om-{color}")
        if lane.overdue
        else span("无超期", cls="om-note")
    )
    oldest = f"最早 {ago_text(lane.oldest_at, now=screen.as_of)}" if lane.oldest_at else "没有"
    return link(
        lane_href(screen, lane.stage),
        span(STAGE[lane.stage], cls="om-lane-name"),
        el("b", number(lane.count)),
        span(late if lane.count else None, span(oldest, cls="om-note"), cls="om-lane-more"),
        cls="om-lane om-on" if on else "om-lane",
        aria_current="true" if on else None,
        data_stage=lane.stage,
        data_count=lane.count,
        data_overdue=lane.overdue,
    )


def _is_open(screen: Screen, stage: Stage) -> bool:
    return screen.where.basis is Basis.OPEN and stage is not Stage.RATE
