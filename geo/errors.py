"""Errors of the geo package. Every message is Chinese and names the bad value and the way out.

GeoError
├── CrsError
│   ├── MissingCrs                  a layer came without a coordinate system
│   ├── WrongCrs                    a layer is not in CGCS2000 degrees
│   └── UnknownCoordinateSystem     a spelling that no coordinate system has
├── PolygonError                    a drawn polygon, or its URL spelling, cannot be used
├── SubdivideError                  an outline cannot be split as asked
└── BakeError                       a layer cannot be turned into tiles
"""

from __future__ import annotations


class GeoError(ValueError):
    """Root of everything that the geo package raises on purpose."""


class CrsError(GeoError):
    """Something is wrong with a coordinate system."""


class MissingCrs(CrsError):
    """A layer came without a coordinate system."""


class WrongCrs(CrsError):
    """A layer is not in CGCS2000 longitude and latitude (EPSG:4490, or its equal EPSG:4326)."""


class UnknownCoordinateSystem(CrsError):
    """A spelling that no coordinate system has."""


class PolygonError(GeoError):
    """A drawn polygon, or its spelling in a URL, cannot be used."""


class SubdivideError(GeoError):
    """An outline cannot be split as asked."""


class BakeError(GeoError):
    """A layer cannot be turned into tiles."""
