"""到场时间 on the form of 开始处置: asked of emergencies only, and never required."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from data.labels import MOVE
from data.vocabulary import Move
from tests.dashboard.small_world import NOW
from tests.data.loop.world import ROADMAN
from tests.pages.loop_desk import TO_HANDLING, Desk
from tests.pages.test_loop import desk, play

__all__ = ["desk"]
TO_ACCEPTED = TO_HANDLING[:-1]


def test_who_begins_to_handle_an_emergency_notes_when_they_came(desk: Desk) -> None:
    event_id = desk.report(1)
    play(desk, event_id, TO_ACCEPTED)
    shown = desk.form(ROADMAN, event_id, Move.HANDLE)
    key = f"om_move_{event_id}_handle_{ROADMAN.staff_id}"
    came = (NOW - timedelta(minutes=18)).replace(second=0, microsecond=0)
    local = came.astimezone(ZoneInfo("Asia/Shanghai"))
    shown.app.date_input(key=f"{key}_arrived_at_day").set_value(local.date())
    shown.app.time_input(key=f"{key}_arrived_at").set_value(local.time())
    shown.app.button(key=f"{key}_send").click().run()

    assert not shown.app.exception
    assert desk.event(event_id).arrived_at == came
    card = desk.opener("events", sel=f"event:{event_id}").text
    assert "（上报后 12 分钟）" in card


def test_without_a_time_nothing_is_noted_and_other_cases_are_not_asked(desk: Desk) -> None:
    urgent, normal = desk.report(1), desk.report(2, urgency="normal")
    for event_id in (urgent, normal):
        play(desk, event_id, TO_ACCEPTED)
    form = desk.form(ROADMAN, normal, Move.HANDLE)
    assert [one.label for one in form.app.time_input] == []

    desk.do(ROADMAN, urgent, Move.HANDLE)
    assert desk.event(urgent).arrived_at is None
    assert desk.event(urgent).status == "handling", MOVE[Move.HANDLE]
