"""The demo district: real outline and names, everything else invented, one batch that one action removes."""

from data.demo.removal import remove_demo
from data.demo.seed import DEFAULT_SEED, HISTORY_DAYS, catch_up_demo, seed_demo
from data.demo_state import DemoError, DemoMissing, DemoRefused, DemoState, demo_state

__all__ = [
    "DEFAULT_SEED",
    "HISTORY_DAYS",
    "DemoError",
    "DemoMissing",
    "DemoRefused",
    "DemoState",
    "catch_up_demo",
    "demo_state",
    "remove_demo",
    "seed_demo",
]
