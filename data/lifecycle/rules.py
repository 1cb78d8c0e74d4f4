"""The numbers of the loop, each with its bounds and where it comes from. A district changes them as data."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.lifecycle.errors import BadRule
from data.models import LoopRule

_RULE: Final[Table] = LoopRule.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """What a person is told about a number: its name, unit, bounds and origin."""

    label: str
    unit: str
    lowest: float
    highest: float
    origin: str


def _number(default: float, spec: RuleSpec) -> Any:
    return field(default=default, metadata={"spec": spec})


@dataclass(frozen=True, kw_only=True, slots=True)
class LoopRules:
    """The numbers in force."""

    duplicate_distance_m: float = _number(50.0, RuleSpec("疑似重复的最大距离", "米", 1, 1000, "本项目约定"))
    duplicate_hours: float = _number(72.0, RuleSpec("疑似重复的最大间隔", "小时", 1, 720, "本项目约定"))
    suspension_days: float = _number(365.0, RuleSpec("一件累计挂账的上限", "天", 1, 365, "挂账不超过一年"))
    extensions: float = _number(2.0, RuleSpec("一件延期的次数上限", "次", 0, 2, "延期不超过两次"))
    whistle_minutes: float = _number(
        30.0, RuleSpec("吹哨：应急处置的报到时限", "分钟", 5, 480, "吹哨报到机制")
    )
    whistle_days: float = _number(1.0, RuleSpec("吹哨：其他事由的报到时限", "工作日", 1, 10, "吹哨报到机制"))
    grid_reports_an_hour: float = _number(
        30.0, RuleSpec("居民扫码：一个网格每小时的上报上限", "件", 1, 10_000, "本项目约定")
    )
    address_reports_an_hour: float = _number(
        10.0, RuleSpec("居民扫码：同一网络地址每小时的上报上限", "件", 1, 10_000, "本项目约定")
    )


SPECS: Final[dict[str, RuleSpec]] = {one.name: one.metadata["spec"] for one in fields(LoopRules)}


def read_rules(session: Session) -> LoopRules:
    """The numbers in force: what the district changed, and the defaults for the rest."""
    rows = session.connection().execute(select(_RULE.c.key, _RULE.c.value))
    return LoopRules(**{row.key: row.value for row in rows if row.key in SPECS})


def change_rule(session: Session, *, key: str, value: float, at: datetime, actor: str) -> None:
    """Puts a number in force, in the caller's write session.

    Raises:
        BadRule: no such number, or outside its bounds.
    """
    spec = SPECS.get(key)
    if spec is None:
        raise BadRule(f"没有“{key}”这条规则。可改的是：{'、'.join(SPECS)}")
    if not spec.lowest <= value <= spec.highest:
        raise BadRule(
            f"{spec.label}不能是 {value:g} {spec.unit}：应在 {spec.lowest:g} 到 {spec.highest:g} 之间"
        )
    session.merge(LoopRule(key=key, value=value, changed_at=at, actor=actor))
