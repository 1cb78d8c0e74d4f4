"""Readings that sensors send at any time: their fields, how they are judged, kept and summed up."""
