"""Numbers of plans by month and by state, which triggers keep."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Committee, Unit
from proposals.models.proposals import Proposal


class MonthFigure(models.Model):
    """What the plans of a committee add to the figures of a month; triggers write it, and rows are added up.

    A row is a change: its plan came to count, or (below zero) counts no more or elsewhere. Folding
    (`proposals_fold_figures`) makes one row of all those of the same key; the sums stay.
    """

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        CARRIED = "carried", _("Carried")
        REJECTED = "rejected", _("Not carried")
        WAIVED = "waived", _("Waivers granted")
        PLANNED = "planned", _("Recovery planned")
        RECEIVED = "received", _("Recovery received")

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="+", verbose_name=_("committee"), db_index=False
    )
    #: the institution of plans not yet filed; once it is filed, all whose figures have a plan see it
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("handling institution"),
        db_index=False,
    )
    kind = models.CharField(_("figure"), max_length=9, choices=Kind.choices)
    #: its first day, in the zone of the committee
    month = models.DateField(_("month"))
    #: from submission to resolution, of what was resolved
    days = models.IntegerField(_("days"), null=True)
    number = models.BigIntegerField(_("number"))
    #: yuan
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("figure of a month")
        verbose_name_plural = _("figures of months")
        indexes = [models.Index("month", "committee", name="figures_by_month")]

    def __str__(self) -> str:
        return f"{self.committee} {self.month:%Y-%m} {self.kind}"


class StateCount(models.Model):
    """How many plans of an institution are in a state; triggers write it, and rows are added up."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="+", verbose_name=_("committee"), db_index=False
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("handling institution"),
        db_index=False,
    )
    state = models.CharField(_("state"), max_length=50, choices=Proposal.State.choices)
    #: which milestones they have passed: what each role may see hangs on these
    submitted = models.BooleanField(_("already submitted"))
    filed = models.BooleanField(_("already filed"))
    resolved = models.BooleanField(_("already resolved"))
    number = models.BigIntegerField(_("number"))

    class Meta:
        verbose_name = _("plans in a state")
        verbose_name_plural = _("plans in states")

    def __str__(self) -> str:
        return f"{self.unit} {self.state}: {self.number}"
