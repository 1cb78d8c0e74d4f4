"""Style sheets: one class has one owner, or a page's rule reshapes another page's figure."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "dashboard" / "static"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}")
_RULE = re.compile(r"([^{}]+)\{[^{}]*\}")
_GROUP = re.compile(r":(?:is|not|has|where)\([^()]*(?:\([^()]*\)[^()]*)*\)")


def owners() -> dict[str, set[str]]:
    """Plain class → the style sheets that say how it looks by itself, screens of other widths aside."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in STATIC.glob("*.css"):
        text = _MEDIA.sub("", _COMMENT.sub("", path.read_text(encoding="utf-8")))
        for selectors in _RULE.findall(text):
            for selector in _GROUP.sub("", selectors).split(","):
                if re.fullmatch(r"\.om-[\w-]+", selector.strip()):
                    found[selector.strip()].add(path.name)
    return found


def test_a_class_is_laid_out_in_one_style_sheet_only() -> None:
    found = owners()
    assert len(found) > 100
    assert {name: files for name, files in found.items() if len(files) > 1} == {}


def test_a_note_never_mutes_the_colour_of_a_status() -> None:
    """Of two rules as strong as each other the later one wins."""
    base = (STATIC / "base.css").read_text(encoding="utf-8")
    statuses = ("overdue", "soon", "in_time", "no_limit", "suspended", "done", "done_late")

    assert all(base.index(".om-note,") < base.index(f".om-{status} {{ color") for status in statuses)
