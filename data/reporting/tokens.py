"""Tokens: each says what it is for and carries a sign that only this deployment can make.

- of a grid, on its QR code: the code and its sign, for as long as the secret lasts;
- of a form: made when it opens, good for a day and for one case, bound to who or where it was opened;
- a receipt: derived from its form, so that a form that is sent twice has one receipt though none is kept.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from data.lifecycle.report import NUMBER_LETTERS
from data.reporting.errors import BadToken, TokenExpired
from data.secret import same, sign

FORM_LASTS: Final = timedelta(hours=24)
_GRID: Final = re.compile(r"(\d{15,18})-([a-z2-7]{16})", re.ASCII)
_FORM: Final = re.compile(r"([a-z0-9]{20})\.([0-9]{10,11})\.([a-z2-7]{16})", re.ASCII)
_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_SPOKEN: Final = str.maketrans(_BASE32, NUMBER_LETTERS)
"""The 32 letters of a sign as those that nobody mistakes for another when they are read out."""
_RECEIPT: Final = re.compile(f"[{NUMBER_LETTERS}]{{16}}", re.ASCII)


def grid_token(secret: bytes, code: str) -> str:
    """What the QR code of a grid says."""
    return f"{code}-{sign(secret, 'grid', code)}"


def grid_of(secret: bytes, token: str) -> str:
    """The code of the grid whose QR code this is. Raises BadToken."""
    found = _GRID.fullmatch(token)
    if found is None or not same(found[2], sign(secret, "grid", found[1])):
        raise BadToken("这个二维码无效，可能没有扫完整，或不是本区的。请重新扫码；紧急情况请拨打 12345")
    return found[1]


def new_form(secret: bytes, *, scope: str, at: datetime) -> str:
    """A token for one form. ``scope``: where or by whom it was opened; it is good there only."""
    nonce, seconds = secrets.token_hex(10), str(int(at.timestamp()))
    return f"{nonce}.{seconds}.{sign(secret, 'form', scope, nonce, seconds)}"


def check_form(secret: bytes, token: str, *, scope: str, at: datetime) -> None:
    """Passes when the form was opened here, within a day.

    Raises:
        BadToken: not made here, or for somewhere or somebody else.
        TokenExpired: opened too long ago.
    """
    found = _FORM.fullmatch(token)
    if found is None or not same(found[3], sign(secret, "form", scope, found[1], found[2])):
        raise BadToken("这张表单无效：请回到上报页重新打开，再填一次")
    if not timedelta(minutes=-5) <= at - datetime.fromtimestamp(int(found[2]), at.tzinfo) <= FORM_LASTS:
        raise TokenExpired("这张表单打开已超过一天：请重新打开上报页，再填一次")


def receipt_of(secret: bytes, form: str) -> str:
    """The receipt of the case that a form became: sixteen letters (80 bits), the same each time."""
    return sign(secret, "receipt", form).translate(_SPOKEN)


def shown_receipt(receipt: str) -> str:
    """A receipt in groups of four, as people read it out."""
    return "-".join(receipt[start : start + 4] for start in range(0, len(receipt), 4))


def typed_receipt(text: str) -> str:
    """A receipt as somebody typed it, small letters and groups and all; '' where it can be none."""
    plain = re.sub(r"[\s-]", "", text).upper()
    return plain if _RECEIPT.fullmatch(plain) else ""


def hash_of(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()
