"""Names of the codes of a plan: its keys, codes and stations, and who acts next.

Texts are lazy, so that a page shows them in its reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from proposals.models import Proposal

_S = Proposal.State

#: code → its name
Words = Mapping[str, str | Promise]

#: who acts next on a proposal, by its state; no entry for final states
NEXT: Words = {
    _S.DRAFT: _("The handler completes and submits the plan (Art. 13)"),
    _S.SUBMITTED: _("The liaison screens the plan (Art. 14)"),
    _S.RETURNED: _("The handler completes the plan and submits it again (Art. 13)"),
    _S.SHORTLISTED: _("The liaison files the docket with head office (Art. 14)"),
    _S.FILED: _("The chair convenes a meeting (Art. 9, 17)"),
    _S.TABLED: _("The committee deliberates at the meeting (Art. 18)"),
    _S.VOTING: _("The members vote, then the liaison counts (Art. 20)"),
    _S.CARRIED: _("The credit department decides once the minutes are signed (Art. 22)"),
    _S.REJECTED: _("A new plan needs a change in substance (Art. 23)"),
    _S.CREDIT_APPROVED: _("The handling institution records the first repayment"),
    _S.EXECUTING: _("The handling institution records the repayments"),
}

#: the stations of a proposal on its way, with names
STATIONS: tuple[tuple[str, str | Promise], ...] = (
    (_S.DRAFT, pgettext_lazy("station", "Drafted")),
    (_S.SUBMITTED, pgettext_lazy("station", "Submitted")),
    (_S.SHORTLISTED, pgettext_lazy("station", "Shortlisted")),
    (_S.FILED, pgettext_lazy("station", "Filed")),
    (_S.TABLED, pgettext_lazy("station", "On the agenda")),
    (_S.VOTING, pgettext_lazy("station", "Vote")),
    (_S.CREDIT_APPROVED, pgettext_lazy("station", "Credit approval")),
    (_S.EXECUTING, pgettext_lazy("station", "Execution")),
    (_S.COMPLETED, pgettext_lazy("station", "Completed")),
)

#: key of a plan → its name
FIELDS: Words = {
    "title": _("Title"),
    "borrower": _("Borrower"),
    "name": _("Name"),
    "id_no": _("Identity or registration number"),
    "kind": _("Kind"),
    "operating": _("Operation"),
    "cause": _("Cause of the difficulties"),
    "base_date": _("Base date"),
    "loans": _("Loans"),
    "contract_no": _("Contract"),
    "principal": _("Principal"),
    "interest_on_balance": _("On-balance-sheet interest"),
    "interest_off_balance": _("Off-balance-sheet interest"),
    "penalty": _("Penalty interest"),
    "rate": _("Rate"),
    "issued_on": _("Issued on"),
    "due_on": _("Due on"),
    "days_past_due": _("Days past due"),
    "classification": _("Classification"),
    "lending_officer": _("Lending officer"),
    "collection_officer": _("Collection officer"),
    "guarantees": _("Guarantees"),
    "guarantor": _("Guarantor"),
    "amount": _("Amount"),
    "capacity": _("Capacity to pay"),
    "collateral": _("Collateral"),
    "title_no": _("Title number"),
    "owner": _("Owner"),
    "value": _("Value"),
    "valued_on": _("Valued on"),
    "appraiser": _("Appraiser"),
    "rank": _("Rank"),
    "haircut": _("Haircut"),
    "conditions": _("Conditions of Art. 7"),
    "investigation": _("Investigation"),
    "relationship": _("Debt relationship"),
    "willingness": _("Willingness to repay"),
    "assets": _("Assets"),
    "feasibility": _("Feasibility"),
    "accountability": _("Accountability"),
    "recoverability": _("Recoverability"),
    "measures": _("Measures"),
    "concessions": _("Concessions"),
    "interest_waived": _("Interest waived"),
    "penalty_waived": _("Penalty interest waived"),
    "principal_waived": _("Principal waived"),
    "new_money": _("New money"),
    "extension_months": _("Extension, months"),
    "new_rate": _("New rate"),
    "sources": _("Sources of repayment"),
    "description": _("Description"),
    "schedule": _("Schedule"),
    "interest": _("Interest"),
    "final_due_on": _("Final due date"),
    "discount_rate": _("Discount rate"),
    "alternatives": _("Alternatives"),
    "cost": _("Cost"),
    "flows": _("Expected flows"),
    "probability": _("Probability"),
    "on": _("On"),
    "expected_recovery": _("Expected recovery"),
    "executor": _("Carried out by"),
    "milestones": _("Milestones"),
    "what": _("What is due"),
    "attachments": _("Attachments"),
    "text": _("Text"),
    "valuation": _("Valuation by another appraiser"),
}

#: concessions, in the order of the schema
CONCESSIONS = (
    "interest_waived",
    "penalty_waived",
    "principal_waived",
    "new_money",
    "extension_months",
    "new_rate",
)

#: the five findings of the investigation, in the order of the schema
FINDINGS = ("relationship", "willingness", "assets", "feasibility", "accountability")

#: code of a plan → name; other texts are the handler's own
CODES: Mapping[str, Words] = {
    "borrower.kind": {
        "enterprise": _("Enterprise"),
        "household": _("Household"),
        "village_collective": _("Village collective"),
        "public_employee": _("Public employee"),
        "employee": _("Employee of the bank"),
    },
    "operating": {
        "normal": _("Operating normally"),
        "reduced": _("Operating at a reduced scale"),
        "stopped": _("Operation stopped"),
    },
    "classification": {
        "normal": pgettext_lazy("classification", "Normal"),
        "special_mention": _("Special mention"),
        "substandard": _("Substandard"),
        "doubtful": _("Doubtful"),
        "loss": _("Loss"),
    },
    "recoverability": {
        "recoverable": _("Recoverable"),
        "recoverable_with_effort": _("Recoverable with effort"),
        "temporarily_unrecoverable": _("Temporarily unrecoverable"),
    },
    "sources.kind": {
        "business_income": _("Business income"),
        "wages": _("Wages"),
        "guarantor": _("Payment by the guarantor"),
        "in_kind": _("Repayment in kind"),
        "asset_sale": _("Sale of assets"),
        "collateral": _("Realisation of collateral"),
        "refinancing": _("Refinancing"),
        "rent": _("Rent"),
        "deposit": _("Deposits"),
        "receivables": _("Receivables"),
        "equity": _("Equity"),
        "subsidy": _("Subsidies"),
        "insurance": _("Insurance"),
        "third_party": _("Payment by a third party"),
        "family": _("Help of the family"),
        "other": _("Other"),
    },
    "collateral.kind": {
        "land": _("Land"),
        "house": _("House"),
        "shop": _("Shop"),
        "workshop": _("Workshop"),
        "equipment": _("Equipment"),
        "vehicle": _("Vehicle"),
        "goods": _("Goods"),
        "warehouse": _("Warehouse"),
        "factory": _("Factory"),
        "building": _("Building"),
        "office": pgettext_lazy("collateral", "Office"),
        "apartment": _("Apartment"),
        "parking": _("Parking space"),
        "construction": _("Construction in progress"),
        "farmland": _("Right to farm land"),
        "forest": _("Forest right"),
        "mining_right": _("Mining right"),
        "crops": _("Crops"),
        "livestock": _("Livestock"),
        "inventory": _("Inventory"),
        "machinery": _("Machinery"),
        "ship": _("Ship"),
        "receivables": _("Receivables"),
        "deposit": _("Deposits"),
        "equity": _("Equity"),
        "securities": _("Securities"),
        "patent": _("Intellectual property"),
        "other": _("Other"),
    },
    "alternatives.name": {
        "enforcement": _("Enforcement"),
        "litigation": _("Litigation"),
        "transfer": _("Transfer of the claim"),
        "write_off": _("Write-off"),
        "auction": _("Auction"),
        "foreclosure": _("Foreclosure"),
        "settlement": _("Settlement"),
        "restructuring": _("Restructuring"),
        "bankruptcy": _("Bankruptcy"),
        "mediation": _("Mediation"),
        "waiting": _("Waiting"),
        "other": _("Other"),
    },
}

#: family of measures → in words
FAMILIES: Words = {
    "persuasion": _("Persuasion"),
    "organisation": _("Organisation of the collection"),
    "administrative": _("Through authorities and employers"),
    "restructuring": _("Restructuring"),
    "security": _("From security"),
    "asset": _("From assets"),
    "legal": _("Legal measures"),
    "outsourced": _("Through third parties"),
    "restricted": _("Restricted measures"),
}
