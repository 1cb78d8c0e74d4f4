"""How every route asks and answers: parameters checked, one snapshot, compact JSON, problems in words.

BadRequest → 400, NotFound → 404, DatabaseProblem → 503; all as ``{"problems": [Chinese…]}``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dashboard import context
from dashboard.routes.memory import Memory
from data.database import DatabaseProblem, Moment, current_moment, read_session
from data.filter import Filter, FilterError, parse_filter

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}
NO_STORE: Final = "no-store"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
_KEPT_ANSWERS: Final = 128
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]


class BadRequest(ValueError):
    """A request that makes no sense; ``problems`` are Chinese sentences."""

    def __init__(self, *problems: str) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


class NotFound(LookupError):
    """What the address names is not there; the text is for people."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request on one snapshot."""

    params: Mapping[str, str]
    where: Filter
    moment: Moment
    session: Session


def json_response(body: Mapping[str, Any], *, status: int = 200) -> Response:
    """Compact JSON that no cache keeps."""
    return bytes_response(_encode(body), media_type="application/json", status=status)


def bytes_response(
    content: bytes,
    *,
    media_type: str,
    status: int = 200,
    cache: str = NO_STORE,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Any bytes with the headers that all answers carry."""
    head = {**SECURITY_HEADERS, "Cache-Control": cache, **(headers or {})}
    return Response(content, status_code=status, media_type=media_type, headers=head)


def problem_response(status: int, *problems: str) -> Response:
    return json_response({"problems": list(problems)}, status=status)


def guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint with its named errors turned into answers, and unnamed ones logged and not shown."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except BadRequest as error:
            return problem_response(400, *error.problems)
        except FilterError as error:
            return problem_response(400, *error.problems)
        except NotFound as error:
            return problem_response(404, str(error))
        except DatabaseProblem as error:
            return problem_response(503, str(error))
        except Exception:
            _log.exception("route %s failed", request.url.path)
            return problem_response(500, "服务器处理这个请求时出错，已记入日志")

    return answer


def data_route(work: Callable[[Asked], Mapping[str, Any]], *, keep: bool = True) -> Endpoint:
    """A route whose answer is ``work`` on one snapshot, with ``as_of`` and ``revision`` added.

    The work runs in a thread. With ``keep``, an answer for a moment that the request names is kept in memory:
    all screens that show the moment share it.
    """

    async def endpoint(request: Request) -> Response:
        content = await run_in_threadpool(_work, work, dict(request.query_params), request.url.path, keep)
        return bytes_response(content, media_type="application/json")

    return guarded(endpoint)


def _work(work: Callable[[Asked], Mapping[str, Any]], params: dict[str, str], path: str, keep: bool) -> bytes:
    where = parse_filter(params)
    at = read_at(params)
    with read_session(context.engine()) as session:
        moment = current_moment(session, now=at)
        key = (context.settings().database_url, path, moment, tuple(sorted(params.items())))
        if keep and at is not None and (found := _kept.get(key)) is not None:
            return found
        body = work(Asked(params=params, where=where, moment=moment, session=session))
        content = _encode({**body, "as_of": moment.as_of.isoformat(), "revision": moment.revision})
    if keep and at is not None:
        _kept.put(key, content)
    return content


def once_for_all_colors(memory: Memory[T], asked: Asked, more: Hashable, read: Callable[..., T]) -> T:
    """What ``read`` says of the filter at this moment: once for all its choices of colours."""
    where, moment = replace(asked.where, colors=()), asked.moment
    key = (context.settings().database_url, where, moment, more)
    known = memory.get(key)
    if known is None:
        known = read(session=asked.session, where=where, as_of=moment.as_of)
        memory.put(key, known)
    return known


def read_at(params: Mapping[str, str]) -> datetime | None:
    """Parameter ``at``: an ISO time with its zone. Raises BadRequest."""
    text = params.get("at", "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not _EARLIEST <= at <= _LATEST:
        raise BadRequest(
            f"参数 at={text[:40]} 无效：时间应写作 2026-11-21T08:30:00+00:00，在 2000 年到 2100 年之间"
        )
    return at


def read_integer(params: Mapping[str, str], name: str, *, low: int, high: int) -> int:
    """A whole number within bounds. Raises BadRequest."""
    text = params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and low <= int(text) <= high):
        raise BadRequest(f"参数 {name}={text[:40]} 无效：应为 {low} 到 {high} 之间的整数")
    return int(text)


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


_kept: Memory[bytes] = Memory(_KEPT_ANSWERS)
