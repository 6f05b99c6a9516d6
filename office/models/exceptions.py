"""What auditors note of exceptions, and with what conclusion they sign them off."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Person, Unit


class ExceptionNote(models.Model):
    """An auditor's note on the exceptions of a kind in one matter, or their sign-off; a row never changes.

    The matter is the meeting, plan or committee that they are of. A sign-off covers the cases that there were
    then: later ones are open again.
    """

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        SIGN_OFF = "sign_off", _("Signed off")

    bank = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("bank"))
    #: the kind of exception, and the matter as the audit log names it ("meeting:12")
    of_kind = models.CharField(_("kind of exception"), max_length=20)
    matter = models.CharField(_("matter"), max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    text = models.TextField(_("text"))
    #: how many cases there were when it was written
    cases = models.PositiveIntegerField(_("cases"))
    at = models.DateTimeField(_("written at"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by"))

    class Meta:
        verbose_name = _("note on an exception")
        verbose_name_plural = _("notes on exceptions")
        ordering = ["pk"]
        indexes = [models.Index("bank", "matter", "of_kind", name="notes_by_matter")]

    def __str__(self) -> str:
        return f"{self.of_kind} {self.matter}"
