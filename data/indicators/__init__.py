"""Indicators: formulas over named counts, by week and area."""
