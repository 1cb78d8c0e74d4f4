"""What the loop refuses.

LoopError
├── MoveRefused      a rule of the loop does not let this person do this to this case now
├── BadFields        a field is missing, unknown, or not what it should be
├── UnknownPerson    nobody of that number, or a post that has no part in the loop
├── BadRule          a number of the loop outside its bounds
├── BadEvaluation    a judgement of nobody, of no period, or outside 0 to 100
└── BadAttachment    a file of a kind or size that is not taken
"""

from __future__ import annotations

from enum import StrEnum

from data.vocabulary import Move


class Rule(StrEnum):
    """Which rule refused."""

    STATUS = "status"
    ROLE = "role"
    AREA = "area"
    SIDE = "side"
    OWN_WORK = "own_work"
    CLOCK = "clock"
    NOT_VERIFIED = "not_verified"
    NO_DEPARTMENT = "no_department"
    NEGATIVE_LIST = "negative_list"
    EXTENSION = "extension"
    SUSPENSION = "suspension"
    SUPERVISION = "supervision"
    DUPLICATE = "duplicate"
    REPORTER = "reporter"
    APPEAL_ONCE = "appeal_once"
    FIELDS = "fields"


class LoopError(RuntimeError):
    """Root of what the loop refuses. The text is for people: the rule, the bad value, the way out."""


class MoveRefused(LoopError):
    """A rule of the loop does not let this person do this to this case now. Nothing was written."""

    def __init__(self, sentence: str, *, rule: Rule, move: Move, event_id: int) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.move = move
        self.event_id = event_id


class BadFields(MoveRefused):
    """A field of a move is missing, unknown, or not what it should be."""


class UnknownPerson(LoopError):
    """Nobody of that number, or somebody whose post has no part in the loop."""


class BadRule(LoopError):
    """A number of the loop that does not exist or lies outside its bounds."""


class BadEvaluation(LoopError):
    """A judgement that cannot be kept."""


class BadAttachment(LoopError):
    """A file that is not taken: its kind, its size, or it cannot be read."""
