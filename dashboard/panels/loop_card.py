"""The case that is chosen: what may be done with it, the form, then the card with its timeline."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.ask import ask
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.cards import event_panel
from dashboard.panels.contact import contact_part
from dashboard.panels.event_parts import section
from dashboard.panels.loop_form import OPENED, offers_of, show_form
from dashboard.panels.loop_lanes import plain
from dashboard.panels.loop_merge import duplicates_of
from dashboard.state import Screen
from data.labels import MOVE, ROLE, STATUS
from data.lifecycle import MOVES, Offer
from data.models import Event
from data.queries.events import EventCard, event_card
from data.vocabulary import Move, Status

_SOFT: Final = frozenset({Move.SUPERVISE, Move.END_SUPERVISE, Move.VOID, Move.MERGE, Move.UNMERGE})
"""Moves beside the way: they stand after those that carry a case on."""
WAY: Final = (
    Move.VERIFY, Move.FILE, Move.DISPATCH, Move.ACCEPT, Move.HANDLE, Move.FEEDBACK, Move.CHECK, Move.CLOSE,
    Move.EVALUATE,
)  # fmt: skip
"""From the report to the evaluation."""
_BEFORE_DISPATCH: Final = (Status.REPORTED, Status.FILED)


def show_case(screen: Screen, event_id: int) -> None:
    """The right side for one case. What can be done comes first: it is what a finger looks for."""
    card: EventCard | None = ask(screen, event_card, event_id=event_id)
    here = plain(screen)
    event = screen.session.get(Event, event_id)
    if card is None or event is None:
        show(event_panel(here, event_id))
        return
    offers = offers_of(screen, event)
    show(_moves(screen, event, card.row.title, offers))
    show_form(screen, event, offers, card.row)
    show(event_panel(here, event_id))


def _moves(screen: Screen, event: Event, title: str, offers: list[Offer]) -> Html:
    head = div(
        link(plain(screen).href(sel_kind="", sel_key=""), "‹ 返回", cls="om-back", data_escape=True),
        span("办理", cls="om-title"),
        span(f"{event.external_no} · {title} · {STATUS[event.status]}", cls="om-note om-cut-text"),
        cls="om-panel-head",
    )
    body = div(
        contact_part(screen, event),
        _may(screen, offers),
        _suggested(screen, event, offers),
        cls="om-moves-body",
    )
    return div(head, body, cls="om-panel om-moves")


def _may(screen: Screen, offers: list[Offer]) -> list[Html | None]:
    if screen.person is None:
        return [el("p", "尚未选择办理人：在右上角选择后，这里列出可以办理的动作。", cls="om-note")]
    allowed = [one for one in offers if one.allowed]
    allowed.sort(key=lambda one: one.move in _SOFT)
    refused = [one for one in offers if not one.allowed]
    chosen = screen.view.get("move")
    buttons = [_button(screen, one, on=one.move == chosen) for one in allowed]
    nothing = f"{screen.person.name}现在没有可以办理的动作。"
    return [
        div(buttons, cls="om-move-row") if buttons else el("p", nothing, cls="om-note"),
        el(
            "details",
            el("summary", f"不能办理的 {len(refused)} 项", cls="om-more"),
            el(
                "ul",
                [el("li", el("b", one.label), span(one.refusal), data_refused=one.move) for one in refused],
            ),
            cls="om-refused",
        )
        if refused
        else None,
    ]


def _button(screen: Screen, offer: Offer, *, on: bool) -> Html:
    soft = " om-soft" if offer.move in _SOFT else ""
    return link(
        plain(screen).href(extra={"move": offer.move.value}),
        offer.label,
        cls=f"om-button om-move{soft}{' om-on' if on else ''}",
        data_move=offer.move,
        aria_current="true" if on else None,
    )


def _suggested(screen: Screen, event: Event, offers: list[Offer]) -> Html | None:
    """疑似重复, each with the way to merge this case into it where that is allowed."""
    if event.status not in _BEFORE_DISPATCH:
        return None
    found = duplicates_of(screen, event)
    if not found:
        return None
    may = any(one.move is Move.MERGE and one.allowed for one in offers)
    here = plain(screen)
    return section(
        f"疑似重复 {len(found)} 件",
        [
            div(
                link(here.href_select("event", one.event_id), f"{one.external_no} {one.title}"),
                span(
                    f"{one.distance_m:.0f} 米，相隔 {one.hours_apart:.0f} 小时，{STATUS[one.status]}",
                    cls="om-note",
                ),
                link(
                    here.href(extra={"move": Move.MERGE.value, "into": str(one.event_id)}),
                    f"{MOVE[Move.MERGE]}到这件",
                    cls="om-button om-small",
                )
                if may
                else None,
                cls="om-duplicate",
                data_duplicate=one.event_id,
            )
            for one in found
        ],
    )


def show_nothing(screen: Screen) -> None:
    """The right side while no case is chosen: what to do here, and who does what on the way."""
    if screen.person is None:
        text = "从左边点一件查看。办理前请在右上角选择办理人。"
    else:
        text = "从左边点一件办理；勾选几件，或用“批量办理”，可一次办多件。"
    st.session_state.pop(OPENED, None)
    show(div(div(text, cls="om-empty"), _the_way(), cls="om-panel"))


def _the_way() -> Html:
    """Who makes which move, as the state machine has it."""
    rows = [
        el(
            "tr",
            el("td", MOVE[move], cls="om-left om-nowrap"),
            el(
                "td",
                "、".join(STATUS[one] for one in Status if one in MOVES[move].from_statuses),
                cls="om-left",
            ),
            el("td", _by_whom(move), cls="om-left"),
        )
        for move in WAY
    ]
    head = el("tr", [el("th", text, cls="om-left") for text in ("动作", "从哪些状态", "由谁办理")])
    return div(el("table", el("thead", head), el("tbody", rows), cls="om-table om-way"), cls="om-moves-body")


def _by_whom(move: Move) -> str:
    rule = MOVES[move]
    if rule.side:
        return "承办部门；未派部门的，蓝色由网格和社区、黄色由街道"
    named = "、".join(text for role, text in ROLE.items() if role in rule.roles)
    return named + ("；蓝色件社区也可，黄色件街道也可" if rule.local else "")
