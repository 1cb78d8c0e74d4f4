"""The text of a notice: place, rule, number, link. Titles that a person typed are left out: they may name
somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Row, Table, select
from sqlmodel import Session

from data.models import Alert, Rule
from data.notices.words import About
from data.queries.names import place_names
from data.rules.by_hand import REPORTED
from data.vocabulary import RiskColor, RuleKind

_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_RULE: Final[Table] = Rule.__table__  # type: ignore[attr-defined]
_COLOR: Final = {RiskColor.RED: "红色", RiskColor.YELLOW: "黄色", RiskColor.BLUE: "蓝色"}
_TYPED_BY_PEOPLE: Final = {RuleKind.OVERDUE_LADDER, RuleKind.WHISTLE_LADDER, RuleKind.EVENT_CLASS}
"""Rules whose titles repeat the title of a case or a whistle."""
_REPORTED: Final = "人工上报"
MOST_LINES: Final = 15


@dataclass(frozen=True, kw_only=True)
class Line:
    """One alert, ready to be told. ``link`` '' where no public address is set."""

    alert_id: int
    color: RiskColor
    text: str
    link: str
    place: str
    rule: str
    is_drill: bool


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is handed over in one piece. ``key`` is the same whenever the same notices are tried again."""

    key: str
    title: str
    text: str
    lines: tuple[Line, ...]


def read_lines(session: Session, *, told: Sequence[tuple[int, About]], public_url: str) -> list[Line]:
    """The lines of these alerts, the worst first."""
    found = session.connection().execute(
        select(_ALERT, _RULE.c.name.label("rule_name"), _RULE.c.kind)
        .join(_RULE, _RULE.c.id == _ALERT.c.rule_id, isouter=True)
        .where(_ALERT.c.id.in_({alert_id for alert_id, _ in told}))
    )
    rows = {row.id: row for row in found}
    places = place_names(session, {row.code for row in rows.values() if row.code})
    lines = [
        _line(rows[alert_id], about, places.get(rows[alert_id].code, "全区"), public_url)
        for alert_id, about in told
        if alert_id in rows
    ]
    return sorted(lines, key=lambda line: (list(RiskColor).index(line.color), line.alert_id))


def compose(lines: Sequence[Line], *, key: str) -> Message:
    """One message for one alert or for many; the longest is ``MOST_LINES`` alerts and how many there are."""
    if len(lines) == 1:
        title = _sign(lines[0])
        body = [f"{title}{lines[0].text}", f"编号：预警 {lines[0].alert_id}"]
        body += [lines[0].link] if lines[0].link else []
        return Message(key=key, title=f"{title}{lines[0].text}"[:60], text="\n".join(body), lines=(lines[0],))
    counts = "、".join(
        f"{name} {number} 起"
        for color, name in _COLOR.items()
        if (number := sum(line.color is color for line in lines))
    )
    title = f"【预警汇总】{len(lines)} 起：{counts}"
    body = [title]
    for line in lines[:MOST_LINES]:
        body.append(f"{_sign(line)}{line.text}（预警 {line.alert_id}）")
    if len(lines) > MOST_LINES:
        body.append(f"另有 {len(lines) - MOST_LINES} 起，请到“预警”页查看")
    link = lines[0].link.partition("?")[0]
    return Message(key=key, title=title, text="\n".join(body + ([link] if link else [])), lines=tuple(lines))


def test_message(*, key: str, at: datetime) -> Message:
    """What a test says; ``at`` is shown as it is, so it should be local."""
    text = f"【测试】一图统览的预警通知可以送到这里。{at:%Y-%m-%d %H:%M}"
    return Message(key=key, title="【测试】预警通知", text=text, lines=())


def _sign(line: Line) -> str:
    return f"【演练·{_COLOR[line.color]}】" if line.is_drill else f"【{_COLOR[line.color]}预警】"


def _line(row: Row[tuple[object, ...]], about: About, place: str, public_url: str) -> Line:
    by_hand = row.cause.startswith(REPORTED)
    rule = row.rule_name or ("演练" if row.is_drill else _REPORTED if by_hand else "")
    if row.is_drill:
        text = f"{place} 演练，不是真实预警"
    elif by_hand:
        text = f"{place} {_REPORTED}的{_COLOR[RiskColor(row.color)]}风险，详情请在系统中查看"
    elif row.kind in _TYPED_BY_PEOPLE and not row.cause.startswith("area:"):
        text = f"{place} {rule}：{row.detail}"
    else:
        text = row.title
    return Line(
        alert_id=row.id, color=RiskColor(row.color), place=place, rule=rule, is_drill=row.is_drill,
        text=f"方案已超时限，还没有登记：{text}" if about is About.PLAN else text,
        link=f"{public_url}/alerts?ring={row.id}" if public_url else "",
    )  # fmt: skip
