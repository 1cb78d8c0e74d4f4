"""One whistle: its rung, who was called and where each stands, what may be done now, and what was done."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Final

from dashboard import acting
from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, el, join, link, show, span
from dashboard.panels.cards import pairs
from dashboard.panels.event_parts import section
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.panels.whistle_form import show_act
from dashboard.panels.whistle_list import (
    CALLED_SIGN,
    left_text,
    owner_text,
    plain,
    rung_sign,
    whistle_href,
)
from dashboard.state import Screen
from data.calendar import read_calendar
from data.durations import duration_text
from data.labels import (
    CALLED_STANDING,
    DASH,
    LADDER_COLOR,
    STATUS,
    WHISTLE_ACT,
    WHISTLE_KIND,
    WHISTLE_STANDING,
)
from data.lifecycle import LoopRules
from data.models import Whistle, WhistleLog
from data.numbers import numbers_at
from data.vocabulary import ClockType
from data.whistle import CalledLine, Offer, WhistleCard, WhistleLine, offers, whistle_card
from data.whistle_vocabulary import CalledStanding, WhistleAct, WhistleKind, WhistleStanding

_SOFT: Final = frozenset({WhistleAct.RETURN, WhistleAct.WITHDRAW, WhistleAct.UNDO})
"""Acts beside the way: they stand after those that carry a whistle on."""
_CLOCK: Final = (
    "应急处置为自然时间，其他事由为工作时间（按工作日历）。报到时限过 {share}% 还没有报到为黄色；"
    "超时为红色，由街道书记督办；到时限的 {times} 倍为提请区级协调；退回达到次数的列入联席会议题。"
    "报到齐后不再变色。这些数以吹哨时为准，之后再改不影响这次。"
)


def show_whistle(screen: Screen, whistle_id: int) -> None:
    """The right side for one whistle. What can be done comes first."""
    card: WhistleCard | None = ask(screen, whistle_card, whistle_id=whistle_id)
    stored = screen.session.get(Whistle, whistle_id) if card else None
    if card is None or stored is None:
        show(_frame(screen, "吹哨", empty(f"没有编号为 {whistle_id} 的吹哨，它可能已随演示数据移除")))
        return
    found = offers(screen.session, stored, person=screen.person, at=acting.now()) if screen.person else []
    show(_acts(screen, card.line, found))
    show_act(screen, card.line, found)
    show(_panel(screen, card))


def _frame(screen: Screen, title: str, *body: Html | list[Html | None] | None) -> Html:
    return div(
        div(
            link(whistle_href(screen, ""), "‹ 返回", cls="om-back", data_escape=True, title="返回（Esc）"),
            span(title, cls="om-title"),
            cls="om-panel-head",
        ),
        div(body, cls="om-scroll om-card"),
        cls="om-panel om-whistle-card",
        data_card="whistle",
    )


def _acts(screen: Screen, line: WhistleLine, found: list[Offer]) -> Html:
    person = screen.person
    if person is None:
        text = "尚未选择办理人：在右上角选择后，这里列出可以办理的动作。"
        return div(div(el("p", text, cls="om-note"), cls="om-moves-body"), cls="om-panel om-moves")
    names = {one.code: one.name for one in line.departments}
    allowed = sorted((one for one in found if one.allowed), key=lambda one: one.act in _SOFT)
    refused = [one for one in found if not one.allowed]
    buttons = [_button(screen, one, names) for one in allowed]
    nothing = f"{person.name}现在没有可以办理的动作。"
    return div(
        div(
            div(buttons, cls="om-move-row") if buttons else el("p", nothing, cls="om-note"),
            el(
                "details",
                el("summary", f"不能办理的 {len(refused)} 项", cls="om-more"),
                el("ul", _refusals(refused)),
                cls="om-refused",
            )
            if refused
            else None,
            cls="om-moves-body",
        ),
        cls="om-panel om-moves",
    )


def _refusals(refused: list[Offer]) -> list[Html]:
    """Each sentence once, with the acts that it refuses."""
    by_text = sorted(refused, key=lambda one: (one.refusal, one.act))
    found = []
    for text, held in groupby(by_text, key=lambda one: one.refusal):
        acts = "、".join(dict.fromkeys(WHISTLE_ACT[one.act] for one in held))
        found.append(el("li", el("b", acts), span(text), data_refused=acts))
    return found


def _button(screen: Screen, offer: Offer, names: dict[str, str]) -> Html:
    soft = " om-soft" if offer.act in _SOFT else ""
    on = (screen.view.get("act"), screen.view.get("unit")) == (offer.act, offer.department)
    whose = names.get(offer.department, "")
    text = "撤销上一步" if offer.act is WhistleAct.UNDO else WHISTLE_ACT[offer.act]
    return link(
        plain(screen).href(extra={"act": offer.act.value, "unit": offer.department}),
        f"{text}：{whose}" if whose else text,
        cls=f"om-button om-move{soft}{' om-on' if on else ''}",
        data_act=offer.act,
        data_unit=offer.department,
        aria_current="true" if on else None,
    )


def _clock(screen: Screen, line: WhistleLine) -> str:
    """The ladder in words, by the numbers that this whistle was blown with."""
    rules = numbers_at(screen.session, LoopRules, {line.blown_at})[line.blown_at]
    return _CLOCK.format(share=number(rules.whistle_half_share), times=number(rules.whistle_second_times))


def _panel(screen: Screen, card: WhistleCard) -> Html:
    line = card.line
    sign, cls = rung_sign(line)

    def at(moment: datetime | None) -> str:
        return moment_text(moment, zone=screen.zone, now=screen.as_of)

    lead = div(
        span(f"{sign} {_color_text(line)}", cls=cls),
        el("b", left_text(screen, line), cls=cls) if line.done_at is None else None,
        explain_menu(screen, key="rung", title="报到时限", formula=_clock(screen, line), about_events=False),
        cls="om-lead",
    )
    place = link(screen.href_area(line.code), line.place_name)
    facts = pairs(
        ("事由", WHISTLE_KIND[line.kind]),
        ("地点", place),
        ("吹哨", f"{at(line.blown_at)}，{line.actor}"),
        ("现在由谁", f"{owner_text(line)}：{line.rung.reason}" if line.done_at is None else None),
        ("下一级", f"{at(line.next_at)}" if line.next_at else None),
        ("办结", f"{at(line.done_at)}：{line.outcome}" if line.done_at else None),
        ("关联事件", join([_event(screen, one.id, f"{one.external_no} {one.title}", one.status)
                          for one in card.events]) if card.events else None),
    )  # fmt: skip
    return _frame(
        screen,
        line.subject,
        lead,
        _ladder(screen, line),
        _unknown_days(screen, line),
        facts,
        section("被吹哨的部门", _departments(screen, line)),
        section(f"过程（{len(card.log)} 步）", _timeline(screen, card)),
    )


def _color_text(line: WhistleLine) -> str:
    if line.done_at is not None:
        return WHISTLE_STANDING[line.standing]
    if line.on_agenda:
        return "联席会议题"
    return LADDER_COLOR[line.rung.color]


def _event(screen: Screen, event_id: int, title: str, status: str) -> Html:
    return div(link(screen.href_select("event", event_id, page="events"), f"{title}（{STATUS[status]}）"))


def _ladder(screen: Screen, line: WhistleLine) -> Html:
    """The four steps with their moments; how far the clock has come."""
    steps = [
        ("吹哨", line.blown_at),
        ("提醒", line.half_at),
        ("报到时限", line.respond_by),
        ("报区级", line.second_by),
    ]
    waiting = line.standing is WhistleStanding.ABSENT
    passed = sum(at < screen.as_of for _, at in steps) if waiting else 0
    shown = [
        el(
            "li",
            span(name),
            span(moment_text(at, zone=screen.zone, now=screen.as_of), cls="om-nowrap"),
            cls="om-passed" if number_ < passed else "",
        )
        for number_, (name, at) in enumerate(steps)
    ]
    stopped = "" if waiting else " om-stopped"
    return el("ol", shown, cls=f"om-stages om-rungs{stopped}", data_passed=passed)


def _unknown_days(screen: Screen, line: WhistleLine) -> Html | None:
    """What the calendar of the steps does not know yet, while somebody is still to come."""
    if line.kind == WhistleKind.EMERGENCY or line.standing is not WhistleStanding.ABSENT:
        return None
    calendar = read_calendar(screen.session, area_code=line.code)
    notice = calendar.notice_of(line.second_by, ClockType.WORKING_DAYS)
    return el("p", "▲ ", notice, cls="om-note") if notice else None


def _departments(screen: Screen, line: WhistleLine) -> Html:
    head = el(
        "tr",
        el("th", "部门", cls="om-left"),
        el("th", "现在", cls="om-left"),
        [el("th", text) for text in ("报到", "用时", "办结", "退回", "评分")],
    )
    rows = [_department(screen, line, one) for one in line.departments]
    return div(
        el("table", el("thead", head), el("tbody", rows), cls="om-table om-called"), cls="om-scroll om-x"
    )


def _department(screen: Screen, line: WhistleLine, one: CalledLine) -> Html:
    sign, cls = CALLED_SIGN[one.standing]
    if one.standing is CalledStanding.CALLED and one.in_time is None:
        sign, cls = "○", "om-no_limit"

    def at(moment: datetime | None) -> str:
        return moment_text(moment, zone=screen.zone, now=screen.as_of)

    return el(
        "tr",
        el("td", one.name, span("（牵头）", cls="om-note") if one.leads else None, cls="om-left"),
        el("td", span(f"{sign} {CALLED_STANDING[one.standing]}", cls=f"om-nowrap {cls}"), cls="om-left"),
        el("td", at(one.arrived_at), cls="om-nowrap"),
        el("td", _took(line, one), cls="om-nowrap"),
        el("td", at(one.done_at), cls="om-nowrap"),
        el("td", number(one.returned_count) if one.returned_count else DASH),
        el("td", number(one.score), title=one.score_note or None),
        data_department=one.code,
        data_standing=one.standing,
    )


def _took(line: WhistleLine, one: CalledLine) -> Html:
    """From the blow to the arrival, and whether that was in time."""
    if one.arrived_at is None:
        return span("已超时", cls="om-overdue") if one.in_time is False else span(DASH)
    hours = (one.arrived_at - line.blown_at).total_seconds() / 3600
    text = duration_text(hours)
    return span(
        text, span(" 及时" if one.in_time else " 超时", cls="om-done" if one.in_time else "om-overdue")
    )


def _timeline(screen: Screen, card: WhistleCard) -> Html:
    """The log, latest first: who, when, from where to where, why."""
    names = {one.code: one.name for one in card.line.departments}
    return el("ol", [_entry(screen, one, names) for one in reversed(card.log)], cls="om-timeline")


def _entry(screen: Screen, entry: WhistleLog, names: dict[str, str]) -> Html:
    moved = entry.from_state != entry.to_state and entry.from_state
    way = f"{_state(entry.from_state)} → {_state(entry.to_state)}" if moved else ""
    whose = names.get(entry.department_code, "")
    reason = "" if entry.action == WhistleAct.BLOW else entry.reason
    return el(
        "li",
        span(moment_text(entry.at, zone=screen.zone, now=screen.as_of), cls="om-when"),
        span(
            el("b", f"{WHISTLE_ACT[entry.action]}{f'：{whose}' if whose else ''}"),
            span(way, cls="om-note"),
            span(entry.actor, cls="om-note om-actor"),
            cls="om-what",
        ),
        span(reason, cls="om-why") if reason else None,
        data_step=entry.seq,
        data_did=entry.action,
    )


def _state(key: str) -> str:
    return CALLED_STANDING.get(key) or WHISTLE_STANDING.get(key, key)
