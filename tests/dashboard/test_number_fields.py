"""Fields for numbers: a value that cannot be reaches the server, which refuses it in words."""

from __future__ import annotations

import ast
from pathlib import Path

PANELS = Path(__file__).resolve().parents[2] / "dashboard" / "panels"


def test_no_field_has_an_upper_bound_beyond_which_a_browser_hands_the_old_value_in() -> None:
    fields, bounded = 0, set()
    for path in PANELS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "number_input":
                fields += 1
                if len(node.args) > 1 or "max_value" in {one.arg for one in node.keywords}:
                    bounded.add(path.name)
    assert fields > 15
    # The row of the titles is shown at once, with the file that is read by it.
    assert bounded == {"import_file.py"}
