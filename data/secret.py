"""The secret of a deployment: what tokens are derived from. Never shown, never logged, never in the database.

``ONEMAP_SECRET`` where it is set; otherwise a file that is made once, which only its owner can read. Who
loses it has to print every QR code again.
"""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import b32encode
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from data.settings import MIN_SECRET, Settings, SettingsError

FILE_NAME: Final = "secret"
_BYTES: Final = 32
_SIGN_BYTES: Final = 10
"""80 bits: 16 letters, which nobody finds by trying."""


def read_secret(settings: Settings) -> bytes:
    """The secret, made where there is none yet. Two processes that start at once agree on one.

    Raises:
        SettingsError: the file cannot be made or read, or is too short to be what was made.
    """
    if settings.secret:
        return settings.secret.encode()
    path = settings.var_dir / FILE_NAME
    try:
        if not path.is_file():
            _make(path)
        found = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"密钥文件 {path} 不能读写（{error.strerror}）。请检查权限，或用 ONEMAP_SECRET 指定密钥"
        ) from error
    if len(found) < MIN_SECRET:
        raise SettingsError(
            f"密钥文件 {path} 已损坏：请用备份恢复。没有备份时删去它会生成新的密钥，已张贴的二维码随之失效"
        )
    return found


def sign(secret: bytes, *parts: str) -> str:
    """Sixteen letters (a–z, 2–7) that only who has the secret can make of these parts."""
    body = "\0".join(parts).encode()
    return b32encode(hmac.new(secret, body, sha256).digest()[:_SIGN_BYTES]).decode().lower()


def same(one: str, other: str) -> bool:
    """Compares in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:  # made with mode 600
        file.write(secrets.token_hex(_BYTES).encode())
        file.flush()
        os.fsync(file.fileno())
    made = Path(file.name)
    try:
        path.hardlink_to(made)  # fails where another process was quicker: then its secret holds
    except FileExistsError:
        pass
    finally:
        made.unlink()
