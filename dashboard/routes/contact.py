"""A contact, whole, of a resident or of who is responsible: the one answer of this server that holds it. It
is asked for by POST, with a reason, by whoever acts; no cache keeps it, and the page shows it in a window of
its own that goes by itself.

The cookie of who acts is SameSite=Strict, and the form has to come from a page of this server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dashboard import context
from dashboard.acting import COOKIE, acting_of
from dashboard.reporting.guard import (
    SMALL_FORM_BYTES,
    Refused,
    check_origin,
    now,
    read_form,
    text_of,
    told,
)
from dashboard.routes.respond import json_response
from data.database import write_session
from data.lifecycle import Person
from data.reporting import reveal_contact, reveal_staff_phone

_LONGEST: Final = 18
_See = Callable[[Session, int, Person, str], str]


async def _reveal(request: Request) -> Response:
    check_origin(request)
    form = await read_form(request, most_bytes=SMALL_FORM_BYTES)
    event, staff = text_of(form, "event"), text_of(form, "staff")
    number = staff or event
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST):
        raise Refused(400, "事件或人员的编号应是正整数")
    see = _staff_phone if staff else _resident_contact
    return await run_in_threadpool(
        _seen, see, request.cookies.get(COOKIE, ""), int(number), text_of(form, "reason")
    )


def _seen(see: _See, token: str, number: int, reason: str) -> Response:
    with write_session(context.engine()) as session:
        acting = acting_of(session, token=token)
        if acting.person is None:
            raise Refused(403, acting.problem or "还没有选择办理人，不能查看联系电话")
        contact = see(session, number, acting.person, reason)
    title = "责任人联系电话" if see is _staff_phone else "居民联系电话"
    return json_response({"title": title, "contact": contact, "told": f"已记在{acting.person.name}名下"})


def _resident_contact(session: Session, event_id: int, person: Person, reason: str) -> str:
    return reveal_contact(session, event_id=event_id, person=person, reason=reason, at=now())


def _staff_phone(session: Session, staff_id: int, person: Person, reason: str) -> str:
    return reveal_staff_phone(session, staff_id=staff_id, person=person, reason=reason, at=now())


contact_reveal = told(_reveal)
