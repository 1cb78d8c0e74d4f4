"""数据接入 as a newcomer uses it: template, preview, publish, result, undo; and removing the demo."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.database import open_engine, write_session
from data.demo_state import new_batch
from data.imports import template
from data.vocabulary import BatchKind
from tests.dashboard.small_world import NOW
from tests.pages.conftest import Opener, Shown


class Uploaded:
    """What a person put into the file box."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self._data = data

    def getvalue(self) -> bytes:
        return self._data


@pytest.fixture
def upload(monkeypatch: pytest.MonkeyPatch) -> object:
    """Puts a file into the file box of every run from now on."""

    def put(name: str, data: bytes) -> None:
        monkeypatch.setattr("streamlit.file_uploader", lambda *_args, **_options: Uploaded(name, data))

    return put


def click(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label.startswith(label)).click()
    app.run()


def publish_template(opener: Opener, upload: object, kind: BatchKind) -> Shown:
    upload("模板.csv", template(kind, "csv"))  # type: ignore[operator]
    shown = opener("import_data", step=kind.value)
    click(shown.app, "接入")
    return shown


def test_the_first_step_that_is_missing_opens_by_itself(opener: Opener, empty_database: Path) -> None:
    assert empty_database.is_file()
    shown = opener("import_data")

    assert 'aria-current="step"' in shown.html
    assert "每行一个区划" in shown.text
    assert shown.text.count("尚未接入") == 9


def test_a_preview_shows_the_rows_as_understood_before_anything_is_written(
    opener: Opener, upload: object, empty_database: Path
) -> None:
    upload("网格.csv", template(BatchKind.DIVISIONS, "csv"))  # type: ignore[operator]
    shown = opener("import_data", step="divisions")

    assert "01网格" in shown.text
    assert any(button.label == "接入：新增 2 行，更新 0 行" for button in shown.app.button)
    assert shown.text.count("尚未接入") == 9
    assert empty_database.is_file()


def test_a_preview_of_boundaries_draws_their_outlines(
    opener: Opener, upload: object, empty_database: Path
) -> None:
    upload("网格.csv", template(BatchKind.DIVISIONS, "csv"))  # type: ignore[operator]
    shown = opener("import_data", step="divisions")

    (image,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)" alt="边界预览"', shown.html)
    assert base64.b64decode(image).decode().count("<polygon") == 2
    assert "接入后的边界（已简化）" in shown.text
    assert empty_database.is_file()


def test_a_file_of_another_kind_is_refused_in_our_words_not_by_the_box(
    opener: Opener, monkeypatch: pytest.MonkeyPatch, empty_database: Path
) -> None:
    assert empty_database.is_file()

    def box(*_args: object, type: object = None, **_options: object) -> Uploaded:
        assert type is None, "Streamlit would refuse it in English"
        return Uploaded("旧表.xls", bytes.fromhex("d0cf11e0a1b11ae1"))

    monkeypatch.setattr("streamlit.file_uploader", box)
    shown = opener("import_data", step="events")
    assert "旧表.xls" in shown.text
    assert "“.xls”不能接入" in shown.text


def test_a_published_file_says_what_came_of_it_and_can_be_undone(
    opener: Opener, upload: object, empty_database: Path
) -> None:
    assert empty_database.is_file()
    shown = publish_template(opener, upload, BatchKind.DEPARTMENTS)

    assert "已接入，批次 1" in shown.text
    assert "共 2 行：新增 2，更新 0，不变 0，退回 0" in shown.text
    assert 'id="om-menu-explain-result"' in shown.html
    assert "已有 2 个" in shown.text

    click(shown.app, "撤销这个批次")
    click(shown.app, "确认撤销")
    assert "已撤销批次 1" in shown.text


def test_the_result_stays_in_view_where_the_step_had_opened_by_itself(
    opener: Opener, upload: object, empty_database: Path
) -> None:
    assert empty_database.is_file()
    upload("区划.csv", template(BatchKind.DIVISIONS, "csv"))  # type: ignore[operator]
    shown = opener("import_data")
    click(shown.app, "接入")

    assert "已接入，批次 1" in shown.text
    assert "下一步：服务站点" in shown.text
    assert shown.param("step") == "divisions"


def test_a_file_that_cannot_be_read_says_why_and_leaves_everything_as_it_was(
    opener: Opener, upload: object, empty_database: Path
) -> None:
    assert empty_database.is_file()
    upload("空.csv", b"")  # type: ignore[operator]
    shown = opener("import_data", step="stations")

    assert "这个文件不能这样接入" in shown.text
    assert shown.text.count("空.csv") == 1
    assert not shown.app.exception


def test_a_broken_file_is_named_once_and_in_words(
    opener: Opener, upload: object, empty_database: Path
) -> None:
    assert empty_database.is_file()
    upload("坏.xlsx", b"not a workbook")  # type: ignore[operator]
    shown = opener("import_data", step="events")

    assert shown.text.count("坏.xlsx") == 1
    assert "内容不是 .xlsx 格式：文件可能已损坏" in shown.text
    assert "6e 6f" not in shown.text


def test_a_name_that_leads_out_of_the_upload_folder_stays_inside(
    opener: Opener, upload: object, empty_database: Path, tmp_path: Path
) -> None:
    assert empty_database.is_file()
    upload("../../evil;rm.csv", template(BatchKind.DEPARTMENTS, "csv"))  # type: ignore[operator]
    opener("import_data", step="departments")

    kept = list(tmp_path.rglob("*evil*"))
    assert [path.name for path in kept] == ["evil_rm.csv"]
    assert kept[0].is_relative_to(tmp_path / "uploads")


@pytest.fixture
def demo_mark(empty_database: Path) -> None:
    """A database that says it holds a demo."""
    engine = open_engine(f"sqlite:///{empty_database}")
    with write_session(engine) as session:
        session.add(new_batch(seed=1, first_day=NOW.date(), now=NOW))
    engine.dispose()


@pytest.mark.usefixtures("demo_mark")
def test_real_data_wait_until_the_demo_is_removed(opener: Opener, upload: object) -> None:
    upload("部门.csv", template(BatchKind.DEPARTMENTS, "csv"))  # type: ignore[operator]
    shown = opener("import_data", step="departments")

    assert "当前是演示数据" in shown.text
    assert [button.disabled for button in shown.app.button if button.label == "接入"] == [True]

    click(shown.app, "移除演示数据")
    click(shown.app, "确认移除")
    assert "当前是演示数据" not in shown.text
