"""How well the demo's departments, communities and months do: invented shares, so that figures differ.

Three communities are slack for ever, one class is hard to solve, odd months a little worse than even.
Everything follows from the seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from data.vocabulary import CODE_LENGTH, Level

SLACK_COMMUNITIES: Final = 3
HARD_CLASS: Final = "0802"
"""物业纠纷: the most frequent call to 12345, and the one that drags its rates down."""
CALLED_BACK_SHARE: Final[Mapping[str, float]] = {
    "12345": 0.86, "resident": 0.78, "12349": 0.8, "mailbox": 0.55, "superior": 0.15,
}  # fmt: skip
"""Share of closed cases, by source, whose reporter is called back and may appeal. The others are judged
within a day: on the next round of who patrolled, or by the command centre.
"""
NEVER_JUDGED_SHARE: Final = 0.003
"""Share of those others that nobody judges: they stay in 综合评价 until it leaves them out."""

_CHOSEN_FROM: Final = 20
_LATE_BY_DEPARTMENT: Final = {"D01": -0.015, "D02": 0.035, "D03": -0.01, "D07": 0.02, "D11": -0.02}
_SLOW_DEPARTMENTS: Final = {"D02": 0.025, "D07": 0.01}


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares of cases: late on purpose, accepted too late, solved, satisfied if solved."""

    late: float
    unanswered: float
    solved: float
    satisfied: float


class Qualities:
    """The shares of every place, department, class and day. ``slack``: codes of the slack communities."""

    def __init__(self, *, seed: int, residents: Mapping[str, int]) -> None:
        rng = np.random.default_rng([seed, 22])
        of_community: Counter[str] = Counter()
        for code, count in residents.items():
            of_community[code[: CODE_LENGTH[Level.COMMUNITY]]] += count
        biggest = [code for code, _ in sorted(of_community.items(), key=lambda one: (-one[1], one[0]))]
        chosen = rng.permutation(min(_CHOSEN_FROM, len(biggest)))[:SLACK_COMMUNITIES]
        self.slack = frozenset(biggest[int(place)] for place in chosen)

    def late_by(self, department_code: str) -> float:
        """By how much a department is later than the others."""
        return _LATE_BY_DEPARTMENT.get(department_code, 0.0)

    def of(self, *, class_code: str, department_code: str, code: str, day: date) -> Quality:
        """The shares for a case reported on a local day."""
        slack = code[: CODE_LENGTH[Level.COMMUNITY]] in self.slack
        hard = class_code == HARD_CLASS
        odd = day.month % 2
        return Quality(
            late=0.053 + self.late_by(department_code) + 0.25 * slack + 0.014 * odd,
            unanswered=0.008
            + _SLOW_DEPARTMENTS.get(department_code, 0.0)
            + 0.1 * slack
            + 0.05 * hard
            + 0.012 * odd,
            solved=0.94 - 0.3 * hard - 0.1 * slack - 0.04 * odd,
            satisfied=0.97 - 0.12 * hard - 0.05 * slack - 0.03 * odd,
        )
