"""The credit department's decision."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Person, Resolution
from proposals.models.proposals import Proposal


class CreditDecision(models.Model):
    """The credit department's approval of what was resolved, or its refusal (Art. 22)."""

    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, related_name="credit_decision", verbose_name=_("proposal")
    )
    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, related_name="+", verbose_name=_("resolution")
    )
    approved = models.BooleanField(_("approved"))
    #: yuan of interest, penalty and principal that the approved plan waives
    waived = models.DecimalField(_("waived"), max_digits=20, decimal_places=2, default=0)
    terms = models.JSONField(_("terms stated"))
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by"))
    at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("credit decision")
        verbose_name_plural = _("credit decisions")
        indexes = [
            models.Index("at", "id", name="credit_decisions_by_time"),
            models.Index(fields=["at"], condition=models.Q(waived__gt=0), name="credit_decisions_waiving"),
        ]

    def __str__(self) -> str:
        return str(self.proposal)
