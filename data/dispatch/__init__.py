"""Dispatch: class and area → responsible department, by a table that a street edits itself.

``decide`` is the one rule of who handles a case; ``edit`` adds versions and never overwrites one; ``check``
finds gaps and contradictions; ``rehearse`` says what would happen to a case; ``negative`` is the negative
list, which refuses. Nothing here reads an event.
"""

from __future__ import annotations

from data.dispatch.check import PROBLEM, CheckResult, Problem, ProblemKind, check
from data.dispatch.decide import Decision, decide
from data.dispatch.edit import (
    RuleDraft,
    add_rule,
    change_rule,
    draft_of,
    restore_version,
    undo_rule,
    withdraw_rule,
)
from data.dispatch.errors import BadRule, DispatchError, RuleExists, StaleRule, UnknownRule
from data.dispatch.negative import NegativeLine, department_level, refusal, refusal_at
from data.dispatch.rehearse import CaseDraft, RehearsedStep, limit_text, scope, what_would_happen
from data.dispatch.tables import newest_versions, rules_on, versions_of

__all__ = [
    "PROBLEM",
    "BadRule",
    "CaseDraft",
    "CheckResult",
    "Decision",
    "DispatchError",
    "NegativeLine",
    "Problem",
    "ProblemKind",
    "RehearsedStep",
    "RuleDraft",
    "RuleExists",
    "StaleRule",
    "UnknownRule",
    "add_rule",
    "change_rule",
    "check",
    "decide",
    "department_level",
    "draft_of",
    "limit_text",
    "newest_versions",
    "refusal",
    "refusal_at",
    "restore_version",
    "rules_on",
    "scope",
    "undo_rule",
    "versions_of",
    "what_would_happen",
    "withdraw_rule",
]
