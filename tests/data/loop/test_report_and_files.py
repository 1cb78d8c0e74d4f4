"""Reporting a case, its photos, and judgements by the four sources."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, text
from sqlmodel import select

from data.database import read_session, write_session
from data.event_log import EventExists, records_of, verify
from data.lifecycle import (
    BadAttachment,
    BadEvaluation,
    Draft,
    LoopError,
    evaluate,
    judgements,
    keep_photo,
    path_of,
    scores,
)
from data.lifecycle.attachments import LONGEST_SIDE_PX, MOST_BYTES
from data.lifecycle.report import report as report_case
from data.models import Event, EventAttachment
from data.vocabulary import EvaluationSource, Move
from tests.data.conftest import division
from tests.data.loop.world import GRID, NEIGHBOURHOOD, PARKS, RESIDENT, ROADS, STREET, WORKER, at, do, report

GPS = 0x8825


def photo(*, kind: str = "JPEG", size: tuple[int, int] = (40, 20), with_place: bool = False) -> bytes:
    picture = Image.new("RGB", size, (200, 30, 30))
    exif = Image.Exif()
    if with_place:
        exif[0x0112] = 6  # turned by 90 degrees
        exif[0x010F] = "演示相机"
        exif.get_ifd(GPS)[2] = (30.0, 42.0, 36.0)
    buffer = BytesIO()
    picture.save(buffer, format=kind, exif=exif)
    return buffer.getvalue()


def draft(number: str = "SB261120-TEST2345", **changes: object) -> Draft:
    fields: dict[str, object] = {
        "number": number, "class_code": "0201", "title": "井盖缺失", "code": GRID, "lon": 103.81,
        "lat": 30.71,
    }  # fmt: skip
    return Draft(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_report_has_its_limit_from_the_table_and_its_source_from_the_role(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report_case(session, draft=draft(), person=WORKER, at=at(0))
        event = session.get_one(Event, event_id)
        assert verify(session) == []
    assert (event.source, event.status, event.limit_hours, event.due_at) == ("patrol", "reported", 4.0, at(4))
    assert (event.code_at_report, event.urgency, event.seq) == (GRID, "normal", 1)


def test_a_resident_s_report_names_nobody_and_a_form_sent_twice_is_one_case(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report_case(session, draft=draft(), person=RESIDENT, at=at(0))
        assert session.get_one(Event, event_id).source == "resident"
    with pytest.raises(EventExists, match="SB261120-TEST2345"), write_session(district) as session:
        report_case(session, draft=draft(), person=RESIDENT, at=at(0))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"class_code": "9999"}, "没有代码为“9999”的类别"),
        ({"title": "  "}, "请写明是什么事"),
        ({"title": "字" * 129}, "标题有 129 字，最多 128 字"),
        ({"description": "字" * 2001}, "描述有 2001 字"),
    ],
)
def test_a_report_that_says_too_little_or_too_much_is_refused(
    district: Engine, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(LoopError, match=said), write_session(district) as session:
        report_case(session, draft=draft(**changes), person=WORKER, at=at(0))


def test_a_photo_is_kept_upright_without_where_and_by_what_it_was_taken(tmp_path: Path) -> None:
    kept = keep_photo(tmp_path, photo(with_place=True))

    stored = path_of(tmp_path, kept.sha256)
    with Image.open(stored) as opened:
        assert (opened.format, opened.size) == ("JPEG", (20, 40))
        assert not opened.getexif()
    assert b"Exif" not in stored.read_bytes()
    assert (kept.width, kept.height, kept.size_bytes) == (20, 40, stored.stat().st_size)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_of_photos_are_taken(tmp_path: Path, kind: str) -> None:
    assert keep_photo(tmp_path, photo(kind=kind)).mime == "image/jpeg"


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    buffer = BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(buffer, format="PNG")
    kept = keep_photo(tmp_path, buffer.getvalue())
    with Image.open(path_of(tmp_path, kept.sha256)) as opened:
        assert opened.getpixel((1, 1)) == (255, 255, 255)


def test_a_large_photo_is_made_smaller(tmp_path: Path) -> None:
    kept = keep_photo(tmp_path, photo(size=(5120, 100)))
    assert (kept.width, kept.height) == (LONGEST_SIDE_PX, 50)


def test_the_same_photo_is_kept_once(tmp_path: Path) -> None:
    first, second = keep_photo(tmp_path, photo()), keep_photo(tmp_path, photo())
    assert first == second
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "不是可用的照片"),
        (b"<svg onload='alert(1)'/>", "不是可用的照片"),
        (b"GIF89a" + bytes(50), "不是可用的照片"),
        (photo()[:200], "不是可用的照片"),
        (bytes(MOST_BYTES + 1), "最多 15 MB"),
    ],
)
def test_what_is_no_photo_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(BadAttachment, match=said):
        keep_photo(tmp_path, data)
    assert list(tmp_path.rglob("*")) == []


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_laid_out(tmp_path: Path) -> None:
    buffer = BytesIO()
    Image.new("1", (9_000, 9_000)).save(buffer, format="PNG")
    with pytest.raises(BadAttachment, match="9000×9000 像素"):
        keep_photo(tmp_path, buffer.getvalue())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with pytest.raises(BadAttachment, match="照片没能保存"):
        keep_photo(blocked, photo())


def test_photos_come_with_a_move_and_are_in_the_chain(district: Engine, tmp_path: Path) -> None:
    kept = keep_photo(tmp_path, photo())
    with write_session(district) as session:
        event_id = report(session)
        do(session, event_id, Move.VERIFY, NEIGHBOURHOOD, hours=1, route_color="red", files=[kept])
    with read_session(district) as session:
        found = session.exec(select(EventAttachment).where(EventAttachment.event_id == event_id)).one()
        assert (found.sha256, found.log_seq, found.actor) == (kept.sha256, 2, NEIGHBOURHOOD.name)
        assert kept.sha256 in records_of(session, [event_id])[event_id][1].changes
        assert verify(session) == []


def test_a_report_brings_its_photos(district: Engine, tmp_path: Path) -> None:
    kept = keep_photo(tmp_path, photo())
    with write_session(district) as session:
        event_id = report_case(session, draft=draft(files=(kept,)), person=WORKER, at=at(0))
        found = session.exec(select(EventAttachment).where(EventAttachment.event_id == event_id)).one()
        assert found.log_seq == 1


def test_the_four_sources_are_kept_apart_and_a_later_word_takes_the_place_of_an_earlier(
    district: Engine,
) -> None:
    with write_session(district) as session:
        for source, score, actor in (
            (EvaluationSource.SELF, 95, "市政·示例07"), (EvaluationSource.PUBLIC, 60, "居民·示例11"),
            (EvaluationSource.PUBLIC, 80, "居民·示例12"), (EvaluationSource.PUBLIC, 70, "居民·示例11"),
        ):  # fmt: skip
            evaluate(
                session, source=source, period="2026-11", score=score, actor=actor, at=at(0),
                department_code=ROADS,
            )  # fmt: skip
        found = scores(session, period="2026-11")
        assert [(one.source, one.mean, one.judgements) for one in found] == [
            ("self", 95.0, 1), ("public", 75.0, 2),
        ]  # fmt: skip
        assert len(judgements(session, period="2026-11")) == 3
        assert len(judgements(session, period="2026-11", with_replaced=True)) == 4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"department_code": ""}, "二者取一"),
        ({"area_code": STREET}, "二者取一"),
        ({"department_code": "D99"}, "没有代码为 D99 的部门"),
        ({"department_code": "", "area_code": "510199"}, "没有代码为 510199 的区域"),
        ({"period": "2026-13"}, "评价周期“2026-13”不能用"),
        ({"period": "26-1"}, "评价周期"),
        ({"score": 100.5}, "评分 100.5 不能用"),
        ({"score": float("nan")}, "评分 nan 不能用"),
    ],
)
def test_a_judgement_that_cannot_be_kept_is_refused(
    district: Engine, changes: dict[str, Any], said: str
) -> None:
    given = {"department_code": PARKS, "period": "2026", "score": 80.0, **changes}
    with pytest.raises(BadEvaluation, match=said), write_session(district) as session:
        evaluate(session, source=EvaluationSource.PEER, actor="演示甲", at=at(0), **given)


def test_an_area_is_judged_as_well(district: Engine) -> None:
    with write_session(district) as session:
        session.add(division(STREET, "演示街道", 103.8, 103.9))
        session.flush()
        evaluate(
            session, source=EvaluationSource.THIRD_PARTY, period="2026-Q4", score=88, actor="演示机构",
            at=at(0), area_code=STREET,
        )  # fmt: skip
        assert session.execute(text("SELECT count(*) FROM evaluation")).scalar_one() == 1
