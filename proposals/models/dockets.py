"""Dockets filed with head office, and the plans on them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Committee, Person, Series
from proposals.models.proposals import PlanVersion, Proposal


class Docket(models.Model):
    """A list of plans put forward to the chair and filed with head office (Art. 14)."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="dockets", verbose_name=_("committee")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    filed_at = models.DateTimeField(_("filed at"))
    filed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("filed by")
    )

    class Meta:
        verbose_name = _("docket")
        verbose_name_plural = _("dockets")
        ordering = ["-filed_at"]
        indexes = [models.Index("filed_at", "id", name="dockets_by_filing")]

    def __str__(self) -> str:
        return Series.written(self.committee, Series.Kind.FILING, self.year, self.number)


class DocketEntry(models.Model):
    """A plan on a docket, in the version filed."""

    docket = models.ForeignKey(
        Docket, on_delete=models.PROTECT, related_name="entries", verbose_name=_("docket")
    )
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="docket_entries", verbose_name=_("proposal")
    )
    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )

    class Meta:
        verbose_name = _("entry of a docket")
        verbose_name_plural = _("entries of dockets")
        constraints = [models.UniqueConstraint(fields=["proposal"], name="a_proposal_is_filed_once")]

    def __str__(self) -> str:
        return f"{self.docket}: {self.proposal}"
