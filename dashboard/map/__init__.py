"""The map: folium layer classes, what the map is told, what it tells, and the one function that mounts it."""

from dashboard.map.message import MapMessage
from dashboard.map.mount import mount_map
from dashboard.map.state import MapFocus, MapSelection, MapState, MapTarget, MapTiles

__all__ = ["MapFocus", "MapMessage", "MapSelection", "MapState", "MapTarget", "MapTiles", "mount_map"]
