"""What can be wrong with an edit of the dispatch table. Each text is for people: the value and the way out.

DispatchError
├── BadRule        a class, area, department, limit or day that cannot be
├── RuleExists     another rule already speaks about the same class and area at that time
├── StaleRule      somebody changed the rule after it was shown
└── UnknownRule    there is no such rule or version
"""

from __future__ import annotations


class DispatchError(ValueError):
    """Root of the errors of the dispatch table."""


class BadRule(DispatchError):
    """The rule cannot be kept as it is written."""


class RuleExists(DispatchError):
    """Two rules for the same class and area would contradict each other."""


class StaleRule(DispatchError):
    """The rule has a newer version than the one that was edited."""


class UnknownRule(DispatchError):
    """No rule or version of that number."""
