"""Is the server well, and which revision of the data has it? Browsers without a stream ask here too."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dashboard import context
from dashboard.routes.respond import guarded, json_response
from data.database import DatabaseProblem, current_moment, read_session


async def _health(_request: Request) -> Response:
    return await run_in_threadpool(_look)


def _look() -> Response:
    try:
        with read_session(context.engine()) as session:
            moment = current_moment(session)
            backend = session.get_bind().dialect.name
    except DatabaseProblem as problem:
        return json_response(
            {"ok": False, "revision": None, "database": None, "problems": [str(problem)]}, status=503
        )
    body = {"ok": True, "revision": moment.revision, "as_of": moment.as_of.isoformat(), "database": backend}
    return json_response(body)


health_report = guarded(_health)
