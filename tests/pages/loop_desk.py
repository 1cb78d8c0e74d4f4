"""A desk at which one person after the other sits down: chooses a case, fills in a form, presses a button."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from dashboard.acting import token_of
from data.database import read_session, write_session
from data.lifecycle import Person
from data.models import Event, EventLog
from data.vocabulary import Move
from tests.dashboard.small_world import NOW
from tests.data.loop.world import DISPATCHER, NEIGHBOURHOOD, ROADMAN, STREET_CLERK, report
from tests.pages.conftest import Opener, Shown

TO_HANDLING: tuple[tuple[Move, Person, dict[str, Any]], ...] = (
    (Move.VERIFY, NEIGHBOURHOOD, {"route_color": "red"}),
    (Move.FILE, STREET_CLERK, {}),
    (Move.DISPATCH, DISPATCHER, {}),
    (Move.ACCEPT, ROADMAN, {}),
    (Move.HANDLE, ROADMAN, {}),
)
"""How a case comes to be handled: move, person, and what they fill in."""


def ticking() -> Iterator[datetime]:
    """A clock that is a second later each time that it is read."""
    at = NOW
    while True:
        at += timedelta(seconds=1)
        yield at


class Desk:
    """The page 工单 with whoever sits there, over the database of one test."""

    def __init__(self, opener: Opener, engine: Engine) -> None:
        self.opener = opener
        self.engine = engine
        self.token = ""
        self.files: list[Any] = []

    def sit(self, person: Person | None) -> None:
        self.token = token_of(person) if person else ""

    def open(self, person: Person | None, **params: str) -> Shown:
        self.sit(person)
        return self.opener("loop", **params)

    def form(self, person: Person, event_id: int, move: Move) -> Shown:
        return self.open(person, sel=f"event:{event_id}", move=move.value)

    def fill(self, shown: Shown, person: Person, event_id: int, move: Move, **fields: Any) -> Shown:
        """Type into the widgets of a form and press its button."""
        key = f"om_move_{event_id}_{move}_{person.staff_id}"
        for name, value in fields.items():
            widget(shown, f"{key}_{name}").set_value(value)
        shown.app.button(key=f"{key}_send").click()
        shown.app.run()
        return shown

    def do(self, person: Person, event_id: int, move: Move, **fields: Any) -> Shown:
        shown = self.fill(self.form(person, event_id, move), person, event_id, move, **fields)
        assert not shown.app.exception
        return shown

    def report(self, number: int, **changes: Any) -> int:
        """A case of half an hour ago."""
        reported_at = NOW - timedelta(minutes=30)
        with write_session(self.engine) as session:
            return report(session, number, reported_at=reported_at, **changes)

    def event(self, event_id: int) -> Event:
        with read_session(self.engine) as session:
            return session.get_one(Event, event_id)

    def last(self, event_id: int) -> EventLog:
        """The newest entry of its log."""
        with read_session(self.engine) as session:
            return _last(session, event_id)


def _last(session: Session, event_id: int) -> EventLog:
    from sqlmodel import col, select

    wanted = select(EventLog).where(col(EventLog.event_id) == event_id).order_by(col(EventLog.seq).desc())
    return session.exec(wanted).first()  # type: ignore[return-value]


def widget(shown: Shown, key: str) -> Any:
    """The widget of a form by its key."""
    app = shown.app
    for kind in (app.text_area, app.selectbox, app.radio, app.number_input):
        for one in kind:
            if one.key == key:
                return one
    raise AssertionError(f"no widget {key}")


def moves_offered(shown: Shown) -> list[str]:
    """Moves that the card offers as buttons, in order."""
    import re

    return re.findall(r'data-move="(\w+)"', shown.html)
