"""The institutions furthest from their plan, supervised on site, and the talks with their heads (S12)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import Person, Unit
from committee.models.lines import LineField
from portfolio.models.organisation import Institution


class Ranking(models.Model):
    """The institutions furthest from their plan on a day, as frozen: a later tape changes nothing of it."""

    bank = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("bank"))
    as_of = models.DateField(_("as of"))
    #: how many were asked for
    n = models.PositiveSmallIntegerField(_("places"))
    #: ranked institutions without a target, of which nobody can say how far they are behind
    without_target = models.PositiveSmallIntegerField(_("without a target"))
    #: ranked institutions without figures of the day
    without_figures = models.PositiveSmallIntegerField(_("without figures"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")
        ordering = ["-as_of", "-pk"]
        indexes = [models.Index(fields=["bank", "-as_of", "-id"], name="rankings_by_day")]

    def __str__(self) -> str:
        return f"{self.bank} {self.as_of}"

    @property
    def stream(self) -> str:
        """The audit stream of the bank's ledger."""
        return f"ledger:{self.bank_id}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"ranking:{self.pk}"


class RankingRow(models.Model):
    """An institution at its place in a ranking; money in fen."""

    ranking = models.ForeignKey(
        Ranking, on_delete=models.PROTECT, related_name="rows", verbose_name=_("ranking")
    )
    place = models.PositiveSmallIntegerField(_("place"))
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    npl = models.BigIntegerField(_("non-performing principal, fen"))
    planned = models.BigIntegerField(_("planned, fen"))

    class Meta:
        verbose_name = _("place in a ranking")
        verbose_name_plural = _("places in a ranking")
        ordering = ["ranking", "place"]
        constraints = [
            models.UniqueConstraint(fields=["ranking", "place"], name="one_institution_a_place"),
            models.UniqueConstraint(fields=["ranking", "institution"], name="one_place_an_institution"),
            models.CheckConstraint(condition=Q(npl__gt=models.F("planned")), name="none_on_target_is_ranked"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.institution_id}"

    @property
    def shortfall(self) -> int:
        """What it has above its plan, in fen."""
        return self.npl - self.planned


class Supervision(FSMModelMixin, models.Model):
    """A visit of the supervising team to an institution, from its plan to its closing."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ON_SITE = "on_site", _("On site")
        FINDINGS = "findings", _("Findings reported")
        RECTIFYING = "rectifying", _("Being rectified")
        CLOSED = "closed", _("Closed")

    class Office(models.TextChoices):
        """The five offices of the team (002/1 四)."""

        PRESIDING = "presiding", _("Deputy director in charge")
        RESPONSIBLE = "responsible", _("Deputy director responsible for the field")
        COMPLIANCE = "compliance", _("Compliance and risk management department")
        MARKETS = "markets", _("Market development department")
        STAFF = "staff", _("Human resources department")

    #: the fields that acts write; the others stay as it was planned
    WRITTEN = ("state", "on_site_at", "reported_at", "rectify_by", "suggestion", "closed_at", "conclusion")

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    #: the place for which it was visited; None for a visit on another ground
    ranked = models.ForeignKey(
        RankingRow,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("place in a ranking"),
    )
    state: Any = FSMField(
        _("state"), default=State.PLANNED, choices=State.choices, protected=True, max_length=10
    )
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("to"))
    purpose = models.TextField(_("purpose"))
    planned_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("planned by")
    )
    planned_at = models.DateTimeField(_("planned at"))
    on_site_at = models.DateTimeField(_("on site since"), null=True)
    reported_at = models.DateTimeField(_("findings reported at"), null=True)
    #: by when the findings are to be put right
    rectify_by = models.DateField(_("to be rectified by"), null=True)
    #: to the Party committee, on the leaders' work: a text, no act of this software
    suggestion = models.TextField(_("suggestion"), blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    conclusion = models.TextField(_("conclusion"), blank=True)

    class Meta:
        verbose_name = _("supervision")
        verbose_name_plural = _("supervisions")
        ordering = ["-from_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="a_visit_ends_after_it_began"
            ),
            models.UniqueConstraint(
                fields=["institution"], condition=~Q(state="closed"), name="one_open_supervision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.from_on}"

    @property
    def stream(self) -> str:
        """The audit stream of its institution."""
        return f"institution:{self.institution_id}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"supervision:{self.pk}"

    @transition(field=state, source=State.PLANNED, target=State.ON_SITE)
    def begin(self) -> None:
        """The team is there."""

    @transition(field=state, source=State.ON_SITE, target=State.FINDINGS)
    def report(self) -> None:
        """What was found is reported."""

    @transition(field=state, source=State.FINDINGS, target=State.RECTIFYING)
    def rectify(self) -> None:
        """The institution puts the findings right."""

    @transition(field=state, source=(State.FINDINGS, State.RECTIFYING), target=State.CLOSED)
    def close(self) -> None:
        """Nothing is open any more."""


class SupervisionMember(models.Model):
    """A person of the team, for one of its five offices."""

    supervision = models.ForeignKey(
        Supervision, on_delete=models.PROTECT, related_name="team", verbose_name=_("supervision")
    )
    office = models.CharField(_("office"), max_length=11, choices=Supervision.Office.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))

    class Meta:
        verbose_name = _("member of a supervising team")
        verbose_name_plural = _("members of a supervising team")
        ordering = ["supervision", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["supervision", "person"], name="a_person_is_once_in_a_team"),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.person}"


class Finding(models.Model):
    """What a visit found, until it is put right."""

    supervision = models.ForeignKey(
        Supervision, on_delete=models.PROTECT, related_name="findings", verbose_name=_("supervision")
    )
    #: within the supervision, from 1
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("finding"))
    found_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("found by")
    )
    found_at = models.DateTimeField(_("found at"))
    #: how it was put right
    remedy = models.TextField(_("how it was rectified"), blank=True)
    settled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["supervision", "number"]
        constraints = [models.UniqueConstraint(fields=["supervision", "number"], name="one_finding_a_number")]

    def __str__(self) -> str:
        return f"{self.supervision_id}:{self.number}"


class LeaderVerdict(models.Model):
    """What the team says of a leader's work, with its grounds; the latest one counts."""

    class Verdict(models.TextChoices):
        DILIGENT = "diligent", _("Diligent")
        INSUFFICIENT = "insufficient", _("Insufficient")
        NOT_DILIGENT = "not_diligent", _("Not diligent")

    supervision = models.ForeignKey(
        Supervision, on_delete=models.PROTECT, related_name="verdicts", verbose_name=_("supervision")
    )
    leader = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("leader"))
    post = LineField(_("post"), max_length=80)
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict.choices)
    grounds = models.TextField(_("grounds"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("verdict on a leader")
        verbose_name_plural = _("verdicts on leaders")
        ordering = ["supervision", "pk"]

    def __str__(self) -> str:
        return f"{self.leader} {self.verdict}"


class Admonishment(FSMModelMixin, models.Model):
    """An admonishment talk (诫勉谈话) with the head of an institution above its start of the year."""

    class State(models.TextChoices):
        DUE = "due", _("Due")
        HELD = "talk_held", _("Talk held")
        FOLLOWED_UP = "followed_up", _("Followed up")

    #: the fields that acts write
    WRITTEN = (
        "state", "with_person", "held_on", "minutes", "held_by", "follow_up", "followed_up_by",
        "followed_up_at",
    )  # fmt: skip

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    #: the rise on the year's start, in fen, as judged first
    amount = models.BigIntegerField(_("rise, fen"))
    state: Any = FSMField(_("state"), default=State.DUE, choices=State.choices, protected=True, max_length=11)
    raised_at = models.DateTimeField(_("raised at"))
    #: the last day for the talk
    due_on = models.DateField(_("due on"))
    with_person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("talk with")
    )
    held_on = models.DateField(_("held on"), null=True)
    minutes = models.TextField(_("record of the talk"), blank=True)
    held_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("held by")
    )
    follow_up = models.TextField(_("what came of it"), blank=True)
    followed_up_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("followed up by")
    )
    followed_up_at = models.DateTimeField(_("followed up at"), null=True)

    class Meta:
        verbose_name = _("admonishment")
        verbose_name_plural = _("admonishments")
        ordering = ["-year", "institution"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "year"], name="one_admonishment_a_year"),
            models.CheckConstraint(
                condition=Q(state="due") | Q(held_on__isnull=False, held_by__isnull=False) & ~Q(minutes=""),
                name="a_talk_has_its_record",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.year}"

    @property
    def stream(self) -> str:
        """The audit stream of its institution."""
        return f"institution:{self.institution_id}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"admonishment:{self.pk}"

    @transition(field=state, source=State.DUE, target=State.HELD)
    def hold(self) -> None:
        """The talk was held."""

    @transition(field=state, source=State.HELD, target=State.FOLLOWED_UP)
    def follow(self) -> None:
        """What came of it is on record."""
