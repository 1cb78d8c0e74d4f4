"""Asks the queries of ``data.queries`` for a screen, and remembers the answers of one moment.

Answers are frozen, so they are shared between sessions as they are. They are keyed by everything that they
depend on: database, revision, the instant (in steps of ten seconds), the Filter and the other arguments.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, Final, TypeVar

from dashboard.state import Screen
from data.filter import Filter

T = TypeVar("T")

KEPT: Final = 512
_KEEP: Final = object()
_answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_lock = Lock()


def ask(
    screen: Screen, query: Callable[..., T], *, where: Filter | object | None = _KEEP, **arguments: Any
) -> T:
    """The answer of ``query`` for this screen: its session, moment and Filter, unless ``where`` is another.

    Only the arguments that ``query`` declares among session, where and as_of are passed.
    """
    names = _parameters(query)
    if "where" in names:
        arguments["where"] = screen.where if where is _KEEP else where
    for name in ("as_of", "open_at", "at"):
        if name in names:
            arguments[name] = screen.as_of
    key = (
        screen.settings.database_url,
        screen.moment.revision,
        screen.as_of,
        query.__module__,
        query.__qualname__,
        tuple(sorted(arguments.items(), key=lambda pair: pair[0])),
    )
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            found: T = _answers[key]
            return found
    answer = query(session=screen.session, **arguments)
    with _lock:
        _answers[key] = answer
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    return answer


def forget() -> None:
    """Forgets all answers, so that the next are computed."""
    with _lock:
        _answers.clear()


@cache
def _parameters(query: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(query).parameters)
