"""Items of a meeting, what is said on them, and what was resolved."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from committee.models.meetings import Meeting
from committee.models.organisation import Person, Unit
from committee.models.proxies import Proxy
from committee.models.seats import Seat

#: the most minutes that can be planned for an item
LONGEST_ITEM = 480


class AgendaItem(models.Model):
    """A matter put to a meeting: title, handling unit, digest of its materials."""

    class Left(models.TextChoices):
        WITHDRAWN = "withdrawn", _("Withdrawn")
        DROPPED = "dropped", _("Dropped from the agenda")
        DEFERRED = "deferred", _("Deferred: the vote was cancelled")
        NOT_RECOGNISED = "not_recognised", _("Special circumstances were not recognised")
        NOT_VOTED = "not_voted", _("Not voted on")
        MEETING_CANCELLED = "meeting_cancelled", _("The meeting was cancelled")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="items", verbose_name=_("meeting")
    )
    #: its place in the notice; null once dropped from the agenda
    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    title = models.TextField(_("title"))
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("handling institution")
    )
    digest = models.CharField(_("digest of the materials"), max_length=64)
    #: how long it is expected to take; null where nothing is stated. No rule reads it.
    minutes = models.PositiveSmallIntegerField(_("minutes planned"), null=True, blank=True)
    taken_up_at = models.DateTimeField(_("taken up at"), null=True, blank=True)
    #: when the first vote on the item was opened, on either question; written by voting
    vote_opened_at = models.DateTimeField(_("vote opened at"), null=True, blank=True)
    #: whether a vote is open; written by voting
    voting = models.BooleanField(_("vote open"), default=False)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    left_at = models.DateTimeField(_("left the agenda at"), null=True, blank=True)
    left_why = models.CharField(_("left the agenda why"), max_length=17, choices=Left.choices, blank=True)

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering = ["meeting", "number", "pk"]
        permissions = [
            ("speak_agendaitem", "Speak on the item"),
            ("vote_agendaitem", "Vote on the item"),
            ("observe_agendaitem", "Attend the item as observer"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number"],
                condition=models.Q(number__isnull=False),
                name="one_item_a_number",
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(voting=True), name="one_open_vote_a_meeting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.number}"

    @property
    def subject(self) -> str:
        """The item as named in audit entries."""
        return f"item:{self.pk}"


class AgendaItemUserPermission(UserObjectPermissionBase):
    """A permission of one person on one item: of proxies, voters and the observer."""

    content_object = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="grants")

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("grant on an item")
        verbose_name_plural = _("grants on items")


class ObserverQuerySet(models.QuerySet["Observer"]):
    """Observers, annotated for the page that they follow."""

    def followed(self) -> models.QuerySet[Any, Any]:
        """Annotate with `attends`, and with `version`: 1 more for each question, each answer and the end."""
        attends = models.Q(
            withdrew_at=None, item__left_at=None, item__meeting__state=Meeting.State.IN_SESSION
        )
        return self.annotate(
            attends=models.Case(models.When(attends, then=True), default=False),
            version=models.Count("item__questions")
            + models.Count("item__questions__answer")
            + models.Case(models.When(attends, then=0), default=1),
        )


class Observer(models.Model):
    """The head of the handling institution attending one item (Art. 19)."""

    item = models.OneToOneField(
        AgendaItem, on_delete=models.PROTECT, related_name="observer", verbose_name=_("item")
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    admitted_at = models.DateTimeField(_("admitted at"))
    withdrew_at = models.DateTimeField(_("withdrew at"), null=True, blank=True)

    objects = ObserverQuerySet.as_manager()

    class Meta:
        verbose_name = _("observer")
        verbose_name_plural = _("observers")

    def __str__(self) -> str:
        return f"{self.item}: {self.person}"


class Opinion(models.Model):
    """A member's opinion on an item taken up, under the member's own name (Art. 10, 18)."""

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="opinions", verbose_name=_("item")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    proxy = models.ForeignKey(
        Proxy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proxy")
    )
    text = models.TextField(_("opinion"))
    at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.item}: {self.person}"


class Reading(models.Model):
    """A person's reading of an item's materials, under their own name; a row never changes (Art. 10).

    Changed materials, which have another digest, count as unread.
    """

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="readings", verbose_name=_("item")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="readings", verbose_name=_("person")
    )
    proxy = models.ForeignKey(
        Proxy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proxy")
    )
    digest = models.CharField(_("digest of the materials"), max_length=64)
    at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("reading of the materials")
        verbose_name_plural = _("readings of the materials")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "person", "digest"], name="materials_are_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.person}"


class Conflict(models.Model):
    """A seat's conflict of interest on an item, declared or found: the seat can only abstain (Art. 20.3)."""

    class Source(models.TextChoices):
        DECLARED = "declared", _("Declared")
        FOUND = "found", _("Found when the item was taken up")

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="conflicts", verbose_name=_("item")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        constraints = [models.UniqueConstraint(fields=["item", "seat"], name="one_conflict_a_seat")]

    def __str__(self) -> str:
        return f"{self.item}: {self.seat}"


class Resolution(models.Model):
    """What was resolved, as it stood when the vote closed; a row never changes (Art. 20)."""

    class Question(models.TextChoices):
        PLAN = "plan", _("Plan")
        SPECIAL = "special-circumstances", _("Special circumstances")

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="resolutions", verbose_name=_("item")
    )
    question = models.CharField(_("question"), max_length=21, choices=Question.choices)
    round = models.PositiveSmallIntegerField(_("round"))
    #: the digest of the plan voted on
    digest = models.CharField(_("digest of the plan"), max_length=64)
    carried = models.BooleanField(_("carried"))
    for_count = models.PositiveSmallIntegerField(_("for"))
    against_count = models.PositiveSmallIntegerField(_("against"))
    abstained_count = models.PositiveSmallIntegerField(_("abstained"))
    #: of those abstaining, the seats with a conflict of interest
    conflicted_count = models.PositiveSmallIntegerField(_("in conflict"))
    votes_to_pass = models.PositiveSmallIntegerField(_("votes to pass"))
    #: one row for each seat: number, post, holder, voter, by proxy, choice, reason, conflict
    ballots = models.JSONField(_("ballots"))
    closed_at = models.DateTimeField(_("closed at"))

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        ordering = ["closed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "question"], name="one_resolution_a_question"),
            models.CheckConstraint(
                condition=models.Q(carried=True, for_count__gte=models.F("votes_to_pass"))
                | models.Q(carried=False, for_count__lt=models.F("votes_to_pass")),
                name="carried_means_votes_to_pass",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.for_count}-{self.against_count}-{self.abstained_count}"
