"""Drafts of amendments of the regulation, each of which a second officer publishes or which is discarded."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.organisation import Committee, Person
from committee.models.seats import RegulationVersion


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    """Amendments by what became of them."""

    def waiting(self) -> AmendmentQuerySet:
        """Those neither published nor discarded."""
        return self.filter(published_at=None, discarded_at=None)


class Amendment(models.Model):
    """An amendment as it was drafted (Art. 24); what it says never changes.

    It waits until another officer of the Risk department publishes it, which makes `version`, or until it is
    discarded. A committee has one that waits at most.
    """

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="amendments", verbose_name=_("committee")
    )
    #: counted within the committee
    number = models.PositiveIntegerField(_("number"))
    #: the version that it changes, which was the last one made when it was drafted
    base = models.ForeignKey(
        RegulationVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version changed")
    )
    #: name of a number → its new value, as `Regulation.as_json` has it
    changes = models.JSONField(_("changes"))
    effective_from = models.DateField(_("effective from"))
    reason = models.TextField(_("reason"))
    drafted_at = models.DateTimeField(_("drafted at"))
    drafted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    #: the version that its publication made
    version = models.OneToOneField(
        RegulationVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="amendment",
        verbose_name=_("version made"),
    )
    discarded_at = models.DateTimeField(_("discarded at"), null=True, blank=True)
    discarded_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("discarded by"),
    )

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("amendment of the regulation")
        verbose_name_plural = _("amendments of the regulation")
        ordering = ["committee", "number"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="one_amendment_a_number"),
            models.UniqueConstraint(
                fields=["committee"],
                condition=models.Q(published_at=None, discarded_at=None),
                name="one_waiting_amendment_a_committee",
            ),
            models.CheckConstraint(
                condition=models.Q(published_by=None) | ~models.Q(published_by=models.F("drafted_by")),
                name="amendments_are_published_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at=None) | models.Q(discarded_at=None),
                name="amendments_end_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee} {self.number}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"amendment:{self.pk}"

    @property
    def is_waiting(self) -> bool:
        """Whether it is neither published nor discarded."""
        return self.published_at is None and self.discarded_at is None
