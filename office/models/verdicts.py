"""How each decision was judged last, for the list of decisions by what is amiss."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Resolution


class Verdict(models.Model):
    """The outcome of a decision's dossier when it was judged last; a trigger makes the row of a resolution.

    It is made anew by the worker (`office.dossier.verdicts`) and vouches for nothing: the dossier's own page
    judges again each time.
    """

    #: the rank of a decision that was never judged, which stands first
    UNJUDGED = 10_000
    #: what an article that did not hold adds to the rank; one with a gap adds 1
    WEIGHT = 100

    resolution = models.OneToOneField(
        Resolution, on_delete=models.PROTECT, related_name="+", verbose_name=_("resolution")
    )
    #: numbers of the articles that did not hold, that have gaps, and that are not due yet
    not_held = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("articles not held"), default=list
    )
    gaps = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("articles with gaps"), default=list)
    not_due = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("articles not due yet"), default=list
    )
    rank = models.PositiveIntegerField(_("rank"), default=UNJUDGED)
    judged_at = models.DateTimeField(_("judged at"), null=True, blank=True)
    #: how long the streams of meeting and plan were then
    meeting_seq = models.PositiveBigIntegerField(_("entries of the meeting"), default=0)
    proposal_seq = models.PositiveBigIntegerField(_("entries of the plan"), default=0)

    class Meta:
        verbose_name = _("verdict on a decision")
        verbose_name_plural = _("verdicts on decisions")
        indexes = [
            # for the order of the list (pages/oversight/dossiers/listing.py), and for those to be judged next
            models.Index("rank", "id", name="verdicts_by_rank"),
            models.Index(models.F("judged_at").asc(nulls_first=True), "id", name="verdicts_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.resolution_id}: {self.not_held} {self.gaps}"
