"""What the pages of rules, lists and the calendar share: one way to write, what a person can choose from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import context
from dashboard.ask import ask
from dashboard.markup import show
from dashboard.panels.messages import message, show_refusal
from dashboard.state import Screen
from data.calendar import CalendarError
from data.database import DatabaseProblem, write_session
from data.dispatch import DispatchError
from data.dispatch.listing import EVERY_AREA, EVERY_CLASS
from data.event_base import EventLogError
from data.lifecycle import LoopError
from data.lists import ListError
from data.manage.errors import BadSetting, ManageError
from data.queries.reference import (
    ClassOption,
    DivisionOption,
    KeyOption,
    departments,
    division_options,
    event_classes,
)
from data.rules.errors import AlertError
from data.vocabulary import Level

_SHOWN: Final = "_om_duty_shown"
_REFUSALS: Final = (
    AlertError, CalendarError, DispatchError, EventLogError, ListError, LoopError, ManageError,
)  # fmt: skip
Choices = dict[str, str]
"""What is stored to what is said."""


def act(work: Callable[[Session], str], *, go_to: dict[str, str] | None = None) -> None:
    """Do one edit in one write session and say what happened; a refusal is shown with its reason.

    ``go_to`` are the URL parameters of the view to show afterwards; without it the view stays.
    """
    try:
        with write_session(context.engine()) as session:
            told = work(session)
    except BadSetting as error:
        show_refusal("没有保存", *error.problems)
        return
    except (*_REFUSALS, DatabaseProblem) as error:
        show_refusal("没有保存", str(error))
        return
    st.session_state["_om_told"] = told
    forget_shown()
    if go_to is not None:
        st.query_params.from_dict(go_to)
    st.rerun()


def forget_shown() -> None:
    """What this session changes itself is nobody else's change."""
    st.session_state.pop(_SHOWN, None)


def tell_if_changed(row: tuple[str, int], seq: int, *, name: str) -> None:
    """Say that somebody else changed the row since this session showed it: its form is filled anew then.

    ``seq`` grows with every change of the row.
    """
    before: tuple[tuple[str, int], int] | None = st.session_state.get(_SHOWN)
    st.session_state[_SHOWN] = (row, seq)
    if before is not None and before[0] == row and before[1] != seq:
        lines = ("下面已是新的内容；如果您正在填写，刚才填的没有保存，请核对后再填。",)
        show(message(kind="notice", title=f"{name}刚被别人改过", lines=lines))


def import_step(screen: Screen, kind: str) -> str:
    """Address of the step of 数据接入 that takes in files of one kind."""
    return screen.href(page="import_data", extra={"step": kind})


def class_choices(screen: Screen) -> Choices:
    """Every class, each 大类, each 小类, by prefix."""
    classes: list[ClassOption] = ask(screen, event_classes, where=None)
    found = {"": EVERY_CLASS}
    for one in classes:
        found.setdefault(one.code[:2], f"{one.code[:2]} {one.major}（大类）")
        found[one.code] = f"{one.code} {one.minor}"
    return dict(sorted(found.items()))


def area_choices(screen: Screen) -> Choices:
    """Everywhere, and each division down to the communities, by prefix."""
    places: list[DivisionOption] = ask(screen, division_options, where=None, deepest=Level.COMMUNITY)
    return {"": EVERY_AREA} | {one.code: one.name for one in places}


def department_choices(screen: Screen) -> Choices:
    """Departments by code."""
    found: list[KeyOption] = ask(screen, departments, where=None)
    return {one.key: one.label for one in found}


def pick(title: str, options: Choices, value: str, *, key: str) -> str:
    """A choice among ``options``; a value that is no longer among them stays choosable as it is."""
    known = options if value in options else {value: f"{value}（已不存在）", **options}
    keys = list(known)
    return str(st.selectbox(title, keys, keys.index(value), format_func=lambda one: known[one], key=key))
