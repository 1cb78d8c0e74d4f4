"""Front-end files, under an address that changes with their content."""

from __future__ import annotations

import mimetypes

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from dashboard.assets import STATIC_DIR, AssetMissing, asset_path, asset_version
from dashboard.routes.respond import IMMUTABLE, NO_STORE, SECURITY_HEADERS, NotFound, guarded


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name.endswith((".py", ".json")) or any(part.startswith(".") for part in name.split("/")):
        raise NotFound(f"没有前端文件 {name}")
    try:
        path = asset_path(name)
    except AssetMissing as error:
        raise NotFound(str(error)) from error
    # A page of before an upgrade may still ask under the old address: it gets the file, but may not keep it.
    current = request.path_params["version"] == asset_version(static_dir=STATIC_DIR)
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    headers = {**SECURITY_HEADERS, "Cache-Control": IMMUTABLE if current else NO_STORE}
    return FileResponse(path, media_type=media_type, headers=headers)


asset = guarded(_asset)
