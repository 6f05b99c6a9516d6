"""Minutes, their distribution and receipts, papers, the report to head office, and the archive."""

from office.models.dispatches import Dispatch, DispatchReceipt
from office.models.minutes import Copy, Minutes, MinutesRevision
from office.models.papers import Paper
from office.models.preparations import Preparation
from office.models.reports import ArchiveFile, Report
from office.models.signing import MinutesFile, MinutesSignature, SignerKey

__all__ = [
    "ArchiveFile",
    "Copy",
    "Dispatch",
    "DispatchReceipt",
    "Minutes",
    "MinutesFile",
    "MinutesRevision",
    "MinutesSignature",
    "Paper",
    "Preparation",
    "Report",
    "SignerKey",
]
