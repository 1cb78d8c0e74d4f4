"""From when on something calls for attention on the overview: the numbers behind surges and repeats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from data.numbers import NumberSpec, number, read_numbers, specs_of

_OURS: Final = "本项目约定"


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertLimits:
    """The numbers in force for ``surges`` and ``repeats``."""

    surge_weeks: float = number(
        4.0, NumberSpec("突增：与前几周同一星期几相比", "周", 2, 12, _OURS, whole=True)
    )
    surge_minimum: float = number(4.0, NumberSpec("突增：当天至少", "件", 1, 1000, _OURS, whole=True))
    surge_times: float = number(
        3.0, NumberSpec("突增：达到平均的", "倍", 1, 100, "黄色风险示例：环比增加 200%")
    )
    surge_deviations: float = number(3.0, NumberSpec("突增：超出平均的标准差个数", "个", 0, 10, _OURS))
    repeat_minimum: float = number(3.0, NumberSpec("反复：同一处同一类至少", "件", 2, 100, _OURS, whole=True))
    repeat_days: float = number(30.0, NumberSpec("反复：在多少天之内", "天", 2, 180, _OURS, whole=True))


ALERT_SPECS: Final[dict[str, NumberSpec]] = specs_of(AlertLimits)


def read_alert_limits(*, session: Session) -> AlertLimits:
    """The numbers in force."""
    return read_numbers(session, AlertLimits)
