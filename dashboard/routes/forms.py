"""The routes that take forms, of grid workers and residents, and the sheet that leads to them.

What each request has to pass stands in ``dashboard.reporting.guard``.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from dashboard.routes.contact import contact_reveal
from dashboard.routes.qr_codes import qr_sheet
from dashboard.routes.report import report_done, report_draft, report_page, report_send
from dashboard.routes.resident import (
    resident_appeal,
    resident_case,
    resident_draft,
    resident_lookup,
    resident_page,
    resident_rate,
    resident_send,
)


def form_routes() -> list[BaseRoute]:
    """Every route below ``/report`` and ``/r``, and the printable sheet."""
    return [
        Route("/onemap/qr-sheet", qr_sheet),
        Route("/onemap/contact", contact_reveal, methods=["POST"]),
        Route("/report", report_page),
        Route("/report", report_send, methods=["POST"]),
        Route("/report/draft", report_draft),
        Route("/report/done/{event_id:int}", report_done),
        Route("/r/case", resident_lookup),
        Route("/r/case/{receipt}", resident_case),
        Route("/r/case/{receipt}/rate", resident_rate, methods=["POST"]),
        Route("/r/case/{receipt}/appeal", resident_appeal, methods=["POST"]),
        Route("/r/{token}", resident_page),
        Route("/r/{token}", resident_send, methods=["POST"]),
        Route("/r/{token}/draft", resident_draft),
    ]
