"""Seats with their holders, and the dated versions of the regulation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.lines import LineField
from committee.models.organisation import Committee, Person, Unit
from regulation.numbers import Regulation


class Seat(models.Model):
    """A committee member's seat (Art. 4); number 1 is the chair's."""

    CHAIR = 1

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="seats", verbose_name=_("committee")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    post = LineField(_("post"), max_length=120)
    department = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    holder = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="seats",
        verbose_name=_("holder"),
    )
    held_since = models.DateTimeField(_("held since"), null=True, blank=True)

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["committee", "number"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="one_seat_a_number"),
            models.UniqueConstraint(
                fields=["committee", "holder"],
                condition=models.Q(holder__isnull=False),
                name="one_seat_per_person",
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="seats_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.post}"

    @property
    def is_chair(self) -> bool:
        """Whether this is the chair's seat."""
        return self.number == self.CHAIR


class SeatTerm(models.Model):
    """A holder's term in a seat; the current one has no end."""

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="terms", verbose_name=_("seat"))
    holder = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="seat_terms", verbose_name=_("holder")
    )
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["seat", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["seat"], condition=models.Q(until=None), name="one_open_term_a_seat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.holder}"


class RegulationVersionQuerySet(models.QuerySet["RegulationVersion"]):
    """Versions by date."""

    def in_force(self, committee: Committee, on: date) -> RegulationVersion | None:
        """The version with the greatest effective date not after `on`, the later made on ties (Art. 24)."""
        return (
            self.filter(committee=committee, effective_from__lte=on)
            .order_by("-effective_from", "-number")
            .first()
        )

    def to_come(self, committee: Committee, after: date) -> RegulationVersionQuerySet:
        """The versions in force after this day, the last made for each effective date."""
        waiting = self.filter(committee=committee, effective_from__gt=after)
        last = waiting.order_by("effective_from", "-number").distinct("effective_from")
        return self.filter(pk__in=last.values("pk"))


class RegulationVersion(models.Model):
    """The regulation's numbers from a date on; a row never changes (Art. 24, 25)."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="regulations", verbose_name=_("committee")
    )
    number = models.PositiveIntegerField(_("version"))
    effective_from = models.DateField(_("effective from"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    seat_count = models.PositiveSmallIntegerField(_("seats"))
    votes_to_pass = models.PositiveSmallIntegerField(_("votes to pass"))
    notice_days = models.PositiveSmallIntegerField(_("days of notice"))
    proxies_per_holder = models.PositiveSmallIntegerField(_("proxies a holder"))
    material_change_pct = models.DecimalField(_("material change, per cent"), max_digits=12, decimal_places=6)
    minutes_due_days = models.PositiveSmallIntegerField(_("working days for the minutes"))

    objects = RegulationVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the regulation")
        verbose_name_plural = _("versions of the regulation")
        ordering = ["committee", "number"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="one_regulation_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.committee} {self.number}"

    @property
    def numbers(self) -> Regulation:
        """The version as a value."""
        return Regulation(
            seats=self.seat_count,
            votes_to_pass=self.votes_to_pass,
            notice_days=self.notice_days,
            proxies_per_holder=self.proxies_per_holder,
            material_change_pct=self.material_change_pct,
            minutes_due_days=self.minutes_due_days,
        )


class InterpretationQuerySet(models.QuerySet["Interpretation"]):
    """Interpretations by whether they are replaced."""

    def standing_on(self, articles: Collection[int], committee: Committee) -> InterpretationQuerySet:
        """The articles' interpretations that are not replaced, the latest first, shown with refusals."""
        rows = self.standing().filter(committee=committee, article__in=articles)
        return rows.select_related("replaced_by").order_by("-number")

    def standing(self) -> InterpretationQuerySet:
        """Interpretations not replaced by a later one."""
        return self.filter(replaced_by=None)


class Interpretation(models.Model):
    """The risk department's interpretation of an article, from a day on; a row never changes (Art. 24).

    It is withdrawn only by a later one that replaces it.
    """

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="interpretations", verbose_name=_("committee")
    )
    number = models.PositiveIntegerField(_("number"))
    article = models.PositiveSmallIntegerField(_("article"))
    text_zh = models.TextField(_("Chinese text"))
    text_en = models.TextField(_("English text"), blank=True)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )
    #: the date of publication in the committee's zone
    published_on = models.DateField(_("published on"))
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("published by")
    )

    objects = InterpretationQuerySet.as_manager()

    class Meta:
        verbose_name = _("interpretation")
        verbose_name_plural = _("interpretations")
        ordering = ["committee", "number"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="one_interpretation_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.committee} {self.number}"
