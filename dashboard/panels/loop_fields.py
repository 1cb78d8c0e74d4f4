"""What a move asks for, as widgets: each field of ``lifecycle.moves`` once, for one case and for many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import streamlit as st

from dashboard.panels.duty_acts import Choices, department_choices
from dashboard.state import Screen
from data.labels import MOVE, ROUTE_COLOR
from data.lifecycle import MoveField, Person, keep_photo, who_may_handle
from data.lifecycle.attachments import KINDS, MOST_BYTES
from data.lifecycle.filled import FIELD_LABEL, MOST_FILES, REASON_LENGTH
from data.models import Event
from data.queries.rows import EventRow
from data.vocabulary import Move

Fields = dict[str, Any]
_YESTERDAY, _TOO_LONG = -1, 3_660
"""Days of a suspension beyond which it makes no difference: its rule refuses them."""
_YES: Final = {True: "是", False: "否"}


def ask_fields(
    screen: Screen,
    fields: Sequence[MoveField],
    *,
    needs: Sequence[MoveField],
    key: str,
    move: Move,
    row: EventRow | None = None,
    options: Mapping[MoveField, Choices] | None = None,
) -> Fields:
    """The widgets of a form and what they hold; photos as they were uploaded (see :func:`with_photos`).

    ``options`` gives the choices of fields that depend on the case.
    """
    found: Fields = {}
    for field in fields:
        title = FIELD_LABEL[field] + ("" if field in needs else "（可不填）")
        choices = (options or {}).get(field)
        widget = _WIDGETS[field]
        found[field.value] = widget(screen, title, f"{key}_{field.value}", _Asked(move, row, choices))
    return found


class _Asked:
    """What a widget may want to know beside its title."""

    def __init__(self, move: Move, row: EventRow | None, choices: Choices | None) -> None:
        self.move = move
        self.row = row
        self.choices = choices or {}


def _reason(_screen: Screen, title: str, key: str, _asked: _Asked) -> str:
    return str(st.text_area(title, key=key, max_chars=REASON_LENGTH, height=92))


def _color(_screen: Screen, title: str, key: str, _asked: _Asked) -> str | None:
    return st.radio(
        title, list(ROUTE_COLOR), index=None, format_func=ROUTE_COLOR.__getitem__, key=key, horizontal=True
    )


def _department(screen: Screen, title: str, key: str, asked: _Asked) -> str:
    first = "请选择" if asked.move is Move.REASSIGN else "按派遣规则"
    options = {"": asked.choices.get("", first), **department_choices(screen)}
    return str(st.selectbox(title, list(options), format_func=options.__getitem__, key=key))


def _choice(_screen: Screen, title: str, key: str, asked: _Asked) -> str | None:
    names = asked.choices
    return st.selectbox(
        title, list(names), index=None, format_func=names.__getitem__, key=key, placeholder="请选择"
    )


def _number_of(screen: Screen, title: str, key: str, asked: _Asked) -> int | None:
    chosen = _choice(screen, title, key, asked)
    return int(chosen) if chosen else None


def _until(screen: Screen, _title: str, key: str, _asked: _Asked) -> datetime:
    days = st.number_input("挂账天数（到期那天结束时自动恢复，累计不超过一年）", value=7, step=1, key=key)
    last = screen.today + timedelta(days=min(int(days), _TOO_LONG) if days >= 1 else _YESTERDAY)
    return datetime.combine(last, time(23, 59, 59), tzinfo=screen.zone)


def _arrived(screen: Screen, title: str, key: str, _asked: _Asked) -> datetime | None:
    """The day is today unless said; without a time nothing is noted."""
    left, right = st.columns(2)
    with left:
        day = st.date_input("到场日期", screen.today, max_value=screen.today, key=f"{key}_day")
    with right:
        at = st.time_input(title, None, step=timedelta(minutes=1), key=key)
    return datetime.combine(day, at, tzinfo=screen.zone) if at and isinstance(day, date) else None


def _yes_no(_screen: Screen, title: str, key: str, _asked: _Asked) -> bool | None:
    return st.radio(title, list(_YES), index=None, format_func=_YES.__getitem__, key=key, horizontal=True)


def _files(_screen: Screen, _title: str, key: str, _asked: _Asked) -> Any:
    megabytes = MOST_BYTES // 1024 // 1024
    return st.file_uploader(
        f"照片（可不填，最多 {MOST_FILES} 张，每张不超过 {megabytes} MB；拍摄位置等信息会去掉）",
        type=[*(kind.lower() for kind in KINDS), "jpg"],
        accept_multiple_files=True,
        key=key,
    )


_WIDGETS: Final[Mapping[MoveField, Callable[[Screen, str, str, _Asked], Any]]] = {
    MoveField.REASON: _reason,
    MoveField.ROUTE_COLOR: _color,
    MoveField.DEPARTMENT: _department,
    MoveField.HANDLER: _number_of,
    MoveField.SUSPENDED_UNTIL: _until,
    MoveField.MERGED_INTO: _number_of,
    MoveField.SOLVED: _yes_no,
    MoveField.SATISFIED: _yes_no,
    MoveField.FILES: _files,
    MoveField.ARRIVED_AT: _arrived,
}


def with_photos(screen: Screen, fields: Fields) -> Fields:
    """The fields with their photos checked and kept.

    Raises:
        BadAttachment: one of them is no picture, too large, or cannot be written.
    """
    uploaded = fields.get(MoveField.FILES.value) or ()
    kept = tuple(keep_photo(screen.settings.attachment_dir, one.getvalue()) for one in uploaded)
    return {**fields, MoveField.FILES.value: kept}


def handlers(screen: Screen, event: Event, person: Person) -> Choices:
    """To whom a case can be handed over: others who may handle it."""
    people = who_may_handle(screen.session, row=event.model_dump())
    return {
        str(one.staff_id): f"{one.name} · {one.post}" for one in people if one.staff_id != person.staff_id
    }


def said(move: Move) -> str:
    """``已派遣``: what was done."""
    return f"已{MOVE[move]}"
