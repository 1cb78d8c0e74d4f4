"""Sources coming together: the mix on the overview, and what other sources reported on an event's card."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from dashboard import context
from data.database import write_session
from data.models import Event, EventLink
from tests.dashboard.small_world import NOW, World
from tests.pages.conftest import Opener


def test_the_overview_shows_where_open_events_come_from(opener: Opener, world: World) -> None:
    shown = opener()
    mix = re.findall(r'data-source="([^"]*)"[^>]*>[^<]*? ([\d,]+)</a>', shown.html)
    plain = Counter(event["source"] for event in world.events if event.get("ended_at") is None)
    assert {source: int(count.replace(",", "")) for source, count in mix} == plain
    assert sum(plain.values()) == shown.total


@pytest.mark.parametrize(("own", "other"), [(1, 2), (2, 1)])
def test_a_linked_case_stands_on_both_cards_with_its_number(
    opener: Opener, world: World, own: int, other: int
) -> None:
    assert "其他渠道也有" not in opener(sel=f"event:{own}").text
    link = EventLink(
        event_id=2, other_id=1, kind="same_place_class", state="suggested", made_by="系统", made_at=NOW
    )
    with write_session(context.engine()) as session:
        session.add(link)
    shown = opener(sel=f"event:{own}")
    assert "其他渠道也有（1 件）" in shown.text
    assert f'data-linked="{other}"' in shown.html
    assert world.events[other - 1]["external_no"] in shown.text
    assert "疑似同一件" in shown.text


@pytest.mark.parametrize(("own", "other", "said"), [(1, 2, "已并入这件"), (2, 1, "这件已并入它")])
def test_cases_that_were_merged_stand_on_each_other_s_cards_also_of_one_source(
    opener: Opener, world: World, own: int, other: int, said: str
) -> None:
    assert "合并办理" not in opener(sel=f"event:{own}").text
    with write_session(context.engine()) as session:
        kept, gone = session.get_one(Event, 1), session.get_one(Event, 2)
        kept.source, gone.source, gone.status, gone.merged_into = "12345", "12345", "merged", 1
        session.add(
            EventLink(
                event_id=2,
                other_id=1,
                kind="same_place_class",
                state="suggested",
                made_by="系统",
                made_at=NOW,
            )
        )
    shown = opener(sel=f"event:{own}")
    assert "合并办理（1 件）" in shown.text
    assert shown.html.count(f'data-linked="{other}"') == 1, "and not a second time as what may be the same"
    assert f"12345 {world.events[other - 1]['external_no']}" in shown.text
    assert said in shown.text
