"""The form of one act on a whistle: what it needs, a question where it hurts, the act, what is said then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard import acting, context
from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import div, el, link, show
from dashboard.panels.messages import message, show_refusal
from dashboard.panels.whistle_list import plain
from dashboard.state import Screen
from data.conventions import read_conventions
from data.database import DatabaseProblem, write_session
from data.labels import WHISTLE_ACT
from data.lifecycle import Person, read_rules
from data.whistle import (
    Deed,
    Offer,
    StaleWhistle,
    WhistleError,
    WhistleLine,
    take,
)
from data.whistle_vocabulary import WhistleAct

OPENED: Final = "_om_whistle_opened"
ASKED: Final = "_om_whistle_asked"
DONE: Final = "_om_whistle_done"
_REASON: Final = {
    WhistleAct.RETURN: "退回理由",
    WhistleAct.FINISH: "处置结果",
    WhistleAct.SCORE: "评语（低于 {passing} 分时必填）",
    WhistleAct.WITHDRAW: "撤回理由",
    WhistleAct.UNDO: "说明（可不填）",
}
_HURTS: Final = frozenset({WhistleAct.RETURN, WhistleAct.WITHDRAW, WhistleAct.UNDO})
"""Acts that are asked about once more before they are done."""
_LENGTH: Final = 512


@dataclass(frozen=True, kw_only=True)
class _Form:
    """One form as it was opened: the entry up to which the person has seen the log."""

    key: str
    deed: Deed
    person: Person
    seen: int
    name: str


def show_act(screen: Screen, line: WhistleLine, found: list[Offer]) -> None:
    """The form of the URL's act. What was typed stays while somebody else does something."""
    wanted, person, unit = screen.view.get("act"), screen.person, screen.view.get("unit")
    if not wanted or person is None:
        st.session_state.pop(OPENED, None)
        return
    act = WhistleAct(wanted)
    key = f"om_whistle_{line.id}_{act}_{unit}_{person.staff_id}"
    offer = next((one for one in found if (one.act, one.department) == (act, unit)), None)
    opened = st.session_state.get(OPENED, ("", 0))
    if (offer is None or not offer.allowed) and opened[0] != key:
        said = offer.refusal if offer else f"{unit or '（没有选部门）'}不在被吹哨的部门之列"
        show(message(kind="notice", title=f"现在不能{WHISTLE_ACT[act]}", lines=(said,)))
        return
    if opened[0] != key:
        opened = st.session_state[OPENED] = (key, line.seq)
        st.session_state.pop(ASKED, None)
    name = next((one.name for one in line.departments if one.code == unit), "")
    form = _Form(
        key=key,
        deed=Deed(act=act, whistle_id=line.id, department=unit),
        person=person,
        seen=opened[1],
        name=name,
    )
    with st.container(key="om-loop-form"):
        show(
            div(
                el("h3", f"{WHISTLE_ACT[act]}{f' · {name}' if name else ''}"),
                link(plain(screen).href(), "取消", cls="om-button om-small"),
                cls="om-form-head",
            )
        )
        _fields(screen, line, form)


def _fields(screen: Screen, line: WhistleLine, form: _Form) -> None:
    act = form.deed.act
    points: int | None = None
    reason = ""
    with st.form(form.key, border=False):
        if act is WhistleAct.ARRIVE:
            show(el("p", "记下现在到场的时间。", cls="om-note"))
        if act is WhistleAct.SCORE:
            points = st.number_input("评分（0–100）", value=None, step=1, key=f"{form.key}_points")
        if act in _REASON:
            reason = st.text_area(_label(screen, act), key=f"{form.key}_reason", max_chars=_LENGTH, height=92)
        sent = st.form_submit_button(WHISTLE_ACT[act], type="primary", key=f"{form.key}_send")
    deed = Deed(
        act=act, whistle_id=line.id, department=form.deed.department, reason=reason,
        points=None if points is None else int(points),
    )  # fmt: skip
    if sent and act not in _HURTS:
        _do(screen, line, form, deed)
        return
    if sent:
        st.session_state[ASKED] = (form.key, form.seen, deed)
    asked = st.session_state.get(ASKED)
    if asked is not None and asked[:2] == (form.key, form.seen):
        _ask_again(screen, line, form, asked[2])


def _label(screen: Screen, act: WhistleAct) -> str:
    return _REASON[act].format(passing=number(round(read_rules(screen.session).whistle_passing)))


def _ask_again(screen: Screen, line: WhistleLine, form: _Form, deed: Deed) -> None:
    show(el("p", _question(screen, line, form), cls="om-question", data_question=deed.act))
    with st.container(horizontal=True):
        if st.button(f"确认{WHISTLE_ACT[deed.act]}", type="primary", key=f"{form.key}_sure"):
            st.session_state.pop(ASKED, None)
            _do(screen, line, form, deed)
        elif st.button("再想想", key=f"{form.key}_not"):
            st.session_state.pop(ASKED, None)
            st.rerun()


def _question(screen: Screen, line: WhistleLine, form: _Form) -> str:
    if form.deed.act is WhistleAct.RETURN:
        return (
            f"{form.name}退回后，报到时间不算数、时限不重新计；这是第 {line.returned_count + 1} 次退回，"
            "达到次数会列入联席会议题。"
        )
    if form.deed.act is WhistleAct.WITHDRAW:
        within = ask(screen, read_conventions).undo_text
        return f"撤回后 {len(line.departments)} 个部门不再报到，这次吹哨不计入评分；{within}内可以撤销。"
    return "撤销最近一步，恢复为之前的样子；两步都留在过程里。"


def _do(screen: Screen, line: WhistleLine, form: _Form, deed: Deed) -> None:
    """Once for one form as it was seen: a second click finds it done and only says so again."""
    done = st.session_state.get(DONE)
    if done is None or done[:2] != (form.key, form.seen):
        try:
            with write_session(context.engine()) as session:
                take(session, deed, person=form.person, at=acting.now(), seen_seq=form.seen)
        except StaleWhistle as error:
            st.session_state[OPENED] = (form.key, line.seq)
            lines = (str(error), "您填写的内容还在。")
            show(message(kind="notice", title=f"没有{WHISTLE_ACT[deed.act]}", lines=lines))
            return
        except (WhistleError, DatabaseProblem) as error:
            title = f"没有{WHISTLE_ACT[deed.act]}，什么都没有改"
            show_refusal(title, str(error))
            return
        done = st.session_state[DONE] = (form.key, form.seen, _told(screen, form))
    st.session_state["_om_told"] = done[2]
    st.session_state.pop(OPENED, None)
    st.query_params.from_dict(plain(screen).params())
    st.rerun()


def _told(screen: Screen, form: _Form) -> str:
    if form.deed.act is WhistleAct.UNDO:
        return "上一步已撤销。"
    if form.deed.act is WhistleAct.WITHDRAW:
        return f"吹哨已撤回，{ask(screen, read_conventions).undo_text}内可以撤销。"
    what = {WhistleAct.ARRIVE: "已报到", WhistleAct.RETURN: "已退回", WhistleAct.FINISH: "已办结"}
    return f"{form.name}{what.get(form.deed.act, '已评分')}；点错了可以撤销上一步。"
