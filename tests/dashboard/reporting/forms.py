"""What the tests of the routes fill in and read."""

from __future__ import annotations

import re
from typing import Any

from httpx2 import Response
from sqlmodel import Session
from starlette.testclient import TestClient

from dashboard.reporting.guard import secret
from data.lifecycle import make_move
from data.models import Event
from data.reporting import grid_token
from data.vocabulary import Status
from tests.dashboard.reporting.conftest import HOST
from tests.data.loop.world import GRID, WAY

PAGE = "/report"


def qr() -> str:
    """The address on the grid's QR code."""
    return f"/r/{grid_token(secret(), GRID)}"


def token_in(answer: Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', answer.text)
    assert found, answer.text[:500]
    return found[1]


def send(
    client: TestClient,
    page: str,
    *,
    files: list[tuple[str, tuple[str, bytes, str]]] | None = None,
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> Response:
    """Opens a page and sends its form; a field None is left out."""
    filled = {
        "token": fields.pop("token", None) or token_in(client.get(page)),
        "class": "0201",
        "lon": "103.805",
        "lat": "30.71",
        **fields,
    }
    parts: list[Any] = [(name, (None, value)) for name, value in filled.items() if value is not None]
    return client.post(page, files=[*parts, *(files or [])], headers={"Origin": HOST, **(headers or {})})


def advance(session: Session, event_id: int, status: Status) -> None:
    """Takes a reported case along the way of the command centre until it has that status."""
    for _, move, person, fields in WAY:
        event = session.get_one(Event, event_id, populate_existing=True)
        if event.status == status:
            return
        make_move(
            session, event_id=event_id, seen_seq=event.seq, move=move, person=person,
            at=event.reported_at, fields=fields,
        )  # fmt: skip
