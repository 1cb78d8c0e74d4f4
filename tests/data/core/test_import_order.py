"""No package of ``data`` needs another one to be imported before it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
_EACH_FIRST: Final = """
import importlib, sys
import data.models
kept = set(sys.modules)
for name in sys.argv[1:]:
    for loaded in [one for one in sys.modules if one.startswith("data.") and one not in kept]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, error)
"""


def test_every_package_can_be_the_first_that_is_imported() -> None:
    folders = [path.parent for path in (ROOT / "data").rglob("__init__.py") if "migrations" not in path.parts]
    names = sorted(".".join(folder.relative_to(ROOT).parts) for folder in folders)
    assert "data.lifecycle" in names
    ran = subprocess.run(
        [sys.executable, "-c", _EACH_FIRST, *names], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == ""
