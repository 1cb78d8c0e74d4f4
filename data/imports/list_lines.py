"""Lines of lists in force: other words in a file are proposed for review, as those typed on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from data.lists.edit import ItemDraft, proposal_of
from data.vocabulary import ListStatus

_WORDS: Final = tuple(ItemDraft.__dataclass_fields__)


def line_changes(known: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of a file changes of a stored line: the fields that differ, of one in force a proposal.

    The line holds as it stands until the proposal is published. What is under review for it stays so while
    the file only repeats the words in force.
    """
    changes = {name: value for name, value in said.items() if known[name] != value}
    if known["status"] != ListStatus.IN_FORCE:
        return changes
    now = ItemDraft(**{name: known[name] for name in _WORDS})
    wanted, stage = proposal_of(now, replace(now, **{name: said[name] for name in _WORDS if name in said}))
    if wanted:
        return {} if wanted == known["proposal"] else {"proposal": wanted, "review_stage": stage}
    return {} if known["proposal"] else changes
