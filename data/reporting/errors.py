"""What reporting refuses.

ReportingError
├── BadToken         a QR code, form or receipt that this deployment has not made
│   └── TokenExpired     a form that was opened too long ago
├── BadReport        a report that says too little, too much, or of nowhere
├── TooMany          more than there may be in an hour
│   ├── TooManyReports   reports from a grid or an address
│   └── TooManyLooks     looks at a case, or receipts that nobody has
├── RevealRefused    a contact that this person may not see, or not now
│   └── TooManyReveals   more contacts than one person may see in an hour
└── UnknownReceipt   a receipt that leads to no case
"""

from __future__ import annotations


class ReportingError(RuntimeError):
    """Root of what reporting refuses. The text is for people and names nobody."""


class BadToken(ReportingError):
    """A token that this deployment has not made."""


class TokenExpired(BadToken):
    """A form that was opened too long ago."""


class BadReport(ReportingError):
    """A report that says too little, too much, or of nowhere."""


class TooMany(ReportingError):
    """More than there may be in an hour; ``retry_seconds`` until the next one counts."""

    def __init__(self, sentence: str, *, retry_seconds: int) -> None:
        super().__init__(sentence)
        self.retry_seconds = retry_seconds


class TooManyReports(TooMany):
    """More than a grid or an address may report."""


class TooManyLooks(TooMany):
    """More than an address may look, or than a receipt may be looked at; or too many that nobody has."""


class RevealRefused(ReportingError):
    """A contact that this person may not see, or not for this reason."""


class TooManyReveals(RevealRefused):
    """More contacts than one person may see in an hour; ``retry_seconds`` until the next one."""

    def __init__(self, sentence: str, *, retry_seconds: int) -> None:
        super().__init__(sentence)
        self.retry_seconds = retry_seconds


class UnknownReceipt(ReportingError):
    """A receipt that leads to no case."""
