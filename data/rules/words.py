"""What a rule asks for, in words: for hints, for 怎么算的, and for the evidence of what it rang."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from data.labels import LEVEL, SOURCE
from data.queries.names import place_names
from data.rules.in_force import rules_in_force
from data.rules.parameters import RepeatRule, SurgeRule
from data.rules.store import RuleSpec
from data.vocabulary import RuleKind

MOST_RULES: Final = 4
"""So many rules are spelled out; of the rest the number is said."""
_NONE: Final = "这里没有启用的规则"


def rules_text(*, session: Session, kind: RuleKind, areas: tuple[str, ...] = ()) -> str:
    """The rules of a kind in force somewhere in these areas: names, where they hold, numbers."""
    return described(session, rules_in_force(session=session, kind=kind, areas=areas))


def described(session: Session, rules: Sequence[RuleSpec]) -> str:
    """These rules as one text; that there is none, where there is none."""
    shown = rules[:MOST_RULES]
    apart = {one.area for rule in shown for one in rule.replaced_by}
    names = place_names(session, ({rule.area for rule in shown} | apart) - {""})
    said = [f"“{rule.name}”（{_where(rule, names)}）{limits_text(rule)}" for rule in shown]
    rest = f"；另有 {len(rules) - MOST_RULES} 条规则" if len(rules) > MOST_RULES else ""
    return "；".join(said) + rest if said else _NONE


def _where(rule: RuleSpec, names: Mapping[str, str]) -> str:
    """全区，公平街道除外."""
    where = names.get(rule.area, "全区")
    apart = sorted(names[one.area] for one in rule.replaced_by)
    if len(apart) > MOST_RULES:
        return f"{where}，{len(apart)} 处除外"
    return f"{where}，{'、'.join(apart)}除外" if apart else where


def limits_text(rule: RuleSpec) -> str:
    """From when on a surge or a repeat is one; '' for other kinds."""
    wanted = rule.parameters
    if isinstance(wanted, SurgeRule):
        only = "、".join(SOURCE.get(source, source) for source in wanted.sources)
        return (
            f"一个{LEVEL[wanted.level]}的一个类别{f'（只数{only}）' if only else ''}"
            f"今日至少 {wanted.minimum} 件，"
            f"达到近 {wanted.weeks} 周同一星期几到此时中位数的 {wanted.times:g} 倍，"
            f"且高出 {wanted.deviations:g} 个标准差"
        )
    if isinstance(wanted, RepeatRule):
        return f"同一地点（约 40 米）同一类别 {wanted.days} 天内至少 {wanted.minimum} 件"
    return ""
