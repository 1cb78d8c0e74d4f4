"""The loop: one state machine of a case (``moves``), its rules (``guards``, ``rules``), what moves write
(``effects``, ``clocks``), and making them (``act``). Who acts is a row of the staff table (``person``).
"""

from __future__ import annotations

from data.lifecycle.act import (
    BulkResult,
    Moved,
    NotMoved,
    Offer,
    available_moves,
    bulk_moves,
    make_move,
    preview_moves,
)
from data.lifecycle.attachments import KeptFile, keep_photo, path_of
from data.lifecycle.duplicates import Duplicate, cases_numbered, suggest_duplicates
from data.lifecycle.errors import (
    BadAttachment,
    BadEvaluation,
    BadFields,
    BadRule,
    LoopError,
    MoveRefused,
    Rule,
    UnknownPerson,
)
from data.lifecycle.evaluation import Score, evaluate, judgements, scores
from data.lifecycle.moves import MOVES, ClockEffect, MoveField, MoveRule
from data.lifecycle.person import (
    SYSTEM,
    Person,
    list_people,
    read_person,
    resident,
    role_of,
    who_may_handle,
)
from data.lifecycle.report import Draft, report, source_of
from data.lifecycle.resume import resume_due
from data.lifecycle.rules import SPECS, LoopRules, change_rule, read_rules
from data.vocabulary import Move

__all__ = [
    "MOVES",
    "SPECS",
    "SYSTEM",
    "BadAttachment",
    "BadEvaluation",
    "BadFields",
    "BadRule",
    "BulkResult",
    "ClockEffect",
    "Draft",
    "Duplicate",
    "KeptFile",
    "LoopError",
    "LoopRules",
    "Move",
    "MoveField",
    "MoveRefused",
    "MoveRule",
    "Moved",
    "NotMoved",
    "Offer",
    "Person",
    "Rule",
    "Score",
    "UnknownPerson",
    "available_moves",
    "bulk_moves",
    "cases_numbered",
    "change_rule",
    "evaluate",
    "judgements",
    "keep_photo",
    "list_people",
    "make_move",
    "path_of",
    "preview_moves",
    "read_person",
    "read_rules",
    "report",
    "resident",
    "resume_due",
    "role_of",
    "scores",
    "source_of",
    "suggest_duplicates",
    "who_may_handle",
]
