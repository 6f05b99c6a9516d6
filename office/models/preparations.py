"""What is made of a meeting's papers in the background."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting, Person, Resolution


class Preparation(models.Model):
    """Papers that are drawn up, or put together in one file, by the worker; asked for twice, it is made once.

    Its file is kept for a day in VAR_DIR. Who may have it is not written here: it is found by the papers that
    a person sees (`office.preparing.key_of`).
    """

    class Kind(models.TextChoices):
        DRAWING = "drawing", _("Papers being drawn up")
        COPY = "copy", _("Reading copy")
        BUNDLE = "bundle", _("Files as a ZIP")
        DOSSIER = "dossier", _("Dossier of a decision")

    class State(models.TextChoices):
        WAITING = "waiting", _("In preparation")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    #: of a dossier, the decision
    resolution = models.ForeignKey(
        Resolution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolution"),
    )
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    #: SHA-256 over kind, language and what it is made of
    key = models.CharField(_("key"), max_length=64)
    #: the ids of the papers that are put together, in their order
    papers = models.JSONField(_("papers"), default=list)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    #: papers
    done = models.PositiveIntegerField(_("papers done"), default=0)
    total = models.PositiveIntegerField(_("papers in all"))
    asked_at = models.DateTimeField(_("asked for at"), auto_now_add=True)

    class Meta:
        verbose_name = _("preparation of papers")
        verbose_name_plural = _("preparations of papers")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~models.Q(state="failed"), name="a_preparation_is_made_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def path(self) -> Path:
        """Where its file lies once it is made."""
        ending = "zip" if self.kind == self.Kind.BUNDLE else "pdf"
        return Path(settings.VAR_DIR) / "prepared" / f"{self.key}.{ending}"
