"""Photos of cases: only what a case names, only when it still is what its hash says, only as a picture."""

from __future__ import annotations

import re
from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dashboard import context
from dashboard.routes.memory import Memory
from dashboard.routes.respond import NotFound, bytes_response, guarded
from data.database import read_session
from data.lifecycle import path_of
from data.lifecycle.attachments import MIME
from data.models import EventAttachment
from data.models.base import column

_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CACHE: Final = "private, max-age=31536000, immutable"
SMALL_SIDE_PX: Final = 320
_small: Memory[bytes] = Memory(256)


async def _photo(request: Request) -> Response:
    digest = request.path_params["digest"]
    small = request.query_params.get("small") == "1"
    content = await run_in_threadpool(_read, digest, small)
    return bytes_response(content, media_type=MIME, cache=_CACHE)


def _read(digest: str, small: bool) -> bytes:
    if not _HASH.fullmatch(digest):
        raise NotFound("没有这张照片：地址不是照片的编号")
    with read_session(context.engine()) as session:
        wanted = select(column(EventAttachment.id)).where(column(EventAttachment.sha256) == digest).limit(1)
        if session.execute(wanted).first() is None:
            raise NotFound("没有这张照片，或它所属的事件已移除")
    try:
        content = path_of(context.settings().attachment_dir, digest).read_bytes()
    except OSError as error:
        raise NotFound("照片文件不在了，请用备份恢复 attachments 文件夹") from error
    if sha256(content).hexdigest() != digest:
        raise NotFound("照片文件与登记的不符，可能被改动过，请用备份恢复")
    return _shrunk(digest, content) if small else content


def _shrunk(digest: str, content: bytes) -> bytes:
    """The picture at most ``SMALL_SIDE_PX`` long, made once and kept a while."""
    found = _small.get(digest)
    if found is None:
        with Image.open(BytesIO(content), formats=("JPEG",)) as picture:
            picture.thumbnail((SMALL_SIDE_PX, SMALL_SIDE_PX))
            buffer = BytesIO()
            picture.save(buffer, format="JPEG", quality=80)
        found = buffer.getvalue()
        _small.put(digest, found)
    return found


photo = guarded(_photo)
