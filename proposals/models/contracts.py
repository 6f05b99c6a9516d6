"""Loan contracts of plans, and the one live plan of each contract."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Unit
from proposals.models.proposals import PlanVersion, Proposal


class PlanContract(models.Model):
    """A loan contract that a version of a plan covers (Art. 13, 23)."""

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="contracts")
    contract_no = models.TextField(_("contract"), db_index=True)

    class Meta:
        verbose_name = _("contract of a plan")
        verbose_name_plural = _("contracts of plans")
        constraints = [
            models.UniqueConstraint(fields=["version", "contract_no"], name="a_contract_once_a_version")
        ]

    def __str__(self) -> str:
        return self.contract_no


class LiveContract(models.Model):
    """The one live plan of the bank in which a contract stands (Art. 13)."""

    bank = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    contract_no = models.TextField(_("contract"))
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="live_contracts")

    class Meta:
        verbose_name = _("live contract")
        verbose_name_plural = _("live contracts")
        constraints = [
            models.UniqueConstraint(fields=["bank", "contract_no"], name="a_contract_in_one_live_plan")
        ]

    def __str__(self) -> str:
        return self.contract_no
