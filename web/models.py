"""Submissions, by which forms act once, and exported lists."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from committee.models.lines import LineField


class Submission(models.Model):
    """A submission of a form or a program's request, by its token, with the address it led to; repeated it
    acts no more.
    """

    token = models.UUIDField(_("token"), primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    led_to = models.TextField(_("led to"), blank=True)
    #: digest of what was sent under the key or token; empty for a ballot, of which nothing is recorded here
    sent = models.CharField(_("digest of what was sent"), max_length=64, blank=True)
    at = models.DateTimeField(_("sent at"), auto_now_add=True)

    class Meta:
        verbose_name = _("form sent")
        verbose_name_plural = _("forms sent")

    def __str__(self) -> str:
        return str(self.token)


class SavedFilter(models.Model):
    """A list's filters and order under a name of the person's own, exported at intervals if they wish."""

    class Every(models.TextChoices):
        NEVER = "", _("Not exported")
        DAY = "day", _("Every day")
        WEEK = "week", _("Every Monday")
        MONTH = "month", _("On the first of each month")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    listing = models.CharField(_("list"), max_length=40)
    name = LineField(_("name"), max_length=60)
    #: the filters and the order as they stand in the address of the list
    address = models.TextField(_("filters"), blank=True)
    every = models.CharField(_("exported"), max_length=5, choices=Every.choices, blank=True)
    #: the day, in the site's zone, from which on the next export is due
    next_on = models.DateField(_("next export on"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.UniqueConstraint(fields=["person", "listing", "name"], name="one_saved_filter_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """A list, or a part of the audit log, as a file for the person who requested it, for a day."""

    #: what stands in place of a list's name for a part of the audit log; the address says which
    LOG = "log"

    class State(models.TextChoices):
        WAITING = "waiting", _("In preparation")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    #: the list, and the filters and order of its address
    listing = models.CharField(_("list"), max_length=40)
    address = models.TextField(_("filters"), blank=True)
    language = models.CharField(_("language"), max_length=12)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    written = models.PositiveIntegerField(_("rows written"), default=0)
    rows = models.PositiveIntegerField(_("rows"), null=True)
    asked_at = models.DateTimeField(_("asked for at"), auto_now_add=True)
    #: the offices that the person held then, each with what it is of; whoever lost one has the file no more
    held = models.JSONField(_("offices held"), default=list)
    #: the filter whose schedule asked for it; None where the person did
    saved = models.ForeignKey(
        SavedFilter,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="exports",
        verbose_name=_("saved filter"),
    )

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")

    def __str__(self) -> str:
        return f"{self.listing} #{self.pk}"

    @property
    def path(self) -> Path:
        """The path of the file, which only a view for that person serves."""
        return Path(settings.VAR_DIR) / "exports" / f"{self.pk}{self.suffix}"

    @property
    def is_log(self) -> bool:
        """Whether it is a part of the audit log."""
        return self.listing == self.LOG

    @property
    def suffix(self) -> str:
        """The ending of the file's name."""
        return ".zip" if self.is_log else ".xlsx"
