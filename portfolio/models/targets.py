"""Targets of a year by institution, in versions that nobody lowers once locked, and quotas by person."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import Person, Unit
from committee.models.lines import LineField
from portfolio.models.loans import Loan
from portfolio.models.organisation import Institution
from portfolio.rules import targets


class TargetSetQuerySet(models.QuerySet["TargetSet"]):
    """Sets of targets by whether they are in force."""

    def in_force(self, bank: int, year: int) -> TargetSet | None:
        """The highest locked version of the bank for the year; None without any."""
        return self.filter(bank=bank, year=year, state=TargetSet.State.LOCKED).order_by("-version").first()


class TargetSet(FSMModelMixin, models.Model):
    """The targets of a bank for a year, in a version; the highest locked one is in force."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LOCKED = "locked", _("Locked")

    bank = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("bank"))
    year = models.PositiveSmallIntegerField(_("year"))
    #: from 1; raising targets makes the next one
    version = models.PositiveSmallIntegerField(_("version"))
    state: Any = FSMField(
        _("state"), default=State.DRAFT, choices=State.choices, protected=True, max_length=6
    )
    reason = models.TextField(_("reason"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))
    locked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("locked by")
    )
    locked_at = models.DateTimeField(_("locked at"), null=True)

    objects = TargetSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("set of targets")
        verbose_name_plural = _("sets of targets")
        ordering = ["bank", "-year", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["bank", "year", "version"], name="one_set_of_targets_a_version"),
            models.CheckConstraint(
                condition=Q(state="draft", locked_at=None, locked_by=None)
                | Q(state="locked", locked_at__isnull=False, locked_by__isnull=False),
                name="locked_targets_say_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} ({self.version})"

    @property
    def institution(self) -> Institution:
        """The union whose targets they are."""
        return Institution.objects.get(unit=self.bank_id)

    @property
    def stream(self) -> str:
        """The audit stream of the year's targets."""
        return f"targets:{self.year}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"target-set:{self.pk}"

    @transition(field=state, source=State.DRAFT, target=State.LOCKED)
    def lock(self) -> None:
        """It is in force, and never lowered."""


class Target(models.Model):
    """What an institution is to reach by a metric; in fen."""

    class Metric(models.TextChoices):
        CLOSING_NPL = (
            targets.Metric.CLOSING_NPL.value,
            _("Non-performing principal at the year's end, at most"),
        )
        OLD_FALL = targets.Metric.OLD_FALL.value, _("Fall of the old stock, at least")
        NEW_CAP = targets.Metric.NEW_CAP.value, _("New non-performing principal, at most")
        MONEY = targets.Metric.MONEY.value, _("Money received, at least")
        MONEY_AND_KIND = targets.Metric.MONEY_AND_KIND.value, _("Money and in kind, at least")

    target_set = models.ForeignKey(
        TargetSet, on_delete=models.PROTECT, related_name="targets", verbose_name=_("set of targets")
    )
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    metric = models.CharField(_("metric"), max_length=14, choices=Metric.choices)
    amount = models.BigIntegerField(_("amount, fen"))

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["target_set", "institution", "metric"]
        constraints = [
            models.UniqueConstraint(
                fields=["target_set", "institution", "metric"], name="one_target_an_institution_and_metric"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_target_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.metric} {self.amount}"


class Quota(models.Model):
    """What a person is to collect in the year of a set of targets; in fen."""

    target_set = models.ForeignKey(
        TargetSet, on_delete=models.PROTECT, related_name="quotas", verbose_name=_("set of targets")
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    #: 岗位, by which quotas are set
    post = LineField(_("post"), max_length=80)
    amount = models.BigIntegerField(_("amount, fen"))

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["target_set", "person"]
        constraints = [
            models.UniqueConstraint(fields=["target_set", "person"], name="one_quota_a_person"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_quota_is_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.amount}"


class Fall(models.Model):
    """By how much a non-performing loan's principal fell from the tape before to that of the day; in fen.

    Not what was written off, transferred or reclassified: what the debtor paid, as far as a tape can say.
    """

    loan = models.ForeignKey(
        Loan, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("loan")
    )
    as_of = models.DateField(_("as of"))
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("institution")
    )
    amount = models.BigIntegerField(_("amount, fen"))
    #: whose collection it was that day, by folded staff number; empty for nobody
    staff_key = models.TextField(_("collector"), blank=True)

    class Meta:
        verbose_name = _("fall of principal")
        verbose_name_plural = _("falls of principal")
        ordering = ["as_of", "loan"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "as_of"], name="one_fall_a_loan_and_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_fall_is_above_zero"),
        ]
        indexes = [
            models.Index(fields=["institution", "as_of"], name="falls_by_institution"),
            models.Index(fields=["staff_key", "as_of"], name="falls_by_collector"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.as_of} {self.amount}"
