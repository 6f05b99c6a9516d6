"""Terms of the liaison and of stand-ins (Art. 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from committee.models.organisation import Committee, Person


class LiaisonTermQuerySet(models.QuerySet["LiaisonTerm"]):
    """Terms by time."""

    def lasting(self, moment: datetime) -> LiaisonTermQuerySet:
        """Terms that run or are to come and were not called off."""
        return self.filter(Q(until=None) | Q(until__gt=moment) & ~Q(until=F("since")))

    def running(self, moment: datetime) -> LiaisonTermQuerySet:
        """Running terms, the acting one first: a stand-in acts before the appointed liaison."""
        return self.lasting(moment).filter(since__lte=moment).order_by("-stand_in", "-since")

    def acting(self, committee_id: int, moment: datetime) -> int | None:
        """The id of the person who acts by the terms; None without a term."""
        running = self.running(moment).filter(committee=committee_id)
        return running.values_list("person_id", flat=True).first()


class LiaisonTerm(models.Model):
    """A term as liaison: by appointment until the next one, or as a stand-in for a period."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="liaison_terms", verbose_name=_("committee")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="liaison_terms", verbose_name=_("person")
    )
    stand_in = models.BooleanField(_("stand-in"), default=False)
    since = models.DateTimeField(_("since"))
    #: the end of the term, exclusive; equal to its beginning for a stand-in called off beforehand
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
    """The committees annotated with `acting`: the id of the person who acts as liaison by the terms now."""
    running = LiaisonTerm.objects.running(moment).filter(committee=OuterRef("pk"))
    return committees.annotate(acting=Subquery(running.values("person")[:1]))


def to_switch(moment: datetime) -> QuerySet[Any]:
    """The committees whose liaison is not the person who acts by the terms."""
    return with_acting(Committee.objects.all(), moment).filter(~Q(liaison=F("acting")), acting__isnull=False)
