"""Whence a version of a plan has the figures of its loans: the ledger, a day and a tape."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.models import Loan, Tape
from proposals.models.proposals import PlanVersion


class LedgerBasis(models.Model):
    """The figures of a contract in a version of a plan that were taken from the ledger; a row never changes.

    What the version states may differ: it can be typed over.
    """

    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="ledger_basis", verbose_name=_("version")
    )
    #: as `regulation.text.folded_identifier` spells it
    contract = models.TextField(_("contract"))
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="+", verbose_name=_("loan"))
    as_of = models.DateField(_("as of"))
    tape = models.ForeignKey(Tape, on_delete=models.PROTECT, related_name="+", verbose_name=_("tape"))
    #: as the plan's schema names and writes them, yuan and per cent as texts: balances are not kept for ever
    figures = models.JSONField(_("figures"))

    class Meta:
        verbose_name = _("basis in the ledger")
        verbose_name_plural = _("bases in the ledger")
        ordering = ["version", "contract"]
        constraints = [
            models.UniqueConstraint(fields=["version", "contract"], name="one_basis_a_contract_and_version")
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.as_of}"
