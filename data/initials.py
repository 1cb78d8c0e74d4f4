"""Pinyin initials, stored beside names so that 重庆渝中区 is found by ``cqyzq``."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin

MAX_INITIALS: Final = 64


@lru_cache(maxsize=65_536)
def initials(text: str) -> str:
    """Lower-case first letters of a name, at most 64; digits and Latin letters stay, other signs go."""
    letters = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
    return "".join(sign for sign in letters.lower() if sign.isascii() and sign.isalnum())[:MAX_INITIALS]
