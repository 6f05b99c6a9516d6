"""Who has the floor of an item in session."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.agenda import AgendaItem
from committee.models.meetings import Attendance

#: so many minutes are a speech allowed at most
LONGEST = 60


class SpeechQuerySet(models.QuerySet["Speech"]):
    """Speeches by how far they are; whoever has signed out neither waits nor speaks."""

    def live(self) -> SpeechQuerySet:
        """Those that wait or are being held."""
        return self.filter(ended_at=None, attendance__signed_out_at=None)

    def waiting(self) -> SpeechQuerySet:
        """The speaking list, the first who asked first."""
        return self.live().filter(began_at=None)

    def speaking(self) -> SpeechQuerySet:
        """The one being held, if any."""
        return self.live().filter(began_at__isnull=False)


class Speech(models.Model):
    """A wish to speak on an item and, from the floor given on, the speech (Art. 18).

    It is one of the presence under which it was asked for, and ends with it.
    """

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="speeches", verbose_name=_("item")
    )
    attendance = models.ForeignKey(
        Attendance, on_delete=models.PROTECT, related_name="speeches", verbose_name=_("attendance")
    )
    asked_at = models.DateTimeField(_("asked at"))
    began_at = models.DateTimeField(_("began at"), null=True, blank=True)
    #: the time allowed, which is shown and cuts nobody off
    minutes = models.PositiveSmallIntegerField(_("minutes allowed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = SpeechQuerySet.as_manager()

    class Meta:
        verbose_name = _("speech")
        verbose_name_plural = _("speeches")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "attendance"],
                condition=models.Q(ended_at=None),
                name="one_wish_to_speak_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(minutes=None) | models.Q(minutes__range=(1, LONGEST)),
                name="a_speech_has_up_to_an_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.attendance.person}"
