"""A file that comes again takes nothing back that people have done here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data.database import read_session, write_session
from data.imports import publish, undo_batch
from data.imports.ownership import CLOCK, HANDS, STATE
from data.lifecycle import SYSTEM, MoveRefused, Person, available_moves, make_move
from data.models import ImportBatch
from data.vocabulary import BatchKind, Move, Role
from tests.data.imports.support import Street, assert_log_is_sound, event, write_csv

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
CENTRE = Person(name="派遣员·示例", role=Role.DISPATCHER)
OFFICER = Person(name="经办人·示例", role=Role.DEPARTMENT, department_code="D01")
CLERK = Person(name="报单员·示例", role=Role.STREET)
CHECKER = Person(name="核查员·示例", role=Role.CHECKER)
PEOPLE = (CENTRE, OFFICER, CLERK, CHECKER, SYSTEM)
LOOP_ONLY = ("suspended_until", "respond_by", "accepted_at", "extension_step", "extended_count", "solved",
             "satisfied", "rated_at", "reworked_count", "appealed", "merged_into", "route_color")  # fmt: skip
STATUSES = {"已上报": "", "已立案": "", "处置中": "", "核查中": "", "已结案": "2026-11-20 15:00"}


class Then(datetime):
    """The morning of the report, whenever the tests run."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Then:
        return cls.fromtimestamp(NOW.timestamp(), tz)


@pytest.fixture(autouse=True)
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports happen at ``NOW``: people act after them, and before the deadline."""
    monkeypatch.setattr(publish, "datetime", Then)


def given_fields(move: Move, at: datetime) -> dict[str, Any]:
    """What a person fills in so that a move can be made."""
    given: dict[Move, dict[str, Any]] = {
        Move.VERIFY: {"route_color": "red"},
        Move.FILE: {"route_color": "red"},
        Move.SUSPEND: {"suspended_until": at + timedelta(days=3)},
        Move.HAND_OVER: {"handler": OFFICER.name},
        Move.REASSIGN: {"department_code": "D02"},
        Move.EVALUATE: {"solved": True, "satisfied": False},
    }
    return {**given.get(move, {}), "reason": "示例说明"}


def move_on(street: Street, no: str, move: Move, person: Person, at: datetime) -> bool:
    """Makes the move, without a reason where it takes none; False where a rule refuses."""
    current = street.event(no)
    for fields in (given_fields(move, at), {**given_fields(move, at), "reason": None}):
        try:
            with write_session(street.engine) as session:
                make_move(
                    session, event_id=current.id or 0, seen_seq=current.seq, move=move, person=person, at=at,
                    fields=fields,
                )  # fmt: skip
        except MoveRefused:
            continue
        return True
    return False


def way(street: Street, *moves: tuple[Move, Person], no: str = "SL001", at: datetime = NOW) -> None:
    for hours, (move, person) in enumerate(moves):
        assert move_on(street, no, move, person, at + timedelta(minutes=10 * hours)), move


def held(street: Street, no: str = "SL001") -> dict[str, Any]:
    """What belongs to the loop once a person has moved the case."""
    row = street.event(no).model_dump()
    return {name: row[name] for name in (*sorted(STATE | CLOCK | HANDS), "supervised", *LOOP_ONLY)}


def bring(street: Street, folder: Path, **changes: str) -> Any:
    return street.events(write_csv(folder / "文件.csv", [event(**changes)]))


def test_the_state_that_people_moved_a_case_into_stays_and_its_facts_follow_the_file(
    street: Street, tmp_path: Path
) -> None:
    bring(street, tmp_path, status="已立案")
    way(street, (Move.DISPATCH, CENTRE), (Move.ACCEPT, OFFICER))
    before = held(street)
    again = bring(street, tmp_path, status="已立案")
    assert (again.changed, again.same) == (0, 1)
    closed = bring(
        street, tmp_path, status="已结案", ended="2026-11-20 10:00", department="示例住建局", title="新标题"
    )

    assert (closed.changed, closed.same) == (1, 0)
    assert held(street) == before
    assert (before["status"], before["department_code"], before["handler"]) == (
        "accepted", "D01", OFFICER.name,
    )  # fmt: skip
    assert street.event("SL001").title == "新标题"
    assert "1 件已在本系统办理" in closed.warnings[-1]
    assert "1 件已在本系统办理" in street.rows(ImportBatch)[-1].note
    assert_log_is_sound(street)


def test_an_extended_and_a_resumed_deadline_stay(street: Street, tmp_path: Path) -> None:
    bring(street, tmp_path, status="处置中")
    first = street.event("SL001").due_at
    way(street, (Move.ASK_EXTENSION, OFFICER), (Move.GRANT_EXTENSION, CLERK), (Move.GRANT_EXTENSION, CENTRE))
    extended = street.event("SL001").due_at
    bring(street, tmp_path, status="处置中", reported="2026-11-20 08:40")
    assert first is not None
    assert extended is not None
    assert street.event("SL001").due_at == extended > first
    way(street, (Move.SUSPEND, CENTRE), (Move.RESUME, CENTRE), at=NOW + timedelta(hours=1))
    before = held(street)

    bring(street, tmp_path, status="处置中", reported="2026-11-20 08:45", address="示例路2号")

    assert held(street) == before
    assert before["due_at"] > extended
    assert street.event("SL001").reported_at == datetime(2026, 11, 20, 0, 45, tzinfo=UTC)
    assert_log_is_sound(street)


def test_a_case_that_only_was_put_under_supervision_still_moves_with_its_source(
    street: Street, tmp_path: Path
) -> None:
    bring(street, tmp_path, status="处置中")
    way(street, (Move.SUPERVISE, CENTRE))

    bring(street, tmp_path, status="已结案", ended="2026-11-20 10:00")

    taken = street.event("SL001")
    assert (taken.status, taken.supervised, taken.in_time) == ("closed", True, True)
    assert_log_is_sound(street)


def test_the_preview_says_what_would_not_be_taken_over(street: Street, tmp_path: Path) -> None:
    bring(street, tmp_path, status="已立案")
    way(street, (Move.DISPATCH, CENTRE))
    preview = street.preview(write_csv(tmp_path / "又.csv", [event(status="处置中")]), BatchKind.EVENTS)

    assert preview.counts.same == 1
    assert "以本系统为准" in preview.warnings[-1]


def test_after_an_undone_import_nobody_has_worked_on_the_case(street: Street, tmp_path: Path) -> None:
    batch = bring(street, tmp_path, status="处置中").batch_id
    undo_batch(street.engine, batch_id=batch, actor="测试", settings=street.settings)
    assert street.event("SL001").status == "voided"

    bring(street, tmp_path, status="处置中")

    assert street.event("SL001").status == "handling"


@pytest.mark.parametrize("move", [Move.VOID, Move.MERGE])
def test_what_people_ended_here_is_not_opened_again(street: Street, tmp_path: Path, move: Move) -> None:
    street.events(
        write_csv(tmp_path / "两.csv", [event(status="已上报"), event(no="SL002", status="处置中")])
    )
    current, other = street.event("SL001"), street.event("SL002")
    with write_session(street.engine) as session:
        fields = {"reason": "示例说明"} if move is Move.VOID else {"merged_into": other.id}
        make_move(
            session, event_id=current.id or 0, seen_seq=1, move=move, person=CENTRE, at=NOW, fields=fields
        )
    before = held(street)

    bring(street, tmp_path, status="处置中")

    assert held(street) == before


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=st.sampled_from(sorted(STATUSES)),
    story=st.lists(st.tuples(st.integers(0, 50), st.sampled_from(PEOPLE)), min_size=1, max_size=12),
    later=st.sampled_from(sorted(STATUSES)),
    title=st.sampled_from(["示例路口有垃圾", "另一个标题"]),
    number=st.uuids(),
)
def test_import_moves_and_import_again_keeps_the_moves(
    street: Street,
    tmp_path: Path,
    first: str,
    story: list[tuple[int, Person]],
    later: str,
    title: str,
    number: Any,
) -> None:
    no = f"SL{number.hex[:12]}"
    bring(street, tmp_path, no=no, status=first, ended=STATUSES[first])
    at, moved = NOW + timedelta(hours=7), False
    for choice, person in story:
        at += timedelta(minutes=7)
        with read_session(street.engine) as session:
            offers = available_moves(session, event=street.event(no), person=person, as_of=at)
        allowed = [offer.move for offer in offers if offer.allowed]
        if allowed:
            before = street.event(no).status
            done = move_on(street, no, allowed[choice % len(allowed)], person, at)
            moved = moved or (done and street.event(no).status != before)
    before_again, loop_only = held(street, no), {name: held(street, no)[name] for name in LOOP_ONLY}

    bring(street, tmp_path, no=no, status=later, ended=STATUSES[later], title=title)

    after = held(street, no)
    assert {name: after[name] for name in LOOP_ONLY} == loop_only
    if moved:
        assert after == before_again
    assert street.event(no).title == title
    assert_log_is_sound(street)
