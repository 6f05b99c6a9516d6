"""Who answers for a loan: by whom it was lent and approved, for life, and by whom it is collected, by day."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from committee.models.lines import LineField
from committee.models.organisation import FoldedField
from portfolio.models.loans import Loan


class Days(Func):
    """The days from one to another, both included; without the second for ever."""

    function = "DATERANGE"
    output_field = DateRangeField()


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Duties by what they are."""

    def standing(self) -> AssignmentQuerySet:
        """Those that no later row corrects."""
        return self.filter(corrected=False)


class Assignment(models.Model):
    """A duty for a loan, by staff number, so that it stays the person's whatever the spelling.

    What it states never changes: a collection ends by a day, once, and a mistake is corrected by another row.
    """

    class Kind(models.TextChoices):
        LENDING = "lending", _("Lending")
        APPROVAL = "approval", _("Approval")
        COLLECTION = "collection", _("Collection")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="duties", verbose_name=_("loan"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    #: None while nobody here has the staff number
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    staff_no = LineField(_("staff number"), max_length=40)
    staff_key = FoldedField(_("staff number, folded"), of="staff_no")
    from_on = models.DateField(_("from"))
    #: the last day; None while it runs, and always for lending and approval
    to_on = models.DateField(_("to"), null=True, blank=True)
    reason = models.TextField(_("reason"))
    given_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("given by")
    )
    given_at = models.DateTimeField(_("given at"))
    #: the row in whose place it stands
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("corrects")
    )
    #: whether another row stands in its place
    corrected = models.BooleanField(_("corrected"), default=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["loan", "kind", "from_on", "id"]
        constraints = [
            ExclusionConstraint(
                name="one_collector_a_day",
                expressions=[
                    ("loan", RangeOperators.EQUAL),
                    (
                        Days(
                            F("from_on"),
                            F("to_on"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(kind="collection", corrected=False),
            ),
            models.CheckConstraint(
                condition=Q(kind="collection") | Q(to_on=None), name="lending_and_approval_never_end"
            ),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="duties_end_after_they_begin"
            ),
            models.UniqueConstraint(
                fields=["loan", "kind"],
                condition=Q(kind__in=("lending", "approval"), corrected=False),
                name="one_lender_and_approver_a_loan",
            ),
        ]
        indexes = [
            models.Index(fields=["staff_key", "kind"], condition=Q(corrected=False), name="duties_by_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.kind} {self.staff_no}"
