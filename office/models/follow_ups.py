"""What a resolution asks for afterwards: who does it by when, how far it is, and when it was confirmed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit import clock
from committee.models import Committee, Meeting, Person
from proposals.models import Proposal

if TYPE_CHECKING:
    from django.utils.functional import Promise


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Follow-ups by how far they are."""

    def open(self) -> FollowUpQuerySet:
        """Those that are not confirmed as done."""
        return self.filter(confirmed_at=None)

    def to_do(self) -> FollowUpQuerySet:
        """Those that their owners have not reported as done."""
        return self.filter(confirmed_at=None, reported_at=None)

    def to_confirm(self) -> FollowUpQuerySet:
        """Those that wait for the liaison's confirmation."""
        return self.filter(confirmed_at=None, reported_at__isnull=False)


class FollowUp(models.Model):
    """A condition or task of a resolution, followed until it is done (Art. 10, 12)."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal"), db_index=False
    )
    #: at which it was resolved
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    #: within the proposal, from 1
    number = models.PositiveIntegerField(_("number"))
    text = models.TextField(_("what is to be done"))
    #: who answers for it now
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("owner"))
    due_on = models.DateField(_("due on"))
    assigned_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("assigned by")
    )
    assigned_at = models.DateTimeField(_("assigned at"))
    #: when the owner last reported it as done; empty again once it was returned
    reported_at = models.DateTimeField(_("reported as done at"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="follow_ups_are_numbered_by_plan"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, reported_at__isnull=False),
                name="a_follow_up_is_confirmed_after_its_report",
            ),
        ]
        indexes = [
            models.Index(fields=["owner"], condition=Q(confirmed_at=None), name="follow_ups_of_an_owner"),
            models.Index(fields=["due_on", "id"], name="follow_ups_by_due_day"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} · {self.number}"

    @property
    def committee(self) -> Committee:
        """The committee that resolved it."""
        return self.proposal.committee

    @property
    def subject(self) -> str:
        """The follow-up as named in audit entries."""
        return f"follow-up:{self.pk}"

    @property
    def state(self) -> str:
        """`done`, `reported` or `open`."""
        return "done" if self.confirmed_at else "reported" if self.reported_at else "open"

    @property
    def state_label(self) -> str | Promise:
        """The state in words."""
        return {
            "done": pgettext_lazy("follow-up", "Done"),
            "reported": pgettext_lazy("follow-up", "Reported as done"),
            "open": pgettext_lazy("follow-up", "To do"),
        }[self.state]

    @property
    def late(self) -> bool:
        """Whether the due day has passed at the committee, and nobody has reported it as done."""
        return self.state == "open" and self.due_on < today(self.committee)


class FollowUpStep(models.Model):
    """One step of a follow-up: what was said, by whom, when."""

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", pgettext_lazy("follow-up", "Assigned")
        REPORTED = "reported", pgettext_lazy("follow-up", "Progress reported")
        FINISHED = "finished", pgettext_lazy("follow-up", "Reported as done")
        RETURNED = "returned", pgettext_lazy("follow-up", "Returned by the liaison")
        CONFIRMED = "confirmed", pgettext_lazy("follow-up", "Confirmed as done")

    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.PROTECT, related_name="steps", verbose_name=_("follow-up")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    text = models.TextField(_("text"), blank=True)
    #: to whom and by when from this step on; empty where both stay
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of a follow-up")
        verbose_name_plural = _("steps of follow-ups")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


def today(committee: Committee) -> date:
    """The day at the committee."""
    return clock.now().astimezone(committee.tz).date()
