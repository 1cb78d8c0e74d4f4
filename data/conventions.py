"""From when on a rate counts, an alert rings and an act stays done: conventions beside the loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from data.numbers import NumberSpec, number, read_numbers, specs_of

_OURS: Final = "本项目约定"


@dataclass(frozen=True, kw_only=True, slots=True)
class Conventions:
    """The numbers in force for ranking, baselines, ringing and taking back."""

    minimum_sample: float = number(
        10.0,
        NumberSpec(
            "排名：不足多少件（次）只列数、不排名", "件", 1, 1000, _OURS, whole=True,
            note="用于吹哨的部门名次，也是新建指标的默认值。按期结案率在一图统览的排序和着色，"
            "用的是“效能”里该指标自己的最小样本；那里停用了，才用这个数。",
        ),
    )  # fmt: skip
    trend_weeks: float = number(
        8.0,
        NumberSpec(
            "效能：没有固定基准的指标，与前几周的中位数相比", "周", 2, 26, _OURS, whole=True,
            note="至少要有一半的周有数，才算得出基准。",
        ),
    )  # fmt: skip
    alert_cap: float = number(
        200.0,
        NumberSpec(
            "预警：一条规则超过多少起，按街道合并提醒", "起", 10, 10_000, _OURS, whole=True,
            note="下次评估起生效：已响起的会随之合并或分开。",
        ),
    )  # fmt: skip
    order_hours: float = number(
        24.0,
        NumberSpec("整改指令：派遣规则没有写时限的，时限为", "小时", 0.5, 8784, _OURS),
    )
    undo_hours: float = number(
        24.0, NumberSpec("解除的预警、吹哨的上一步：多久之内可以撤销", "小时", 1, 720, _OURS)
    )

    @property
    def undo_within(self) -> timedelta:
        """How long a resolution of an alert, or an act on a whistle, can be taken back."""
        return timedelta(hours=self.undo_hours)

    @property
    def undo_text(self) -> str:
        """The same in words: ``24 小时``."""
        return CONVENTION_SPECS["undo_hours"].text(self.undo_hours)


CONVENTION_SPECS: Final[dict[str, NumberSpec]] = specs_of(Conventions)


def read_conventions(*, session: Session) -> Conventions:
    """The numbers in force."""
    return read_numbers(session, Conventions)
