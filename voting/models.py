"""Votes with their snapshots, ballots, and what members ask of the chair."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import AgendaItem, Meeting, Person, Proxy, RegulationVersion, Resolution, Seat
from proposals.models import PlanVersion, Proposal

#: how long after its meeting has closed a link still works
ROOM_SCREEN_OUTLASTS = timedelta(hours=12)


class Vote(FSMModelMixin, models.Model):
    """A vote on a proposal: open, then closed with its tally or cancelled (Art. 20)."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    Question = Resolution.Question

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="votes", verbose_name=_("proposal")
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="+", verbose_name=_("item"))
    question = models.CharField(_("question"), max_length=21, choices=Resolution.Question.choices)
    round = models.PositiveSmallIntegerField(_("round"))
    state = FSMField(_("state"), default=State.OPEN, choices=State.choices, protected=True)
    #: plan and regulation at the opening
    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )
    regulation = models.ForeignKey(
        RegulationVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("regulation")
    )
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancelled_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cancelled by"),
    )
    cancel_reason = models.TextField(_("reason of the cancellation"), blank=True)
    #: the tally, set when the vote closes
    for_count = models.PositiveSmallIntegerField(_("for"), null=True, blank=True)
    against_count = models.PositiveSmallIntegerField(_("against"), null=True, blank=True)
    abstained_count = models.PositiveSmallIntegerField(_("abstained"), null=True, blank=True)
    carried = models.BooleanField(_("carried"), null=True, blank=True)
    resolution = models.OneToOneField(
        Resolution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolution"),
    )

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["proposal", "opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "question", "round"], name="one_vote_a_round"),
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(state="open"), name="one_vote_open_in_a_meeting"
            ),
        ]
        indexes = [
            # for the rare cases of the auditor's list (pages/oversight/irregularities/listing.py)
            models.Index(
                fields=["cancelled_at"], condition=models.Q(state="cancelled"), name="votes_cancelled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} {self.get_question_display()} {self.round}"

    @property
    def subject(self) -> str:
        """The vote as named in audit entries."""
        return f"vote:{self.pk}"

    @transition(field=state, source=State.OPEN, target=State.CLOSED)
    def close(self, at: datetime, by: Person) -> None:
        """All ballots are cast and counted."""
        self.closed_at = at
        self.closed_by = by

    @transition(field=state, source=State.OPEN, target=State.CANCELLED)
    def cancel(self, at: datetime, by: Person, reason: str) -> None:
        """The ballots become void (Art. 20.3)."""
        self.cancelled_at = at
        self.cancelled_by = by
        self.cancel_reason = reason


class VoteSeat(models.Model):
    """A seat as it stood when the vote opened."""

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="seats", verbose_name=_("vote"))
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    number = models.PositiveSmallIntegerField(_("number"))
    post = models.CharField(_("post"), max_length=120)
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("holder"))
    #: represented by a proxy without `vote`: entered as abstaining (Art. 20.3)
    without_vote = models.BooleanField(_("proxy without vote"), default=False)

    class Meta:
        verbose_name = _("seat of a vote")
        verbose_name_plural = _("seats of votes")
        ordering = ["vote", "number"]
        constraints = [models.UniqueConstraint(fields=["vote", "seat"], name="a_seat_once_a_vote")]

    def __str__(self) -> str:
        return f"{self.vote}: {self.number}"


class Ballot(models.Model):
    """A seat's ballot, sealed by a commitment until the vote closes; a row never changes."""

    class Choice(models.TextChoices):
        FOR = "for", _("For")
        AGAINST = "against", _("Against")
        ABSTAIN = "abstain", _("Abstain")

    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("vote"))
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("voter"))
    proxy = models.ForeignKey(
        Proxy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proxy")
    )
    choice = models.CharField(_("choice"), max_length=7, choices=Choice.choices)
    reason = models.TextField(_("reason"), blank=True)
    #: whether the seat has a conflict of interest and can only abstain
    conflicted = models.BooleanField(_("in conflict"), default=False)
    #: whether the engine entered it, for a proxy without `vote`
    entered = models.BooleanField(_("entered at the opening"), default=False)
    salt = models.BinaryField(_("salt"))
    commitment = models.CharField(_("commitment"), max_length=64)
    #: the client's idempotency key; empty without one
    key = models.CharField(_("idempotency key"), max_length=64, blank=True)
    cast_at = models.DateTimeField(_("cast at"))

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        ordering = ["vote", "seat"]
        constraints = [
            models.UniqueConstraint(fields=["vote", "seat"], name="one_seat_one_ballot"),
            models.UniqueConstraint(
                fields=["person", "key"], condition=~models.Q(key=""), name="one_ballot_a_key"
            ),
            models.CheckConstraint(
                condition=models.Q(choice__in=["for", "against", "abstain"]), name="a_ballot_is_clear"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vote}: {self.seat_id}"


class AbstentionRequest(models.Model):
    """A seat's request to abstain on an item of a meeting (Art. 20.3)."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        REPLACED = "replaced", _("Replaced by a conflict of interest")

    #: states of a request that is pending or in effect
    LIVE = (State.PENDING, State.GRANTED)

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="+", verbose_name=_("item"))
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    proxy = models.ForeignKey(
        Proxy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proxy")
    )
    reason = models.TextField(_("reason"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    requested_at = models.DateTimeField(_("requested at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("abstention request")
        verbose_name_plural = _("abstention requests")
        ordering = ["requested_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "seat"],
                condition=models.Q(state__in=["pending", "granted"]),
                name="one_request_pending_or_granted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.seat_id}"


class CancellationProposal(models.Model):
    """A member's proposal that the chair cancel the vote (Art. 20.3)."""

    vote = models.ForeignKey(
        Vote, on_delete=models.PROTECT, related_name="cancellation_proposals", verbose_name=_("vote")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    proxy = models.ForeignKey(
        Proxy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proxy")
    )
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("proposed at"))

    class Meta:
        verbose_name = _("proposal to cancel")
        verbose_name_plural = _("proposals to cancel")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.vote}: {self.seat_id}"


class RoomScreenLinkQuerySet(models.QuerySet["RoomScreenLink"]):
    """Links by whether they are running."""

    def running(self, now: datetime) -> RoomScreenLinkQuerySet:
        """Links not closed, of meetings that are not cancelled and closed at most 12 hours ago."""
        ongoing = models.Q(meeting__closed_at=None) | models.Q(
            meeting__closed_at__gte=now - ROOM_SCREEN_OUTLASTS
        )
        return self.filter(ongoing, closed_at=None).exclude(meeting__state=Meeting.State.CANCELLED)


class RoomScreenLink(models.Model):
    """A link to the room screen: an address that shows a meeting without a login, read-only.

    Anyone with the token can open it; only a digest of the token is stored.
    """

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    #: SHA-256 of the token, in hexadecimal
    digest = models.CharField(_("digest of the token"), max_length=64, unique=True)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = RoomScreenLinkQuerySet.as_manager()

    class Meta:
        #: as in the log's digests of rows, whose keys are the tables' names
        db_table = "voting_walllink"
        verbose_name = _("link for the room screen")
        verbose_name_plural = _("links for the room screen")
        ordering = ["meeting", "opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(closed_at=None), name="one_wall_link_a_meeting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}: {self.opened_at}"
