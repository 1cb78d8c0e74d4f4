"""One unit of 考评: what stands behind each number, the form of whoever may judge it, and the way back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import act
from dashboard.panels.evaluation_side import entry_list
from dashboard.panels.evaluation_table import grade_of
from dashboard.panels.event_parts import section
from dashboard.state import Screen
from data.evaluation import (
    EvaluationTable,
    UnitKind,
    UnitRow,
    cases_behind,
    entries,
    judge,
    take_back,
    why_not_judged,
)
from data.evaluation.judge import MOST_WORDS
from data.labels import EVALUATION_SOURCE
from data.lifecycle import BadEvaluation, Person
from data.models import Evaluation
from data.vocabulary import EvaluationSource


def show_unit(screen: Screen, table: EvaluationTable) -> bool:
    """The unit that the URL names; False where it names none of the table."""
    code = screen.view.get("unit")
    row = next((one for one in table.rows if one.code == code), None)
    if row is None:
        return False
    chosen = screen.view.get("by")
    source = EvaluationSource(chosen) if chosen else None
    found: list[Evaluation] = ask(
        screen, entries, period=table.period, source=source, **subject(table.kind, code)
    )
    name = EVALUATION_SOURCE[source] if source else "全部评价"
    show(
        div(
            div(
                span(f"{row.name} · {table.period.label}", cls="om-title"),
                link(
                    screen.href(extra={"unit": "", "by": ""}),
                    "✕",
                    cls="om-close",
                    title="关闭",
                    data_escape=True,
                ),
                cls="om-panel-head",
            ),
            div(
                _sources(screen, row),
                _summed(table, row) if source is None else None,
                _cases(screen, table, row) if source in (None, EvaluationSource.PUBLIC) else None,
                section(f"{name}的记录 {len(found)} 条", entry_list(screen, found, with_unit=False)),
                cls="om-scroll",
            ),
            cls="om-panel om-perf-card",
            data_card="evaluation",
        )
    )
    with st.container(key="om-judge-form"):
        _form(screen, table, row)
    return True


def subject(kind: UnitKind, code: str) -> dict[str, str]:
    """A unit as the arguments of ``data.evaluation``."""
    return {"department_code" if kind is UnitKind.DEPARTMENT else "area_code": code}


def _sources(screen: Screen, row: UnitRow) -> Html:
    chips = [("", "全部", row.sample)]
    chips += [(one.value, EVALUATION_SOURCE[one], row.cells[one].count) for one in EvaluationSource]
    return div(
        [
            link(
                screen.href(extra={"by": key}),
                text,
                span(number(count), cls="om-badge"),
                cls="om-tab om-on" if screen.view.get("by") == key else "om-tab",
            )
            for key, text, count in chips
        ],
        cls="om-waits",
    )


def _summed(table: EvaluationTable, row: UnitRow) -> Html | None:
    if row.total is None:
        return el("p", "这个周期还没有人评。", cls="om-note")
    grade, cls = grade_of(row.total, table.rules)
    missing = "、".join(EVALUATION_SOURCE[one] for one in row.missing)
    ranked = f"第 {row.rank} 名" if row.rank is not None else "不参加排名"
    return div(
        div(f"{row.total:.1f} ", span(grade, cls=cls), cls="om-perf-figure"),
        el(
            "p", f"{ranked}，评价 {number(row.sample)} 个{f'，缺{missing}' if missing else ''}", cls="om-note"
        ),
    )


def _cases(screen: Screen, table: EvaluationTable, row: UnitRow) -> Html:
    """The residents' ratings behind 群众评, each number with its cases."""
    cell = row.cells[EvaluationSource.PUBLIC]
    if not cell.cases:
        return el("p", "周期内结案的件还没有居民评价。", cls="om-note")

    def to(text: str, *, satisfied: bool) -> Html:
        where = cases_behind(period=table.period, kind=table.kind, code=row.code, satisfied=satisfied)
        return link(screen.href(page="events", where=where), text, cls="om-button om-small")

    return section(
        "居民对案件的评价",
        div(
            to(f"评过的 {number(cell.cases)} 件", satisfied=False),
            to(f"满意的 {number(cell.satisfied)} 件", satisfied=True),
            cls="om-perf-parts",
            data_cases=cell.cases,
            data_satisfied=cell.satisfied,
        ),
    )


def _form(screen: Screen, table: EvaluationTable, row: UnitRow) -> None:
    """What the acting person may say of this unit, or the rule by which they may not."""
    person = screen.person
    if person is None:
        show(el("p", "尚未选择办理人：在右上角选择后，可以评这个单位。", cls="om-note"))
        return
    of = subject(table.kind, row.code)
    refusals = {one: why_not_judged(person, source=one, **of) for one in EvaluationSource}
    may = [one for one, refused in refusals.items() if not refused]
    if table.problem or not may:
        lines = [table.problem] if table.problem else list(refusals.values())
        show(el("ul", [el("li", line) for line in lines], cls="om-note om-judge-refused"))
        return
    own: list[Evaluation] = ask(screen, entries, period=table.period, counted_by=person.staff_id or 0, **of)
    mine = {one.source: one for one in own}
    key = f"om_judge_{table.period.key}_{row.code}_{person.staff_id}"
    with st.form(key, border=False):
        source = may[0]
        if len(may) > 1:
            source = st.radio(
                "来源", may, format_func=EVALUATION_SOURCE.__getitem__, key=f"{key}_source", horizontal=True
            )
        before = mine.get(source.value)
        title = f"{EVALUATION_SOURCE[source]}（0 到 100 分）"
        score = st.number_input(
            title, value=before.score if before else None, step=1.0, format="%g", key=f"{key}_score"
        )
        reason = st.text_area(
            "说明", before.reason if before else "", max_chars=MOST_WORDS, key=f"{key}_reason", height=80
        )
        sent = st.form_submit_button("更改" if before else "提交", type="primary", key=f"{key}_send")
    if sent:
        act(_judged(person, source, table, row, score, reason))
    for one in mine.values():
        _take_back(person, one, key)


def _judged(
    person: Person, source: EvaluationSource, table: EvaluationTable, row: UnitRow, score: float | None,
    reason: str,
) -> Callable[[Session], str]:  # fmt: skip
    def work(session: Session) -> str:
        if score is None:
            raise BadEvaluation("还没有填写评分，请填 0 到 100 之间的数")
        judge(
            session, person=person, source=source, period=table.period.key, score=score, at=acting.now(),
            reason=reason, **subject(table.kind, row.code),
        )  # fmt: skip
        said = f"{row.name} {table.period.label} {EVALUATION_SOURCE[source]} {score:g} 分"
        return f"已评：{said}。截止前可以更改或撤销。"

    return work


def _take_back(person: Person, one: Evaluation, key: str) -> None:
    name = EVALUATION_SOURCE[one.source]
    if not st.button(f"撤销我的{name}（{one.score:g} 分）", key=f"{key}_undo_{one.id}"):
        return

    def work(session: Session) -> str:
        take_back(session, evaluation_id=one.id or 0, person=person, at=acting.now())
        return f"已撤销{name} {one.score:g} 分；此前评过的那一条恢复有效。"

    act(work)
