"""Minutes, their distribution, papers, the report to head office, and the archive."""

from office.models.minutes import Copy, Minutes
from office.models.papers import Paper
from office.models.reports import ArchiveFile, Report
from office.models.signing import MinutesFile, MinutesSignature, SignerKey

__all__ = [
    "ArchiveFile",
    "Copy",
    "Minutes",
    "MinutesFile",
    "MinutesSignature",
    "Paper",
    "Report",
    "SignerKey",
]
