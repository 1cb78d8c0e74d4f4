"""The database of 200,000 events for the modules that look at plans: built once, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.reporting.conftest import HOST
from tests.whole.large import build_large
from tests.whole.screens import Product, product
from tests.whole.watching import EVENTS, OPEN_EVENTS


@pytest.fixture(scope="session")
def large_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Its data folder. What one module writes, the next one finds; ``tests.together`` keeps them together."""
    var_dir = tmp_path_factory.mktemp("large")
    build_large(var_dir, events=EVENTS, open_events=OPEN_EVENTS)
    yield var_dir
    (var_dir / "onemap.db").unlink()


@pytest.fixture(scope="module")
def large(large_dir: Path) -> Iterator[Product]:
    """The product over it, with the address that QR codes lead to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONEMAP_PUBLIC_URL", HOST)
        with product(large_dir) as found:
            yield found
