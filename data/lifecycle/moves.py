"""The state machine of a case, as data: one row a move (DOMAIN section 3).

The way of the county command centre is the default (DOMAIN section 7, 52): 网格巡查 → 社区汇总 (verify)
→ 街道报单 (file) → 县级指挥中心派单 (dispatch) → 部门接单 (accept). 分色处置 shortens it: what the community
found to be blue stays with grid and community, what is yellow with the street; only what is red, and what
the command centre sends, goes to a department.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from data.vocabulary import ENDED, Level, Move, Role, RouteColor, Status


class MoveField(StrEnum):
    """What a person fills in for a move."""

    REASON = "reason"
    ROUTE_COLOR = "route_color"
    DEPARTMENT = "department_code"
    HANDLER = "handler"
    SUSPENDED_UNTIL = "suspended_until"
    MERGED_INTO = "merged_into"
    SOLVED = "solved"
    SATISFIED = "satisfied"
    FILES = "files"
    ARRIVED_AT = "arrived_at"


class ClockEffect(StrEnum):
    """What a move does to the clock (``lifecycle.clocks``)."""

    NONE = "none"
    START = "start"
    """The limit counts, from the report on; the department's time to respond from now on."""
    JUDGE = "judge"
    """Whether the case is in time is decided now and kept."""
    CLEAR = "clear"
    """What was decided no longer holds; the deadline stays."""
    STOP = "stop"
    RESUME = "resume"
    EXTEND = "extend"
    RESTART = "restart"
    """One original limit anew, from now on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveRule:
    """Who may make a move, from where to where, with what.

    ``to_status`` None: the status stays. ``roles`` may; with ``local`` also the community in a blue case and
    the street in a yellow one. ``side``: only who handles the case. ``not_own``: nobody checks what they
    handled themselves, nor grants it more time. ``needs`` must be given, ``takes`` may be.
    """

    from_statuses: frozenset[Status]
    to_status: Status | None = None
    roles: frozenset[Role]
    local: bool = False
    side: bool = False
    not_own: bool = False
    needs: tuple[MoveField, ...] = ()
    takes: tuple[MoveField, ...] = (MoveField.REASON, MoveField.FILES)
    clock: ClockEffect = ClockEffect.NONE


LOCAL_ROLES: Final[dict[str, frozenset[Role]]] = {
    RouteColor.BLUE: frozenset({Role.COMMUNITY}),
    RouteColor.YELLOW: frozenset({Role.STREET, Role.LEADER}),
}
"""Who files, sends and checks a case that does not leave the community or the street."""
LOCAL_SIDE: Final[dict[str, frozenset[Role]]] = {
    RouteColor.BLUE: frozenset({Role.GRID_WORKER, Role.COMMUNITY}),
    RouteColor.YELLOW: frozenset({Role.STREET, Role.LEADER}),
}
"""Who handles a case without department."""
LOCAL_LEVEL: Final[dict[str, Level]] = {
    RouteColor.BLUE: Level.COMMUNITY,
    RouteColor.YELLOW: Level.STREET,
}
"""Where a case without department goes down to, for the negative list."""
_CENTRE: Final = frozenset({Role.DISPATCHER})
_STREET: Final = frozenset({Role.STREET, Role.LEADER})
_CHECKERS: Final = frozenset({Role.CHECKER, Role.DISPATCHER})
_HANDLERS: Final = frozenset({Role.DEPARTMENT, Role.GRID_WORKER, Role.COMMUNITY, Role.STREET, Role.LEADER})
_REPORTERS: Final = frozenset({Role.RESIDENT, Role.DISPATCHER, Role.GRID_WORKER, Role.COMMUNITY})
_OPEN: Final = frozenset(set(Status) - ENDED)
_REASON: Final = (MoveField.REASON,)
_FILES: Final = (MoveField.FILES,)
_SAYS: Final = (MoveField.REASON, MoveField.FILES)


def _from(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


_BEFORE_DISPATCH: Final = _from(Status.REPORTED, Status.FILED)
_WORKING: Final = _from(Status.ACCEPTED, Status.HANDLING, Status.REWORKING)

MOVES: Final[Mapping[Move, MoveRule]] = {
    Move.VERIFY: MoveRule(
        from_statuses=_from(Status.REPORTED),
        roles=_STREET | _CENTRE | {Role.COMMUNITY},
        needs=(MoveField.ROUTE_COLOR,),
    ),
    Move.FILE: MoveRule(
        from_statuses=_from(Status.REPORTED), to_status=Status.FILED,
        roles=_STREET | _CENTRE, local=True,
        takes=(MoveField.ROUTE_COLOR, *_SAYS),
    ),
    Move.DISPATCH: MoveRule(
        from_statuses=_from(Status.FILED, Status.RETURNED), to_status=Status.DISPATCHED,
        roles=_CENTRE, local=True,
        takes=(MoveField.DEPARTMENT, *_SAYS), clock=ClockEffect.START,
    ),
    Move.REASSIGN: MoveRule(
        from_statuses=_from(Status.DISPATCHED), roles=_CENTRE,
        needs=(MoveField.DEPARTMENT, MoveField.REASON), takes=_FILES, clock=ClockEffect.START,
    ),
    Move.ACCEPT: MoveRule(
        from_statuses=_from(Status.DISPATCHED), to_status=Status.ACCEPTED, roles=_HANDLERS, side=True,
    ),
    Move.HANDLE: MoveRule(
        from_statuses=_from(Status.ACCEPTED, Status.REWORKING), to_status=Status.HANDLING,
        roles=_HANDLERS, side=True, takes=(MoveField.ARRIVED_AT, *_SAYS),
    ),
    Move.HAND_OVER: MoveRule(
        from_statuses=_WORKING, roles=_HANDLERS, side=True, needs=(MoveField.HANDLER,),
    ),
    Move.FEEDBACK: MoveRule(
        from_statuses=_from(Status.HANDLING), to_status=Status.FEEDBACK, roles=_HANDLERS, side=True,
        needs=_REASON, takes=_FILES, clock=ClockEffect.JUDGE,
    ),
    Move.CHECK: MoveRule(
        from_statuses=_from(Status.FEEDBACK), to_status=Status.CHECKING,
        roles=_CHECKERS, local=True, not_own=True,
    ),
    Move.CLOSE: MoveRule(
        from_statuses=_from(Status.CHECKING), to_status=Status.CLOSED,
        roles=_CHECKERS, local=True, not_own=True, clock=ClockEffect.JUDGE,
    ),
    Move.REWORK: MoveRule(
        from_statuses=_from(Status.CHECKING), to_status=Status.REWORKING,
        roles=_CHECKERS, local=True, not_own=True, needs=_REASON, takes=_FILES, clock=ClockEffect.CLEAR,
    ),
    Move.RETURN: MoveRule(
        from_statuses=_from(Status.DISPATCHED, Status.HANDLING), to_status=Status.RETURNED,
        roles=_HANDLERS, side=True, needs=_REASON, takes=_FILES,
    ),
    Move.SUSPEND: MoveRule(
        from_statuses=_from(Status.HANDLING), to_status=Status.SUSPENDED, roles=_CENTRE | {Role.LEADER},
        needs=(MoveField.SUSPENDED_UNTIL, MoveField.REASON), takes=_FILES, clock=ClockEffect.STOP,
    ),
    Move.RESUME: MoveRule(
        from_statuses=_from(Status.SUSPENDED), to_status=Status.HANDLING,
        roles=_CENTRE | {Role.LEADER, Role.SYSTEM}, clock=ClockEffect.RESUME,
    ),
    Move.ASK_EXTENSION: MoveRule(
        from_statuses=_from(Status.ACCEPTED, Status.HANDLING), roles=_HANDLERS, side=True,
        needs=_REASON, takes=_FILES,
    ),
    Move.GRANT_EXTENSION: MoveRule(
        from_statuses=_from(Status.ACCEPTED, Status.HANDLING), roles=_STREET | _CENTRE, not_own=True,
        clock=ClockEffect.EXTEND,
    ),
    Move.REFUSE_EXTENSION: MoveRule(
        from_statuses=_from(Status.ACCEPTED, Status.HANDLING), roles=_STREET | _CENTRE,
        needs=_REASON, takes=_FILES,
    ),
    Move.SUPERVISE: MoveRule(
        from_statuses=_OPEN, roles=_CENTRE | {Role.LEADER, Role.SYSTEM}, needs=_REASON, takes=_FILES,
    ),
    Move.END_SUPERVISE: MoveRule(
        from_statuses=_OPEN, roles=_CENTRE | {Role.LEADER, Role.SYSTEM}, needs=_REASON, takes=_FILES,
    ),
    Move.MERGE: MoveRule(
        from_statuses=_BEFORE_DISPATCH, to_status=Status.MERGED, roles=_STREET | _REPORTERS,
        needs=(MoveField.MERGED_INTO,),
    ),
    Move.UNMERGE: MoveRule(
        from_statuses=_from(Status.MERGED), roles=_STREET | _CENTRE | {Role.COMMUNITY},
        needs=_REASON, takes=_FILES,
    ),
    Move.VOID: MoveRule(
        from_statuses=_BEFORE_DISPATCH, to_status=Status.VOIDED, roles=_STREET | _CENTRE | {Role.COMMUNITY},
        needs=_REASON, takes=_FILES,
    ),
    Move.EVALUATE: MoveRule(
        from_statuses=_from(Status.CLOSED), to_status=Status.EVALUATED, roles=_REPORTERS,
        needs=(MoveField.SOLVED, MoveField.SATISFIED),
    ),
    Move.APPEAL: MoveRule(
        from_statuses=_from(Status.CLOSED), to_status=Status.REWORKING, roles=_REPORTERS,
        needs=_REASON, takes=_FILES, clock=ClockEffect.RESTART,
    ),
}  # fmt: skip
