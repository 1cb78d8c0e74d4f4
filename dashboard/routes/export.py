"""The list as a file: the same rows as on the screen, under the same Filter and moment."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from dashboard import context
from dashboard.routes.respond import NO_STORE, SECURITY_HEADERS, guarded, read_at
from data.database import Moment, current_moment, read_session
from data.export import export_csv, export_xlsx
from data.filter import Filter, parse_filter
from data.labels import BASIS

_CSV: Final = "text/csv; charset=utf-8"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def _export_csv(request: Request) -> Response:
    params = dict(request.query_params)
    where, at = parse_filter(params), read_at(params)
    moment = await run_in_threadpool(_moment, at)
    return StreamingResponse(
        _csv_pieces(where, moment), media_type=_CSV, headers=_headers(file_name(where, moment, "csv"))
    )


def _csv_pieces(where: Filter, moment: Moment) -> Iterator[bytes]:
    with read_session(context.engine()) as session:
        yield from export_csv(session, where=where, moment=moment)


async def _export_xlsx(request: Request) -> Response:
    params = dict(request.query_params)
    where, at = parse_filter(params), read_at(params)
    moment, path = await run_in_threadpool(_write_xlsx, where, at)
    return FileResponse(
        path,
        media_type=_XLSX,
        headers=_headers(file_name(where, moment, "xlsx")),
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


def _write_xlsx(where: Filter, at: datetime | None) -> tuple[Moment, Path]:
    with tempfile.NamedTemporaryFile(prefix="onemap-", suffix=".xlsx", delete=False) as file:
        path = Path(file.name)
    try:
        with read_session(context.engine()) as session:
            moment = current_moment(session, now=at)
            export_xlsx(session, where=where, moment=moment, path=path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return moment, path


def _moment(at: datetime | None) -> Moment:
    with read_session(context.engine()) as session:
        return current_moment(session, now=at)


def file_name(where: Filter, moment: Moment, suffix: str) -> str:
    """Such as 事件清单_在办_20261121-0830.csv, in local time."""
    zone: ZoneInfo = context.settings().timezone
    return f"事件清单_{BASIS[where.basis]}_{moment.as_of.astimezone(zone):%Y%m%d-%H%M}.{suffix}"


def _headers(name: str) -> dict[str, str]:
    plain = name.rpartition(".")[2]
    disposition = f"attachment; filename=\"events.{plain}\"; filename*=UTF-8''{quote(name)}"
    return {**SECURITY_HEADERS, "Cache-Control": NO_STORE, "Content-Disposition": disposition}


export_csv_file = guarded(_export_csv)
export_xlsx_file = guarded(_export_xlsx)
