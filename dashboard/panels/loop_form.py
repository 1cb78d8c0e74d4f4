"""The form of one move of one case: what it needs, the act itself, and what is said afterwards."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboard import acting, context
from dashboard.markup import div, el, link, show
from dashboard.panels.duty_acts import department_choices
from dashboard.panels.loop_fields import Fields, ask_fields, handlers, said, with_photos
from dashboard.panels.loop_lanes import plain
from dashboard.panels.loop_merge import show_targets
from dashboard.panels.messages import message, show_refusal
from dashboard.state import Screen
from data.database import DatabaseProblem, write_session
from data.dispatch import Decision, decide
from data.event_base import EventLogError, StaleEvent
from data.labels import MOVE, ROUTE_COLOR, STATUS
from data.lifecycle import (
    MOVES,
    LoopError,
    MoveField,
    Offer,
    Person,
    available_moves,
    make_move,
)
from data.lifecycle.moves import LOCAL_SIDE
from data.models import Event
from data.vocabulary import Move, Role, RouteColor, Status, Urgency

OPENED: Final = "_om_move_opened"
STALE: Final = "_om_move_stale"
DONE: Final = "_om_move_done"
NEXT: Final[dict[str, str]] = {
    Status.REPORTED: "接下来由街道立案",
    Status.FILED: "接下来派遣",
    Status.DISPATCHED: "接下来由承办方受理",
    Status.ACCEPTED: "接下来开始处置",
    Status.HANDLING: "处置后请反馈",
    Status.FEEDBACK: "接下来由核查员核查",
    Status.CHECKING: "核查后结案或返工",
    Status.RETURNED: "接下来重新派遣",
    Status.REWORKING: "接下来重新处置",
    Status.SUSPENDED: "到期自动恢复",
    Status.CLOSED: "接下来由上报人评价",
    Status.EVALUATED: "全部办完",
    Status.MERGED: "随并入的那一件办理",
    Status.VOIDED: "不再办理",
}
"""What comes after a case has come into a status."""
LOCAL_NEXT: Final[dict[tuple[str, str], str]] = {
    (RouteColor.BLUE, Status.REPORTED): "接下来由社区或街道立案",
    (RouteColor.BLUE, Status.FEEDBACK): "接下来由社区或核查员核查",
    (RouteColor.YELLOW, Status.FEEDBACK): "接下来由街道或核查员核查",
}
"""What comes instead for a case that stays with the community or the street."""


def offers_of(screen: Screen, event: Event) -> list[Offer]:
    """What the person who acts may do with a case, and what not, with the rule's sentence."""
    if screen.person is None:
        return []
    return available_moves(screen.session, event=event, person=screen.person, as_of=acting.now())


def show_form(screen: Screen, event: Event, offers: list[Offer], row: Any) -> None:
    """The form of the URL's move. What was typed stays while somebody else changes the case."""
    wanted, person = screen.view.get("move"), screen.person
    if not wanted or person is None or event.id is None:
        st.session_state.pop(OPENED, None)
        return
    move = Move(wanted)
    key = f"om_move_{event.id}_{move}_{person.staff_id}"
    offer = next((one for one in offers if one.move is move), None)
    allowed = offer is not None and offer.allowed
    if not allowed and st.session_state.get(OPENED, ("",))[0] != key:
        show(message(kind="notice", title=f"现在不能{MOVE[move]}", lines=(_refusal(event, offer, move),)))
        return
    seen = _seen(key, event.seq)
    with st.container(key="om-loop-form"):
        show(
            div(
                el("h3", f"{MOVE[move]} · {event.external_no}"),
                link(plain(screen).href(), "取消", cls="om-button om-small"),
                cls="om-form-head",
            )
        )
        _tell_stale(key, offer, event, move)
        decision = _decision(screen, event) if move is Move.DISPATCH else None
        if decision is not None:
            show(el("p", f"派遣依据：{decision.basis}", cls="om-note"))
        options = _options(screen, key, event, move, person, decision)
        with st.form(key, border=False):
            fields = ask_fields(
                screen, _fields_of(screen, event, move), needs=MOVES[move].needs, key=key, move=move,
                row=row, options=options,
            )  # fmt: skip
            sent = st.form_submit_button(MOVE[move], type="primary", key=f"{key}_send")
        if sent:
            _act(screen, key, event, move, person, fields, seen)


def _fields_of(screen: Screen, event: Event, move: Move) -> list[MoveField]:
    """What the form asks, without what this role may not say (a local case is not sent to a department)."""
    rule, role = MOVES[move], screen.person.role if screen.person else None
    found = [*rule.needs, *rule.takes]
    if move is Move.DISPATCH and role is not Role.DISPATCHER:
        found.remove(MoveField.DEPARTMENT)
    if move is Move.FILE and event.route_color:
        found.remove(MoveField.ROUTE_COLOR)
    if move is Move.HANDLE and (event.urgency != Urgency.URGENT or event.arrived_at):
        found.remove(MoveField.ARRIVED_AT)
    return found


def _options(
    screen: Screen, key: str, event: Event, move: Move, person: Person, decision: Decision | None
) -> dict[MoveField, dict[str, str]]:
    if move is Move.HAND_OVER:
        return {MoveField.HANDLER: handlers(screen, event, person)}
    if move is Move.MERGE:
        return {MoveField.MERGED_INTO: show_targets(screen, event, person, key=key)}
    if move is Move.DISPATCH:
        return {MoveField.DEPARTMENT: {"": _unnamed(screen, event, decision)}}
    return {}


def _decision(screen: Screen, event: Event) -> Decision | None:
    """What the dispatch table says; None for a case that stays with the community or the street."""
    if event.route_color in LOCAL_SIDE:
        return None
    return decide(screen.session, class_code=event.class_code, code=event.code, on=screen.today)


def _unnamed(screen: Screen, event: Event, decision: Decision | None) -> str:
    """What happens where no department is named."""
    if decision is None:
        return f"不派部门（{ROUTE_COLOR[event.route_color]}）"
    name = department_choices(screen).get(decision.department_code)
    return f"按派遣规则：{name}" if name else "按派遣规则（没有责任部门，请指定）"


def _seen(key: str, seq: int) -> int:
    """The entry up to which the person has seen the log: as it was when the form was opened."""
    opened = st.session_state.get(OPENED)
    if opened is None or opened[0] != key:
        opened = st.session_state[OPENED] = (key, seq)
    seen: int = opened[1]
    return seen


def _tell_stale(key: str, offer: Offer | None, event: Event, move: Move) -> None:
    """Who was quicker, once; from now on the person has seen it."""
    told = st.session_state.get(STALE)
    lines: list[str] = []
    if told is not None and told[0] == key:
        del st.session_state[STALE]
        st.session_state[OPENED] = (key, event.seq)
        lines = [told[1], "您填写的内容还在。"]
    if offer is None or not offer.allowed:
        lines.append(_refusal(event, offer, move))
    if lines:
        show(message(kind="notice", title="这件刚刚有变化", lines=tuple(lines)))


def _refusal(event: Event, offer: Offer | None, move: Move) -> str:
    if offer is not None:
        return offer.refusal
    wanted = "、".join(STATUS[one] for one in Status if one in MOVES[move].from_statuses)
    return f"这件现在是“{STATUS[event.status]}”，不能{MOVE[move]}：只有{wanted}的件可以"


def _act(
    screen: Screen, key: str, event: Event, move: Move, person: Person, fields: Fields, seen: int
) -> None:
    """Once for one form as it was seen: a second click finds it done and only says so again."""
    done = st.session_state.get(DONE)
    if done is None or done[:2] != (key, seen):
        try:
            filled = with_photos(screen, fields)
            with write_session(context.engine()) as session:
                moved = make_move(
                    session, event_id=event.id or 0, seen_seq=seen, move=move, person=person, at=acting.now(),
                    fields=filled,
                )  # fmt: skip
        except StaleEvent as error:
            st.session_state[STALE] = (key, str(error).replace("请刷新后再试", "请核对后再办。"))
            st.rerun()
        except (LoopError, EventLogError, DatabaseProblem) as error:
            show_refusal(f"没有{MOVE[move]}，什么都没有改", str(error))
            return
        color = str(fields.get(MoveField.ROUTE_COLOR.value) or event.route_color)
        coming = LOCAL_NEXT.get((color, moved.status), NEXT[moved.status])
        told = f"{moved.external_no} {said(move)}，现在是“{STATUS[moved.status]}”，{coming}。"
        done = st.session_state[DONE] = (key, seen, told)
    st.session_state["_om_told"] = done[2]
    st.session_state.pop(OPENED, None)
    st.query_params.from_dict(plain(screen).params())
    st.rerun()
