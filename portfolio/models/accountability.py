"""The review of those who lent and approved: listed by the year of origin, until it is closed (S4)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import Person
from committee.models.lines import LineField
from portfolio.models.loans import Loan
from portfolio.models.organisation import Institution


class Accountability(FSMModelMixin, models.Model):
    """The responsibility of one officer for one non-performing loan, reviewed in the year of its calendar.

    Measures such as 待岗 are records of what HR decided.
    """

    class State(models.TextChoices):
        LISTED = "listed", _("Listed")
        SERVED = "served", _("Served")
        RECOVERING = "recovering", _("To be recovered within a limit")
        RECOVERED = "recovered", _("Recovered")
        OVERDUE = "overdue", _("Limit passed")
        MEASURES = "measures", _("Measures taken")
        CLOSED = "closed", _("Closed")

    #: the fields that acts write; the others stay as it was listed
    WRITTEN = ("state", "served_on", "limit_on", "measures", "document_no", "conclusion", "closed_at")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="+", verbose_name=_("loan"))
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    #: the year of the calendar, and the day since which the loan is non-performing
    year = models.PositiveSmallIntegerField(_("year of review"))
    first_npl_on = models.DateField(_("non-performing since"))
    #: lending or approval
    kind = models.CharField(_("kind"), max_length=10)
    staff_no = LineField(_("staff number"), max_length=40)
    #: None while nobody here has the staff number
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    state: Any = FSMField(
        _("state"), default=State.LISTED, choices=State.choices, protected=True, max_length=10
    )
    listed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("listed by")
    )
    listed_at = models.DateTimeField(_("listed at"))
    served_on = models.DateField(_("served on"), null=True)
    #: by when the officer is to recover the loan
    limit_on = models.DateField(_("limit"), null=True)
    #: what HR decided, by its document
    measures = models.TextField(_("measures"), blank=True)
    document_no = LineField(_("document number"), max_length=80, blank=True)
    conclusion = models.TextField(_("conclusion"), blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("accountability")
        verbose_name_plural = _("accountabilities")
        ordering = ["-year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "kind", "year"], name="one_review_a_loan_kind_and_year"),
        ]
        indexes = [
            models.Index(fields=["institution", "year", "state"], name="reviews_by_institution"),
            models.Index(fields=["limit_on"], condition=Q(state="recovering"), name="reviews_by_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.loan} {self.kind}"

    @property
    def stream(self) -> str:
        """The audit stream of its institution."""
        return f"institution:{self.institution_id}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"accountability:{self.pk}"

    @transition(field=state, source=State.LISTED, target=State.SERVED)
    def serve(self) -> None:
        """The officer has been told."""

    @transition(field=state, source=State.SERVED, target=State.RECOVERING)
    def limit(self) -> None:
        """The officer is to recover the loan by a day."""

    @transition(field=state, source=(State.RECOVERING, State.OVERDUE), target=State.RECOVERED)
    def recover(self) -> None:
        """The loan is no longer non-performing."""

    @transition(field=state, source=State.RECOVERING, target=State.OVERDUE)
    def lapse(self) -> None:
        """The limit has passed."""

    @transition(field=state, source=State.OVERDUE, target=State.MEASURES)
    def discipline(self) -> None:
        """HR has taken measures."""

    @transition(field=state, source=(State.RECOVERED, State.MEASURES), target=State.CLOSED)
    def close(self) -> None:
        """The review is at its end."""
