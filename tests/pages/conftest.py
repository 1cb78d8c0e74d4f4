"""A small district behind the real pages, run from the entry script; the map's frame is a record."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import context
from dashboard.map import MapMessage, MapState
from data.database import open_engine
from data.migrate import migrate
from tests.dashboard.small_world import NOW, World, build_world

ROOT = Path(__file__).resolve().parents[2]
ENTRY = ROOT / "dashboard" / "main.py"
TIMEOUT_SECONDS = 60


@dataclass
class MapRecord:
    """What the map was told, run by run, and what it will tell at its next run."""

    states: list[MapState] = field(default_factory=list)
    messages: list[MapMessage] = field(default_factory=list)

    def mount(self, *, state: MapState, key: str, height: int) -> MapMessage | None:
        assert key
        assert height > 0
        self.states.append(state)
        return self.messages.pop(0) if self.messages else None


class Shown:
    """One page as AppTest shows it, read the way a person reads it."""

    def __init__(self, app: AppTest, record: MapRecord) -> None:
        self.app = app
        self.map = record

    @property
    def html(self) -> str:
        """All HTML of the page but its style sheet."""
        return "\n".join(piece.body for piece in self.app.html if not piece.body.startswith("<style>"))

    @property
    def text(self) -> str:
        return unescape(re.sub(r"<[^>]+>", " ", self.html))

    @property
    def total(self) -> int:
        """共 N 件."""
        return int(self._attribute("data-total"))

    @property
    def kpis(self) -> dict[str, float | None]:
        found = re.findall(r'data-kpi="(\w+)" data-value="([^"]*)"', self.html)
        return {key: float(value) if value else None for key, value in found}

    @property
    def links(self) -> list[str]:
        return [unescape(href) for href in re.findall(r'href="([^"]+)"', self.html)]

    def counts(self, attribute: str) -> dict[str, int]:
        """``data-count`` by another attribute of the same element."""
        found = re.findall(rf'{attribute}="([^"]*)" data-count="(\d+)"', self.html)
        return {key: int(count) for key, count in found}

    def listed(self) -> list[int]:
        """Ids of the events in the list, in its order."""
        return [int(key) for key in re.findall(r'<tr[^>]* data-event="(\d+)"', self.html)]

    def param(self, name: str) -> str:
        """One parameter of the address after the run; empty when it is not there."""
        value = self.app.query_params.get(name, "")
        return value if isinstance(value, str) else ",".join(value)

    def _attribute(self, name: str) -> str:
        found = re.search(rf'{name}="([^"]*)"', self.html)
        assert found, f"{name} is not on the page"
        return found.group(1)


Opener = Callable[..., Shown]


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Opens a page by name with URL parameters, on the database in this test's own folder."""
    record = MapRecord()
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)
    monkeypatch.setattr("dashboard.panels.district_map.mount_map", record.mount)
    monkeypatch.setattr("dashboard.state.as_of_bucket", lambda _now: NOW)
    context.reset()

    def open_page(page: str = "overview", **params: str) -> Shown:
        app = AppTest.from_file(str(ENTRY), default_timeout=TIMEOUT_SECONDS)
        if page != "overview":
            app.run()
            app.switch_page(f"../pages/{page}.py")
        for name, value in params.items():
            app.query_params[name.rstrip("_")] = value
        app.run()
        return Shown(app, record)

    yield open_page
    context.reset()


@pytest.fixture(scope="session")
def world_template(tmp_path_factory: pytest.TempPathFactory) -> World:
    """400 events in 256 grids of 16 communities, built once."""
    world = build_world(tmp_path_factory.mktemp("world"), events=400)
    world.engine.dispose()
    return world


@pytest.fixture
def world(tmp_path: Path, world_template: World) -> World:
    """This test's own copy of the small district."""
    shutil.copytree(world_template.var_dir, tmp_path, dirs_exist_ok=True)
    return world_template


@pytest.fixture
def empty_database(tmp_path: Path) -> Path:
    """A migrated database without any rows."""
    path = tmp_path / "onemap.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path
