"""Instalments of approved plans, and receipts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from proposals.models.proposals import Proposal


class Receipt(models.Model):
    """Money received in yuan, or the counter-entry that reverses such a receipt."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("proposal")
    )
    #: yuan; negative in a counter-entry
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    received_on = models.DateField(_("received on"))
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversal",
        verbose_name=_("reverses"),
    )
    reason = models.TextField(_("reason"), blank=True)
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, reverses=None)
                | models.Q(amount__lt=0, reverses__isnull=False),
                name="a_receipt_is_above_zero_its_reversal_below",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received_on} {self.amount}"


class DueInstalment(models.Model):
    """An instalment of an approved plan; written once by a trigger at the approval."""

    proposal = models.ForeignKey(
        Proposal,
        on_delete=models.PROTECT,
        related_name="instalments",
        verbose_name=_("proposal"),
        db_index=False,
    )
    due_on = models.DateField(_("due on"))
    #: principal and interest in yuan
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=2)

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["proposal", "due_on"], include=["amount"], name="instalments_of_a_plan")
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount}"


class InstalmentReminder(models.Model):
    """That the handling institution was reminded of an instalment, so that it is once before and once after
    its day.
    """

    class When(models.TextChoices):
        BEFORE = "before", _("Before the due day")
        AFTER = "after", _("After the due day")

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal"), db_index=False
    )
    due_on = models.DateField(_("due on"))
    when = models.CharField(_("when"), max_length=6, choices=When.choices)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reminder of an instalment")
        verbose_name_plural = _("reminders of instalments")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "due_on", "when"], name="one_reminder_an_instalment_and_side"
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal} {self.due_on} {self.when}"
