"""Everything of the demo that does not move, and the simulation upon it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from data.demo import facts
from data.demo.people import Crew, build_crew
from data.demo.places import Place, build_outside, build_places
from data.demo.quality import Qualities
from data.demo.simulate import Simulation
from data.vocabulary import CODE_LENGTH, Level

_PEOPLE_PER_HOUSEHOLD = 2.55


@dataclass(frozen=True, slots=True)
class World:
    """The demo district; ``grids`` are (code, polygon) by code, ``residents`` by grid code."""

    seed: int
    grids: Sequence[tuple[str, shapely.Polygon]]
    residents: dict[str, int]
    households: dict[str, int]
    crew: Crew
    places: list[Place]
    simulation: Simulation
    qualities: Qualities

    def residents_of(self, level: Level) -> list[tuple[str, int]]:
        """(code, residents) of the areas of a level, by code."""
        found: Counter[str] = Counter()
        for code, count in self.residents.items():
            found[code[: CODE_LENGTH[level]]] += count
        return sorted(found.items())


def build_world(grids: Sequence[tuple[str, shapely.Polygon]], *, seed: int, timezone: ZoneInfo) -> World:
    """The same grids and seed always give the same district, whether the grids are new or read back."""
    residents = _residents([code for code, _ in grids], seed)
    crew = build_crew([code for code, _ in grids])
    qualities = Qualities(seed=seed, residents=residents)
    places = build_places(grids, seed=seed)
    simulation = Simulation(
        seed=seed,
        places=places,
        outside=build_outside(seed=seed),
        residents=residents,
        crew=crew,
        qualities=qualities,
        timezone=timezone,
    )
    households = {code: round(count / _PEOPLE_PER_HOUSEHOLD) for code, count in residents.items()}
    return World(seed, grids, residents, households, crew, places, simulation, qualities)


def _residents(codes: Sequence[str], seed: int) -> dict[str, int]:
    """Residents of each grid: uneven, and adding up to the street's."""
    rng = np.random.default_rng([seed, 41])
    uneven = dict(zip(codes, rng.lognormal(0.0, 0.3, len(codes)), strict=True))
    found: dict[str, int] = {}
    for street in facts.streets():
        inside = [code for code in codes if code.startswith(street.code)]
        ends = np.cumsum([uneven[code] for code in inside])
        counts = np.diff(np.round(ends / ends[-1] * street.residents).astype(int), prepend=0)
        found.update(zip(inside, counts.tolist(), strict=True))
    return found
