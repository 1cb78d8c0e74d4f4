"""What can be wrong with changing a setting. The texts are for people.

ManageError
├── NotAllowed     the person's role or area does not reach so far; names the rule
├── StaleSetting   somebody else changed it meanwhile
├── NothingToUndo  the change was taken back, took one back itself, or a later one builds on it
└── BadSetting     a value that cannot be; ``problems`` holds each
"""

from __future__ import annotations


class ManageError(RuntimeError):
    """Root of what can be wrong with changing a setting."""


class NotAllowed(ManageError):
    """The person's role or area does not reach so far."""


class StaleSetting(ManageError):
    """Somebody else changed it meanwhile."""


class NothingToUndo(ManageError):
    """There is nothing that could be taken back."""


class BadSetting(ManageError):
    """A value that cannot be. ``problems`` are Chinese sentences."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems
