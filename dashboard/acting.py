"""Who acts at this screen: somebody of the staff table, chosen in the header and remembered by the browser.

Sign-in comes later. The choice is a cookie and never part of the address, since a copied address must not
carry a person along. Whoever has not chosen sees everything; only acting needs a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

import streamlit as st
from sqlmodel import Session

from data.lifecycle import Person, UnknownPerson, read_person

COOKIE: Final = "om_person"
"""Written by ``static/loop.js``."""
NOBODY: Final = "页面操作"
"""Who did what was done on a page while nobody was chosen."""
_TOKEN: Final = re.compile(r"([1-9]\d{0,17})-([0-9a-f]{8})", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Acting:
    """The person who acts, or None; ``problem`` says why a choice that was made does not hold any more."""

    person: Person | None = None
    problem: str = ""

    @property
    def actor(self) -> str:
        """Who stands in the log for what is done on a page."""
        return self.person.name if self.person else NOBODY


def now() -> datetime:
    """When an act happens: now, and not the moment that a screen shows."""
    return datetime.now(UTC)


def token_of(person: Person) -> str:
    """What the browser keeps: the number, and a sign of the name, since a number can be given anew."""
    sign = sha256(f"{person.staff_id}|{person.name}".encode()).hexdigest()[:8]
    return f"{person.staff_id}-{sign}"


def read_token() -> str:
    """What this browser has kept; empty where nobody was chosen, or where no browser is connected."""
    kept: object = st.context.cookies.get(COOKIE, "")
    return kept if isinstance(kept, str) else ""


def acting_of(session: Session, *, token: str) -> Acting:
    """The person whom a token names, as the staff table has them now."""
    if not token:
        return Acting()
    found = _TOKEN.fullmatch(token)
    if found is None:
        return Acting(problem="浏览器记住的办理人认不出来，请重新选择")
    try:
        person = read_person(session, staff_id=int(found[1]))
    except UnknownPerson as error:
        return Acting(problem=str(error))
    if token_of(person) != token:
        return Acting(problem=f"编号 {person.staff_id} 的人员已经换人，请重新选择办理人")
    return Acting(person=person)
