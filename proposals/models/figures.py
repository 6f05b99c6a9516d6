"""Numbers of plans by month and by state, written by triggers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Committee, Unit
from proposals.models.proposals import Proposal


class MonthFigure(models.Model):
    """A contribution of plans to a committee's figures of a month; written by triggers, summed when read.

    A row is a change: a plan began to count or, with a negative number, no longer counts or counts elsewhere.
    Folding (`proposals_fold_figures`) replaces rows of the same key by their sum.
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
    #: the institution, of plans not yet filed; figures of filed plans are visible to all who see the
    #: committee's plans
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("handling institution"),
        db_index=False,
    )
    kind = models.CharField(_("figure"), max_length=9, choices=Kind.choices)
    #: the first day of the month, in the committee's zone
    month = models.DateField(_("month"))
    #: days from submission to resolution, of resolved plans
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
    """The number of plans of an institution in a state; written by triggers, summed when read."""

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
    #: the milestones passed, which decide what each office may see
    submitted = models.BooleanField(_("already submitted"))
    filed = models.BooleanField(_("already filed"))
    resolved = models.BooleanField(_("already resolved"))
    number = models.BigIntegerField(_("number"))

    class Meta:
        verbose_name = _("plans in a state")
        verbose_name_plural = _("plans in states")

    def __str__(self) -> str:
        return f"{self.unit} {self.state}: {self.number}"
