"""The script of every run: style, navigation, header, then the page inside one guard against errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import streamlit as st
from sqlmodel import Session

from dashboard import acting, context
from dashboard.assets import AssetMissing, asset_path
from dashboard.kept_screen import release_screen, screen_is_kept
from dashboard.markup import show, span
from dashboard.navigation import build_pages, follow_links, name_of
from dashboard.panels.header import clock, show_header
from dashboard.panels.messages import show_filter_problems, show_problem, show_unexpected
from dashboard.state import PATHS, Screen, View, as_of_bucket, parse_url, set_screen
from dashboard.theme import apply_style
from data.database import DatabaseProblem, Moment, check_version, current_moment, read_session
from data.demo import demo_state
from data.filter import Filter, FilterError
from data.labels import PRODUCT
from data.queries.next_change import next_change
from data.settings import SettingsError

MOMENT_LASTS: Final = timedelta(seconds=60)
"""How long a screen keeps its moment at most, while the data's revision stays the same."""
BEAT_SECONDS: Final = 10
LIVE: Final = frozenset({"events", "stations", "performance", "alerts"})
"""Pages without a map that follow the data at once; the others, with their forms, within a beat."""
FORMS: Final = ("rule", "ring", "own")
"""Parameters that open a form: what its buttons have said is not wiped by others' changes at once."""


def main() -> None:
    st.set_page_config(page_title=PRODUCT, page_icon=str(asset_path("icon.png")), layout="wide")
    release_screen()
    apply_style()
    pages = build_pages()
    page = st.navigation(list(pages.values()), position="hidden")
    name = name_of(page, pages)
    follow_links(pages=pages, current=name)
    with guarded(name):
        check_version(context.engine())
        with read_session(context.engine()) as session:
            moment = screen_moment(session, current_moment(session, now=as_of_bucket(datetime.now(UTC))))
            where, view, problems = read_url()
            screen = Screen(
                page=name,
                where=where,
                view=view,
                moment=moment,
                session=session,
                settings=context.settings(),
                is_demo=demo_state(session).present,
                acting=acting.acting_of(session, token=acting.read_token()),
            )
            set_screen(screen)
            with st.container(key="om-top"):
                show_header(screen)
                show_clock(screen)
            if problems is not None:
                raise problems
            page.run()
    show_answered(name)


def show_answered(name: str) -> None:
    """Say in the page which address this run has answered; a new one differs until its answer is whole."""
    query = urlencode(st.query_params.to_dict())
    kept: Moment | None = st.session_state.get("_om_moment")
    follows = name in LIVE and not screen_is_kept()
    follows = follows and not any(st.query_params.get(form) for form in FORMS)
    live = kept.revision if kept is not None and follows else None
    with st.container(key="om-answered"):
        show(span(data_answered=f"{PATHS[name].removeprefix('./')}?{query}", data_live_revision=live))


def read_url() -> tuple[Filter, View, FilterError | None]:
    """What the URL asks for; with problems nothing but the frame is shown, for everything."""
    try:
        return *parse_url(st.query_params.to_dict()), None
    except FilterError as error:
        return Filter(), View(), error


def screen_moment(session: Session, now: Moment) -> Moment:
    """The moment that this session's screen stays at: until the data changes, a minute has passed, or the
    colour of some event changes by itself.
    """
    kept: Moment | None = st.session_state.get("_om_moment")
    if kept is None or moment_is_over(kept, now):
        st.session_state["_om_moment"] = kept = now
        changes_at = next_change(session, as_of=now.as_of)
        ends_at = now.as_of + MOMENT_LASTS
        st.session_state["_om_moment_ends"] = min(changes_at, ends_at) if changes_at else ends_at
    return kept


def moment_is_over(kept: Moment, now: Moment) -> bool:
    """Whether the screen has to be drawn anew."""
    return kept.revision != now.revision or now.as_of >= st.session_state["_om_moment_ends"]


@st.fragment(run_every=BEAT_SECONDS)
def show_clock(screen: Screen) -> None:
    """Beats while the server answers; runs the whole page again when the data or the minute has changed."""
    beat = st.session_state.get("_om_beat", 0) + 1
    st.session_state["_om_beat"] = beat
    try:
        with read_session(context.engine()) as session:
            now = current_moment(session, now=as_of_bucket(datetime.now(UTC)))
    except DatabaseProblem:
        return
    kept: Moment | None = st.session_state.get("_om_moment")
    if kept is not None and moment_is_over(kept, now) and not screen_is_kept():
        st.rerun()
    show(clock(screen, beat=beat))


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """Every error of a page becomes a designed panel with the way out."""
    try:
        yield
    except FilterError as error:
        show_filter_problems(error, params=st.query_params.to_dict(), path=PATHS[name])
    except DatabaseProblem as error:
        show_problem(title="数据库不能使用", text=str(error))
    except SettingsError as error:
        show_problem(title="设置有误", text=str(error))
    except AssetMissing as error:
        show_problem(title="缺少前端文件", text=str(error))
    except Exception as error:
        show_unexpected(error)


main()
