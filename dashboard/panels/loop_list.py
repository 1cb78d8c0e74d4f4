"""The list of the loop: one's own queue or the rows of a stage, with boxes to tick for a move of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.ask import ask
from dashboard.formats import ago_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.event_list import PAGE_SIZE, pager, two_lines, unknown_years_note
from dashboard.panels.loop_lanes import chosen_lane, lane_href, plain
from dashboard.panels.messages import empty
from dashboard.state import ALL, MINE, Screen
from data.filter import Filter
from data.labels import MOVE, ROLE, SLA_SIGN, STAGE, STATUS
from data.lifecycle import Move
from data.queries.events import EventPage, Order, list_events
from data.queries.loop import MOST_AT_ONCE, WaitingPage, cases_under, stage_filter, waiting
from data.queries.rows import EventRow, left_text
from data.vocabulary import Stage


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What the list shows: rows of this page, what each waits for, and how many there are in all."""

    rows: tuple[EventRow, ...]
    waits: dict[int, Move]
    total: int
    counts: dict[Move, int]


def read_list(screen: Screen) -> Listed:
    """The rows that the URL asks for: my queue, a stage, or everything under the Filter."""
    offset = (screen.view.page_number - 1) * PAGE_SIZE
    if chosen_lane(screen) == MINE:
        if screen.person is None:
            return Listed(rows=(), waits={}, total=0, counts={})
        mine = _waiting(screen, limit=PAGE_SIZE, offset=offset)
        return Listed(
            rows=tuple(one.row for one in mine.rows),
            waits={one.row.id: one.move for one in mine.rows},
            total=mine.total,
            counts=mine.counts,
        )
    where = lane_filter(screen)
    if where is None:
        return Listed(rows=(), waits={}, total=0, counts={})
    page: EventPage = ask(
        screen, list_events, where=where, limit=PAGE_SIZE, offset=offset, order=Order.URGENT
    )
    return Listed(rows=tuple(page.rows), waits={}, total=page.total, counts={})


def _waiting(screen: Screen, *, limit: int, offset: int = 0) -> WaitingPage:
    wait = screen.view.get("wait")
    found: WaitingPage = ask(
        screen,
        waiting,
        person=screen.person,
        move=Move(wait) if wait else None,
        limit=limit,
        offset=offset,
    )
    return found


def lane_filter(screen: Screen) -> Filter | None:
    """The Filter of the chosen stage; None where the Filter leaves it nothing."""
    lane = chosen_lane(screen)
    return screen.where if lane == ALL else stage_filter(screen.where, Stage(lane), today=screen.today)


def all_listed(screen: Screen) -> tuple[int, ...]:
    """Every case of the list, the most urgent first, at most ``MOST_AT_ONCE``."""
    if chosen_lane(screen) == MINE:
        if screen.person is None:
            return ()
        return tuple(one.row.id for one in _waiting(screen, limit=MOST_AT_ONCE).rows)
    where = lane_filter(screen)
    return () if where is None else ask(screen, cases_under, where=where)


def show_list(screen: Screen, found: Listed) -> None:
    """Title, what waits, rows with boxes, and the way to a move of many."""
    here = plain(screen)
    nothing = _nothing(screen) if not found.total else empty("没有这一页")
    body = _table(here, found) if found.rows else nothing
    show(
        div(
            div(_titles(screen, found), cls="om-panel-head om-wrap"),
            _waits(screen, found),
            body,
            div(pager(here, total=found.total), cls="om-panel-foot"),
            cls="om-panel om-loop-list",
            data_listed=found.total,
        )
    )


def _titles(screen: Screen, found: Listed) -> list[Html]:
    lane = chosen_lane(screen)
    name = {MINE: "等我办理", ALL: "全部在办"} | {stage.value: STAGE[stage] for stage in Stage}
    keys = [MINE, ALL] + ([lane] if lane not in (MINE, ALL) else [])
    return [
        link(
            lane_href(screen, key),
            name[key],
            span(number(found.total), cls="om-badge") if key == lane else None,
            cls="om-tab om-on" if key == lane else "om-tab",
            aria_current="true" if key == lane else None,
        )
        for key in keys
    ]


def _waits(screen: Screen, found: Listed) -> Html | None:
    """What the cases wait for, each with its count: the counts add up to the queue."""
    if chosen_lane(screen) != MINE or not found.counts:
        return None
    wait = screen.view.get("wait")
    everything = sum(found.counts.values())
    chips = [
        ("", "全部", everything),
        *((move.value, f"待{MOVE[move]}", n) for move, n in found.counts.items()),
    ]
    return div(
        [
            link(
                lane_href(screen, MINE, wait=key),
                text,
                span(number(count), cls="om-badge"),
                cls="om-tab om-on" if key == wait else "om-tab",
                data_wait=key or ALL,
                data_count=count,
            )
            for key, text, count in chips
        ],
        cls="om-waits",
    )


def _nothing(screen: Screen) -> Html:
    if chosen_lane(screen) == MINE and screen.person is None:
        return empty("尚未选择办理人：在右上角选择后，这里列出等您办理的件")
    if chosen_lane(screen) == MINE and screen.person is not None:
        return empty(f"没有等{screen.person.name}（{ROLE[screen.person.role]}）办理的件")
    ways = ((screen.href(where=Filter(areas=screen.where.areas)), "清除筛选"),)
    return empty("这里没有符合条件的件", actions=ways)


def _table(screen: Screen, found: Listed) -> Html:
    """A form: what is ticked becomes ``pick`` of the address."""
    picked = set(dict(screen.view.extra).get("pick", "").split(","))
    every = el("input", type="checkbox", data_tick_all=True, aria_label="全选本页")
    head = el(
        "tr",
        el("th", el("label", every, cls="om-tick-box"), cls="om-left"),
        [el("th", text, cls="om-left") for text in ("时限", "事件 · 类别", "地点", "状态 · 承办")],
        el("th", "上报"),
    )
    rows = [_row(screen, row, found.waits.get(row.id), ticked=str(row.id) in picked) for row in found.rows]
    most = min(found.total, MOST_AT_ONCE)
    which = f"前 {number(most)} 件" if found.total > most else f"全部 {number(most)} 件"
    table = el("table", el("thead", head), el("tbody", rows), cls="om-table om-events")
    return el(
        "form",
        div(table, unknown_years_note(found.rows), cls="om-scroll om-x"),
        div(
            el(
                "button",
                "批量办理勾选的件",
                span(data_ticked=True),
                type="submit",
                cls="om-button om-small",
            ),
            link(
                screen.href(extra={"pick": ALL}, sel_kind="", sel_key=""), f"批量办理{which}", cls="om-more"
            ),
            cls="om-bulk-bar",
        ),
        action=screen.href(sel_kind="", sel_key=""),
        cls="om-loop-form",
    )


def _row(screen: Screen, row: EventRow, wait: Move | None, *, ticked: bool) -> Html:
    href = screen.href_select("event", row.id)
    here = screen.view.sel_kind == "event" and screen.view.sel_key == str(row.id)
    box = el(
        "input",
        type="checkbox",
        name="pick",
        value=row.id,
        checked=ticked,
        aria_label=f"勾选 {row.external_no}",
    )
    sign = span(SLA_SIGN[row.color], cls=f"om-sign om-{row.color}")
    tags: Sequence[Html] = [span("督办", cls="om-tag")] if row.supervised else []
    status = [STATUS[row.status], span(f"待{MOVE[wait]}", cls="om-tag om-wait") if wait else None]
    return el(
        "tr",
        el("td", el("label", box, cls="om-tick-box"), cls="om-left"),
        two_lines([sign, span(left_text(row), cls=f"om-{row.color}")], row.external_no),
        two_lines([link(href, row.title), tags], row.class_name, cls="om-grow"),
        two_lines(row.place_name, row.address, cls="om-grow"),
        two_lines(status, row.in_charge, cls="om-grow"),
        el("td", ago_text(row.reported_at, now=screen.as_of), cls="om-nowrap"),
        data_href=href,
        data_event=row.id,
        cls="om-selected" if here else "",
    )
