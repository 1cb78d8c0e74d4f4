"""What follows a change of boundaries."""

from __future__ import annotations

from datetime import date

import shapely
from sqlalchemy import Engine, text

from data.database import read_session, write_session
from data.divisions import bake_division_tiles, read_locator, recode_open_events, settle_boundaries
from data.event_log import Advance, append, records_of, verify
from data.models import DataState, Division, Event
from data.settings import Settings
from tests.data.conftest import NOW, division, square
from tests.data.core.events import first, move


def test_a_point_is_found_in_the_deepest_division(small_district: Engine) -> None:
    with read_session(small_district) as session:
        locator = read_locator(session)

    found = locator.locate([103.81, 103.83, 103.85], [30.71] * 3).tolist()
    assert found == ["510115001001", "510115001002", ""]


def test_baking_numbers_the_areas_of_each_level_and_puts_the_archive_in_force(
    small_district: Engine, settings: Settings
) -> None:
    name = bake_division_tiles(small_district, settings)

    with read_session(small_district) as session:
        state = session.get_one(DataState, 1)
        numbers = session.execute(text("SELECT code, tile_index FROM division ORDER BY code")).all()
    assert (settings.tiles_dir / name).is_file()
    assert (state.tiles, state.tiles_revision) == (name, 1)
    assert [tuple(row) for row in numbers] == [
        ("510115", 0), ("510115001", 0), ("510115001001", 0), ("510115001002", 1),
    ]  # fmt: skip


def test_new_boundaries_replace_the_archive_and_old_ones_keep_it(
    small_district: Engine, settings: Settings
) -> None:
    before = bake_division_tiles(small_district, settings)
    same = bake_division_tiles(small_district, settings)
    with write_session(small_district) as session:
        session.add(division("510115002", "柳城街道", 103.84, 103.86))
    after = bake_division_tiles(small_district, settings)

    assert same == before
    assert after != before
    assert [path.name for path in settings.tiles_dir.iterdir()] == [after]


def test_without_boundaries_no_archive_is_in_force(engine: Engine, settings: Settings) -> None:
    assert bake_division_tiles(engine, settings) == ""


def test_open_events_move_to_the_division_that_now_contains_them(
    small_district: Engine, settings: Settings
) -> None:
    """A new version moves the border of the two communities from 103.82 west to 103.805."""
    with write_session(small_district) as session:
        ids = append(
            session,
            [
                first(1),
                first(2, lon=None, lat=None),
                Advance(entries=[*first(3).entries, move("closed", hours=2)]),
                first(4, lon=103.801),
            ],
        )
        for code, west, east in (("510115001001", 103.80, 103.805), ("510115001002", 103.805, 103.84)):
            old = session.get_one(Division, (code, date(2026, 1, 1)))
            old.valid_to = date(2026, 11, 21)
            session.add(division(code, old.name, west, east, since=date(2026, 11, 21)))

    assert settle_boundaries(small_district, settings, actor="演示甲") == 1

    with read_session(small_district) as session:
        events = [session.get_one(Event, event_id) for event_id in ids]
        last = records_of(session, ids[:1])[ids[0]][-1]
        assert verify(session) == []
        moved = session.execute(text("SELECT code, reported FROM area_week ORDER BY code")).all()
    assert [event.code for event in events] == [
        "510115001002",
        "510115001001",
        "510115001001",
        "510115001001",
    ]
    assert events[0].code_at_report == "510115001001"
    assert (last.action, last.actor, last.reason) == ("recode", "演示甲", "区划边界更新，按位置重新落格")
    assert [tuple(row) for row in moved] == [("510115001001", 3), ("510115001002", 1)]


def test_recoding_again_moves_nothing(small_district: Engine) -> None:
    with write_session(small_district) as session:
        append(session, [first(1, code="")])

    assert recode_open_events(small_district, actor="演示甲", now=NOW) == 1
    assert recode_open_events(small_district, actor="演示甲", now=NOW) == 0


def test_the_hand_made_squares_do_not_overlap() -> None:
    west, east = square(103.80, 103.82), square(103.82, 103.84)

    assert shapely.intersection(west, east).area == 0
