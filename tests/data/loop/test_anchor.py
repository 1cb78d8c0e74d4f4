"""Daily anchors: a changed, removed or appended row is found, also an event that is gone with its log."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from alembic import command
from sqlalchemy import Date, DateTime, Engine, bindparam, text

from data.chain import append as append_to_chain
from data.chain import verify_chains
from data.database import read_session, write_session
from data.event_anchor import Anchor, anchor_day, newest_anchor, verify_anchors
from data.event_log import Advance, FaultKind, append, verify
from data.migrate import _config, migrate
from data.models import ChainHead, SettingChange
from tests.data.core.events import first, move
from tests.data.tampering import tamper
from tests.sql_recorder import recorded

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def two_days(engine: Engine) -> tuple[Anchor, Anchor]:
    """Three events on the first day (two entries each), one more and two moves on the second."""
    with write_session(engine) as session:
        append(session, [Advance(entries=[*first(n).entries, move("filed", hours=1)]) for n in (1, 2, 3)])
    one = anchor_day(engine, day=DAY, now=NOW)
    with write_session(engine) as session:
        append(session, [first(4)])
        append(session, [Advance(event_id=n, seen_seq=2, entries=[move("voided", hours=2)]) for n in (1, 2)])
    two = anchor_day(engine, day=DAY + timedelta(days=1), now=NOW + timedelta(days=1))
    assert one is not None
    assert two is not None
    return one, two


def faults(engine: Engine, *, expected: str = "") -> list[str]:
    with read_session(engine) as session:
        found = verify_anchors(session, expected=expected)
    assert {fault.kind for fault in found} <= {FaultKind.ANCHOR}
    return [fault.detail for fault in found]


def test_an_untouched_log_is_what_its_anchors_say(engine: Engine) -> None:
    one, two = two_days(engine)

    assert (one.entries, one.log_id, two.entries, two.log_id) == (6, 6, 9, 9)
    assert two.prev_hash == one.hash
    assert faults(engine) == []
    assert faults(engine, expected=one.fingerprint) == []


def test_a_day_is_anchored_once_and_never_after_a_later_one(engine: Engine) -> None:
    two_days(engine)

    assert anchor_day(engine, day=DAY + timedelta(days=1)) is None
    assert anchor_day(engine, day=DAY) is None


def test_an_empty_log_has_no_anchor(engine: Engine) -> None:
    assert anchor_day(engine, day=DAY) is None
    assert faults(engine) == []


def test_a_day_without_entries_is_anchored_as_such(engine: Engine) -> None:
    _, two = two_days(engine)
    third = anchor_day(engine, day=DAY + timedelta(days=2))

    assert third is not None
    assert (third.entries, third.log_id, third.prev_hash) == (9, 9, two.hash)
    assert faults(engine) == []


def test_an_event_removed_with_its_whole_log_is_found_and_named(engine: Engine) -> None:
    two_days(engine)
    tamper(engine, "DELETE FROM event_log WHERE event_id = 3", "DELETE FROM event WHERE id = 3")

    with read_session(engine) as session:
        assert verify(session) == []
    assert faults(engine) == ["2026-11-20 的锚点以来应有 6 条记录，只有 4 条：缺的记录编号在 5 至 6"]


def test_a_removed_tail_is_found(engine: Engine) -> None:
    two_days(engine)
    tamper(
        engine,
        "DELETE FROM event_log WHERE id > 7",
        "UPDATE event SET status = 'filed', seq = 2 WHERE id IN (1, 2)",
    )

    assert faults(engine) == ["2026-11-21 的锚点以来应有 3 条记录，只有 1 条：缺的记录编号在 8 至 9"]


def test_a_changed_entry_is_found_even_where_its_chain_was_made_anew(engine: Engine) -> None:
    two_days(engine)
    tamper(engine, "UPDATE event_log SET hash = (SELECT prev_hash FROM event_log WHERE id = 1) WHERE id = 2")

    assert faults(engine) == ["2026-11-20 的锚点以来的 6 条记录与锚点的指纹不符：有记录被改换过"]


def test_an_entry_pushed_in_afterwards_is_found(engine: Engine) -> None:
    two_days(engine)
    tamper(
        engine,
        "UPDATE event_log SET id = 90 WHERE id = 9",
        "INSERT INTO event_log SELECT 9, event_id, 9, at, actor, action, from_status, to_status, reason,"
        " changes, batch_id, prev_hash, hash FROM event_log WHERE id = 8",
        "INSERT INTO event_log SELECT -1, event_id, 8, at, actor, action, from_status, to_status, reason,"
        " changes, batch_id, prev_hash, hash FROM event_log WHERE id = 8",
    )
    assert "与锚点的指纹不符" in faults(engine)[0]

    tamper(engine, "UPDATE log_anchor SET log_id = 90 WHERE day = '2026-11-21'")
    assert any("事后插入了记录" in fault for fault in faults(engine))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE log_anchor SET entries = 5 WHERE day = '2026-11-20'", "本身被改过"),
        ("UPDATE log_anchor SET day = '2026-11-19' WHERE day = '2026-11-20'", "本身被改过"),
        ("DELETE FROM log_anchor WHERE day = '2026-11-20'", "不接在前一个锚点之后"),
    ],
)
def test_a_changed_or_removed_anchor_is_found(engine: Engine, statement: str, said: str) -> None:
    two_days(engine)
    tamper(engine, statement)

    assert any(said in fault for fault in faults(engine))


def test_a_fingerprint_written_down_shows_that_the_newest_anchors_are_gone(engine: Engine) -> None:
    """Whoever removes the tail of the log together with its anchors leaves a log that agrees with itself."""
    _, two = two_days(engine)
    tamper(engine, "DELETE FROM event_log WHERE id > 6", "DELETE FROM log_anchor WHERE day = '2026-11-21'")

    assert faults(engine) == []
    assert f"没有指纹为 {two.fingerprint} 的锚点" in faults(engine, expected=two.fingerprint)[0]


def changed_setting(number: int) -> SettingChange:
    return SettingChange(subject="plan", key=f"{number}", at=NOW, actor="演示甲", what="改")


def test_the_end_of_another_log_that_was_cut_off_with_its_head_is_found(engine: Engine) -> None:
    """Whoever cuts the end off can count the head back as well: only the anchor still knows the row."""
    with write_session(engine) as session:
        append(session, [first(1)])
        append_to_chain(session, changed_setting(1))
    with read_session(engine) as session:
        before = session.get_one(ChainHead, "setting_change").hash
    with write_session(engine) as session:
        append_to_chain(session, changed_setting(2))
    assert anchor_day(engine, day=DAY, now=NOW) is not None
    assert anchor_day(engine, day=DAY + timedelta(days=1), now=NOW) is not None
    assert faults(engine) == []

    with write_session(engine) as session:
        session.delete(session.get_one(SettingChange, 2))
        session.get_one(ChainHead, "setting_change").hash = before
        session.get_one(ChainHead, "setting_change").entries = 1
    with read_session(engine) as session:
        assert list(verify_chains(session)) == [], "the chain itself knows nothing of it"
    said = "写下 2026-11-20 的锚点时设置改动记录的末条（编号 2）"
    assert faults(engine) == [f"{said}已经不在：末尾的记录被删过"]

    with write_session(engine) as session:
        append_to_chain(session, changed_setting(3))
    assert faults(engine) == [f"{said}已不是那一条：记录被换过"]


def test_an_anchor_from_before_the_other_logs_were_kept_stays_whole(engine: Engine) -> None:
    with engine.begin() as connection:
        command.downgrade(_config(connection), "0025")
    with engine.begin() as connection:
        made_at = NOW.replace(tzinfo=None)
        text_of = f"{DAY}|0|0|{made_at.isoformat()}|".encode()
        digest, nothing = bytes(32), bytes(32)
        connection.execute(
            text(
                "INSERT INTO log_anchor (day, log_id, entries, made_at, digest, prev_hash, hash)"
                " VALUES (:day, 0, 0, :made_at, :digest, :before, :own)"
            ).bindparams(bindparam("day", type_=Date), bindparam("made_at", type_=DateTime)),
            {"day": DAY, "made_at": made_at, "digest": digest, "before": nothing,
             "own": sha256(text_of + digest + nothing).digest()},
        )  # fmt: skip
    migrate(engine)
    assert [said for said in faults(engine) if "本身被改过" in said] == []


@pytest.mark.sqlite
def test_an_anchor_reads_the_entries_since_the_last_one_alone(engine: Engine) -> None:
    two_days(engine)
    with write_session(engine) as session:
        append(session, [first(5)])
    with recorded(engine) as statements:
        anchor_day(engine, day=DAY + timedelta(days=5))

    (reads,) = [one for one in statements if "FROM event_log" in one.sql]
    assert "event_log.id > " in reads.sql
    assert any("SEARCH event_log USING INTEGER PRIMARY KEY" in line for line in reads.plan)
    with read_session(engine) as session:
        newest = newest_anchor(session)
    assert newest is not None
    assert newest.entries == 10
