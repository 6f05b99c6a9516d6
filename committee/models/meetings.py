"""Meetings, their notices with deliveries, and who was there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import ExpressionWrapper, F, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models.lines import LineField, LineTextField
from committee.models.numbering import Series
from committee.models.organisation import Committee, Person
from committee.models.seats import RegulationVersion, Seat

if TYPE_CHECKING:
    from committee.models.agenda import AgendaItem


#: the order of the numbers as filed
MEETINGS_BY_NUMBER = ExpressionWrapper(
    F("year") * Value(10**5) + F("number"), output_field=models.BigIntegerField()
)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Meetings by visibility."""

    def visible_to(self, person: Person) -> MeetingQuerySet:
        """The meetings that the person may see."""
        from committee.visibility import seen_meetings  # which asks the models

        return self.filter(seen_meetings(person))


class Meeting(FSMModelMixin, models.Model):
    """A meeting of a committee, on the regulation in force when it was convened."""

    class State(models.TextChoices):
        CONVENED = "convened", _("Convened")
        IN_SESSION = "in_session", _("In session")
        CLOSED = "closed", _("Closed")
        MINUTED = "minuted", pgettext_lazy("state of a meeting", "Minutes drafted")
        SIGNED = "signed", _("Signed")
        ARCHIVED = "archived", _("Archived")
        CANCELLED = "cancelled", _("Cancelled")

    #: states in which members and proxies can act
    RUNNING = (State.CONVENED, State.IN_SESSION)
    #: states in which the minutes are in effect
    EFFECTIVE = (State.SIGNED, State.ARCHIVED)

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("committee")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    regulation = models.ForeignKey(
        RegulationVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("regulation")
    )
    at = models.DateTimeField(_("time"))
    place = LineTextField(_("place"))
    emergency = models.BooleanField(_("emergency"), default=False)
    emergency_reason = models.TextField(_("reason of the emergency"), blank=True)
    state = FSMField(_("state"), default=State.CONVENED, choices=State.choices, protected=True, db_index=True)
    acting_seat = models.ForeignKey(
        Seat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acting chair"),
    )
    convened_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("convened by")
    )
    convened_at = models.DateTimeField(_("convened at"))
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    signed_at = models.DateTimeField(_("minutes signed at"), null=True, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancel_reason = models.TextField(_("reason of the cancellation"), blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "year", "number"], name="one_meeting_a_number"),
        ]
        indexes = [
            # for the orders of the list (pages/meetings/listing.py)
            models.Index("at", "id", name="meetings_by_time"),
            models.Index("committee", "at", "id", name="meetings_of_committee_by_time"),
            models.Index(MEETINGS_BY_NUMBER, "id", name="meetings_by_number"),
            models.Index("committee", "closed_at", name="meetings_of_committee_closed"),
            # for the rare cases of the auditor's list (pages/oversight/irregularities/listing.py)
            models.Index(
                fields=["convened_at"], condition=models.Q(emergency=True), name="meetings_in_emergency"
            ),
        ]

    def __str__(self) -> str:
        return self.written_number

    def get_state_display(self) -> str:  # type: ignore[no-redef]  # the types know Django's own
        """The label of the state; Django's own would translate those of all states to find it."""
        return str(self.State(self.state).label)

    @property
    def written_number(self) -> str:
        """The number as filed."""
        return Series.written(self.committee, Series.Kind.MEETING, self.year, self.number)

    @property
    def stream(self) -> str:
        """The name of its audit stream."""
        return f"meeting:{self.pk}"

    @property
    def subject(self) -> str:
        """The meeting as named in audit entries."""
        return f"meeting:{self.pk}"

    @transition(field=state, source=State.CONVENED, target=State.IN_SESSION)
    def open(self, at: datetime) -> None:
        """The session begins."""
        self.opened_at = at

    @transition(field=state, source=State.IN_SESSION, target=State.CLOSED)
    def close(self, at: datetime) -> None:
        """The session ends."""
        self.closed_at = at

    @transition(field=state, source=State.CLOSED, target=State.MINUTED)
    def minute(self) -> None:
        """Minutes are drafted."""

    @transition(field=state, source=State.MINUTED, target=State.SIGNED)
    def sign(self, at: datetime) -> None:
        """The minutes come into effect (Art. 21)."""
        self.signed_at = at

    @transition(field=state, source=State.SIGNED, target=State.ARCHIVED)
    def archive(self, at: datetime) -> None:
        """The file is closed (Art. 12.6)."""
        self.archived_at = at

    @transition(field=state, source=State.CONVENED, target=State.CANCELLED)
    def cancel(self, at: datetime, reason: str) -> None:
        """The meeting is called off."""
        self.cancelled_at = at
        self.cancel_reason = reason


class Notice(models.Model):
    """The notice sent to the members: time, place, items (Art. 16); a change supersedes it."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="notices", verbose_name=_("meeting")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    at = models.DateTimeField(_("time stated"))
    place = models.TextField(_("place stated"))
    sent_at = models.DateTimeField(_("sent at"))
    #: what the liaison added to the wording of every notice; empty where nothing was
    text = models.TextField(_("text added"), blank=True)
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_notice_a_number"),
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(superseded_at=None), name="one_current_notice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} #{self.number}"


class NoticeItem(models.Model):
    """An item stated in a notice, with the digest of the materials delivered."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="stated")
    item: models.ForeignKey[AgendaItem, AgendaItem] = models.ForeignKey(
        "committee.AgendaItem", on_delete=models.PROTECT, related_name="+"
    )
    digest = models.CharField(_("digest of the materials"), max_length=64)
    #: as planned when the notice was sent
    minutes = models.PositiveSmallIntegerField(_("minutes planned"), null=True, blank=True)

    class Meta:
        verbose_name = _("item of a notice")
        verbose_name_plural = _("items of a notice")
        constraints = [models.UniqueConstraint(fields=["notice", "item"], name="an_item_once_a_notice")]

    def __str__(self) -> str:
        return f"{self.notice}: {self.item_id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by their state."""

    def standing(self) -> DeliveryQuerySet:
        """Deliveries not replaced by a later one of the same notice: at most one for each seat."""
        return self.filter(replaced_at=None)

    def delivered(self) -> DeliveryQuerySet:
        """Standing deliveries that have reached the seat, without paper under way."""
        return self.standing().filter(delivered_at__isnull=False)

    def on_their_way(self) -> DeliveryQuerySet:
        """Paper of a current notice whose delivery is not recorded yet."""
        return self.standing().filter(delivered_at=None, notice__superseded_at=None)

    def changed_hands(self) -> DeliveryQuerySet:
        """Deliveries to seats with a new holder, who has not acknowledged them (Art. 16)."""
        return self.standing().filter(
            ~models.Q(recipient=F("seat__holder")),
            models.Q(acknowledged_by=None) | ~models.Q(acknowledged_by=F("seat__holder")),
            seat__holder__isnull=False,
        )


class Delivery(models.Model):
    """A notice reaching a seat: electronic with acknowledgement, or on paper."""

    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("notice")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    recipient = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("recipient")
    )
    paper = models.BooleanField(_("on paper"), default=False)
    #: null while paper is under way
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    #: of paper, if the delivery was recorded later: who received it and who handed it over
    received_by = LineField(_("received by"), max_length=100, blank=True)
    handed_by = LineField(_("handed over by"), max_length=100, blank=True)
    #: the receipt: acknowledged, delivered on paper, or represented at the opening
    receipt_at = models.DateTimeField(_("receipt at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acknowledged by"),
    )
    #: the notice was sent again to a new holder: this delivery is kept and its receipt is void
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "seat"],
                condition=models.Q(replaced_at=None),
                name="one_standing_delivery_a_seat",
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice} → {self.seat}"


class Attendance(models.Model):
    """A person's presence for a seat, from signing in to signing out."""

    class Mode(models.TextChoices):
        IN_ROOM = "in_room", _("In the room")
        VIDEO = "video", _("By video")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("meeting")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("person")
    )
    proxy = models.ForeignKey(
        "committee.Proxy",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proxy"),
    )
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices)
    signed_in_at = models.DateTimeField(_("signed in at"))
    signed_out_at = models.DateTimeField(_("signed out at"), null=True, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["signed_in_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "seat", "person"],
                condition=models.Q(signed_out_at=None),
                name="signed_in_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}: {self.person}"
