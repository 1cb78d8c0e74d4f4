"""PMTiles archives: baked divisions and the local base map, read by byte range."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from dashboard import context
from dashboard.routes.respond import IMMUTABLE, SECURITY_HEADERS, NotFound, guarded

_NAME: Final = re.compile(r"[a-z0-9_]{1,64}-[0-9a-f]{12}")
_AN_HOUR: Final = "private, max-age=3600"


async def _division_archive(request: Request) -> Response:
    name = request.path_params["name"]
    path = context.settings().tiles_dir / f"{name}.pmtiles"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("没有这份区划图，可能已经更新：请刷新页面")
    return _archive(path, cache=IMMUTABLE)


async def _basemap_archive(_request: Request) -> Response:
    path = context.basemap_path()
    if path is None:
        raise NotFound("没有配置本地底图，或 ONEMAP_BASEMAP_URL 所指的文件不存在")
    return _archive(path, cache=_AN_HOUR)


def _archive(path: Path, *, cache: str) -> Response:
    """The file or the asked range of it, not compressed once more: ranges count the bytes of the file."""
    headers = {
        **SECURITY_HEADERS,
        "Cache-Control": cache,
        "Content-Encoding": "identity",
        "Accept-Ranges": "bytes",
    }
    return FileResponse(path, media_type="application/vnd.pmtiles", headers=headers)


division_archive = guarded(_division_archive)
basemap_archive = guarded(_basemap_archive)
