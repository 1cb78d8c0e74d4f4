"""The product in this process, for a module of tests: its pages by AppTest, its routes by a client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import context
from dashboard.app import app as served
from dashboard.state import PATHS
from tests.dashboard.small_world import NOW
from tests.pages.conftest import ENTRY, MapRecord, Shown

TIMEOUT_SECONDS = 120


class Product:
    """Pages and routes over one data folder, at one moment."""

    def __init__(self, var_dir: Path, client: TestClient) -> None:
        self.var_dir = var_dir
        self.client = client
        self.map = MapRecord()
        self.now = NOW

    def later(self) -> datetime:
        """One second on: answers that are kept for the moment before do not hold any more."""
        self.now += timedelta(seconds=1)
        return self.now

    def page(self, name: str = "overview", /, **params: str) -> Shown:
        """A page run once, opened under its own address."""
        app = AppTest.from_file(str(ENTRY), default_timeout=TIMEOUT_SECONDS)
        if name != "overview":
            # As Streamlit knows it by its address, so that the first run of the script is the page's own.
            app._page_hash = calc_hash(PATHS[name].removeprefix("./"))
        for key, value in params.items():
            app.query_params[key.rstrip("_")] = value
        app.run()
        return Shown(app, self.map)


@contextmanager
def product(var_dir: Path) -> Iterator[Product]:
    """The product over the data folder; the map's frame is a record, and the clock stands still."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONEMAP_VAR_DIR", str(var_dir))
        patch.delenv("ONEMAP_DATABASE_URL", raising=False)
        context.reset()
        with TestClient(Starlette(routes=served._user_routes)) as client:
            found = Product(var_dir, client)
            patch.setattr("dashboard.panels.district_map.mount_map", found.map.mount)
            patch.setattr("dashboard.state.as_of_bucket", lambda _now: found.now)
            yield found
        context.reset()
