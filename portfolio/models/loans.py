"""Borrowers, the households that answer together, and their loans as the tapes state them.

The rows are written by the import of tapes alone. What moves daily (interest, penalty) stands in the balances
only; what moves seldom and is listed or sorted by stands on the loan, as of the latest tape that names it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Unit
from portfolio.labels import CLASSES
from portfolio.models.organisation import Institution

#: The import takes these keys from joins with the rows that they name, which nobody may delete: a constraint
#: would look each one up again, two million times a day.
_BY_JOIN: dict[str, Any] = {"on_delete": models.PROTECT, "db_constraint": False}


class Household(models.Model):
    """Borrowers who answer together (户); a borrower without a household's number is one alone."""

    bank = models.ForeignKey(Unit, related_name="+", db_index=False, verbose_name=_("bank"), **_BY_JOIN)
    #: the number with the core system; empty for a borrower alone
    number = models.TextField(_("household number"), blank=True)
    #: the number folded, behind "n:", or of a borrower alone the folded identity number, behind "i:"
    key = models.TextField(_("key"), editable=False)
    #: of the loan with which it first appeared
    institution = models.ForeignKey(Institution, related_name="+", verbose_name=_("institution"), **_BY_JOIN)

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        constraints = [models.UniqueConstraint(fields=["bank", "key"], name="one_household_a_key")]

    def __str__(self) -> str:
        return self.number or str(self.pk)


class Borrower(models.Model):
    """A debtor by identity number, as the latest tape names it."""

    class Kind(models.TextChoices):
        """The kinds of a plan (Art. 6)."""

        ENTERPRISE = "enterprise", _("Enterprise")
        HOUSEHOLD = "household", _("Household")
        VILLAGE_COLLECTIVE = "village_collective", _("Village collective")
        PUBLIC_EMPLOYEE = "public_employee", _("Public employee")
        EMPLOYEE = "employee", _("Employee of the bank")

    class Insider(models.TextChoices):
        EMPLOYEE = "employee", _("Employee")
        INTRODUCED = "introduced", _("Introduced by an employee")
        GUARANTEED = "guaranteed_by_insider", _("Guaranteed by an insider")

    bank = models.ForeignKey(Unit, related_name="+", db_index=False, verbose_name=_("bank"), **_BY_JOIN)
    household = models.ForeignKey(
        Household, related_name="borrowers", verbose_name=_("household"), **_BY_JOIN
    )
    name = models.TextField(_("name"))
    id_no = models.TextField(_("identity number"))
    id_key = models.TextField(_("identity number, folded"), editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    insider = models.CharField(_("insider"), max_length=24, choices=Insider.choices, blank=True)
    employer = models.TextField(_("employer"), blank=True)

    class Meta:
        verbose_name = _("borrower")
        verbose_name_plural = _("borrowers")
        constraints = [models.UniqueConstraint(fields=["bank", "id_key"], name="one_borrower_an_identity")]

    def __str__(self) -> str:
        return self.name


class LoanQuerySet(models.QuerySet["Loan"]):
    """Loans by what they are."""

    def open(self) -> LoanQuerySet:
        """Those that the latest tape of their institution has, and not as closed."""
        return self.filter(state=Loan.State.OPEN, gone_on=None)

    def non_performing(self) -> LoanQuerySet:
        """Open ones of the classes substandard, doubtful and loss."""
        return self.open().filter(loan_class__gte=3)


class Loan(models.Model):
    """A loan by its contract; amounts in fen."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        WRITTEN_OFF = "written_off", _("Written off")
        TRANSFERRED = "transferred", _("Transferred")

    class Origin(models.TextChoices):
        NEW = "new", _("New loan")
        RENEWAL = "renewal", _("Renewal")
        RESCUE = "rescue", _("Rescue loan")
        RESTRUCTURED = "restructured", _("Restructured")

    class Guarantee(models.TextChoices):
        CREDIT = "credit", _("Credit")
        GUARANTOR = "guarantor", _("Guarantor")
        MORTGAGE = "mortgage", _("Mortgage")
        PLEDGE = "pledge", _("Pledge")
        MIXED = "mixed", _("Mixed")

    bank = models.ForeignKey(Unit, related_name="+", db_index=False, verbose_name=_("bank"), **_BY_JOIN)
    contract_no = models.TextField(_("contract number"))
    #: as plans fold it (`regulation.text.folded_identifier`)
    contract_key = models.TextField(_("contract number, folded"), editable=False)
    note_no = models.TextField(_("note number"), blank=True)
    borrower = models.ForeignKey(Borrower, related_name="loans", verbose_name=_("borrower"), **_BY_JOIN)
    institution = models.ForeignKey(Institution, related_name="+", verbose_name=_("institution"), **_BY_JOIN)
    product = models.TextField(_("product"), blank=True)
    purpose = models.TextField(_("purpose"), blank=True)
    origin = models.CharField(_("origin"), max_length=12, choices=Origin.choices)
    guarantee = models.CharField(_("guarantee"), max_length=12, choices=Guarantee.choices)
    issued_on = models.DateField(_("issued on"))
    #: as last extended
    due_on = models.DateField(_("due on"))
    #: None: never extended
    original_due_on = models.DateField(_("originally due on"), null=True, blank=True)
    amount = models.BigIntegerField(_("amount, fen"))
    #: per cent a year
    rate = models.DecimalField(_("rate, per cent a year"), max_digits=9, decimal_places=6)
    #: months from one repayment to the next; 0: at the end; None: not stated
    period_months = models.SmallIntegerField(_("months of a period"), null=True, blank=True)
    #: None: not stated
    registered = models.BooleanField(_("registered"), null=True, blank=True)
    agency = models.TextField(_("agency"), blank=True)
    other_banks_debt = models.BigIntegerField(_("debt at other banks, fen"), null=True, blank=True)
    other_banks_over90 = models.BigIntegerField(_("of it over 90 days past due, fen"), null=True, blank=True)
    allowance = models.BigIntegerField(_("allowance, fen"), null=True, blank=True)
    #: staff numbers of the tape, folded as `Person.staff_key`; of lending and approval the first ones stated,
    #: of collection the latest. A duty recorded here (`Assignment`) leads.
    lending_staff_no = models.TextField(_("lending officer"), blank=True)
    approver_staff_no = models.TextField(_("approver"), blank=True)
    collection_staff_no = models.TextField(_("collector"), blank=True)

    # as of the latest tape that names it
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    loan_class = models.SmallIntegerField(_("class"), choices=CLASSES)
    #: of special mention, 1 to 4; else 0
    sub_grade = models.SmallIntegerField(_("sub-grade"), default=0)
    principal = models.BigIntegerField(_("principal, fen"))
    principal_unpaid_since = models.DateField(_("principal unpaid since"), null=True, blank=True)
    interest_unpaid_since = models.DateField(_("interest unpaid since"), null=True, blank=True)
    #: the first day of the last unbroken time in which it was non-performing; None while it never was
    first_npl_on = models.DateField(_("non-performing since"), null=True, blank=True)
    #: the day of the tape that first had it
    first_seen_on = models.DateField(_("first on a tape"))
    #: the day of the tape that named it closed, written off or transferred
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    #: the day of the first tape that lacked it, though it was open before
    gone_on = models.DateField(_("gone from the tape on"), null=True, blank=True)

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = _("loan")
        verbose_name_plural = _("loans")
        constraints = [models.UniqueConstraint(fields=["bank", "contract_key"], name="one_loan_a_contract")]
        indexes = [
            models.Index(
                fields=["institution", "-principal", "id"],
                condition=models.Q(state="open", gone_on=None, loan_class__gte=3),
                name="npl_by_principal",
            ),
        ]

    def __str__(self) -> str:
        return self.contract_no

    @property
    def stream(self) -> str:
        """The audit stream of its duties."""
        return f"loan:{self.pk}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"loan:{self.pk}"
