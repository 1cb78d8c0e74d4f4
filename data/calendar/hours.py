"""Working hours of a working day, as people write them: ``09:00-12:00 13:00-18:00``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from data.calendar.errors import BadHours

Span = tuple[int, int]
"""Minutes after the local midnight, half open."""
DEFAULT_HOURS: Final = "09:00-12:00 13:00-18:00"
"""Of a district that has entered none (ours)."""
WARN_SHARE: Final = 0.25
"""A case is 临期 when no more than this share of its limit is left (ours); a district may enter another."""
_MINUTES_A_DAY: Final = 24 * 60
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", re.ASCII)
_SAME: Final = str.maketrans(
    dict.fromkeys("～〜~—–－至到", "-") | {"：": ":"} | dict.fromkeys("；;，,、\u3000\t\n", " ")
)


@dataclass(frozen=True, slots=True)
class WorkHours:
    """Working hours from a local day on, and the share of a limit that counts as 临期 from then on."""

    valid_from: date
    spans: tuple[Span, ...]
    warn_share: float = WARN_SHARE


def parse_spans(text: str) -> tuple[Span, ...]:
    """Reads working hours; spans in order of time. Full-width signs are fine.

    Raises:
        BadHours: a part that is no span, spans that overlap, or none at all.
    """
    parts = re.sub(r"\s*-\s*", "-", text.translate(_SAME)).split()
    spans = tuple(sorted(_span(part, text) for part in parts))
    if not spans:
        raise BadHours(f"工作时间没有填写：请写作 {DEFAULT_HOURS}")
    for before, after in pairwise(spans):
        if after[0] < before[1]:
            raise BadHours(
                f"工作时间“{text.strip()}”中 {spell(before)} 与 {spell(after)} 重叠：请改成先后相接"
            )
    return spans


def _span(part: str, whole: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise BadHours(f"工作时间“{whole.strip()}”中的“{part}”看不懂：请写作 {DEFAULT_HOURS}")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    begins, ends = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if max(from_minute, to_minute) > 59 or ends > _MINUTES_A_DAY:
        raise BadHours(f"工作时间“{part}”不是一天里的时间：小时应为 0–24，分钟应为 00–59")
    if ends <= begins:
        raise BadHours(f"工作时间“{part}”的结束不晚于开始：跨夜值守请用“紧急工作时”计时")
    return begins, ends


def spell_spans(spans: tuple[Span, ...]) -> str:
    """The one spelling that :func:`parse_spans` reads back."""
    return " ".join(map(spell, spans))


def spell(span: Span) -> str:
    """One span in words."""
    return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in span)
