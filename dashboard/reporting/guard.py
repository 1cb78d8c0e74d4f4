"""What every request to a reporting page has to pass, and how refusals are told.

Streamlit's XSRF protection covers its own routes only. Ours check that a form comes from a page of this
server (Origin), that this server made it for here and now (its token), and how much it brings.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

from dashboard import context
from dashboard.reporting.document import problem_page
from dashboard.routes.respond import BadRequest, NotFound, json_response
from data.database import DatabaseProblem
from data.event_base import StaleEvent
from data.lifecycle import KeptFile, LoopError, keep_photo
from data.lifecycle.attachments import MOST_BYTES
from data.reporting import (
    BadToken,
    ReportingError,
    RevealRefused,
    TooMany,
    TooManyReveals,
    UnknownReceipt,
)
from data.reporting.report import MOST_PHOTOS
from data.secret import read_secret
from data.settings import SettingsError

FIELD_BYTES: Final = 8 * 1024
MOST_FIELDS: Final = 16
SMALL_FORM_BYTES: Final = 64 * 1024
REPORT_BYTES: Final = MOST_PHOTOS * MOST_BYTES + SMALL_FORM_BYTES
_INPUTS: Final = 2
"""Camera and album; each sends an empty part when nothing was chosen."""
_log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(RuntimeError):
    """A request that is turned away, with its HTTP status; the text is for people."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def now() -> datetime:
    """The moment of a request."""
    return datetime.now(UTC)


def secret() -> bytes:
    """The secret of this deployment."""
    return read_secret(context.settings())


def told(endpoint: Endpoint) -> Endpoint:
    """The endpoint with every refusal as a page, or as JSON for our own script."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (TooMany, TooManyReveals) as error:
            return _say(request, 429, str(error), {"Retry-After": str(error.retry_seconds)})
        except Exception as error:
            status, sentence = _status(error)
            if status == 500:
                _log.exception("route %s failed", request.scope.get("path", "").split("/")[1:2])
            return _say(request, status, sentence, {})
        finally:
            await request.close()  # what was uploaded and not kept

    return answer


def _status(error: Exception) -> tuple[int, str]:
    match error:
        case Refused():
            return error.status, str(error)
        case BadToken() | RevealRefused():
            return 403, str(error)
        case UnknownReceipt() | NotFound():
            return 404, str(error)
        case ReportingError() | LoopError() | BadRequest():
            return 400, str(error)
        case StaleEvent():
            return 409, "这件刚刚有了变化，请返回后重新打开页面再办"
        case DatabaseProblem() | SettingsError():
            return 503, str(error)
        case _:
            return 500, "服务器处理时出错，已记入日志。请稍后再试"


def _say(request: Request, status: int, sentence: str, headers: dict[str, str]) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        answer = json_response({"problems": [sentence]}, status=status)
        answer.headers.update(headers)
        return answer
    return problem_page(status, sentence, way_out=_way_out(request, status), headers=headers)


def _way_out(request: Request, status: int) -> tuple[str, str] | None:
    """Where to go from a page that cannot be shown: a scanned code has no page before it to go back to."""
    if request.method == "POST":
        return None
    if status >= 500:
        return request.url.path, "重新打开"
    return ("/r/case", "凭回执号查进度") if request.url.path.startswith("/r/") else ("/report", "去上报")


def check_origin(request: Request) -> None:
    """Passes for a form of this server's own pages. Raises Refused."""
    origin = request.headers.get("origin", "")
    own = urlsplit(origin).netloc == request.headers.get("host") or origin == context.settings().public_url
    if not origin or not own or request.headers.get("sec-fetch-site") == "cross-site":
        raise Refused(403, "这次提交不是从本系统的页面发出的，没有受理。请从二维码或菜单打开上报页")


async def read_form(request: Request, *, most_bytes: int) -> FormData:
    """The fields and files of a form that says how long it is. Raises Refused."""
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise Refused(411, "提交的内容没有说明长度，没有受理。请换用手机自带的浏览器")
    if int(length) > most_bytes:
        raise Refused(
            413,
            f"提交的内容有 {int(length) / 1e6:.1f} MB，最多 {most_bytes / 1e6:.1f} MB。请减少照片后再传",
        )
    try:
        return await request.form(
            max_files=MOST_PHOTOS + _INPUTS, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES
        )
    except (HTTPException, MultiPartException) as error:
        raise Refused(400, f"表单不完整，或照片超过 {MOST_PHOTOS} 张。请返回重新填写") from error


def text_of(form: FormData, name: str) -> str:
    """A field without blanks around it; '' where there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


async def photos_of(form: FormData) -> tuple[KeptFile, ...]:
    """The photos of a form, kept without their metadata. Raises BadAttachment, Refused."""
    parts = [part for part in form.getlist("photo") if isinstance(part, UploadFile) and part.size]
    if len(parts) > MOST_PHOTOS:
        raise Refused(400, f"照片有 {len(parts)} 张，最多 {MOST_PHOTOS} 张")
    folder = context.settings().attachment_dir
    return tuple([await run_in_threadpool(keep_photo, folder, await part.read()) for part in parts])


def position_of(lon: str, lat: str) -> tuple[float, float] | tuple[None, None]:
    """Longitude and latitude in degrees; both None where none is given. Raises BadRequest."""
    if not lon and not lat:
        return None, None
    try:
        x, y = float(lon[:24]), float(lat[:24])
    except ValueError:
        x = y = math.nan
    if not (-180.0 <= x <= 180.0 and -85.0 <= y <= 85.0):
        raise BadRequest(f"位置 {lon[:24]}，{lat[:24]} 不能用：应为经度和纬度的度数")
    return round(x, 7), round(y, 7)


def address_of(request: Request) -> str:
    """Whence a request comes: what the proxy on this machine says, else the connection's other end."""
    direct = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded if forwarded and _is_own(direct) else direct


def _is_own(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
