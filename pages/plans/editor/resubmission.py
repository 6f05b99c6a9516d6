"""What a plan changes of a plan that was not carried, while it is being written (Art. 23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from committee.models import Person, RegulationVersion
from pages.plans.differences import Difference, in_words
from proposals import substance
from proposals.models import PlanContract, Proposal
from proposals.plan.drafts import Plan
from proposals.plan.stated import contracts
from regulation.numbers import Regulation


@dataclass(frozen=True)
class RejectedBeside:
    """A plan beside one that was not carried: the differences, those in substance first."""

    rejected: Proposal
    differences: list[Difference]
    #: in the step at hand
    here: list[Difference]

    @property
    def substantive(self) -> int:
        """How many of the differences are changes in substance."""
        return sum(row.substantive for row in self.differences)


def compare_with_rejected(
    proposal: Proposal, plan: Plan, by: Person, today: date, keys: tuple[str, ...] = ()
) -> RejectedBeside | None:
    """The plan beside the last one not carried that it revises or shares a contract with, as `by` may see."""
    shared = PlanContract.objects.filter(version=OuterRef("version"), contract_no__in=contracts(plan))
    rejected = (
        Proposal.objects.visible_to(by)
        .filter(Q(pk=proposal.revises_id) | Exists(shared), state=Proposal.State.REJECTED)
        .filter(committee__branch__bank=proposal.committee.bank_id)
        .select_related("version", "committee")
        .order_by("-pk")
        .first()
    )
    if rejected is None or rejected.version is None:
        return None
    in_force = RegulationVersion.objects.in_force(proposal.committee, today)
    numbers = in_force.numbers if in_force else Regulation()
    found = substance.compare(rejected.version.plan, plan, material_change_pct=numbers.material_change_pct)
    rows = [
        (row, in_words(row.field, row.path, row.old, row.new, substantive=row.substantive, why=row.why))
        for row in sorted(found, key=lambda row: not row.substantive)
    ]
    here = [difference for row, difference in rows if row.field.split(".")[0] in keys]
    return RejectedBeside(rejected, [difference for _row, difference in rows], here)
