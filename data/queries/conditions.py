"""A Filter as SQL conditions: the only place where that happens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.filter import Filter
from data.queries.tables import Condition, Expression


def where_clauses(session: Session, where: Filter, as_of: datetime) -> list[Condition]:
    """Conditions on ``event`` that hold for exactly the rows of ``where`` at ``as_of``."""
    raise NotImplementedError


def color_of(as_of: datetime) -> Expression:
    """The event's ``SlaColor`` at ``as_of`` as an expression."""
    raise NotImplementedError
