"""One move for many cases: choose it, look at what would go and what not, then confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from dashboard import acting, context
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.loop_fields import Fields, ask_fields, said, with_photos
from dashboard.panels.loop_lanes import plain
from dashboard.panels.loop_list import all_listed
from dashboard.panels.messages import show_refusal
from dashboard.state import ALL, Screen
from data.database import DatabaseProblem, write_session
from data.event_base import EventLogError
from data.labels import MOVE
from data.lifecycle import (
    MOVES,
    BulkResult,
    LoopError,
    MoveField,
    NotMoved,
    Person,
    bulk_moves,
    preview_moves,
)
from data.lifecycle.moves import LOCAL_ROLES
from data.queries.loop import seen_of
from data.vocabulary import Move

PREVIEW: Final = "_om_bulk_preview"
_ONE_BY_ONE: Final = frozenset({MoveField.MERGED_INTO, MoveField.HANDLER, MoveField.ARRIVED_AT})
"""Fields that are different for each case."""
_NAMED: Final = 6
"""So many cases are named under one sentence."""


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """What a person has looked at: the cases as they were, the move, its fields, and what would happen."""

    key: str
    cases: tuple[tuple[int, int], ...]
    fields: Fields
    result: BulkResult


def wants_bulk(screen: Screen) -> bool:
    return bool(screen.view.get("pick"))


def show_bulk(screen: Screen) -> None:
    """The right side for a move of many."""
    show(_head(screen))
    person = screen.person
    with st.container(key="om-loop-form"):
        if person is None:
            show(el("p", "尚未选择办理人：在右上角选择后，可以批量办理。", cls="om-note"))
            return
        seen = seen_of(screen.session, picked(screen))
        moves = _moves_of(person, {status for _, status in seen.values()})
        if not moves:
            show(el("p", f"所选的件里没有{person.name}可以批量办理的动作。", cls="om-note"))
            return
        move = st.selectbox(
            f"对所选 {number(len(seen))} 件",
            moves,
            format_func=MOVE.__getitem__,
            key=f"om_bulk_{person.staff_id}",
        )
        key = f"om_bulk_{move}_{person.staff_id}_{hash(tuple(seen))}"
        _show_form(screen, key, move, person, [(one, seq) for one, (seq, _) in seen.items()])
        previewed: Previewed | None = st.session_state.get(PREVIEW)
        if previewed is not None and previewed.key == key:
            _show_preview(screen, previewed, move, person)


def picked(screen: Screen) -> tuple[int, ...]:
    """The cases that the URL names, or all of the list."""
    value = screen.view.get("pick")
    return all_listed(screen) if value == ALL else tuple(dict.fromkeys(int(one) for one in value.split(",")))


def _head(screen: Screen) -> Html:
    back = plain(screen).href(sel_kind="", sel_key="")
    return div(
        div(
            link(back, "‹ 返回", cls="om-back", data_escape=True),
            span("批量办理", cls="om-title"),
            cls="om-panel-head",
        ),
        cls="om-panel om-moves",
    )


def _moves_of(person: Person, statuses: set[str]) -> list[Move]:
    """Moves for many that this role may make somewhere, and that some of the cases admit."""
    found = []
    for move, rule in MOVES.items():
        roles = set(rule.roles)
        if rule.local:
            roles = roles.union(*LOCAL_ROLES.values())
        if person.role in roles and statuses & set(rule.from_statuses) and not _ONE_BY_ONE & set(rule.needs):
            found.append(move)
    return found


def _show_form(
    screen: Screen, key: str, move: Move, person: Person, cases: Sequence[tuple[int, int]]
) -> None:
    rule = MOVES[move]
    with st.form(key, border=False):
        takes = [one for one in rule.takes if one not in _ONE_BY_ONE]
        fields = ask_fields(screen, [*rule.needs, *takes], needs=rule.needs, key=key, move=move)
        sent = st.form_submit_button("预览", key=f"{key}_preview")
    if not sent:
        return
    try:
        filled = with_photos(screen, fields)
        result = preview_moves(
            screen.session, cases=cases, move=move, person=person, at=acting.now(), fields=filled
        )
    except LoopError as error:
        show_refusal("没有预览", str(error))
        return
    st.session_state[PREVIEW] = Previewed(key=key, cases=tuple(cases), fields=filled, result=result)


def _show_preview(screen: Screen, previewed: Previewed, move: Move, person: Person) -> None:
    result = previewed.result
    gone, stay = len(result.gone), len(result.refused)
    show(
        div(
            el("h3", "预览"),
            el(
                "p",
                span(f"✓ 可以{MOVE[move]} {number(gone)} 件", cls="om-done", data_go=gone),
                span(f"；◆ 不能 {number(stay)} 件", cls="om-overdue", data_stay=stay) if stay else None,
            ),
            refusals(result.refused),
            cls="om-preview-bulk",
        )
    )
    if gone and st.button(f"确认{MOVE[move]} {number(gone)} 件", type="primary", key=f"{previewed.key}_sure"):
        _confirm(screen, previewed, move, person)


def refusals(refused: Sequence[NotMoved]) -> Html | None:
    """Each sentence once, with how many cases it keeps and the first of them."""
    by_sentence: dict[str, list[NotMoved]] = {}
    for one in refused:
        by_sentence.setdefault(one.sentence, []).append(one)
    rows = [
        el("li", span(sentence), span(_named(held), cls="om-note")) for sentence, held in by_sentence.items()
    ]
    return el("ul", rows, cls="om-kept") if rows else None


def _named(held: Sequence[NotMoved]) -> str:
    more = "等" if len(held) > _NAMED else ""
    return f"{len(held)} 件：{'、'.join(one.external_no or str(one.event_id) for one in held[:_NAMED])}{more}"


def _confirm(screen: Screen, previewed: Previewed, move: Move, person: Person) -> None:
    """Those that the preview let go, as they were then; a second click finds nothing left to confirm."""
    going = {one.event_id for one in previewed.result.gone}
    cases = [pair for pair in previewed.cases if pair[0] in going]
    st.session_state.pop(PREVIEW, None)
    try:
        with write_session(context.engine()) as session:
            result = bulk_moves(
                session, cases=cases, move=move, person=person, at=acting.now(), fields=previewed.fields
            )
    except (LoopError, EventLogError, DatabaseProblem) as error:
        show_refusal(f"没有{MOVE[move]}，什么都没有改", str(error))
        return
    st.session_state["_om_told"] = _told(move, result)
    st.query_params.from_dict(plain(screen).params(sel_kind="", sel_key=""))
    st.rerun()


def _told(move: Move, result: BulkResult) -> str:
    done = f"{said(move)} {number(len(result.gone))} 件。"
    if not result.refused:
        return done
    first: Any = result.refused[0]
    return f"{done}{len(result.refused)} 件没有办：{first.external_no}：{first.sentence}"
