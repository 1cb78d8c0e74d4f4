"""The ladder of a whistle, step by step by hand, and what holds of it whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.whistle import Called, LadderOwner, Rung, WhistleFacts, ladder
from data.whistle_vocabulary import LadderColor

BLOWN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return BLOWN + timedelta(minutes=minutes)


def facts(*called: Called, done: float | None = None) -> WhistleFacts:
    """An emergency: 15, 30 and 60 minutes."""
    return WhistleFacts(
        half_at=at(15), respond_by=at(30), second_by=at(60), called=called,
        done_at=None if done is None else at(done),
    )  # fmt: skip


WAITING = facts(Called(name="示例执法局"), Called(name="示例住建局", arrived_at=at(10)))


@pytest.mark.parametrize(
    ("minutes", "color", "owner", "reason"),
    [
        (0, "blue", "departments", "等待示例执法局、示例住建局报到"),
        (12, "blue", "departments", "等待示例执法局报到"),
        (15, "blue", "departments", "等待示例执法局报到"),
        (16, "yellow", "departments", "已过提醒时间，示例执法局还没有报到"),
        (30, "yellow", "departments", "已过提醒时间，示例执法局还没有报到"),
        (31, "red", "secretary", "示例执法局超过报到时限未报到，由街道书记督办"),
        (60, "red", "secretary", "示例执法局超过报到时限未报到，由街道书记督办"),
        (61, "red", "district", "示例执法局再次超时仍未报到，提请区级协调"),
    ],
)
def test_each_step_is_reached_one_moment_after_its_time(
    minutes: int, color: str, owner: str, reason: str
) -> None:
    assert ladder(WAITING, at(minutes)) == Rung(
        color=LadderColor(color), owner=LadderOwner(owner), reason=reason
    )


def test_when_all_have_reported_the_ladder_rests() -> None:
    found = ladder(facts(Called(name="甲", arrived_at=at(5)), Called(name="乙", arrived_at=at(40))), at(50))

    assert (found.color, found.reason) == (LadderColor.BLUE, "各部门已报到，办理中")


def test_a_report_that_lies_in_the_future_does_not_count_yet() -> None:
    assert ladder(facts(Called(name="甲", arrived_at=at(40))), at(35)).owner is LadderOwner.SECRETARY


def test_three_returns_put_it_on_the_agenda_whoever_gave_it_back() -> None:
    two = facts(Called(name="甲", returned_count=1), Called(name="乙", returned_count=1))
    three = facts(Called(name="甲", returned_count=2), Called(name="乙", returned_count=1))

    assert ladder(two, at(1)).owner is LadderOwner.DEPARTMENTS
    assert ladder(three, at(1)) == Rung(
        color=LadderColor.RED, owner=LadderOwner.MEETING, reason="已退回 3 次，满 3 次，列入联席会议题"
    )


def test_what_is_done_needs_nobody() -> None:
    done = facts(Called(name="甲", returned_count=5), done=20)

    assert ladder(done, at(90)).owner is LadderOwner.NOBODY
    assert ladder(done, at(19)).owner is LadderOwner.MEETING


ORDER = [LadderOwner.DEPARTMENTS, LadderOwner.SECRETARY, LadderOwner.DISTRICT]
CALLED = st.builds(
    Called, name=st.sampled_from(["甲", "乙"]), arrived_at=st.none(), returned_count=st.integers(0, 0)
)


@given(
    called=st.lists(CALLED, min_size=1, max_size=4),
    one=st.floats(0, 200),
    other=st.floats(0, 200),
)
def test_while_somebody_is_missing_the_ladder_is_only_climbed(
    called: list[Called], one: float, other: float
) -> None:
    early, late = (ladder(facts(*called), at(minutes)) for minutes in sorted((one, other)))

    assert ORDER.index(early.owner) <= ORDER.index(late.owner)
    colors = list(LadderColor)
    assert colors.index(early.color) <= colors.index(late.color)
