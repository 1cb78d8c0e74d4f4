"""吹哨 as a file: the list of the page, or the agenda of the joint meeting."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dashboard import context
from dashboard.routes.respond import NO_STORE, SECURITY_HEADERS, guarded, read_at
from data.database import current_moment, read_session
from data.filter import Filter, FilterError, parse_filter
from data.labels import WHISTLE_STANDING
from data.whistle import AGENDA, STANDINGS
from data.whistle.export import export_whistles

_CSV: Final = "text/csv; charset=utf-8"
_NAMES: Final = {"": "未办结", AGENDA: "联席会议题", **WHISTLE_STANDING}


async def _whistles(request: Request) -> Response:
    params = dict(request.query_params)
    where, at, standing = parse_filter(params), read_at(params), params.get("standing", "")
    if standing and standing not in STANDINGS:
        raise FilterError((f"网址参数 standing={standing[:40]} 无效：可用的值是 {'、'.join(STANDINGS)}",))
    as_of, body = await run_in_threadpool(_body, where, at, standing)
    name = f"吹哨_{_NAMES[standing]}_{as_of.astimezone(context.settings().timezone):%Y%m%d-%H%M}.csv"
    disposition = f"attachment; filename=\"whistles.csv\"; filename*=UTF-8''{quote(name)}"
    headers = {**SECURITY_HEADERS, "Cache-Control": NO_STORE, "Content-Disposition": disposition}
    return Response(body, media_type=_CSV, headers=headers)


def _body(where: Filter, at: datetime | None, standing: str) -> tuple[datetime, bytes]:
    with read_session(context.engine()) as session:
        moment = current_moment(session, now=at)
        return moment.as_of, export_whistles(
            session=session, where=where, as_of=moment.as_of, standing=standing
        )


whistles_file = guarded(_whistles)
