"""吹哨报到: a street calls departments to a place.

``ladder`` is the pure rule of who has to act; ``rules`` says who may do what; ``blow`` and ``acts`` do it,
with a hash-chained ``log`` whose fold the rows are; ``lines``, ``reading`` and ``scores`` show whistles as
they stand. Events are only looked up by their numbers.
"""

from __future__ import annotations

from data.whistle.acts import ACTS, Deed, Offer, offers, take
from data.whistle.blow import Steps, WhistleDraft, blow, check_draft, steps_for, steps_of
from data.whistle.errors import StaleWhistle, WhistleError, WhistleRule
from data.whistle.ladder import (
    LADDER_OWNER,
    RETURNS_TO_MEETING,
    Called,
    LadderOwner,
    Rung,
    WhistleFacts,
    ladder,
)
from data.whistle.lines import CalledLine, WhistleLine
from data.whistle.log import departments_of
from data.whistle.reading import (
    AGENDA,
    ENDED_DAYS,
    STANDINGS,
    WhistleCard,
    WhistleCounts,
    WhistlePage,
    whistle_card,
    whistle_counts,
    whistle_page,
    whistles_of_event,
)
from data.whistle.scores import DepartmentScore, department_scores
from data.whistle.verify import verify_whistles

__all__ = [
    "ACTS",
    "AGENDA",
    "ENDED_DAYS",
    "LADDER_OWNER",
    "RETURNS_TO_MEETING",
    "STANDINGS",
    "Called",
    "CalledLine",
    "Deed",
    "DepartmentScore",
    "LadderOwner",
    "Offer",
    "Rung",
    "StaleWhistle",
    "Steps",
    "WhistleCard",
    "WhistleCounts",
    "WhistleDraft",
    "WhistleError",
    "WhistleFacts",
    "WhistleLine",
    "WhistlePage",
    "WhistleRule",
    "blow",
    "check_draft",
    "department_scores",
    "departments_of",
    "ladder",
    "offers",
    "steps_for",
    "steps_of",
    "take",
    "verify_whistles",
    "whistle_card",
    "whistle_counts",
    "whistle_page",
    "whistles_of_event",
]
