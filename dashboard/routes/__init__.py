"""The HTTP routes of the map: read-only, same origin, one snapshot of the data an answer.

``routes()`` is what ``dashboard/app.py`` hands to the server. What they promise: ``docs/architecture.md``.
"""

from starlette.routing import BaseRoute, Route

from dashboard.routes.areas import explanation, values
from dashboard.routes.assets import asset
from dashboard.routes.attachments import photo
from dashboard.routes.events import heat, points
from dashboard.routes.export import export_csv_file, export_xlsx_file
from dashboard.routes.health import health_report
from dashboard.routes.intake import intake_events, intake_readings
from dashboard.routes.intake_page import intake_page, openapi_document
from dashboard.routes.lookup import search_hits, stations
from dashboard.routes.people import people
from dashboard.routes.revisions import revision_stream
from dashboard.routes.tiles import basemap_archive, division_archive
from dashboard.routes.whistles import whistles_file

__all__ = ["routes"]


def routes() -> list[BaseRoute]:
    """Every route below ``/onemap``."""
    return [
        Route("/onemap/assets/{version}/{name:path}", asset),
        Route("/onemap/tiles/{name}.pmtiles", division_archive),
        Route("/onemap/basemap.pmtiles", basemap_archive),
        Route("/onemap/values", values),
        Route("/onemap/explain", explanation),
        Route("/onemap/points", points),
        Route("/onemap/heat", heat),
        Route("/onemap/stations", stations),
        Route("/onemap/search", search_hits),
        Route("/onemap/people", people),
        Route("/onemap/attachments/{digest}.jpg", photo),
        Route("/onemap/stream", revision_stream),
        Route("/onemap/export.csv", export_csv_file),
        Route("/onemap/export.xlsx", export_xlsx_file),
        Route("/onemap/whistles.csv", whistles_file),
        Route("/onemap/health", health_report),
        Route("/onemap/intake/events", intake_events, methods=["POST"]),
        Route("/onemap/api/readings", intake_readings, methods=["POST"]),
        Route("/onemap/openapi.json", openapi_document),
        Route("/onemap/api", intake_page),
    ]
