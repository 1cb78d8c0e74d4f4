"""What is refused about a whistle.

WhistleError       a whistle that cannot be blown, or an act that does not fit how it stands
└── StaleWhistle   somebody else did something with it since the person looked at it
"""

from __future__ import annotations

from enum import StrEnum


class WhistleRule(StrEnum):
    """Which rule refused."""

    ROLE = "role"
    AREA = "area"
    SIDE = "side"
    STATE = "state"
    CLOCK = "clock"
    FIELDS = "fields"
    STALE = "stale"
    UNDO = "undo"


class WhistleError(ValueError):
    """Nothing was written. The text is for people: the rule, the bad value, the way out."""

    def __init__(self, sentence: str, *, rule: WhistleRule = WhistleRule.FIELDS) -> None:
        super().__init__(sentence)
        self.rule = rule


class StaleWhistle(WhistleError):
    """Somebody else did something with it since the person looked at it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, rule=WhistleRule.STALE)
