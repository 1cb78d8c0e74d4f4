"""Nonsense addresses, a database locked, read-only, older or newer: told in words, nothing has changed."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboard import context
from data import database
from data.database import DatabaseLocked, write_session
from data.imports import template
from data.vocabulary import BatchKind
from tests.dashboard.small_world import World, build_world
from tests.pages.test_import_page import Uploaded, click
from tests.whole.screens import Product, product

PAGES = ("overview", "community", "events", "stations", "import_data", "quality")
ROUTES = {
    "/onemap/values": {"level": "street", "metric": "open"},
    "/onemap/points": {"z": "3", "x0": "0", "x1": "7", "y0": "0", "y1": "7"},
    "/onemap/heat": {"z": "3", "x0": "0", "x1": "7", "y0": "0", "y1": "7"},
    "/onemap/stations": {},
    "/onemap/search": {"q": "示例"},
    "/onemap/export.csv": {},
    "/onemap/export.xlsx": {},
    "/onemap/health": {},
}
NONSENSE = (
    {"basis": "tomorrow"}, {"basis": "reported"}, {"basis": "due", "from": "2026-11-21", "to": "2026-02-30"},
    {"area": "51"}, {"area": "'; DROP TABLE event; --"}, {"class": "abc"}, {"status": "lost"},
    {"color": "red,overdue"}, {"poly": "not a polygon"}, {"q": "长" * 51}, {"source": "a b"},
    {"from": "2026-11-01"}, {"area": ",".join(["510115"] * 501)}, {"dept": "../../etc"}, {"q": "a\x00b"},
    {"basis": "closed", "from": "2026-11-01", "to": "9999-12-31"},
)  # fmt: skip
HOLD_THE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE data_state SET revision = revision + 1")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def template_dir(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = build_world(tmp_path_factory.mktemp("calm"), grids=8, events=120)
    world.engine.dispose()
    return world


@pytest.fixture
def world(template_dir: World, tmp_path: Path) -> Iterator[Product]:
    shutil.copytree(template_dir.var_dir, tmp_path, dirs_exist_ok=True)
    with product(tmp_path) as found:
        yield found


def digest(world: Product) -> str:
    """Of all rows of all tables."""
    with closing(sqlite3.connect(world.var_dir / "onemap.db")) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def asked(world: Product, path: str, **params: str) -> Any:
    return world.client.get(path, params={**ROUTES[path], **params})


def everything_is_served(world: Product) -> None:
    assert {path: asked(world, path).status_code for path in ROUTES} == dict.fromkeys(ROUTES, 200)
    for page in PAGES:
        shown = world.page(page)
        assert not shown.app.exception
        assert "数据库不能使用" not in shown.text
        assert "出错" not in shown.text


@pytest.mark.parametrize("path", [path for path in ROUTES if path != "/onemap/health"])
def test_a_nonsense_filter_is_refused_by_every_route_and_touches_nothing(world: Product, path: str) -> None:
    before = digest(world)
    for params in NONSENSE:
        answer = asked(
            world, path, **{key: value for key, value in params.items() if key != "q" or "search" not in path}
        )
        if answer.status_code == 200:
            assert set(params) == {"q"}
            assert "search" in path
            continue
        assert answer.status_code == 400, params
        assert all(f"{name}=" in "".join(answer.json()["problems"]) for name in list(params)[-1:]), params
        assert "Traceback" not in answer.text
    assert asked(world, path).status_code == 200
    assert digest(world) == before


@pytest.mark.parametrize("page", PAGES)
def test_a_nonsense_filter_gives_a_designed_panel_on_every_page(world: Product, page: str) -> None:
    before = digest(world)
    for params in NONSENSE[::4]:
        shown = world.page(page, **params)
        assert not shown.app.exception
        assert "网址参数" in shown.text
        assert "data-total" not in shown.html
        assert "Traceback" not in shown.text
    assert "网址参数" not in world.page(page).text
    assert digest(world) == before


@contextmanager
def locked_by_another_process(path: Path) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline().strip() == b"held"
        yield
        other.stdin.close()


def test_while_another_process_writes_everything_is_read_and_writing_says_so(
    world: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 200)
    file = Uploaded("部门.csv", template(BatchKind.DEPARTMENTS, "csv"))
    monkeypatch.setattr("streamlit.file_uploader", lambda *_args, **_options: file)
    shown = world.page("import_data", step="departments")
    before = digest(world)

    with locked_by_another_process(world.var_dir / "onemap.db"):
        everything_is_served(world)
        with pytest.raises(DatabaseLocked, match="正被另一个程序写入"), write_session(context.engine()):
            pass
        click(shown.app, "接入")
        assert "正被另一个程序写入" in shown.text
        assert not shown.app.exception

    assert digest(world) == before
    click(shown.app, "接入")
    assert "已接入，批次 1" in shown.text


def test_a_read_only_database_is_shown_and_writing_says_so(
    world: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///file:{world.var_dir / 'onemap.db'}?mode=ro&uri=true"
    monkeypatch.setenv("ONEMAP_DATABASE_URL", address)
    context.reset()
    file = Uploaded("部门.csv", template(BatchKind.DEPARTMENTS, "csv"))
    monkeypatch.setattr("streamlit.file_uploader", lambda *_args, **_options: file)
    before = digest(world)

    everything_is_served(world)
    shown = world.page("import_data", step="departments")
    click(shown.app, "接入")

    assert "只能读、不能写" in shown.text
    assert not shown.app.exception
    assert digest(world) == before
    everything_is_served(world)


@pytest.mark.parametrize(("version", "words"), [("9999", "升级程序"), ("0000", "")])
def test_a_database_of_another_version_is_named_on_every_page_and_left_alone(
    world: Product, version: str, words: str
) -> None:
    path = world.var_dir / "onemap.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (known,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    before = digest(world)

    for page in PAGES:
        shown = world.page(page)
        assert not shown.app.exception
        assert "数据库不能使用" in shown.text
        assert version in shown.text
        assert words in shown.text
        assert "data-total" not in shown.html
    assert digest(world) == before

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (known,))
    everything_is_served(world)
