"""The liaison's terms: who was appointed, and who stands in from when until when (Art. 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from committee.models.organisation import Committee, Person


class LiaisonTermQuerySet(models.QuerySet["LiaisonTerm"]):
    """Terms by the moment at which they run."""

    def lasting(self, moment: datetime) -> LiaisonTermQuerySet:
        """Those that are not over: they run, or are still to come and were not called off."""
        return self.filter(Q(until=None) | Q(until__gt=moment) & ~Q(until=F("since")))

    def running(self, moment: datetime) -> LiaisonTermQuerySet:
        """Those that run, the one that acts first: a stand-in acts in place of whoever was appointed."""
        return self.lasting(moment).filter(since__lte=moment).order_by("-stand_in", "-since")

    def acting(self, committee_id: int, moment: datetime) -> int | None:
        """The id of whoever acts by the terms; None where there is no term."""
        running = self.running(moment).filter(committee=committee_id)
        return running.values_list("person_id", flat=True).first()


class LiaisonTerm(models.Model):
    """A time as liaison: appointed until another is, or as a stand-in from one moment to another."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="liaison_terms", verbose_name=_("committee")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="liaison_terms", verbose_name=_("person")
    )
    stand_in = models.BooleanField(_("stand-in"), default=False)
    since = models.DateTimeField(_("since"))
    #: the first moment at which it is over; a stand-in called off before its time ends where it began
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = LiaisonTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term of the liaison")
        verbose_name_plural = _("terms of the liaison")
        ordering = ["committee", "since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee"], condition=Q(stand_in=False, until=None), name="one_liaison_appointed"
            ),
            models.CheckConstraint(
                condition=Q(stand_in=False) | Q(until__isnull=False), name="a_stand_in_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="a_term_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee}: {self.person}"


def with_acting(committees: QuerySet[Committee], moment: datetime) -> QuerySet[Any]:
    """The committees, each with `acting`: the id of whoever acts as liaison by the terms at this moment."""
    running = LiaisonTerm.objects.running(moment).filter(committee=OuterRef("pk"))
    return committees.annotate(acting=Subquery(running.values("person")[:1]))


def to_switch(moment: datetime) -> QuerySet[Any]:
    """The committees whose liaison is not, or no longer, the one who acts by the terms."""
    return with_acting(Committee.objects.all(), moment).filter(~Q(liaison=F("acting")), acting__isnull=False)
