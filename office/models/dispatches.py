"""What is sent of a meeting, to whom, and the receipts."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committee.models import Committee, Meeting, Person, Unit
from office.models.minutes import Copy
from office.models.reports import Report


class Dispatch(models.Model):
    """A copy of the minutes or the report on its way to a unit, as one package.

    Its key names what is sent, so that it is sent once, however often that is tried.
    """

    class Kind(models.TextChoices):
        COPY = "copy", _("Copy of the minutes")
        REPORT = "report", _("Report to head office")

    class Cause(models.TextChoices):
        SPACE = "space", _("There is no space left on the disk.")
        LOST = "lost", _("A file that belongs to it is missing or was changed.")
        OTHER = "other", _("A technical fault.")

    key = models.CharField(_("key"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    #: the addressee
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    copy = models.OneToOneField(
        Copy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("copy")
    )
    report = models.OneToOneField(
        Report, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("report")
    )
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))
    #: of the package; empty while it is under way
    sha256 = models.CharField(_("checksum"), max_length=64, blank=True)
    #: bytes
    size = models.PositiveBigIntegerField(_("size"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    #: why the last try failed, and in the words of the error; empty after none
    cause = models.CharField(_("cause"), max_length=8, choices=Cause.choices, blank=True)
    failure = models.TextField(_("failure"), blank=True)
    tried_at = models.DateTimeField(_("tried at"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("something sent", "dispatch")
        verbose_name_plural = pgettext_lazy("something sent", "dispatches")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="copy", copy__isnull=False, report=None)
                | models.Q(kind="report", copy=None, report__isnull=False),
                name="a_dispatch_has_what_it_sends",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at=None, sha256="", size=None)
                | models.Q(sent_at__isnull=False, size__isnull=False) & ~models.Q(sha256=""),
                name="what_is_sent_has_a_package",
            ),
        ]
        indexes = [
            models.Index(fields=["meeting"], name="dispatches_of_meeting"),
            models.Index(fields=["unit"], name="dispatches_to_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.number} → {self.unit}"

    @property
    def committee(self) -> Committee:
        """The committee that sends it."""
        return self.meeting.committee

    @property
    def number(self) -> str:
        """The number as filed of what is sent: the report's, or that of the minutes."""
        return str(self.report or (self.copy.minutes if self.copy else ""))

    @property
    def subject(self) -> str:
        """The dispatch as named in audit entries."""
        return f"dispatch:{self.pk}"

    @property
    def path(self) -> Path:
        """Where its package lies, once it is sent."""
        return package_path(self.sha256)

    @staticmethod
    def key_of(kind: str, pk: int) -> str:
        """The key of the copy or report with that id."""
        return f"{kind}:{pk}"


def package_path(sha256: str) -> Path:
    """Return where a package with this checksum lies."""
    return Path(settings.MEDIA_ROOT) / "packages" / sha256[:2] / f"{sha256}.zip"


class DispatchReceipt(models.Model):
    """The addressee has received what was sent, and then acknowledged what it says."""

    dispatch = models.OneToOneField(
        Dispatch,
        on_delete=models.PROTECT,
        related_name="receipt",
        verbose_name=pgettext_lazy("something sent", "dispatch"),
    )
    received_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    received_at = models.DateTimeField(_("received at"))
    acknowledged_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acknowledged by"),
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)

    class Meta:
        verbose_name = _("receipt of a dispatch")
        verbose_name_plural = _("receipts of dispatches")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(acknowledged_at=None, acknowledged_by=None)
                | models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="an_acknowledgement_has_its_person",
            ),
        ]

    def __str__(self) -> str:
        return str(self.dispatch)
