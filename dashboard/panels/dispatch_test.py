"""「这件会怎么走」: a case that nobody has reported, taken through the table step by step. Writes nothing."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.markup import Html, el, show, span
from dashboard.panels.duty_acts import (
    area_choices,
    class_choices,
    department_choices,
    import_step,
    pick,
)
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.dispatch import CaseDraft, RehearsedStep, what_would_happen
from data.labels import NO_CODE
from data.vocabulary import CODE_LENGTH, Level

ASKED: Final = "_om_rehearsed"
_STREET: Final = CODE_LENGTH[Level.STREET]


def show_test(screen: Screen) -> None:
    """Class, place and, if wanted, the dispatcher's own choice; then every step of the case."""
    classes = {code: name for code, name in class_choices(screen).items() if len(code) == 4}
    with st.container(key="om-duty-test"):
        show(span("试走一件", cls="om-title"))
        if not classes:
            to_classes = (import_step(screen, "event_classes"), "去接入")
            show(empty("接入事件类别后，可以在这里试走一件", actions=(to_classes,)))
            return
        _form(screen, classes)
        asked: CaseDraft | None = st.session_state.get(ASKED)
        if asked is not None:
            rows = [_step(step) for step in what_would_happen(screen.session, asked)]
            show(el("ol", rows, cls="om-timeline om-rehearsal", data_steps=len(rows)))


def _form(screen: Screen, classes: dict[str, str]) -> None:
    areas = {code: name for code, name in area_choices(screen).items() if code} | {"": NO_CODE}
    first = next((code for code in screen.where.classes if code in classes), next(iter(classes)))
    with st.form("om_rehearse", border=False):
        left, right = st.columns(2)
        with left:
            class_code = pick("类别", classes, first, key="om_rehearse_class")
        with right:
            place = screen.where.focus or next((one for one in areas if len(one) == _STREET), "")
            code = pick("地点", areas, place, key="om_rehearse_area")
        choices = {"": "按规则", **department_choices(screen)}
        department = pick("派给", choices, "", key="om_rehearse_department")
        if st.form_submit_button("这件会怎么走", type="primary"):
            st.session_state[ASKED] = CaseDraft(
                class_code=class_code, code=code, on=screen.today, department_code=department,
                reported_at=screen.as_of,
            )  # fmt: skip


def _step(step: RehearsedStep) -> Html:
    sign = span("◆ ", cls="om-overdue") if step.stops else None
    return el(
        "li",
        span(step.title, cls="om-when"),
        span(sign, step.text, cls="om-what"),
        cls="om-stops" if step.stops else "",
    )
