"""What can be wrong with a rule or an alert. The texts are for people.

RuleError        parameters or a field of a rule that make no sense
AlertError
├── UnknownAlert  there is no such alert
├── AlertMoved    somebody else did something with it meanwhile
└── MoveRefused   it is not in a state for that, or the reason is missing
"""

from __future__ import annotations


class RuleError(ValueError):
    """A rule that cannot be kept. ``problems`` are Chinese sentences."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


class AlertError(RuntimeError):
    """Root of what can be wrong with an act on an alert."""


class UnknownAlert(AlertError):
    """There is no such alert."""


class AlertMoved(AlertError):
    """Somebody else did something with it meanwhile."""


class MoveRefused(AlertError):
    """It is not in a state for that, or the reason is missing."""
