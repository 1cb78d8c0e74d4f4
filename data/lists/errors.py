"""What can be wrong with an edit of a list or a process table. Each text is for people.

ListError
├── BadItem        a field that cannot be
├── StageRefused   a stage of the review that may not follow
├── StaleItem      somebody changed the row after it was shown
└── UnknownItem    there is no such row
"""

from __future__ import annotations


class ListError(ValueError):
    """Root of the errors of lists and process tables."""


class BadItem(ListError):
    """The row cannot be kept as it is written."""


class StageRefused(ListError):
    """The review goes stage by stage, and back only with a reason."""


class StaleItem(ListError):
    """The row was changed after it was shown."""


class UnknownItem(ListError):
    """There is no such row."""
