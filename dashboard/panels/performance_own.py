"""自设指标: a formula, what it would have been over the last 26 weeks, and saving it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import streamlit as st

from dashboard import context
from dashboard.ask import ask
from dashboard.markup import div, el, link, show, span
from dashboard.panels.messages import message
from dashboard.panels.performance_cell import WEEKS, week_bars
from dashboard.panels.performance_table import OWN
from dashboard.state import Screen
from data.database import DatabaseProblem, write_session
from data.indicators.counts import NamedCount, named_counts
from data.indicators.store import DIRECTIONS, IndicatorError, Measure, drafted, save
from data.indicators.table import preview
from data.rules.indicator_causes import number_text

_UNITS: Final = ("%", "件", "分钟", "倍")


def show_own(screen: Screen) -> bool:
    """The form, where the URL asks for it."""
    if screen.view.get("own") != OWN:
        return False
    with st.container(key="om-perf-own"):
        show(
            div(
                span("自设指标", cls="om-title"),
                link(screen.href(extra={"own": ""}), "✕", cls="om-close", title="关闭", data_escape=True),
                cls="om-panel-head om-bare",
            )
        )
        measure = _fields(screen)
        _names(screen)
        if measure is not None:
            _preview(screen, measure)
            if st.button("保存，从本周起生效", type="primary", key="om_own_save"):
                _save(screen, measure)
    return True


def _fields(screen: Screen) -> Measure | None:
    name = st.text_input("名称", key="om_own_name", max_chars=32, placeholder="例如：热线办结率")
    formula = st.text_input("公式", key="om_own_formula", max_chars=200, placeholder="例如：结案 ÷ 上报")
    left, right = st.columns(2)
    with left:
        direction = st.selectbox(
            "方向", list(DIRECTIONS), format_func=lambda key: DIRECTIONS[key], key="om_own_direction"
        )
        sample = st.number_input("最小样本", min_value=0, value=10, step=1, key="om_own_sample")
    with right:
        unit = st.selectbox("单位", _UNITS, key="om_own_unit")
        weeks = st.number_input("合并几周", min_value=1, max_value=52, value=1, step=1, key="om_own_weeks")
    low, high, baseline = _baseline(str(direction))
    if not name.strip() and not formula.strip():
        show(el("p", "填好名称和公式，立即看到过去 26 周会是多少。", cls="om-note"))
        return None
    try:
        return drafted(
            session=screen.session, name=name, formula=formula, unit=str(unit), direction=str(direction),
            baseline=baseline, band_low=low, band_high=high, weeks=int(weeks), minimum_sample=int(sample),
            area=screen.where.focus, owner=screen.acting.actor,
            valid_from=screen.today - timedelta(days=screen.today.weekday()),
        )  # fmt: skip
    except IndicatorError as error:
        show(message(kind="notice", title="还不能计算", lines=error.problems))
        return None


def _baseline(direction: str) -> tuple[float | None, float | None, float | None]:
    """Lower limit, upper limit, baseline."""
    if direction != "band":
        hint = "不填则与自己前 8 周的中位数相比。"
        return None, None, st.number_input("基准", value=None, key="om_own_baseline", help=hint)
    left, right = st.columns(2)
    with left:
        low = st.number_input("下限", value=None, key="om_own_low")
    with right:
        high = st.number_input("上限", value=None, key="om_own_high")
    return low, high, None


def _names(screen: Screen) -> None:
    """What a formula may call."""
    counts: dict[str, NamedCount] = ask(screen, named_counts)
    rows = [
        div(span(count.label, cls="om-key"), span(count.meaning), cls="om-pair") for count in counts.values()
    ]
    show(el("details", el("summary", f"公式可用的 {len(rows)} 个指标项"), div(rows), cls="om-perf-names"))


def _preview(screen: Screen, measure: Measure) -> None:
    code = screen.where.focus
    values = preview(session=screen.session, measure=measure, areas=[code], as_of=screen.as_of, weeks=WEEKS)[
        code
    ]
    newest = values[-1]
    part = (
        f"（{newest.numerator:g}/{newest.sample:g}）"
        if newest.sample is not None and newest.numerator is not None
        else ""
    )
    show(
        div(
            el("p", f"上一周：{number_text(newest.value, measure.unit)}{part}", cls="om-perf-newest"),
            week_bars(
                values, measure=measure, last=screen.today - timedelta(days=screen.today.weekday() + 7)
            ),
            cls="om-perf-preview",
            data_preview=sum(value.value is not None for value in values),
        )
    )


def _save(screen: Screen, measure: Measure) -> None:
    try:
        with write_session(context.engine()) as session:
            save(session, measure)
    except (IndicatorError, DatabaseProblem) as error:
        show(message(kind="problem", title="没有保存", lines=(str(error),)))
        return
    st.session_state["_om_told"] = f"指标“{measure.name}”已保存，从本周起生效。"
    st.query_params.from_dict(screen.params(extra={"own": "", "cell": f"{measure.key}:{screen.where.focus}"}))
    st.rerun()
