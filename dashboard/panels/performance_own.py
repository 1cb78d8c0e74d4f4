"""自设指标: a formula, what it would have been over the last 26 weeks; saved, changed, switched off.

The same form changes the baseline of an indicator that ships, whose formula stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import act, area_choices, pick
from dashboard.panels.messages import message
from dashboard.panels.performance_cell import WEEKS, week_bars
from dashboard.panels.performance_weeks import OWN
from dashboard.panels.settings_tabs import show_history, show_right
from dashboard.state import Screen
from data.conventions import read_conventions
from data.indicators.counts import NamedCount, named_counts
from data.indicators.formula import names_in
from data.indicators.store import DIRECTIONS, IndicatorError, Measure, all_measures, drafted
from data.indicators.table import preview
from data.labels import LEVEL
from data.manage.changes import Subject
from data.manage.indicators import save_indicator, switch_indicator
from data.manage.permission import Duty
from data.rules.indicator_causes import number_text
from data.vocabulary import Level

UNITS: Final = {unit: unit for unit in ("%", "件", "人次", "分钟", "天", "倍")}
LEVELS: Final = {"": "各级都算"} | {
    level.value: f"只算{LEVEL[level]}" for level in (Level.STREET, Level.COMMUNITY)
}


def show_own(screen: Screen) -> bool:
    """The form of a new one, or of the one that the URL names; False where it names none."""
    wanted = screen.view.get("own")
    if not wanted:
        return False
    known = all_measures(session=screen.session)
    old = next((each for each in known if each.key == wanted), None)
    with st.container(key="om-perf-own"):
        close = link(screen.href(extra={"own": ""}), "✕", cls="om-close", title="关闭", data_escape=True)
        show(div(span(old.name if old else "自设指标", cls="om-title"), close, cls="om-panel-head om-bare"))
        if old is None and wanted != OWN:
            show(message(kind="notice", title="没有这项指标", lines=("它可能已被撤销。",)))
            return True
        show_right(screen, Duty.INDICATORS, codes=(old.area if old else screen.where.focus,))
        measure = _fields(screen, old)
        if old is None or not old.shipped:
            _names(screen)
        if measure is not None:
            _preview(screen, measure)
            if st.button("保存，从本周起生效", type="primary", key="om_own_save"):
                act(_saved(screen, measure), go_to=_to_cell(screen, measure, old))
        if old is not None and st.button(
            "停用" if old.enabled else "启用", key=f"om_own_switch_{old.enabled}"
        ):
            act(_switched(screen, old))
        show(_list(screen, known, shipped=False))
        show(_list(screen, known, shipped=True))
    show_history(screen, Subject.INDICATOR, key=old.key if old else "")
    return True


def _to_cell(screen: Screen, measure: Measure, old: Measure | None) -> dict[str, str]:
    """The card of the saved indicator; a changed one in this week, the first that the change judges."""
    week = _monday(screen).isoformat() if old else screen.view.get("week")
    return screen.params(extra={"own": "", "cell": f"{measure.key}:{screen.where.focus}", "week": week})


def _monday(screen: Screen) -> date:
    return screen.today - timedelta(days=screen.today.weekday())


def _fields(screen: Screen, old: Measure | None) -> Measure | None:
    """What the fields say; None while they do not say an indicator yet, or a wrong one, which is told."""
    key = f"om_own_{old.key}_{old.valid_from}" if old else "om_own"
    fixed = old if old and old.shipped else None
    name, formula = _counted(fixed) if fixed else _name_and_formula(old, key)
    conventions = read_conventions(session=screen.session)
    usual = round(conventions.minimum_sample)
    left, right = st.columns(2)
    with left:
        direction = pick("方向", DIRECTIONS, old.direction if old else "up", key=f"{key}_direction")
        sample = st.number_input(
            "最小样本", min_value=0, value=old.minimum_sample if old else usual, step=1, key=f"{key}_sample"
        )
        level = pick("适用层级", LEVELS, old.level if old else "", key=f"{key}_level")
    with right:
        unit = fixed.unit if fixed else pick("单位", UNITS, old.unit if old else "%", key=f"{key}_unit")
        weeks = st.number_input("合并几周", value=old.weeks if old else 1, step=1, key=f"{key}_weeks")
        area = fixed.area if fixed else _area(screen, old, key)
    low, high, baseline = _baseline(direction, old, key, weeks_before=round(conventions.trend_weeks))
    if not name.strip() and not formula.strip():
        show(el("p", "填好名称和公式，立即看到过去 26 周会是多少。", cls="om-note"))
        return None
    try:
        return drafted(
            session=screen.session, name=name, formula=formula, unit=unit, direction=direction,
            baseline=baseline, band_low=low, band_high=high, weeks=int(weeks), minimum_sample=int(sample),
            area=area, level=level, owner=screen.acting.actor, valid_from=_monday(screen),
            key=old.key if old else "",
        )  # fmt: skip
    except IndicatorError as error:
        show(message(kind="notice", title="还不能计算", lines=error.problems))
        return None


def _counted(fixed: Measure) -> tuple[str, str]:
    """Name and formula of an indicator that ships, which are said and not asked."""
    said = f"{fixed.name} = {fixed.formula_text}（{fixed.unit}）"
    show(div(div(span("内置指标", cls="om-key"), span(said), cls="om-pair"),
             el("p", f"来历：{fixed.origin}。以下各项可按本区情况改；要换公式，请自设一项。", cls="om-note"),
             data_shipped=fixed.key))  # fmt: skip
    return fixed.name, fixed.formula_text


def _name_and_formula(old: Measure | None, key: str) -> tuple[str, str]:
    name = st.text_input(
        "名称", old.name if old else "", key=f"{key}_name", max_chars=32, placeholder="例如：热线办结率"
    )
    formula = st.text_input(
        "公式", old.formula_text if old else "", key=f"{key}_formula", max_chars=200,
        placeholder="例如：结案 ÷ 上报",
    )  # fmt: skip
    return name, formula


def _area(screen: Screen, old: Measure | None, key: str) -> str:
    chosen = old.area if old else screen.where.focus
    return pick("适用区域", area_choices(screen), chosen, key=f"{key}_area")


def _baseline(
    direction: str, old: Measure | None, key: str, *, weeks_before: int
) -> tuple[float | None, float | None, float | None]:
    """Lower limit, upper limit, baseline."""
    if direction != "band":
        hint = f"不填则与自己前 {weeks_before} 周的中位数相比。"
        value = old.baseline if old else None
        return None, None, st.number_input("基准", value=value, key=f"{key}_baseline", help=hint)
    left, right = st.columns(2)
    with left:
        low = st.number_input("下限", value=old.band_low if old else None, key=f"{key}_low")
    with right:
        high = st.number_input("上限", value=old.band_high if old else None, key=f"{key}_high")
    return low, high, None


def _names(screen: Screen) -> None:
    """What a formula may call."""
    counts: dict[str, NamedCount] = ask(screen, named_counts)
    rows = [
        div(span(count.label, cls="om-key"), span(count.meaning), cls="om-pair") for count in counts.values()
    ]
    href = screen.href(page="settings", extra={"set": "counts"})
    listed = div(link(href, "新增或修改指标项", cls="om-button"), rows)
    show(el("details", el("summary", f"公式可用的 {len(rows)} 个指标项"), listed, cls="om-perf-names"))


def _preview(screen: Screen, measure: Measure) -> None:
    """The last 26 weeks in the area in view; why there is no value, where there is none."""
    code = screen.where.focus
    values = ask(screen, preview, measure=measure, areas=(code,), weeks=WEEKS)[code]
    newest = values[-1]
    part = (
        f"（{number(newest.numerator)}/{number(newest.sample)}）"
        if newest.sample is not None and newest.numerator is not None
        else ""
    )
    known = sum(value.value is not None for value in values)
    show(
        div(
            el("p", f"上一周：{number_text(newest.value, measure.unit)}{part}", cls="om-perf-newest"),
            week_bars(values, measure=measure, last=_monday(screen) - timedelta(days=7)),
            None if known else el("p", "▲ ", _why_nothing(screen, measure, code), cls="om-note om-right"),
            data_preview=known,
        )
    )


def _why_nothing(screen: Screen, measure: Measure, code: str) -> str:
    """Why none of the weeks has a value."""
    if not measure.applies_to(code):
        return "这项指标不适用于当前所看的区域：请在左上选到适用的区域再看，或改适用范围。"
    counts: dict[str, NamedCount] = ask(screen, named_counts)
    names = measure.formula.names if measure.formula else ()
    unread = [counts[name].label for name in names if counts[name].is_reading]
    if unread:
        return f"过去 {WEEKS} 周没有填报过{'、'.join(unread)}：可到“设置”的“指标填报”里填。"
    parts = measure.formula.parts if measure.formula else None
    below = (
        "、".join(counts[name].label for name in names_in(parts[1]))
        if parts
        else "、".join(counts[name].label for name in names)
    )
    return f"过去 {WEEKS} 周除数（{below}）都是 0，除以 0 没有结果；有了数据自然会算出。"


def _list(screen: Screen, known: list[Measure], *, shipped: bool) -> Html | None:
    """The indicators that there are, of one's own or shipped, each with the way to its form."""
    rows = [
        link(
            screen.href(extra={"own": each.key, "cell": ""}),
            span(each.name), span(each.formula_text, cls="om-note"),
            span("" if each.enabled else "已停用", cls="om-suspended"), cls="om-rule-line", data_own=each.key,
        )
        for each in known
        if each.shipped is shipped
    ]  # fmt: skip
    title = "内置指标，可改基准" if shipped else "已有的自设指标"
    return div(el("h3", f"{title}（{len(rows)} 项）"), rows) if rows else None


def _saved(screen: Screen, measure: Measure) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        save_indicator(session, measure, person=screen.person, at=acting.now())
        return f"指标“{measure.name}”已保存，从本周起生效。"

    return work


def _switched(screen: Screen, old: Measure) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        switch_indicator(
            session, key=old.key, enabled=not old.enabled, on=_monday(screen), person=screen.person,
            at=acting.now(),
        )  # fmt: skip
        return f"指标“{old.name}”已{'停用' if old.enabled else '启用'}，从本周起生效。"

    return work
