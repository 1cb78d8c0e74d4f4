"""What an evaluation of the rules finds, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.rules.found import Cause
from data.rules.store import RuleSpec


@dataclass(kw_only=True)
class Changes:
    """What an evaluation did, by alert id. ``problems``: rules that could not be evaluated, in Chinese."""

    raised: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    resolved: list[int] = field(default_factory=list)
    ordered: list[int] = field(default_factory=list)
    summarised: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list, repr=False)
    """Rows of the alerts' log, which are written together."""

    @property
    def any(self) -> bool:
        """Whether anything was written."""
        return bool(self.raised or self.changed or self.resolved or self.ordered)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What an evaluation builds on beside the events: alerts as they stood; of each rule its number, its
    version, whether it is on and whether it was removed.
    """

    last_entry: int
    active: int
    changed_at: datetime | None
    rules: tuple[tuple[int, int, bool, bool], ...]


@dataclass(kw_only=True)
class Finding:
    """What is to be written for one rule; ``ends`` with the sentence of each. ``rule`` None: it is gone, or
    it is about reminders of drills.
    """

    rule: RuleSpec | None
    new: list[Cause] = field(default_factory=list)
    changed: list[tuple[Any, Cause]] = field(default_factory=list)
    ends: list[tuple[Any, str]] = field(default_factory=list)


@dataclass(kw_only=True)
class Findings:
    """Everything that an evaluation would write, and what goes without writing."""

    as_of: datetime
    seen: Seen
    of_rules: list[Finding] = field(default_factory=list)
    summarised: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether there is anything to write."""
        return any(one.new or one.changed or one.ends for one in self.of_rules)
