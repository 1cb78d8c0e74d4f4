"""What a street does with a rule that lies above it: set it apart for itself, or switch it off there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.markup import Html, div, el, link, show
from dashboard.panels.duty_acts import act, area_choices
from dashboard.state import OWN_RULE, Screen
from data.codes import level_of
from data.labels import LEVEL
from data.manage import rules
from data.rules.store import APART, RuleSpec
from data.vocabulary import CODE_LENGTH, Level

_STREET: Final = CODE_LENGTH[Level.STREET]
_COMMUNITY: Final = CODE_LENGTH[Level.COMMUNITY]


def own_area(screen: Screen, rule: RuleSpec) -> str:
    """Where whoever looks would set the rule apart: the street or community in view if it is theirs, else
    their own; '' where neither lies inside the rule's area.
    """
    person = screen.person
    mine = person.division_code if person else ""
    for code in (screen.where.focus[:_COMMUNITY], mine[:_COMMUNITY]):
        inside = len(code) >= _STREET and code.startswith(rule.area) and code != rule.area
        if inside and (person is None or person.covers(code)):
            return code
    return ""


def area_name(screen: Screen, code: str) -> str:
    """A division by name; 全区 for the empty code."""
    return area_choices(screen).get(code, code) if code else "全区"


def show_set_apart(screen: Screen, rule: RuleSpec) -> None:
    """The two ways, where the rule lies above one's area; where it was set apart, what stands there."""
    area = own_area(screen, rule)
    if not area or rule.kind not in APART:
        return
    here = _here(screen, area)
    if (standing_in := rule.replaced_at(area)) is not None:
        said = "另行设定" if standing_in.enabled else "停用"
        where = here if standing_in.area == area else area_name(screen, standing_in.area)
        href = screen.href(extra={"rule": str(standing_in.rule_id)})
        show(div(link(href, f"{where}已{said}这条规则：打开", cls="om-more"), data_apart=standing_in.rule_id))
        return
    with st.container(key="om-rule-apart"):
        show(_offer(screen, rule, here))
        key = f"om_rule_off_{rule.id}_{area}"
        with st.expander(f"在{here}停用"), st.form(key, border=False):
            show(el("p", f"只在{here}不再响，别处照旧；可以在变更记录里撤销。", cls="om-note"))
            reason = st.text_input("停用的理由", max_chars=256, key=f"{key}_reason")
            sent = st.form_submit_button(f"在{here}停用", key=f"{key}_send")
    if sent:
        act(_switched_off(screen, rule, area, here, reason), go_to=screen.params(extra={"rule": ""}))


def _offer(screen: Screen, rule: RuleSpec, here: str) -> Html:
    href = screen.href(extra={"rule": f"{OWN_RULE}{rule.id}"})
    return div(
        el("p", f"这条规则管{area_name(screen, rule.area)}。", cls="om-note"),
        link(href, f"在{here}另行设定", cls="om-button om-small"),
    )


def _here(screen: Screen, area: str) -> str:
    """本街道 for one's own, else its name."""
    level = level_of(area)
    if screen.person is not None and screen.person.division_code == area and level is not None:
        return f"本{LEVEL[level]}"
    return area_name(screen, area)


def _switched_off(
    screen: Screen, rule: RuleSpec, area: str, here: str, reason: str
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        rules.switch_off(
            session, rule_id=rule.id, area=area, person=screen.person, at=acting.now(), reason=reason
        )
        return f"规则“{rule.name}”已在{here}停用，可以撤销。"

    return work
