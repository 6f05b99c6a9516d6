"""The report to head office, and the archive."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting, Person, Series


class Report(models.Model):
    """What was resolved at a meeting, reported to head office (Art. 12.5)."""

    meeting = models.OneToOneField(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField(_("content"))
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("sent by"))
    sent_at = models.DateTimeField(_("sent at"))
    received_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("received by"),
    )
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)

    class Meta:
        verbose_name = _("report to head office")
        verbose_name_plural = _("reports to head office")

    def __str__(self) -> str:
        return Series.written(self.meeting.committee, Series.Kind.REPORT, self.year, self.number)


class ArchiveFile(models.Model):
    """The complete file of a meeting with a digest of each part (Art. 12.6)."""

    meeting = models.OneToOneField(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    #: one row for each part: name, count, digest
    contents = models.JSONField(_("contents"))
    digest = models.CharField(_("digest"), max_length=64)
    archived_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("archived by")
    )
    archived_at = models.DateTimeField(_("archived at"))

    class Meta:
        verbose_name = _("archive file")
        verbose_name_plural = _("archive files")

    def __str__(self) -> str:
        return str(self.meeting)
