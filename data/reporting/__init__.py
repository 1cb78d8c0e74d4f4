"""Reporting: what somebody with a phone tells of, worked out while they type, kept once, followed afterwards.

``draft`` says what would become of a report; ``report`` begins the case (``data.lifecycle`` writes it);
``tokens`` are what QR codes, forms and receipts are made of; ``follow`` is what a resident sees afterwards,
and where they judge; ``contacts`` shows a contact whole to whom it may, with an audit; ``rates`` refuses too
many; ``classes`` puts the most reported first.
"""

from __future__ import annotations

from data.reporting.classes import ClassTile, MajorTile, class_tiles
from data.reporting.contacts import (
    Reveal,
    reveal_contact,
    reveals,
    verify_reveals,
    why_not_revealed,
)
from data.reporting.draft import Draft, draft
from data.reporting.errors import (
    BadReport,
    BadToken,
    ReportingError,
    RevealRefused,
    TokenExpired,
    TooMany,
    TooManyLooks,
    TooManyReports,
    TooManyReveals,
    UnknownReceipt,
)
from data.reporting.follow import Followed, Step, appeal, follow, rate
from data.reporting.place import Place, grid_place, place_at, place_of_grid
from data.reporting.rates import check_look, check_rate, count_look
from data.reporting.report import Reported, ReportForm, masked_contact, report
from data.reporting.staff_phones import reveal_staff_phone, why_not_phoned
from data.reporting.tokens import check_form, grid_of, grid_token, new_form, receipt_of, shown_receipt

__all__ = [
    "BadReport",
    "BadToken",
    "ClassTile",
    "Draft",
    "Followed",
    "MajorTile",
    "Place",
    "ReportForm",
    "Reported",
    "ReportingError",
    "Reveal",
    "RevealRefused",
    "Step",
    "TokenExpired",
    "TooMany",
    "TooManyLooks",
    "TooManyReports",
    "TooManyReveals",
    "UnknownReceipt",
    "appeal",
    "check_form",
    "check_look",
    "check_rate",
    "class_tiles",
    "count_look",
    "draft",
    "follow",
    "grid_of",
    "grid_place",
    "grid_token",
    "masked_contact",
    "new_form",
    "place_at",
    "place_of_grid",
    "rate",
    "receipt_of",
    "report",
    "reveal_contact",
    "reveal_staff_phone",
    "reveals",
    "shown_receipt",
    "verify_reveals",
    "why_not_phoned",
    "why_not_revealed",
]
