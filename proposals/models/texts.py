"""The text of a version of a plan, as the search finds it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from proposals.models.proposals import PlanVersion


class PlanText(models.Model):
    """The words of a version and their characters, pairs and fours, for the search; a trigger writes it.

    Of Chinese nothing shorter than three characters could be found by trigrams, and many names have two; of
    digits a pair is in nearly every plan. A line of one to three digits is in the index as a whole, too.
    """

    version = models.OneToOneField(
        PlanVersion,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="text",
        verbose_name=_("version"),
    )
    words = models.TextField(_("words"))
    grams = ArrayField(models.IntegerField(), verbose_name=_("pairs of characters"))

    class Meta:
        verbose_name = _("text of a plan")
        verbose_name_plural = _("texts of plans")
        indexes = [GinIndex("grams", name="plan_texts_by_grams")]

    def __str__(self) -> str:
        return str(self.version)
