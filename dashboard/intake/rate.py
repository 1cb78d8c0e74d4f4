"""How often somebody may ask: a bucket a key that fills up again evenly. Held in memory, by this process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

_MOST_KEYS: Final = 10_000


@dataclass
class _Bucket:
    left: float
    at: float


class RateLimit:
    """Counts requests by key. ``clock`` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = Lock()

    def wait_seconds(self, key: str, *, a_minute: int) -> int:
        """0 where the request may pass, which counts it; else the seconds after which one may."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(key, _Bucket(float(a_minute), now))
            bucket.left = min(float(a_minute), bucket.left + (now - bucket.at) * a_minute / 60)
            bucket.at = now
            if bucket.left < 1:
                return max(1, math.ceil((1 - bucket.left) * 60 / a_minute))
            bucket.left -= 1
            if len(self._buckets) > _MOST_KEYS:
                # The oldest asked longest ago; forgetting them only makes their buckets full again.
                for old in sorted(self._buckets, key=lambda one: self._buckets[one].at)[: _MOST_KEYS // 2]:
                    del self._buckets[old]
            return 0
