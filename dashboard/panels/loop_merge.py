"""合并 into which case: one of those that are suggested, or any that is named by its number and that the
rules let pass. Its card is shown before anything is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboard import acting
from dashboard.ask import ask
from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import Choices
from dashboard.state import Screen
from data.labels import MOVE, SOURCE, STATUS, label
from data.lifecycle import Duplicate, Person, cases_numbered, preview_moves, suggest_duplicates
from data.models import Event
from data.queries.events import EventCard, event_card
from data.queries.rows import EventRow
from data.vocabulary import Move

_PRESET: Final = "_om_merge_preset"


def duplicates_of(screen: Screen, event: Event) -> list[Duplicate]:
    """Open cases that may be the same as this one."""
    return suggest_duplicates(
        screen.session, class_code=event.class_code, lon=event.lon, lat=event.lat,
        reported_at=event.reported_at, event_id=event.id,
    )  # fmt: skip


def show_targets(screen: Screen, event: Event, person: Person, *, key: str) -> Choices:
    """The box for a number, what it names, and the choices of the form; the case that the URL or the number
    names is chosen already.
    """
    suggested = {
        str(one.event_id): f"{one.external_no} {one.title}（{one.distance_m:.0f} 米，{STATUS[one.status]}）"
        for one in duplicates_of(screen, event)
    }
    named = _named(screen, event)
    show(_box(screen), [_card(screen, event, person, row) for row in named])
    if screen.view.get("no") and not named:
        show(el("p", f"没有案件号为“{screen.view.get('no')}”的件，请核对后再查。", cls="om-note om-overdue"))
    allowed = [row for row in named if not _refusal(screen, event, person, row)]
    found = {str(row.id): f"{row.external_no} {row.title}（{STATUS[row.status]}）" for row in allowed}
    options = {**found, **{one: text for one, text in suggested.items() if one not in found}}
    _choose(screen, f"{key}_merged_into", str(allowed[0].id) if len(allowed) == 1 else "", options)
    return options


def _choose(screen: Screen, key: str, event_id: str, options: Choices) -> None:
    """Sets the form's choice to what was named, once for each name: what a person then chooses stays."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    named = (key, screen.view.get("into"), screen.view.get("no"))
    if event_id and st.session_state.get(_PRESET) != named:
        st.session_state[key] = event_id
    st.session_state[_PRESET] = named


def _named(screen: Screen, event: Event) -> Sequence[EventRow]:
    """The cases that the URL names, by number as typed or by id."""
    number, into = screen.view.get("no"), screen.view.get("into")
    ids = cases_numbered(screen.session, number=number) if number else []
    if into and not number and int(into) != event.id:
        ids = [int(into)]
    cards: list[EventCard | None] = [ask(screen, event_card, event_id=one) for one in ids]
    return [card.row for card in cards if card is not None]


def _box(screen: Screen) -> Html:
    """Where a number is typed; the address keeps the case and the move."""
    field = el(
        "input", name="no", type="search", value=screen.view.get("no"), placeholder="并入的案件号",
        autocomplete="off", maxlength="64", aria_label="并入的案件号", required=True,
    )  # fmt: skip
    button = el("button", "查这件", type="submit", cls="om-button om-small")
    action = screen.href(extra={"no": "", "into": ""})
    note = el("p", "从疑似重复里选，或输入案件号查出另一件。", cls="om-note")
    return div(note, el("form", field, button, action=action, cls="om-merge-box"))


def _card(screen: Screen, event: Event, person: Person, row: EventRow) -> Html:
    """What the number names, and the rule's sentence where it cannot be."""
    sentence = _refusal(screen, event, person, row)
    reported = moment_text(row.reported_at, zone=screen.zone, now=screen.as_of)
    return div(
        link(screen.href_select("event", row.id), f"{row.external_no} {row.class_name} · {row.title}"),
        div(f"{row.place_name}{'，' + row.address if row.address else ''}", cls="om-note"),
        div(
            f"{label(SOURCE, row.source)}，{reported} 上报，{STATUS[row.status]}，{row.in_charge}",
            cls="om-note",
        ),
        div(f"◆ 不能{MOVE[Move.MERGE]}：{sentence}", cls="om-overdue")
        if sentence
        else div(span("✓ 可以并入这件"), cls="om-done"),
        cls="om-merge-target",
        data_target=row.id,
        data_refused=bool(sentence),
    )


def _refusal(screen: Screen, event: Event, person: Person, row: EventRow) -> str:
    """Why this case cannot go on in that one, by the rules of the move itself; '' where it can."""
    tried = preview_moves(
        screen.session, cases=[(event.id or 0, event.seq)], move=Move.MERGE, person=person, at=acting.now(),
        fields={"merged_into": row.id},
    )  # fmt: skip
    return tried.refused[0].sentence if tried.refused else ""
