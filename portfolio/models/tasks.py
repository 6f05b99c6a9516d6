"""Collection tasks by household, and the key households of each level and month (S2)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import Person
from portfolio.models.loans import Household
from portfolio.models.organisation import Institution


class Task(FSMModelMixin, models.Model):
    """What a collector is to collect of a household by a day; in fen."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        MET = "met", _("Met")
        MISSED = "missed", _("Missed")

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("household")
    )
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    collector = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("collector")
    )
    amount = models.BigIntegerField(_("amount, fen"))
    due_on = models.DateField(_("due on"))
    state: Any = FSMField(_("state"), default=State.OPEN, choices=State.choices, protected=True, max_length=6)
    given_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("given by")
    )
    given_at = models.DateTimeField(_("given at"))
    #: the day from which on what comes in counts
    from_on = models.DateField(_("from"))
    #: what had come in when it was met or missed
    received = models.BigIntegerField(_("received, fen"), null=True)
    ended_on = models.DateField(_("ended on"), null=True)

    class Meta:
        verbose_name = _("collection task")
        verbose_name_plural = _("collection tasks")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_task_is_above_zero"),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("from_on")), name="a_task_has_its_time"),
            models.UniqueConstraint(
                fields=["household"], condition=Q(state="open"), name="one_open_task_a_household"
            ),
        ]
        indexes = [
            models.Index(
                fields=["collector", "due_on"], condition=Q(state="open"), name="tasks_of_a_collector"
            ),
            models.Index(fields=["institution", "due_on", "id"], name="tasks_by_institution"),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.due_on}"

    @property
    def stream(self) -> str:
        """The audit stream of its institution."""
        return f"institution:{self.institution_id}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"task:{self.pk}"

    @transition(field=state, source=State.OPEN, target=State.MET)
    def meet(self) -> None:
        """What was to come in has come in."""

    @transition(field=state, source=State.OPEN, target=State.MISSED)
    def miss(self) -> None:
        """It has not come in by its day."""


class KeyHousehold(models.Model):
    """A household among those with the largest stock of an institution, office or the union, in a month."""

    #: the first of the month
    month = models.DateField(_("month"))
    #: of whose households it is one: the union, an office or an institution
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("institution")
    )
    place = models.PositiveSmallIntegerField(_("place"))
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="+", verbose_name=_("household")
    )
    npl = models.BigIntegerField(_("non-performing principal, fen"))

    class Meta:
        verbose_name = _("key household")
        verbose_name_plural = _("key households")
        ordering = ["-month", "institution", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "institution", "place"], name="one_key_household_a_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.institution_id} {self.place}"
