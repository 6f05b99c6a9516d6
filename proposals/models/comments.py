"""What the liaison and the handling institution write to each other at the fields of a plan."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from proposals.models.proposals import PlanVersion, Proposal


class PlanComment(models.Model):
    """A remark of the liaison at a field of a plan, or the institution's answer; a row never changes."""

    class Side(models.TextChoices):
        LIAISON = "liaison", _("Liaison")
        INSTITUTION = "institution", _("Handling institution")

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
    )
    #: that its writer had before them
    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )
    #: JSON path of the field in that version
    field = models.CharField(_("field"), max_length=100)
    side = models.CharField(_("side"), max_length=11, choices=Side.choices)
    text = models.TextField(_("text"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("comment on a plan")
        verbose_name_plural = _("comments on plans")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.proposal} {self.field}"
