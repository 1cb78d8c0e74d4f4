"""吹哨报到: a street calls departments to a place.

``ladder`` is the pure rule of who has to act; ``acts`` writes what happens, with a log; ``reading`` shows
whistles as they stand. Events are only looked up by their numbers.
"""

from __future__ import annotations

from data.whistle.acts import (
    Steps,
    WhistleDraft,
    WhistleError,
    arrive,
    blow,
    departments_of,
    finish,
    give_back,
    score,
    steps_of,
)
from data.whistle.ladder import (
    LADDER_OWNER,
    Called,
    LadderOwner,
    Rung,
    WhistleFacts,
    ladder,
)
from data.whistle.reading import (
    DepartmentScore,
    WhistleLine,
    department_scores,
    facts_of,
    open_whistles,
    whistle_line,
)

__all__ = [
    "LADDER_OWNER",
    "Called",
    "DepartmentScore",
    "LadderOwner",
    "Rung",
    "Steps",
    "WhistleDraft",
    "WhistleError",
    "WhistleFacts",
    "WhistleLine",
    "arrive",
    "blow",
    "department_scores",
    "departments_of",
    "facts_of",
    "finish",
    "give_back",
    "ladder",
    "open_whistles",
    "score",
    "steps_of",
    "whistle_line",
]
