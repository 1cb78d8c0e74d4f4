"""The card over the right column: one event, station or area, with 返回 to the alerts and the ranking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import Child, Html, div, el, join, link, span
from dashboard.panels.contact import staff_phone
from dashboard.panels.event_list import color_mark, short_list
from dashboard.panels.event_parts import alert_link, linked_row, merged_row, photo_row, section, timeline
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.panels.whistle_line import blow_for_case, whistles_of_case
from dashboard.state import Screen
from data.durations import time_left_text
from data.labels import DASH, DATA_FLAG, LEVEL, NO_POSITION, SOURCE, STATUS, label
from data.queries.areas import AreaCard, Person, area_card
from data.queries.events import EventCard, event_card
from data.queries.limits import LimitLine, limit_line
from data.queries.repeats import Nth, nth_time
from data.queries.rows import EventRow, left_text
from data.queries.stations import NEARBY_LIMIT, NEARBY_M, StationCard, station_card
from data.vocabulary import Level, SlaColor


def selection_card(screen: Screen) -> Html | None:
    """The card that the URL's ``sel`` names; None where it names none."""
    kind, key = screen.view.sel_kind, screen.view.sel_key
    if kind == "event":
        return event_panel(screen, int(key))
    if kind == "station":
        return station_panel(screen, int(key))
    if kind == "area":
        return area_panel(screen, key)
    return None


def card_frame(screen: Screen, title: Child, *body: Child, kind: str) -> Html:
    """A panel with 返回, which Escape follows too."""
    back = screen.href(sel_kind="", sel_key="")
    return div(
        div(
            link(back, "‹ 返回", cls="om-back", data_escape=True, title="返回（Esc）"),
            span(title, cls="om-title om-cut-text"),
            cls="om-panel-head",
        ),
        div(body, cls="om-scroll om-card"),
        cls=f"om-panel om-card-{kind}",
        data_card=kind,
    )


def pairs(*rows: tuple[str, Child]) -> Html:
    """Names and values in two columns: an empty value shows a dash, None leaves the row out."""
    return el(
        "dl",
        [
            [el("dt", name), el("dd", DASH if value == "" else value)]
            for name, value in rows
            if value is not None
        ],
    )


_LEFT_FORMULA: Final = (
    "从数据截至的时刻到到期时间，按该件的计时方式：工作时、工作日只计工作日历上的上班时间，其他按自然时间。"
    "剩余不超过时限的临期比例（默认四分之一，可按区域在工作日历里改）为临期，过了到期时间为超期；"
    "挂账期间停止计时，反馈之后不再计时。"
)
_STATION_FORMULA: Final = (
    "现在开门：按登记的开放时间，以数据截至的时刻判断。窗口、工作人员、面积：取自接入的站点数据。"
    f"{NEARBY_M:g} 米内在办事件：按直线距离，由近到远，最多列 {NEARBY_LIMIT} 件，不受本页筛选影响。"
)


def gone(screen: Screen, what: str, key: str) -> Html:
    text = f"没有{what} {key}。它可能已随一次数据撤销而移除"
    return card_frame(screen, what, empty(text), kind="gone")


def event_panel(screen: Screen, event_id: int) -> Html:
    """谁在办, since when, 剩几小时, what happened here before, the log as a timeline."""
    card: EventCard | None = ask(screen, event_card, event_id=event_id)
    if card is None:
        return gone(screen, "事件", str(event_id))
    row = card.row

    def at(moment: object) -> str:
        return moment_text(moment, zone=screen.zone, now=screen.as_of)  # type: ignore[arg-type]

    lead = div(
        color_mark(row.color),
        el("b", _left(row), cls=f"om-{row.color}")
        if row.color not in (SlaColor.DONE, SlaColor.DONE_LATE)
        else None,
        explain_menu(screen, key="left", title="剩余时间", formula=_LEFT_FORMULA, about_events=False),
        cls="om-lead",
    )
    place = link(screen.href_area(row.code), row.place_name) if row.code else row.place_name
    return card_frame(
        screen,
        f"{row.class_name} · {row.title}",
        lead,
        pairs(
            ("谁在办", row.in_charge),
            ("状态", f"{STATUS[row.status]}，自 {at(card.status_since)}"),
            ("上报", f"{at(row.reported_at)}，{label(SOURCE, row.source)}"),
            ("到期", at(row.due_at) if row.due_at else "无时限"),
            ("时限", _limit(screen, event_id)),
            ("到场", _arrival(card, at(card.arrived_at)) if card.arrived_at else None),
            ("办结", at(row.ended_at) if row.ended_at else None),
            ("案件号", row.external_no),
            ("位置", join([place, "" if row.lon is not None else f"（{NO_POSITION}）"])),
            ("地址", row.address),
            ("描述", row.description),
            ("第几次", _nth(screen, event_id)),
            ("标记", "、".join(_marks(row.supervised, row.flags)) or None),
            ("吹哨", whistles_of_case(screen, event_id)),
        ),
        link(screen.href_select("event", event_id, page="loop"), "去办理", cls="om-button om-small")
        if screen.page != "loop"
        else None,
        " ",
        blow_for_case(screen, event_id) if row.color not in (SlaColor.DONE, SlaColor.DONE_LATE) else None,
        alert_link(screen, event_id),
        photo_row(screen, event_id),
        merged_row(screen, event_id),
        linked_row(screen, event_id),
        section("办理过程", timeline(screen, card.timeline)),
        section(
            f"此处 180 天内的其他事件（{len(card.nearby)} 件）",
            short_list(screen, card.nearby[:10], place=False),
        )
        if card.nearby
        else section("此处 180 天内的其他事件", empty("没有")),
        kind="event",
    )


def _arrival(card: EventCard, when: str) -> str:
    """When somebody first came, and how long after the report."""
    minutes = (card.arrived_at - card.row.reported_at) / timedelta(minutes=1) if card.arrived_at else 0.0
    return f"{when}（上报后 {minutes:.0f} 分钟）"


def _left(row: EventRow) -> str:
    """What is left; of a suspended case what it goes on with when its clock runs again."""
    if row.color is SlaColor.SUSPENDED and row.left is not None:
        return time_left_text(row.left, before="恢复后剩", after="恢复后仍超")
    return left_text(row)


def _limit(screen: Screen, event_id: int) -> Html | None:
    found: LimitLine | None = ask(screen, limit_line, event_id=event_id)
    if found is None:
        return None
    return join([found.text, div("▲ ", found.notice, cls="om-note") if found.notice else None])


def _nth(screen: Screen, event_id: int) -> Html | None:
    """同一处同一问题是第几次, with the way to exactly these rows."""
    found: Nth | None = ask(screen, nth_time, event_id=event_id)
    if found is None:
        return None
    later = f"，其后又有 {found.later} 次" if found.later else ""
    text = f"同一处同类 {found.days} 天内第 {found.number} 次{later}"
    return span(link(screen.href(page="events", where=found.where), text), data_nth=found.number)


def _marks(supervised: bool, flags: tuple[str, ...]) -> list[str]:
    return (["督办"] if supervised else []) + [label(DATA_FLAG, flag) for flag in flags]


def station_panel(screen: Screen, station_id: int) -> Html:
    """Hours, open now and the next change, counters, staff, items, events nearby, grids that it serves."""
    card: StationCard | None = ask(screen, station_card, station_id=station_id)
    if card is None:
        return gone(screen, "站点", str(station_id))
    row = card.row
    items = div([span(item, cls="om-tag") for item in row.items]) if row.items else ""
    serves = div([link(screen.href_area(step.code), step.name, cls="om-tag") for step in card.serves])
    return card_frame(
        screen,
        row.name,
        div(
            open_mark(screen, row.open_now, row.opens_next),
            explain_menu(screen, key="card", title="站点", formula=_STATION_FORMULA, about_events=False),
            cls="om-lead",
        ),
        pairs(
            ("类别", row.kind_label),
            ("开放时间", row.hours_text or row.hours),
            ("窗口", f"{number(row.counters)} 个" if row.counters is not None else ""),
            ("工作人员", f"{number(row.staff_count)} 人" if row.staff_count is not None else ""),
            ("面积", f"{number(row.area_m2)} 平方米" if row.area_m2 is not None else ""),
            ("电话", row.phone),
            ("地址", row.address),
            ("所在", link(screen.href_area(row.code), row.place_name) if row.code else row.place_name),
            ("办理事项", items),
            ("服务范围", serves if card.serves else ""),
        ),
        section(
            f"300 米内在办事件（{number(card.nearby_count)} 件）",
            short_list(screen, card.nearby) if card.nearby else empty("没有"),
        ),
        kind="station",
    )


def open_mark(screen: Screen, open_now: bool | None, opens_next: object) -> Html:
    """现在开门 or 已关门 with the next opening, as sign and words."""
    if open_now is None:
        return span("○ 开放时间未登记", cls="om-no_limit")
    if open_now:
        return span("● 现在开门", cls="om-done")
    text = moment_text(opens_next, zone=screen.zone, now=screen.as_of) if opens_next else ""  # type: ignore[arg-type]
    return span(f"‖ 已关门{'，' + text + ' 开门' if text else ''}", cls="om-suspended")


def area_panel(screen: Screen, code: str) -> Html:
    """Who answers for an area, what it holds, and the ways on."""
    card: AreaCard | None = ask(screen, area_card, code=code)
    if card is None:
        return gone(screen, "区域", code)
    return card_frame(
        screen,
        f"{card.name}（{LEVEL[card.level]}）",
        div(
            link(screen.href_area(code), "只看这里", cls="om-button om-small")
            if screen.where.areas != (code,)
            else None,
            link(screen.href_area(code, page="community"), "详情", cls="om-button om-small"),
            cls="om-actions",
        ),
        area_facts(card),
        section("责任人", people(card.staff, code=card.code, phone=partial(staff_phone, screen))),
        kind="area",
    )


def area_facts(card: AreaCard) -> Html:
    return pairs(
        ("代码", card.code),
        ("常住人口", f"{number(card.residents)} 人" if card.residents is not None else ""),
        ("户数", f"{number(card.households)} 户" if card.households is not None else ""),
        ("面积", f"{number(card.area_km2, digits=2)} 平方千米" if card.area_km2 is not None else ""),
        ("网格", f"{number(card.grids)} 个" if card.level is not Level.GRID else ""),
        ("站点", f"{number(card.stations)} 个"),
    )


Phone = Callable[[Person], Html | str]
"""How the telephone of somebody is shown."""
SHOWN_OF_A_POST: Final = 2
"""More than this many of one post in one area are folded into a line that counts them."""


def people(staff: list[Person], *, code: str, phone: Phone) -> Html:
    """Who answers for area ``code``, then, folded, who answers for the areas above it; each by post."""
    if not staff:
        return empty("还没有登记责任人")
    own = [person for person in staff if person.area_code == code]
    above = [person for person in staff if person.area_code != code]
    return div(
        _by_post(own, phone) if own else empty("这一级还没有登记责任人"),
        el(
            "details",
            el("summary", f"上级责任人 {number(len(above))} 人", cls="om-more"),
            [
                div(el("h4", name), _by_post([person for person in above if person.area_name == name], phone))
                for name in dict.fromkeys(person.area_name for person in above)
            ],
        )
        if above
        else None,
        cls="om-people",
    )


def _by_post(staff: list[Person], phone: Phone) -> Html:
    """One line a person; of a post that many hold, one line that opens."""
    posts = {post: [p for p in staff if p.post == post] for post in dict.fromkeys(p.post for p in staff)}
    return div(
        [
            _persons(held, phone)
            if len(held) <= SHOWN_OF_A_POST
            else el("details", el("summary", f"{post} {number(len(held))} 人"), _persons(held, phone))
            for post, held in posts.items()
        ]
    )


def _persons(staff: list[Person], phone: Phone) -> Html:
    rows = [
        el(
            "tr",
            el("td", person.post, cls="om-left"),
            el("td", person.name, cls="om-left"),
            el("td", phone(person)),
        )
        for person in staff
    ]
    return el("table", el("tbody", rows), cls="om-table")
