"""The usual way's Leaflet and cluster plugin, from this folder's lock file into ``static/vendor``."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from tools.frontend import npm_ci
from tools.problems import ROOT

HERE: Final = Path(__file__).parent
VENDOR: Final = HERE / "static" / "vendor"
FILES: Final = (
    "leaflet/dist/leaflet.js",
    "leaflet/dist/leaflet.css",
    "leaflet.markercluster/dist/leaflet.markercluster.js",
    "leaflet.markercluster/dist/MarkerCluster.css",
    "leaflet.markercluster/dist/MarkerCluster.Default.css",
)


def fetch_vendor() -> None:
    """Fetch what is not there yet."""
    if all((VENDOR / Path(name).name).exists() for name in FILES):
        return
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for path in (HERE / "package.json", HERE / "package-lock.json", ROOT / ".npmrc"):
            shutil.copy(path, work / path.name)
        npm_ci(work)
        for name in FILES:
            shutil.copyfile(work / "node_modules" / name, VENDOR / Path(name).name)
