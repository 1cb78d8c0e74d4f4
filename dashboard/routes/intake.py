"""``POST /onemap/intake/events`` and ``/onemap/api/readings``: other systems bring in cases, and what sensors
measure, as ``dashboard/intake/openapi.py`` says.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from anyio import CapacityLimiter, fail_after, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from dashboard import context
from dashboard.intake.rate import RateLimit
from dashboard.routes.respond import json_response
from data.database import DatabaseLocked, DatabaseProblem, read_session
from data.imports.errors import DemoPresent, ImportProblem
from data.intake.errors import IntakeProblem, KeyReused, TooManyRows
from data.intake.take import Delivery, take_in
from data.intake.tokens import find_token
from data.labels import TOKEN_SCOPE, label
from data.models import IntakeToken
from data.readings.take import take_request
from data.vocabulary import TokenScope

MOST_BYTES: Final = 5 * 1024 * 1024
BODY_SECONDS: Final = 60.0
"""How long a body may take to come in: 5 MB over the slowest line of an office."""
MOST_KEY_LETTERS: Final = 128
AT_ONCE: Final = 2
"""Requests that are worked on at the same time; the others wait here and never in the pages' threads."""
BAD_TOKENS_A_MINUTE: Final = 30
JSON_TYPE: Final = "application/json"
CSV_TYPE: Final = "text/csv"
_log = logging.getLogger(__name__)
_limit = RateLimit()
_threads: CapacityLimiter | None = None


class Refused(Exception):
    """A request that is turned away, with its HTTP status; the text is for people."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


async def intake_events(request: Request) -> Response:
    """One request, one batch: every refusal is JSON with ``problems``."""
    return await _answered(request, TokenScope.CASES)


async def intake_readings(request: Request) -> Response:
    """Any number of readings, each told what became of it."""
    return await _answered(request, TokenScope.READINGS)


async def _answered(request: Request, scope: TokenScope) -> Response:
    try:
        return json_response(await _taken(request, scope))
    except Refused as error:
        answer = json_response({"problems": [str(error)]}, status=error.status)
        answer.headers.update(error.headers)
        return answer
    except ClientDisconnect:
        return Response(status_code=400)
    except Exception:
        _log.exception("intake failed")
        return json_response({"problems": ["服务器处理时出错，已记入日志；没有写入任何数据"]}, status=500)


async def _taken(request: Request, scope: TokenScope) -> dict[str, Any]:
    address = request.client.host if request.client else ""
    token = await _run(_token_of, _bearer(request), address, scope)
    is_json = _is_json(request)
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > MOST_KEY_LETTERS:
        raise Refused(400, f"Idempotency-Key 有 {len(key)} 个字符，最多 {MOST_KEY_LETTERS} 个")
    try:
        with fail_after(BODY_SECONDS):
            body = await _body(request)
    except TimeoutError as error:
        text = f"内容在 {BODY_SECONDS:g} 秒内没有收完，没有写入任何数据：请检查网络后重发，或分几次发送"
        raise Refused(408, text, Connection="close") from error
    told: dict[str, Any] = await _run(_work, Delivery(token=token, body=body, is_json=is_json, key=key))
    return told


async def _run(work: Any, *arguments: Any) -> Any:
    global _threads  # noqa: PLW0603  made by the loop that uses it
    if _threads is None:
        _threads = CapacityLimiter(AT_ONCE)
    return await to_thread.run_sync(work, *arguments, limiter=_threads)


def _work(delivery: Delivery) -> dict[str, Any]:
    try:
        if delivery.token.scope == TokenScope.READINGS:
            return take_request(
                context.engine(), body=delivery.body, is_json=delivery.is_json, source=delivery.token.source
            )
        return take_in(context.engine(), delivery=delivery, settings=context.settings())
    except TooManyRows as error:
        raise Refused(413, str(error)) from error
    except KeyReused as error:
        raise Refused(422, str(error)) from error
    except DemoPresent as error:
        raise Refused(409, str(error)) from error
    except (IntakeProblem, ImportProblem) as error:
        raise Refused(400, str(error)) from error
    except DatabaseLocked as error:
        raise Refused(503, str(error), Retry_After="5") from error
    except DatabaseProblem as error:
        raise Refused(503, str(error)) from error


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _token_of(token: str, address: str, scope: TokenScope) -> IntakeToken:
    """Whose token it is. What is wrong with it is not told to whoever tries; only a good one is told what it
    is not for.
    """
    try:
        with read_session(context.engine()) as session:
            found = find_token(session, token=token)
    except DatabaseProblem as error:
        raise Refused(503, "数据库暂时不能使用，请稍后再试", Retry_After="5") from error
    if found is None or found.revoked_at is not None:
        wait = _limit.wait_seconds(f"from:{address}", a_minute=BAD_TOKENS_A_MINUTE)
        if wait:
            raise Refused(429, "请求太频繁，请稍后再试", Retry_After=str(wait))
        if found is None:
            raise Refused(401, "令牌无效", WWW_Authenticate="Bearer")
        raise Refused(403, "令牌不能使用")
    wait = _limit.wait_seconds(f"token:{found.id}", a_minute=found.requests_a_minute)
    if wait:
        raise Refused(
            429,
            f"请求太频繁：这个令牌每分钟最多 {found.requests_a_minute} 次，"
            f"请在 {wait} 秒后再试，或一次多发几件",
            Retry_After=str(wait),
        )
    if found.scope != scope:
        may, wanted = label(TOKEN_SCOPE, found.scope), label(TOKEN_SCOPE, scope)
        raise Refused(403, f"这个令牌只能送{may}，不能送{wanted}：请另建一个（--for {scope}）")
    return found


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (JSON_TYPE, CSV_TYPE):
        raise Refused(415, f"只接收 {JSON_TYPE} 和 {CSV_TYPE}，请在 Content-Type 中写明是哪一种")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "不接收压缩的内容，请不压缩发送")
    return kind == JSON_TYPE


async def _body(request: Request) -> bytes:
    """The whole body, given up as soon as it is too long, whatever the header says."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and len(told) < 20 and int(told) > MOST_BYTES:
        raise _too_big()
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise _too_big()
    return bytes(body)


def _too_big() -> Refused:
    return Refused(
        413,
        f"内容超过 {MOST_BYTES // 1024 // 1024} MB：请分几次发送，或把文件放进接入文件夹",
        Connection="close",
    )
