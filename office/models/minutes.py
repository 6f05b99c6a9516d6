"""Minutes and their distribution."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import Meeting, Person, Series, Unit


class MinutesQuerySet(models.QuerySet["Minutes"]):
    """Minutes of meetings, and those that supplement them."""

    def originals(self) -> MinutesQuerySet:
        """The minutes drawn from a record, one of a meeting: those that supplement none."""
        return self.filter(supplements=None)

    def supplementary(self) -> MinutesQuerySet:
        """Those that correct minutes in effect."""
        return self.exclude(supplements=None)


class Minutes(FSMModelMixin, models.Model):
    """The minutes of a meeting; signed ones never change (Art. 21).

    What is wrong in them is corrected by supplementary minutes (补充纪要), which refer to them.
    """

    class State(models.TextChoices):
        DRAFTED = "drafted", _("Drafted")
        SIGNED = "signed", _("Signed")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting"), db_index=False
    )
    #: of supplementary minutes, those that they correct
    supplements = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="supplementary",
        verbose_name=_("supplements"),
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    state = FSMField(_("state"), default=State.DRAFTED, choices=State.choices, protected=True)
    narrative = models.TextField(_("narrative"), blank=True)
    #: the record from which they are drawn: attendance, items, opinions, votes with choices and reasons
    record = models.JSONField(_("record"))
    #: SHA-256 over the canonical JSON of narrative and record
    digest = models.CharField(_("digest"), max_length=64)
    drafted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    signed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed by")
    )
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(supplements=None), name="one_minutes_of_a_meeting"
            ),
            models.UniqueConstraint(
                fields=["supplements"],
                condition=models.Q(supplements__isnull=False, state="drafted"),
                name="one_draft_of_supplementary_minutes",
            ),
            models.CheckConstraint(
                condition=models.Q(state="drafted", signed_at=None)
                | models.Q(state="signed", signed_at__isnull=False, signed_by__isnull=False),
                name="signed_minutes_have_a_signer",
            ),
        ]
        indexes = [
            # for the deadlines of all meetings of a period (pages/oversight/irregularities)
            models.Index(fields=["meeting"], include=["drafted_at"], name="minutes_by_meeting"),
        ]

    def __str__(self) -> str:
        return Series.written(self.meeting.committee, Series.Kind.MINUTES, self.year, self.number)

    @property
    def subject(self) -> str:
        """The minutes as named in audit entries."""
        return f"minutes:{self.pk}"

    @transition(field=state, source=State.DRAFTED, target=State.SIGNED)
    def sign(self, at: datetime, by: Person) -> None:
        """The minutes come into effect and never change again."""
        self.signed_at = at
        self.signed_by = by


class MinutesRevision(models.Model):
    """The narrative of minutes as it was saved once; it never changes, the next save is another."""

    minutes = models.ForeignKey(
        Minutes, on_delete=models.PROTECT, related_name="revisions", verbose_name=_("minutes")
    )
    #: counted from 1
    number = models.PositiveIntegerField(_("revision"))
    narrative = models.TextField(_("narrative"), blank=True)
    #: that of the minutes with this narrative
    digest = models.CharField(_("digest"), max_length=64)
    saved_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("saved by")
    )
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("revision of the minutes")
        verbose_name_plural = _("revisions of the minutes")
        ordering = ["minutes", "number"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="one_revision_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} r{self.number}"


class Copy(models.Model):
    """A copy of signed minutes for a unit: complete, or a handling institution's own items (Art. 21)."""

    minutes = models.ForeignKey(
        Minutes, on_delete=models.PROTECT, related_name="copies", verbose_name=_("minutes")
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    #: the complete record, or the unit's own items with counts and reasons without names
    full = models.BooleanField(_("in full"))
    content = models.JSONField(_("content"))
    sent_at = models.DateTimeField(_("sent at"))
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("sent by"))

    class Meta:
        verbose_name = _("copy of the minutes")
        verbose_name_plural = _("copies of the minutes")
        ordering = ["minutes", "pk"]
        constraints = [models.UniqueConstraint(fields=["minutes", "unit"], name="one_copy_a_unit")]

    def __str__(self) -> str:
        return f"{self.minutes} → {self.unit}"
