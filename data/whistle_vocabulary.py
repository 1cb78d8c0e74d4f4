"""The keys of 吹哨报到, beside those of ``data.vocabulary``."""

from __future__ import annotations

from enum import StrEnum


class WhistleKind(StrEnum):
    """What a whistle may be blown for, DOMAIN section 3."""

    RESIDENTS = "residents"
    JOINT = "joint"
    EMERGENCY = "emergency"


class WhistleAct(StrEnum):
    """What may be done with a whistle: who may stands in ``whistle.rules``."""

    BLOW = "blow"
    ARRIVE = "arrive"
    RETURN = "return"
    FINISH = "finish"
    SCORE = "score"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    RECKON = "reckon"


class WhistleStanding(StrEnum):
    """Where a whistle stands: somebody is missing, somebody has not finished, all have, or taken back."""

    ABSENT = "absent"
    WORKING = "working"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class CalledStanding(StrEnum):
    """Where one department that was called stands."""

    CALLED = "called"
    ARRIVED = "arrived"
    RETURNED = "returned"
    DONE = "done"


class LadderColor(StrEnum):
    """How far a whistle has climbed: in time, half gone or reported late, overdue."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"
