"""What each basis counts, by hand over the tiny district (see tiny.EVENTS)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.database import read_session
from data.filter import Filter, parse_filter
from data.queries.events import Order, count_events, event_card, iterate_events, list_events
from data.vocabulary import Basis, SlaColor, Status
from tests.data.queries.synthetic import NOW
from tests.data.queries.tiny import C1, G1, HOME, MINUTE_SQUARE, S1, S2, D

NOVEMBER = {"start": date(2026, 11, 1), "end": date(2026, 11, 30)}
OPEN = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19, 20}


def ids(session: Session, where: Filter) -> set[int]:
    rows = list_events(session=session, where=where, as_of=NOW, limit=100).rows
    assert len(rows) == count_events(session=session, where=where, as_of=NOW).total
    return {row.id for row in rows}


CASES: list[tuple[str, dict[str, Any], set[int]]] = [
    ("open is everything that has not ended", {}, OPEN),
    ("a street is a prefix", {"areas": (S1,)}, {1, 2, 3, 4, 5, 7, 10, 19, 20}),
    ("a grid", {"areas": (G1,)}, {1, 3, 4, 19, 20}),
    ("two areas of unequal depth", {"areas": (C1, S2)}, {1, 2, 3, 4, 6, 7, 19, 20}),
    ("the district leaves out what lies in no division", {"areas": (D,)}, OPEN - {8, 9}),
    ("a class by its first two digits", {"classes": ("02",)}, {6}),
    ("a source", {"sources": ("12345",)}, {5}),
    ("a department", {"departments": ("D1",)}, OPEN - {6}),
    ("no department", {"departments": ("-",)}, {6}),
    ("a department or none", {"departments": ("-", "D1")}, OPEN),
    ("suspended by status", {"statuses": (Status.SUSPENDED,)}, {7}),
    ("overdue by colour", {"colors": (SlaColor.OVERDUE,)}, {1, 2}),
    ("due at this moment is not yet overdue", {"colors": (SlaColor.SOON,)}, {3, 4}),
    ("no limit and suspended", {"colors": (SlaColor.NO_LIMIT, SlaColor.SUSPENDED)}, {6, 7}),
    ("text in the number, whatever the case", {"text": "e00"}, {1, 2, 3, 4, 5, 6, 7, 8, 9}),
    ("text with a sign that means any letter in SQL", {"text": "%"}, set()),
    ("a polygon has its edge, and not what lies beyond", {"polygon": MINUTE_SQUARE}, {1, 3, 4, 7, 19}),
    ("a polygon and an area", {"polygon": MINUTE_SQUARE, "areas": (S2,)}, set()),
    (
        "reported leaves out voided only",
        {"basis": Basis.REPORTED, **NOVEMBER},
        OPEN | {11, 12, 13, 14, 15, 18},
    ),
    (
        "voided where it is asked for",
        {"basis": Basis.REPORTED, **NOVEMBER, "statuses": (Status.VOIDED,)},
        {16},
    ),
    (
        "a day begins at midnight in Shanghai",
        {"basis": Basis.REPORTED, "start": date(2026, 11, 18), "end": date(2026, 11, 18)},
        {4, 5, 6, 8, 9, 10, 19},
    ),
    (
        "due leaves out merged and voided",
        {"basis": Basis.DUE, **NOVEMBER},
        {1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 18, 19, 20},
    ),
    ("closed is closed or evaluated", {"basis": Basis.CLOSED, **NOVEMBER}, {11, 12, 13, 14, 18}),
    ("closed late", {"basis": Basis.CLOSED, **NOVEMBER, "colors": (SlaColor.DONE_LATE,)}, {12}),
    ("merged is not closed", {"basis": Basis.CLOSED, **NOVEMBER, "statuses": (Status.MERGED,)}, set()),
    ("closed in a polygon", {"basis": Basis.CLOSED, **NOVEMBER, "polygon": MINUTE_SQUARE}, {11, 12, 18}),
]


@pytest.mark.parametrize(
    ("fields", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_filter_holds_exactly_these_events(
    session: Session, fields: dict[str, Any], expected: set[int]
) -> None:
    assert ids(session, Filter(**fields)) == expected


def test_colours_add_up_to_the_total_and_queues_cut_across_them(session: Session) -> None:
    count = count_events(session=session, where=Filter(), as_of=NOW)
    assert (count.total, count.unlocated, count.unplaced) == (12, 2, 2)
    assert (count.overdue, count.soon, count.in_time, count.no_limit, count.suspended) == (2, 2, 6, 1, 1)
    assert (count.done, count.done_late) == (0, 0)


def test_urgent_order_is_overdue_longest_first_then_nearest_deadline_then_no_limit_then_suspended(
    session: Session,
) -> None:
    rows = list_events(session=session, where=Filter(), as_of=NOW).rows
    assert [row.id for row in rows] == [2, 1, 4, 3, 20, 19, 10, 9, 8, 5, 6, 7]


def test_reported_order_is_newest_first_and_due_order_puts_no_limit_last(session: Session) -> None:
    newest = list_events(session=session, where=Filter(), as_of=NOW, order=Order.REPORTED, limit=3)
    assert [row.id for row in newest.rows] == [5, 6, 8]
    due = list_events(session=session, where=Filter(), as_of=NOW, order=Order.DUE)
    assert [due.rows[0].id, due.rows[-1].id] == [7, 6]


def test_pages_of_the_list_are_its_pieces(session: Session) -> None:
    pages = [list_events(session=session, where=Filter(), as_of=NOW, limit=5, offset=at) for at in (0, 5, 10)]
    assert [page.total for page in pages] == [12, 12, 12]
    pieces = [row.id for page in pages for row in page.rows]
    chunks = iterate_events(session=session, where=Filter(), as_of=NOW, chunk=5)
    assert pieces == [row.id for rows in chunks for row in rows]
    assert len(set(pieces)) == 12


def test_a_row_carries_names_and_hours(session: Session) -> None:
    rows = {row.id: row for row in list_events(session=session, where=Filter(), as_of=NOW).rows}
    first = rows[1]
    assert first.place_name == "公平街道·惠民社区·01网格"
    assert (first.class_name, first.department_name, first.hours_left) == ("暴露垃圾", "示例城管局", -2.0)
    assert rows[6].hours_left is None
    assert rows[6].department_name == ""
    assert (rows[8].place_name, rows[10].place_name) == ("未落格", "公平街道")


def test_the_card_has_the_timeline_and_what_else_happened_at_this_place(session: Session) -> None:
    card = event_card(session=session, event_id=1, as_of=NOW)
    assert card is not None
    assert [(line.seq, line.action, line.to_status) for line in card.timeline] == [
        (1, "report", "reported"),
        (2, "handle", "handling"),
    ]
    # All at HOME but the voided one; newest report first.
    assert [row.id for row in card.nearby] == [4, 3, 15, 11, 12, 18, 7, 17]
    assert event_card(session=session, event_id=999, as_of=NOW) is None


def test_a_polygon_is_found_again_after_the_data_changed(tmp_path: Any) -> None:
    from sqlalchemy import insert

    from data.database import write_session
    from data.queries.tables import EVENT
    from tests.data.queries.tiny import build, event

    edge = (103.81, 30.70)
    engine = build(tmp_path / "grows.db", [event(1, reported=-1, at=edge)])
    where = Filter(polygon=MINUTE_SQUARE)
    with read_session(engine) as before:
        assert ids(before, where) == {1}
    with write_session(engine) as writing:
        writing.execute(insert(EVENT), [event(2, reported=-1, at=edge)])
    with read_session(engine) as after:
        assert ids(after, where) == {1, 2}


def test_many_rows_on_the_edge_of_a_polygon_fit_into_one_statement(tmp_path: Any) -> None:
    from tests.data.queries.tiny import build, event

    lat = HOME[1]
    rows = [event(number, reported=-1, at=(103.81, lat + number * 1e-7)) for number in range(1, 3001)]
    engine = build(tmp_path / "edge.db", rows)
    with read_session(engine) as session:
        assert count_events(session=session, where=Filter(polygon=MINUTE_SQUARE), as_of=NOW).total == 3000


def test_an_empty_database_counts_nothing(empty_session: Session) -> None:
    for where in (Filter(), Filter(polygon=MINUTE_SQUARE), Filter(basis=Basis.CLOSED, **NOVEMBER)):  # type: ignore[arg-type]
        assert count_events(session=empty_session, where=where, as_of=NOW).total == 0
        assert list_events(session=empty_session, where=where, as_of=NOW).rows == []
        assert list(iterate_events(session=empty_session, where=where, as_of=NOW)) == []


def test_a_self_crossing_polygon_is_reported_when_the_url_is_read(engine: Engine) -> None:
    from data.filter import FilterError
    from geo.polyline import encode

    assert engine is not None
    bow_tie = [(103.79, 30.69), (103.81, 30.71), (103.81, 30.69), (103.79, 30.71)]
    with pytest.raises(FilterError, match="相交"):
        parse_filter({"poly": encode(bow_tie)})
