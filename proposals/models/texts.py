"""The text of a version of a plan, for the search."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from proposals.models.proposals import PlanVersion


class PlanText(models.Model):
    """The words of a version with their characters in pairs and fours, for the search; written by a trigger.

    Trigrams find no Chinese text shorter than three characters, and many names have two; a pair of digits is
    in nearly every plan, so a line of one to three digits is indexed as a whole, too.
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
