"""A proposal on the agenda of a meeting."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import AgendaItem
from proposals.models.proposals import PlanVersion, Proposal


class Tabling(models.Model):
    """A proposal standing under an item of a meeting."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="tablings", verbose_name=_("proposal")
    )
    item = models.OneToOneField(
        AgendaItem, on_delete=models.PROTECT, related_name="+", verbose_name=_("item")
    )
    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )

    class Meta:
        verbose_name = _("tabling")
        verbose_name_plural = _("tablings")

    def __str__(self) -> str:
        return f"{self.item}: {self.proposal}"
