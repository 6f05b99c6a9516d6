"""The files that institutions gave in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Person, Unit


class Attachment(models.Model):
    """A file that an institution gave in, kept by its checksum; the plans say which of them names it.

    A checksum in a plan leads to a file only where the plan's own institution gave that file in: to know a
    checksum is not enough to read what another institution sent.
    """

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("handling institution")
    )
    sha256 = models.CharField(_("checksum"), max_length=64)
    media_type = models.CharField(_("type"), max_length=100)
    #: bytes
    size = models.PositiveBigIntegerField(_("size"))
    #: of what has pages that can be drawn
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    added_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [models.UniqueConstraint(fields=["unit", "sha256"], name="a_file_once_an_institution")]

    def __str__(self) -> str:
        return self.sha256
