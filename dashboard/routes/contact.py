"""A resident's contact, whole: the one answer of this server that holds it. It is asked for by POST, with a
reason, by whoever acts; no cache keeps it, and the page shows it in a window of its own that goes by itself.

The cookie of who acts is SameSite=Strict, and the form has to come from a page of this server.
"""

from __future__ import annotations

from typing import Final

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
from data.reporting import reveal_contact

_LONGEST: Final = 18


async def _reveal(request: Request) -> Response:
    check_origin(request)
    form = await read_form(request, most_bytes=SMALL_FORM_BYTES)
    number = text_of(form, "event")
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST):
        raise Refused(400, "事件编号应是正整数")
    return await run_in_threadpool(
        _seen, request.cookies.get(COOKIE, ""), int(number), text_of(form, "reason")
    )


def _seen(token: str, event_id: int, reason: str) -> Response:
    with write_session(context.engine()) as session:
        acting = acting_of(session, token=token)
        if acting.person is None:
            raise Refused(403, acting.problem or "还没有选择办理人，不能查看联系电话")
        contact = reveal_contact(session, event_id=event_id, person=acting.person, reason=reason, at=now())
    return json_response({"contact": contact, "told": f"已记在{acting.person.name}名下"})


contact_reveal = told(_reveal)
