"""What a resubmission changed against a rejected plan."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from proposals.models.proposals import PlanVersion


class Comparison(models.Model):
    """A resubmission's differences from a rejected plan, as found at submission (Art. 23)."""

    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="comparisons", verbose_name=_("version")
    )
    rejected = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("rejected version")
    )
    #: one row for each field: field, path, old, new, substantive, why
    differences = models.JSONField(_("differences"))
    at = models.DateTimeField(_("compared at"))

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.rejected} → {self.version}"
