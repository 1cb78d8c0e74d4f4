"""Uploads as files: each under its own name in a folder of its content, forgotten a day after the last use.

They hold the rows of people as they came; what was imported stands in the database, so they need not stay.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

KEPT_SECONDS: Final = 24 * 60 * 60
_UNSAFE: Final = re.compile(r"[^\w.\-]+")
_NAME_LENGTH: Final = 70
_SUFFIX_LENGTH: Final = 10


def keep_upload(folder: Path, *, name: str, data: bytes, digest: str) -> Path:
    """The file of an upload with the SHA-256 ``digest``. Those that nobody has used for a day are removed."""
    _forget_old(folder)
    own = folder / digest[:16]
    path = own / safe_name(name)
    own.mkdir(parents=True, exist_ok=True)
    os.utime(own)
    if not path.is_file():
        path.write_bytes(data)
    return path


def safe_name(name: str) -> str:
    """A file name without folders and signs that a shell or a file system could take for something else."""
    plain = Path(_UNSAFE.sub("_", Path(name).name).lstrip("."))
    return (plain.stem[:_NAME_LENGTH] or "upload") + plain.suffix[:_SUFFIX_LENGTH]


def _forget_old(folder: Path) -> None:
    if not folder.is_dir():
        return
    for own in folder.iterdir():
        with suppress(OSError):  # another process may have removed it
            if time.time() - own.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(own)
