"""The tables of the proposals app, a module a subject."""

from proposals.models.attachments import Attachment
from proposals.models.comments import PlanComment
from proposals.models.comparisons import Comparison
from proposals.models.contracts import LiveContract, PlanContract
from proposals.models.credit import CreditDecision
from proposals.models.dockets import Docket, DocketEntry
from proposals.models.execution import DueInstalment, InstalmentReminder, Receipt
from proposals.models.figures import MonthFigure, StateCount
from proposals.models.ledger import LedgerBasis
from proposals.models.proposals import (
    BY_BORROWER,
    BY_NUMBER,
    PlanVersion,
    Proposal,
    ProposalGroupPermission,
    ProposalQuerySet,
)
from proposals.models.tablings import Tabling
from proposals.models.texts import PlanText

__all__ = [
    "BY_BORROWER",
    "BY_NUMBER",
    "Attachment",
    "Comparison",
    "CreditDecision",
    "Docket",
    "DocketEntry",
    "DueInstalment",
    "InstalmentReminder",
    "LedgerBasis",
    "LiveContract",
    "MonthFigure",
    "PlanComment",
    "PlanContract",
    "PlanText",
    "PlanVersion",
    "Proposal",
    "ProposalGroupPermission",
    "ProposalQuerySet",
    "Receipt",
    "StateCount",
    "Tabling",
]
