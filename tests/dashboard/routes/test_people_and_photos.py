"""Whom a screen can act for, and the photos of cases: only what is registered, only as a picture."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import context
from dashboard.acting import token_of
from dashboard.routes import attachments, routes
from data.database import open_engine, write_session
from data.lifecycle import keep_photo, path_of
from data.lifecycle.attachments import note_files
from data.migrate import migrate
from tests.data.loop.world import DISPATCHER, at, furnish, report


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client over a database with staff, and one case with one photo."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)
    context.reset()
    attachments._small._answers.clear()
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    migrate(engine)
    furnish(engine)
    kept = keep_photo(tmp_path / "attachments", _photo())
    with write_session(engine) as session:
        event_id = report(session)
        note_files(session, event_id=event_id, log_seq=1, files=[kept], at=at(0), actor="网格员·示例01")
    engine.dispose()
    with TestClient(Starlette(routes=routes())) as found:
        yield found
    context.reset()


def _photo() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((900, 600), 40).save(buffer, format="PNG")
    return buffer.getvalue()


def _kept(folder: Path) -> Path:
    return next((folder / "attachments").rglob("*.jpg"))


def test_a_photo_is_served_whole_as_a_picture_and_nothing_else(desk: TestClient, tmp_path: Path) -> None:
    path = _kept(tmp_path)
    answer = desk.get(f"/onemap/attachments/{path.stem}.jpg")

    assert answer.status_code == 200
    assert answer.content == path.read_bytes()
    assert sha256(answer.content).hexdigest() == path.stem
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")


def test_a_small_photo_is_small(desk: TestClient, tmp_path: Path) -> None:
    for _ in range(2):
        answer = desk.get(f"/onemap/attachments/{_kept(tmp_path).stem}.jpg?small=1")
        assert Image.open(io.BytesIO(answer.content)).size == (320, 213)


@pytest.mark.parametrize("name", ["0" * 64, "0" * 63, "G" * 64, "..%2f..%2fonemap"])
def test_what_no_case_names_is_not_served(desk: TestClient, name: str) -> None:
    assert desk.get(f"/onemap/attachments/{name}.jpg").status_code == 404


def test_a_file_that_no_case_names_is_not_served_even_where_it_lies_in_the_folder(
    desk: TestClient, tmp_path: Path
) -> None:
    stray = keep_photo(tmp_path / "attachments", _photo())

    assert desk.get(f"/onemap/attachments/{stray.sha256}.jpg").status_code == 404


def test_a_photo_that_was_changed_on_disk_is_refused_in_words(desk: TestClient, tmp_path: Path) -> None:
    path = _kept(tmp_path)
    path.write_bytes(path.read_bytes() + b"<script>")
    answer = desk.get(f"/onemap/attachments/{path.stem}.jpg")

    assert answer.status_code == 404
    assert "与登记的不符" in answer.json()["problems"][0]


def test_a_photo_whose_file_is_gone_says_so(desk: TestClient, tmp_path: Path) -> None:
    path = _kept(tmp_path)
    shutil.rmtree(tmp_path / "attachments")
    answer = desk.get(f"/onemap/attachments/{path.stem}.jpg")

    assert answer.status_code == 404
    assert "照片文件不在了" in answer.json()["problems"][0]
    assert not path_of(tmp_path / "attachments", path.stem).exists()


def test_people_come_by_role_with_the_token_that_the_browser_keeps(desk: TestClient) -> None:
    groups = desk.get("/onemap/people", params={"text": "派遣员"}).json()["groups"]

    assert [(group["role"], group["total"]) for group in groups] == [("派遣员（指挥中心）", 1)]
    assert groups[0]["people"] == [
        {"token": token_of(DISPATCHER), "name": DISPATCHER.name, "post": "派遣员", "serves": "510115"}
    ]


def test_a_search_for_people_that_is_too_long_is_refused(desk: TestClient) -> None:
    assert desk.get("/onemap/people", params={"text": "长" * 51}).status_code == 400
