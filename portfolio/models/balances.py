"""What moves: the balances of a day, the changes of class for ever, and the figures of each day for ever."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.labels import CLASSES
from portfolio.models.loans import Borrower, Loan
from portfolio.models.organisation import Institution
from portfolio.models.tapes import Tape


class Balance(models.Model):
    """A loan's numbers on a day, in fen; the table is partitioned by day (`migrations/0002_guards.py`)."""

    #: the states by their numbers here
    STATES = ("open", "closed", "written_off", "transferred")

    pk = models.CompositePrimaryKey("loan_id", "as_of")
    loan = models.ForeignKey(
        Loan, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    principal = models.BigIntegerField(_("principal, fen"))
    interest_on = models.BigIntegerField(_("interest due on balance sheet, fen"))
    interest_off = models.BigIntegerField(_("interest due off balance sheet, fen"))
    penalty = models.BigIntegerField(_("penalty interest, fen"))
    as_of = models.DateField(_("as of"))
    institution = models.ForeignKey(
        Institution, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    #: days past due
    dpd = models.SmallIntegerField(_("days past due"))
    loan_class = models.SmallIntegerField(_("class"), choices=CLASSES)
    #: of special mention, 1 to 4; else 0
    sub_grade = models.SmallIntegerField(_("sub-grade"))
    #: place in STATES
    state = models.SmallIntegerField(_("state"))

    class Meta:
        managed = False
        db_table = "portfolio_balance"
        verbose_name = _("balance")
        verbose_name_plural = _("balances")

    def __str__(self) -> str:
        return f"{self.loan_id} {self.as_of}"


class ClassChange(models.Model):
    """A loan's class from a day on; its first one has no class before."""

    pk = models.CompositePrimaryKey("loan_id", "on")
    loan = models.ForeignKey(
        Loan, on_delete=models.PROTECT, related_name="class_changes", db_index=False, db_constraint=False
    )
    on = models.DateField(_("on"))
    from_class = models.SmallIntegerField(_("from"), choices=CLASSES, null=True)
    from_sub_grade = models.SmallIntegerField(_("from sub-grade"), default=0)
    to_class = models.SmallIntegerField(_("to"), choices=CLASSES)
    sub_grade = models.SmallIntegerField(_("sub-grade"), default=0)
    tape = models.ForeignKey(
        Tape, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("change of class")
        verbose_name_plural = _("changes of class")
        indexes = [models.Index(fields=["on", "to_class"], name="changes_of_class_by_day")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.on}: {self.to_class}"


class DayFigure(models.Model):
    """Open loans of an institution on a day, in number and principal, by cohort, class and kind."""

    class Cohort(models.TextChoices):
        """`old`: non-performing on 1 January and ever since; performing loans have none."""

        OLD = "old", _("Old")
        NEW = "new", _("New")
        NONE = "", _("Performing")

    pk = models.CompositePrimaryKey("as_of", "institution_id", "cohort", "loan_class", "sub_grade", "kind")
    as_of = models.DateField(_("as of"))
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("institution")
    )
    cohort = models.CharField(_("cohort"), max_length=3, choices=Cohort.choices, blank=True)
    loan_class = models.SmallIntegerField(_("class"), choices=CLASSES)
    sub_grade = models.SmallIntegerField(_("sub-grade"))
    kind = models.CharField(_("kind of borrower"), max_length=20, choices=Borrower.Kind.choices)
    loans = models.IntegerField(_("loans"))
    principal = models.BigIntegerField(_("principal, fen"))
    tape = models.ForeignKey(
        Tape, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("tape")
    )

    class Meta:
        verbose_name = _("figure of a day")
        verbose_name_plural = _("figures of days")
        indexes = [models.Index(fields=["institution", "as_of"], name="figures_by_institution")]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.as_of}"
