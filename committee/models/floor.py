"""The floor of an item in session: speeches, questions to the observer, opinions taken down."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.agenda import AgendaItem
from committee.models.meetings import Attendance
from committee.models.organisation import Person
from committee.models.proxies import Proxy
from committee.models.seats import Seat

#: the greatest length of a speech in minutes
LONGEST = 60


class SpeechQuerySet(models.QuerySet["Speech"]):
    """Speeches by their stage; those of people who have signed out are left out."""

    def live(self) -> SpeechQuerySet:
        """Speeches that wait or are being held."""
        return self.filter(ended_at=None, attendance__signed_out_at=None)

    def waiting(self) -> SpeechQuerySet:
        """The speaking list, in the order of the requests."""
        return self.live().filter(began_at=None)

    def speaking(self) -> SpeechQuerySet:
        """The speech being held, if there is one."""
        return self.live().filter(began_at__isnull=False)


class Speech(models.Model):
    """A request to speak on an item and, once the floor is given, the speech (Art. 18).

    It belongs to the attendance under which it was requested, and ends with it.
    """

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="speeches", verbose_name=_("item")
    )
    attendance = models.ForeignKey(
        Attendance, on_delete=models.PROTECT, related_name="speeches", verbose_name=_("attendance")
    )
    asked_at = models.DateTimeField(_("asked at"))
    began_at = models.DateTimeField(_("began at"), null=True, blank=True)
    #: the time allowed; it is displayed and interrupts nobody
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


class Question(models.Model):
    """A member's question to the observer, under the member's own name; a row never changes (Art. 19)."""

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="questions", verbose_name=_("item")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    proxy = models.ForeignKey(
        Proxy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proxy")
    )
    text = models.TextField(_("question to the observer"))
    at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("question to the observer")
        verbose_name_plural = _("questions to the observer")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.item}: {self.person}"


class Answer(models.Model):
    """The observer's answer to a question; a row never changes (Art. 19)."""

    question = models.OneToOneField(
        Question, on_delete=models.PROTECT, related_name="answer", verbose_name=_("question to the observer")
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    #: the liaison who wrote down what the observer said; null if the observer wrote it
    taken_down_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
    )
    text = models.TextField(_("answer"))
    at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("answer of the observer")
        verbose_name_plural = _("answers of the observer")

    def __str__(self) -> str:
        return f"{self.question_id}: {self.person}"


class OpinionDraft(models.Model):
    """An opinion that the liaison took down and the speaker has yet to confirm (Art. 10).

    The row is deleted when it is confirmed, declined or taken down again, and when the floor is cleared.
    """

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="opinion_drafts", verbose_name=_("item")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    proxy = models.ForeignKey(
        Proxy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proxy")
    )
    taken_down_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    text = models.TextField(_("opinion"))
    at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("opinion to be confirmed")
        verbose_name_plural = _("opinions to be confirmed")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "seat"], name="one_opinion_to_be_confirmed_a_seat")
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.person}"
