"""Photos of a case: taken only as pictures, kept without anything that says where or by whom they were taken.

A photo is decoded and written anew as a JPEG: what a camera writes beside the picture (position, device,
owner, preview) is left behind with whatever else a file may hide. It is kept under the SHA-256 of what was
written, once however often it comes. The log's entry names the hash, so that the chain covers the picture.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlmodel import Session

from data.lifecycle.errors import BadAttachment
from data.models import EventAttachment

KINDS: Final = ("JPEG", "PNG", "WEBP")
MIME: Final = "image/jpeg"
MOST_BYTES: Final = 15 * 1024 * 1024
"""A phone's photo has 3 to 8 MB."""
MOST_PIXELS: Final = 60_000_000
"""What a larger picture takes in memory could end the server."""
LONGEST_SIDE_PX: Final = 2560
_QUALITY: Final = 85
_UNREADABLE: Final = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptFile:
    """A file that was taken and stands under its hash."""

    sha256: str
    mime: str
    size_bytes: int
    width: int
    height: int


def keep_photo(folder: Path, data: bytes) -> KeptFile:
    """Keeps a photo (JPEG, PNG or WebP) in ``folder`` (``Settings.attachment_dir``), without its metadata.

    Raises:
        BadAttachment: not a picture of these kinds, damaged, too large, or the folder cannot be written.
    """
    if len(data) > MOST_BYTES:
        raise BadAttachment(
            f"照片有 {len(data) / 1e6:.1f} MB，最多 {MOST_BYTES // 1024 // 1024} MB。请缩小后再传"
        )
    picture = _clean(data)
    buffer = BytesIO()
    picture.save(buffer, format="JPEG", quality=_QUALITY, optimize=True)
    written = buffer.getvalue()
    digest = sha256(written).hexdigest()
    _store(path_of(folder, digest), written)
    return KeptFile(
        sha256=digest, mime=MIME, size_bytes=len(written), width=picture.width, height=picture.height
    )


def path_of(folder: Path, digest: str) -> Path:
    """Where a kept file stands."""
    return folder / digest[:2] / f"{digest}.jpg"


def note_files(
    session: Session, *, event_id: int, log_seq: int, files: Sequence[KeptFile], at: datetime, actor: str
) -> None:
    """Notes kept files as attachments that came with an entry of a log."""
    for one in files:
        session.add(
            EventAttachment(
                event_id=event_id,
                log_seq=log_seq,
                sha256=one.sha256,
                mime=one.mime,
                size_bytes=one.size_bytes,
                width=one.width,
                height=one.height,
                created_at=at,
                actor=actor,
            )
        )


def _clean(data: bytes) -> Image.Image:
    """The picture alone, turned upright, at most ``LONGEST_SIDE_PX`` long."""
    try:
        with Image.open(BytesIO(data), formats=KINDS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadAttachment(f"照片有 {opened.width}×{opened.height} 像素，太大。请缩小后再传")
            opened.load()
            upright = ImageOps.exif_transpose(opened)
    except _UNREADABLE as error:
        raise BadAttachment("这不是可用的照片，或文件已损坏。请上传 JPEG、PNG 或 WebP 照片") from error
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        flat = Image.new("RGB", upright.size, "white")
        flat.paste(upright, mask=upright.convert("RGBA").getchannel("A"))
        return flat
    return Image.frombytes("RGB", upright.size, upright.convert("RGB").tobytes())


def _store(path: Path, data: bytes) -> None:
    """Writes the file, or touches one that is there: what was just touched is in nobody's way
    (``data.lifecycle.attachment_check``).
    """
    with suppress(OSError):
        os.utime(path)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except OSError as error:
        raise BadAttachment(
            f"照片没能保存（{error.strerror}）。请检查磁盘空间和 {path.parent} 的写权限"
        ) from error
