"""The numbers of the loop, each with its bounds and where it comes from. A district changes them as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from data.lifecycle.errors import BadRule
from data.models import LoopRule
from data.numbers import NumberSpec, number, read_numbers, specs_of

_LADDER_NOTE: Final = "只用于此后吹的哨；已经吹的按吹哨时的数，工作日历变动后重算也是。"


@dataclass(frozen=True, kw_only=True, slots=True)
class LoopRules:
    """The numbers in force."""

    duplicate_distance_m: float = number(50.0, NumberSpec("疑似重复的最大距离", "米", 1, 1000, "本项目约定"))
    duplicate_hours: float = number(72.0, NumberSpec("疑似重复的最大间隔", "小时", 1, 720, "本项目约定"))
    suspension_days: float = number(365.0, NumberSpec("一件累计挂账的上限", "天", 1, 365, "挂账不超过一年"))
    extensions: float = number(
        2.0, NumberSpec("一件延期的次数上限", "次", 0, 2, "延期不超过两次", whole=True)
    )
    whistle_minutes: float = number(
        30.0, NumberSpec("吹哨：应急处置的报到时限", "分钟", 5, 480, "吹哨报到机制", note=_LADDER_NOTE)
    )
    whistle_days: float = number(
        1.0,
        NumberSpec(
            "吹哨：其他事由的报到时限", "工作日", 1, 10, "吹哨报到机制", whole=True, note=_LADDER_NOTE
        ),
    )
    whistle_half_share: float = number(
        50.0,
        NumberSpec(
            "吹哨：报到时限过多少还没报到，转为黄色", "%", 10, 90, "本项目约定", whole=True, note=_LADDER_NOTE
        ),
    )
    whistle_second_times: float = number(
        2.0,
        NumberSpec(
            "吹哨：报到时限的多少倍还没报到，提请区级协调", "倍", 2, 10, "本项目约定", whole=True,
            note=_LADDER_NOTE,
        ),
    )  # fmt: skip
    whistle_passing: float = number(
        60.0, NumberSpec("吹哨：评分低于多少要写理由", "分", 0, 100, "本项目约定", whole=True)
    )
    whistle_scored_days: float = number(
        365.0, NumberSpec("吹哨：部门名次统计近多少天", "天", 30, 3660, "本项目约定", whole=True)
    )
    grid_reports_an_hour: float = number(
        30.0, NumberSpec("居民扫码：一个网格每小时的上报上限", "件", 1, 10_000, "本项目约定", whole=True)
    )
    grid_tolerance_m: float = number(
        200.0, NumberSpec("居民扫码：离本网格多远以内还可上报", "米", 0, 5000, "本项目约定")
    )
    address_reports_an_hour: float = number(
        10.0, NumberSpec("居民扫码：同一网络地址每小时的上报上限", "件", 1, 10_000, "本项目约定", whole=True)
    )
    address_looks_an_hour: float = number(
        120.0,
        NumberSpec("居民查进度：同一网络地址每小时的查询上限", "次", 1, 10_000, "本项目约定", whole=True),
    )
    address_misses_an_hour: float = number(
        20.0,
        NumberSpec("居民查进度：同一网络地址每小时查不到的上限", "次", 1, 1000, "本项目约定", whole=True),
    )
    receipt_looks_an_hour: float = number(
        60.0, NumberSpec("居民查进度：同一回执号每小时的打开上限", "次", 1, 10_000, "本项目约定", whole=True)
    )
    evaluation_self_weight: float = number(10.0, NumberSpec("考评：自评的权重", "%", 0, 100, "本项目约定"))
    evaluation_peer_weight: float = number(20.0, NumberSpec("考评：互评的权重", "%", 0, 100, "本项目约定"))
    evaluation_public_weight: float = number(
        50.0, NumberSpec("考评：群众评的权重", "%", 0, 100, "居民满意度权重由 30% 提到 50%")
    )
    evaluation_third_party_weight: float = number(
        20.0, NumberSpec("考评：第三方评的权重", "%", 0, 100, "本项目约定")
    )
    evaluation_open_days: float = number(
        10.0, NumberSpec("考评：周期结束后还可评的天数", "天", 0, 60, "本项目约定", whole=True)
    )
    evaluation_minimum: float = number(
        10.0, NumberSpec("考评：参加排名的最少评价数", "个", 1, 1000, "本项目约定", whole=True)
    )
    evaluation_good: float = number(90.0, NumberSpec("考评：优秀的最低分", "分", 0, 100, "本项目约定"))
    evaluation_pass: float = number(60.0, NumberSpec("考评：合格的最低分", "分", 0, 100, "本项目约定"))
    contact_reveals_an_hour: float = number(
        10.0, NumberSpec("查看居民联系电话：一人每小时的上限", "次", 1, 1000, "本项目约定", whole=True)
    )


SPECS: Final[dict[str, NumberSpec]] = specs_of(LoopRules)


def read_rules(session: Session) -> LoopRules:
    """The numbers in force: what the district changed, and the defaults for the rest."""
    return read_numbers(session, LoopRules)


def change_rule(session: Session, *, key: str, value: float, at: datetime, actor: str) -> None:
    """Puts a number in force, in the caller's write session.

    Raises:
        BadRule: no such number, or outside its bounds.
    """
    spec = SPECS.get(key)
    if spec is None:
        raise BadRule(f"没有“{key}”这条规则。可改的是：{'、'.join(SPECS)}")
    if problem := spec.problem(value):
        raise BadRule(problem)
    session.merge(LoopRule(key=key, value=value, changed_at=at, actor=actor))
