"""A code prefix is an area: levels, parents and ranges of statistical codes.

6 digits district (GB/T 2260), 9 street, 12 community, 15 grid. The empty prefix is everything,
including events that lie in no division.
"""

from __future__ import annotations

from data.vocabulary import CODE_LENGTH, Level

LEVELS = tuple(Level)
AFTER_DIGITS = ":"
"""The character after ``9``: closes a prefix range, since codes are digits only."""


def level_of(code: str) -> Level | None:
    """Level of a code by its length; None for the empty prefix. Raises ``ValueError`` on other lengths."""
    if not code:
        return None
    for level, length in CODE_LENGTH.items():
        if len(code) == length:
            return level
    raise ValueError(f"区划代码 {code} 的位数不对：应为 6（区）、9（街道）、12（社区）或 15（网格）位")


def child_level(code: str) -> Level | None:
    """The level below ``code``; the district level for the empty prefix, None below a grid."""
    level = level_of(code)
    if level is None:
        return Level.DISTRICT
    position = LEVELS.index(level) + 1
    return LEVELS[position] if position < len(LEVELS) else None


def parent_of(code: str) -> str:
    """The code one level up; the empty prefix above a district."""
    level = level_of(code)
    if level is None or level is Level.DISTRICT:
        return ""
    return code[: CODE_LENGTH[LEVELS[LEVELS.index(level) - 1]]]


def ancestors(code: str) -> list[str]:
    """Codes from the district down to ``code`` itself."""
    return [code[:length] for length in CODE_LENGTH.values() if length <= len(code)]


def prefix_range(prefix: str) -> tuple[str, str]:
    """Bounds ``(low, high)`` so that ``low <= code < high`` holds for exactly the codes under ``prefix``."""
    return prefix, prefix + AFTER_DIGITS


def minimal(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """The same area as a sorted set of prefixes none of which contains another."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return tuple(kept)
