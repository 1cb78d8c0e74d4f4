"""Blowing a whistle: the form, what it would set going, then the act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard import acting, context
from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import Choices, area_choices, department_choices
from dashboard.panels.messages import message, show_refusal
from dashboard.panels.whistle_list import plain, whistle_href
from dashboard.state import Screen
from data.calendar import read_calendar
from data.database import DatabaseProblem, write_session
from data.labels import WHISTLE_ACT, WHISTLE_KIND
from data.lifecycle import Person
from data.models import Event
from data.vocabulary import ClockType, Role
from data.whistle import WhistleDraft, WhistleError, blow, check_draft, steps_for
from data.whistle_vocabulary import WhistleAct, WhistleKind

PREVIEW: Final = "_om_whistle_preview"
_MAY: Final = frozenset({Role.STREET, Role.LEADER})
_KEY: Final = "om_blow"


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What a case gives a whistle that is blown for it."""

    id: int
    number: str
    title: str
    code: str
    department: str


def show_blow(screen: Screen) -> None:
    """The right side for a new whistle; from a case it is filled in."""
    case = _case(screen)
    show(_head(screen, case))
    person = screen.person
    with st.container(key="om-loop-form"):
        if person is None:
            show(el("p", "尚未选择办理人：在右上角选择街道人员后，可以吹哨。", cls="om-note"))
            return
        places = {code: name for code, name in area_choices(screen).items() if code and person.covers(code)}
        if person.role not in _MAY or not places:
            show(message(kind="notice", title="不能吹哨", lines=(_why_not(screen, person),)))
            return
        _form(screen, person, places, case)


def _why_not(screen: Screen, person: Person) -> str:
    draft = WhistleDraft(kind="", code=person.division_code, subject="", lead="")
    try:
        check_draft(screen.session, draft, person=person, at=acting.now())
    except WhistleError as error:
        return str(error)
    return f"{person.name}没有可以吹哨的区域"


def _case(screen: Screen) -> _Case | None:
    number = screen.view.get("event")
    event = screen.session.get(Event, int(number)) if number else None
    if event is None or event.id is None:
        return None
    return _Case(
        id=event.id, number=event.external_no, title=event.title, code=event.code[:12],
        department=event.department_code,
    )  # fmt: skip


def _head(screen: Screen, case: _Case | None) -> Html:
    of = span(f"为 {case.number} {case.title}", cls="om-note om-cut-text") if case else None
    return div(
        div(
            link(whistle_href(screen, ""), "‹ 返回", cls="om-back", data_escape=True, title="返回（Esc）"),
            span(WHISTLE_ACT[WhistleAct.BLOW], cls="om-title"),
            of,
            cls="om-panel-head",
        ),
        cls="om-panel om-moves",
    )


def _form(screen: Screen, person: Person, places: Choices, case: _Case | None) -> None:
    departments = department_choices(screen)
    key = f"{_KEY}_{person.staff_id}_{case.id if case else 0}"
    codes, units = list(places), list(departments)
    place = next((code for code in (case.code if case else "", screen.where.focus) if code in places), None)
    lead = case.department if case and case.department in departments else None
    with st.form(key, border=False):
        kind = st.radio(
            "事由（只限这三种）", list(WHISTLE_KIND), index=None, format_func=WHISTLE_KIND.__getitem__,
            key=f"{key}_kind",
        )  # fmt: skip
        code = st.selectbox(
            "地点", codes, index=codes.index(place) if place else None, format_func=places.__getitem__,
            key=f"{key}_code", placeholder="请选择",
        )  # fmt: skip
        subject = st.text_area(
            "事项", case.title if case else "", key=f"{key}_subject", max_chars=256, height=80
        )
        leading = st.selectbox(
            "牵头部门", units, index=units.index(lead) if lead else None,
            format_func=departments.__getitem__, key=f"{key}_lead", placeholder="请选择",
        )  # fmt: skip
        joining = st.multiselect(
            "配合部门（可不选）", units, format_func=departments.__getitem__, key=f"{key}_joining",
            placeholder="请选择",
        )  # fmt: skip
        sent = st.form_submit_button("预览", key=f"{key}_preview")
    draft = WhistleDraft(
        kind=kind or "", code=code or "", subject=subject, lead=leading or "", joining=tuple(joining),
        events=(case.id,) if case else (),
    )  # fmt: skip
    if sent:
        st.session_state[PREVIEW] = (key, draft) if _fits(screen, person, draft) else None
    previewed = st.session_state.get(PREVIEW)
    if previewed is not None and previewed[0] == key:
        _show_preview(screen, person, key, previewed[1], places, departments)


def _fits(screen: Screen, person: Person, draft: WhistleDraft) -> bool:
    missing = [
        text
        for text, value in (("事由", draft.kind), ("地点", draft.code), ("牵头部门", draft.lead))
        if not value
    ]
    try:
        if missing:
            raise WhistleError(f"请选择{'、'.join(missing)}")
        check_draft(screen.session, draft, person=person, at=acting.now())
    except WhistleError as error:
        show_refusal("不能吹哨", str(error))
        return False
    return True


def _show_preview(
    screen: Screen, person: Person, key: str, draft: WhistleDraft, places: Choices, departments: Choices
) -> None:
    """Whom it calls where, until when, and what happens to those who do not come."""
    now = acting.now()
    steps = steps_for(screen.session, kind=draft.kind, code=draft.code, at=now)
    called = "、".join(departments[code] for code in (draft.lead, *draft.joining))

    def at(moment: object) -> str:
        return moment_text(moment, zone=screen.zone, now=now)  # type: ignore[arg-type]

    urgent = draft.kind == WhistleKind.EMERGENCY
    what = "应急处置，时限按分钟计" if urgent else "时限按工作日历计"
    calendar = read_calendar(screen.session, area_code=draft.code)
    unknown = "" if urgent else calendar.notice_of(steps.second_by, ClockType.WORKING_DAYS)
    show(
        div(
            el("h3", "吹哨以后"),
            el("p", f"{called} 要在 {at(steps.respond_by)} 前到{places[draft.code]}报到（{what}）。"),
            el(
                "p",
                f"{at(steps.half_at)} 还没有报到为黄色；过 {at(steps.respond_by)} 为红色，由街道书记督办；"
                f"过 {at(steps.second_by)} 提请区级协调。",
                cls="om-note",
            ),
            el("p", "▲ ", unknown, cls="om-note") if unknown else None,
            cls="om-preview-bulk",
            data_preview="blow",
        )
    )
    if st.button("确认吹哨", type="primary", key=f"{key}_sure"):
        _do(screen, person, draft)


def _do(screen: Screen, person: Person, draft: WhistleDraft) -> None:
    """A second click finds no preview left to confirm."""
    st.session_state.pop(PREVIEW, None)
    try:
        with write_session(context.engine()) as session:
            whistle = blow(session, draft, person=person, at=acting.now())
    except (WhistleError, DatabaseProblem) as error:
        show_refusal("没有吹哨，什么都没有改", str(error))
        return
    when = moment_text(whistle.respond_by, zone=screen.zone, now=acting.now())
    count = 1 + len(draft.joining)
    st.session_state["_om_told"] = f"已吹哨，{count} 个部门应在 {when} 前报到；误吹的可以撤回。"
    st.query_params.from_dict(plain(screen).params(extra={"whistle": str(whistle.id), "standing": ""}))
    st.rerun()
