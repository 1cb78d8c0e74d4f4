"""When a notice may be sent: quiet hours, the daily digest, the rest after a try that failed. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from data.vocabulary import RiskColor

FIRST_REST: Final = timedelta(seconds=30)
LONGEST_REST: Final = timedelta(minutes=30)
MOST_ATTEMPTS: Final = 8
"""Tries of one notice; with the rests between them about an hour."""


def is_quiet(quiet: tuple[time, time] | None, *, at: datetime, zone: ZoneInfo) -> bool:
    """Whether ``at`` lies in the quiet hours ``from ≤ t < to`` of the local day, which may cross midnight."""
    if quiet is None:
        return False
    start, end = quiet
    now = at.astimezone(zone).time()
    return start <= now < end if start < end else now >= start or now < end


def digest_due(*, created_at: datetime, digest_at: time, zone: ZoneInfo) -> datetime:
    """The first local ``digest_at`` after ``created_at``."""
    local = created_at.astimezone(zone)
    due = datetime.combine(local.date(), digest_at, tzinfo=zone)
    return due if due > local else datetime.combine(local.date() + timedelta(days=1), digest_at, tzinfo=zone)


def may_send(
    *,
    color: RiskColor,
    created_at: datetime,
    due_at: datetime | None,
    quiet: tuple[time, time] | None,
    digest_at: time | None,
    now: datetime,
    zone: ZoneInfo,
) -> bool:
    """Red is told at once. Others wait for the digest, where one is wanted, and for the end of quiet hours.

    A ``due_at`` further away than the longest rest was written before the clock was set back: it is over. So
    is a digest more than a day away.
    """
    if due_at is not None and now < due_at <= now + LONGEST_REST:
        return False
    if color is RiskColor.RED:
        return True
    if is_quiet(quiet, at=now, zone=zone):
        return False
    if digest_at is None:
        return True
    due = digest_due(created_at=created_at, digest_at=digest_at, zone=zone)
    return now >= due or due - now > timedelta(days=1, minutes=1)


def rest_after(attempts: int) -> timedelta | None:
    """How long a notice rests after so many tries; None where it has failed for good."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(FIRST_REST * float(2 ** (attempts - 1)), LONGEST_REST)
