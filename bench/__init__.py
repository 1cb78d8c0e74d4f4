"""Measurements as ratios taken in one run: ours against the usual way and against the strongest peer."""
