"""Minutes, their distribution and receipts, papers, the report, the archive, what resolutions ask for
afterwards, and verdicts on decisions.
"""

from office.models.dispatches import Dispatch, DispatchReceipt
from office.models.exceptions import ExceptionNote
from office.models.follow_ups import FollowUp, FollowUpStep
from office.models.minutes import Copy, Minutes, MinutesRevision
from office.models.papers import Paper
from office.models.preparations import Preparation
from office.models.reports import ArchiveFile, Report
from office.models.signing import MinutesFile, MinutesSignature, SignerKey
from office.models.verdicts import Verdict

__all__ = [
    "ArchiveFile",
    "Copy",
    "Dispatch",
    "DispatchReceipt",
    "ExceptionNote",
    "FollowUp",
    "FollowUpStep",
    "Minutes",
    "MinutesFile",
    "MinutesRevision",
    "MinutesSignature",
    "Paper",
    "Preparation",
    "Report",
    "SignerKey",
    "Verdict",
]
