"""What was filled in for a move, checked: names, kinds, lengths. The rules of the loop come after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from data.labels import MOVE, ROUTE_COLOR
from data.lifecycle.attachments import KeptFile
from data.lifecycle.errors import BadFields, Rule
from data.lifecycle.moves import MOVES, MoveField
from data.vocabulary import Move

REASON_LENGTH: Final = 512
MOST_FILES: Final = 9
FIELD_LABEL: Final[dict[str, str]] = {
    MoveField.REASON: "说明",
    MoveField.ROUTE_COLOR: "处置颜色",
    MoveField.DEPARTMENT: "承办部门",
    MoveField.HANDLER: "经办人",
    MoveField.SUSPENDED_UNTIL: "挂账截止时间",
    MoveField.MERGED_INTO: "并入的事件",
    MoveField.SOLVED: "是否解决",
    MoveField.SATISFIED: "是否满意",
    MoveField.FILES: "附件",
    MoveField.ARRIVED_AT: "到场时间",
}


def checked_fields(given: Mapping[str, Any], *, move: Move, event_id: int) -> dict[str, Any]:
    """The fields of a move without those that are empty; texts without blanks around them.

    Raises:
        BadFields: a field that the move does not take, that is not what it should be, or that is missing.
    """
    rule = MOVES[move]
    known = {each.value for each in (*rule.needs, *rule.takes)}
    found: dict[str, Any] = {}
    for name, value in given.items():
        kept = value.strip() if isinstance(value, str) else value
        if kept is None or kept in ("", [], ()):
            continue
        problem = None if name in known else f"“{MOVE[move]}”不需要填写{FIELD_LABEL.get(name, name)}"
        problem = problem or _CHECKS[MoveField(name)](kept)
        if problem:
            raise BadFields(problem, rule=Rule.FIELDS, move=move, event_id=event_id)
        found[name] = kept
    missing = [FIELD_LABEL[name] for name in rule.needs if name.value not in found]
    if missing:
        sentence = f"“{MOVE[move]}”需要填写{'、'.join(missing)}"
        raise BadFields(sentence, rule=Rule.FIELDS, move=move, event_id=event_id)
    return found


def _text(most: int) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"这里应填文字，得到的是 {value!r}"
        if len(value) > most:
            return f"文字过长：{len(value)} 字，最多 {most} 字"
        return None

    return check


def _color(value: Any) -> str | None:
    if isinstance(value, str) and value in ROUTE_COLOR:
        return None
    return f"没有“{value}”这种处置颜色，可选：{'、'.join(ROUTE_COLOR.values())}"


def _moment(what: str) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        if not isinstance(value, datetime):
            return f"{what}应是时间，得到的是 {value!r}"
        return None if value.tzinfo is not None else f"时间 {value} 没有时区，请带上时区"

    return check


def _number(value: Any) -> str | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return None if is_number else f"事件编号应是正整数，得到的是 {value!r}"


def _somebody(value: Any) -> str | None:
    """The number of a row of the staff table, or a name."""
    if isinstance(value, str):
        return _text(64)(value)
    return None if _number(value) is None else f"人员编号应是正整数，得到的是 {value!r}"


def _yes_no(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"这里应填是或否，得到的是 {value!r}"


def _files(value: Any) -> str | None:
    if not isinstance(value, list | tuple) or not all(isinstance(one, KeptFile) for one in value):
        return "附件没有保存成功，请重新上传"
    return None if len(value) <= MOST_FILES else f"附件最多 {MOST_FILES} 个，得到 {len(value)} 个"


_CHECKS: Final[Mapping[MoveField, Callable[[Any], str | None]]] = {
    MoveField.REASON: _text(REASON_LENGTH),
    MoveField.ROUTE_COLOR: _color,
    MoveField.DEPARTMENT: _text(32),
    MoveField.HANDLER: _somebody,
    MoveField.SUSPENDED_UNTIL: _moment("挂账截止"),
    MoveField.MERGED_INTO: _number,
    MoveField.SOLVED: _yes_no,
    MoveField.SATISFIED: _yes_no,
    MoveField.FILES: _files,
    MoveField.ARRIVED_AT: _moment("到场时间"),
}
