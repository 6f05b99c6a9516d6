"""Reminders to members who have not acknowledged a notice or read its papers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.meetings import Meeting
from committee.models.organisation import Person
from committee.models.seats import Seat


class Reminder(models.Model):
    """The liaison has reminded a member of what a meeting still needs; at most once a day."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting"), db_index=False
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    #: at the committee
    day = models.DateField(_("day"))
    #: whether the receipt was missing, and how many items were unread
    receipt = models.BooleanField(_("receipt missing"))
    unread = models.PositiveSmallIntegerField(_("unread items"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person", "day"], name="one_reminder_a_day_and_person")
        ]

    def __str__(self) -> str:
        return f"{self.meeting} → {self.person}"
