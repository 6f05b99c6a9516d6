"""Files uploaded by institutions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Person, Unit


class Attachment(models.Model):
    """A file uploaded by an institution, stored by its checksum; plans refer to it by that.

    A checksum in a plan refers to a file only if the plan's own institution uploaded that file, so that
    knowing a checksum does not give access to another institution's files.
    """

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("handling institution")
    )
    sha256 = models.CharField(_("checksum"), max_length=64)
    media_type = models.CharField(_("type"), max_length=100)
    #: bytes
    size = models.PositiveBigIntegerField(_("size"))
    #: for kinds of files whose pages can be drawn
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
