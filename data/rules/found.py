"""One thing that a rule found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.filter import Filter
from data.vocabulary import RiskColor


@dataclass(frozen=True, kw_only=True)
class Cause:
    """``key`` names it among the causes of its rule, for as long as it lasts.

    ``evidence`` is plain data for JSON: ``formula``, ``weeks``, ``values``, ``baseline``, ``query`` (of the
    Filter that holds the rows) and others. ``area_where`` is the Filter that a summary of an area leads to.
    """

    key: str
    code: str
    color: RiskColor
    owner: str
    title: str
    detail: str
    evidence: Mapping[str, Any]
    area_where: Filter | None = None
