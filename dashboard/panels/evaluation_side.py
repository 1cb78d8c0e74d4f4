"""Beside the table of 考评: how it is made, the weights, and the log of every entry."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, show, span
from dashboard.panels.duty_acts import act
from dashboard.panels.evaluation_table import formula_of
from dashboard.panels.event_parts import section
from dashboard.panels.frame import panel
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.evaluation import EvaluationTable, entries, set_weights
from data.evaluation.judge import JUDGES
from data.evaluation.table import weight_of
from data.labels import EVALUATION_SOURCE, ROLE
from data.manage.permission import Duty, refusal
from data.models import Evaluation
from data.queries.names import department_names, place_names
from data.vocabulary import EvaluationSource

_LOGGED = 40


def show_about(screen: Screen, table: EvaluationTable) -> None:
    """While no unit is chosen: who may judge whom, the weights, and what was entered in this period."""
    found: list[Evaluation] = ask(screen, entries, period=table.period, limit=_LOGGED)
    body = [
        el("p", formula_of(table.rules), cls="om-note"),
        section("谁来评", el("ul", [el("li", _who(one)) for one in EvaluationSource])),
        section(f"本周期的记录（最近 {_LOGGED} 条）", entry_list(screen, found, with_unit=True)),
    ]
    show(panel("考评办法", div(body, cls="om-scroll"), cls="om-perf-card"))
    if not refusal(screen.session, screen.person, Duty.NUMBERS):
        with st.container(key="om-judge-form"):
            _weights(screen, table)


def _who(source: EvaluationSource) -> str:
    if source is EvaluationSource.PUBLIC:
        return (
            f"{EVALUATION_SOURCE[source]}：居民对自己上报的件的评价，以及指挥中心回访代录的评价，不能手工填写"
        )
    roles = "、".join(text for role, text in ROLE.items() if role in JUDGES[source])
    whom = {
        EvaluationSource.SELF: "只评自己的部门或社区",
        EvaluationSource.PEER: "评别的单位",
        EvaluationSource.THIRD_PARTY: "代第三方机构登记，写明机构和依据",
    }[source]
    return f"{EVALUATION_SOURCE[source]}：{roles}，{whom}"


def entry_list(screen: Screen, found: Sequence[Evaluation], *, with_unit: bool) -> Html:
    """Entries with who, when and why; those that were replaced or taken back say so."""
    if not found:
        return empty("还没有")
    units = _units(screen, found) if with_unit else {}
    return el("ul", [_entry(screen, one, units) for one in found], cls="om-judge-log")


def _units(screen: Screen, found: Sequence[Evaluation]) -> dict[str, str]:
    areas = {one.area_code for one in found if one.area_code}
    return department_names(screen.session) | place_names(screen.session, areas)


def _entry(screen: Screen, one: Evaluation, units: dict[str, str]) -> Html:
    state = "已撤销" if one.withdrawn_at else "已更改" if one.replaced_at else ""
    unit = units.get(one.department_code or one.area_code, "")
    when = moment_text(one.at, zone=screen.zone, now=screen.as_of)
    role = f"（{ROLE[one.role]}）" if one.role in ROLE else ""
    return el(
        "li",
        div(
            el("b", f"{one.score:g}"),
            span(" · ".join(part for part in (EVALUATION_SOURCE[one.source], unit) if part)),
            span(state, cls="om-tag") if state else None,
        ),
        div(f"{when} {one.actor}{role}{'：' + one.reason if one.reason else ''}", cls="om-note"),
        data_entry=one.id,
        cls="om-removed" if state else "",
    )


def _weights(screen: Screen, table: EvaluationTable) -> None:
    person = screen.person
    if person is None:
        return
    with st.form("om_weights", border=False):
        columns = st.columns(len(EvaluationSource))
        given = {}
        for column, source in zip(columns, EvaluationSource, strict=True):
            with column:
                now = weight_of(table.rules, source)
                given[source] = st.number_input(
                    f"{EVALUATION_SOURCE[source]} %", value=now, step=5.0, key=f"om_weight_{source}_{now:g}"
                )
        sent = st.form_submit_button("保存权重")
    if sent:

        def work(session: Session) -> str:
            set_weights(session, weights=given, person=person, at=acting.now())
            return "权重已保存，各周期的总分和名次按新的权重计算。"

        act(work)
