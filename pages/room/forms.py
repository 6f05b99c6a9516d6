"""What is filled in during a session: presence, words, requests, and the ballot (Art. 10, 18, 19, 20)."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import sign_ins
from committee.models import AgendaItem, Attendance, OpinionDraft, Person, Position, Question, Resolution
from committee.models.floor import LONGEST
from committee.offices import LIAISON
from pages.meetings import item_in_session
from regulation.refused import Refused
from voting.actions.votes import unrecognised
from voting.models import AbstentionRequest, Ballot, Vote
from voting.permissions import decided_above
from web.forms import fields
from web.forms.base import ActForm, ReasonForm


class PresenceForm(ActForm):
    """Whether one is in the room or there by video."""

    mode = forms.ChoiceField(
        label=_("Where you are"),
        choices=Attendance.Mode.choices,
        initial=Attendance.Mode.IN_ROOM,
        widget=forms.RadioSelect,
    )


class SignInHereForm(PresenceForm):
    """A person to be present signs in on the liaison's device, with their own password."""

    field_order = ("person", "password", "mode")
    person = forms.TypedChoiceField(label=_("Who signs in"), coerce=int)
    password = forms.CharField(
        label=_("Password of whoever signs in"),
        help_text=_("Typed by that person; the presence is on record as the person's own act (Art. 10)."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        field.choices = [("", _("Choose"))] + [
            (row.pk, f"{row.display_name} ({', '.join(numbers)})")
            for row, numbers in item_in_session.expected(self.subject)
        ]

    def clean(self) -> dict[str, Any]:
        """Check that person's password; attempts are counted as at the login."""
        given = super().clean() or {}
        if "person" in given and "password" in given:
            person = Person.objects.get(pk=given["person"])  # one of the choices
            assert self.request is not None
            wrong = _("This is not the password of that person.")
            try:
                sign_ins.require_password(self.request, person, given.pop("password"), wrong=str(wrong))
            except ValidationError as error:
                self.add_error("password", error)
                return given
            given["person"] = person
            if person.password_given:
                self.add_error(
                    "person",
                    _(
                        "The administrator gave this person a password: it is changed first, "
                        "by signing in on a device of their own."
                    ),
                )
        return given


class OpinionForm(ActForm):
    """An opinion in the speaker's own words."""

    text = fields.Prose(
        label=_("Opinion"),
        help_text=_("It stands on record under your own name and cannot be changed (Art. 10)."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=20_000,
    )


class TakenDownForm(ActForm):
    """Whose opinion it is, as the liaison wrote it down."""

    beside: ClassVar[dict[str, str]] = {"text/required": "text"}
    seat = forms.TypedChoiceField(label=_("Speaker"), coerce=int, widget=forms.RadioSelect)
    text = fields.Prose(
        label=_("Opinion"),
        help_text=_("It is no opinion until the speaker confirms it (Art. 10)."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=20_000,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = Attendance.objects.filter(meeting=self.subject.item.meeting_id, signed_out_at=None)
        field: Any = self.fields["seat"]
        field.choices = [
            (row.seat.number, f"{row.seat.number} · {row.person}")
            for row in there.select_related("seat", "person").order_by("seat__number")
        ]


class DraftForm(ActForm):
    """The text that the speaker saw: another, written in its place meanwhile, is not meant."""

    draft = fields.Whole(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = item_in_session.read_item(self.subject, self.who).draft
        self.fields["draft"].initial = waiting.pk if waiting else None

    def arguments(self) -> dict[str, Any]:
        """The draft as the engine knows it."""
        return {"draft": OpinionDraft(pk=self.cleaned_data["draft"])}

    def refuse(self, refused: Refused) -> None:
        """The page shows the text that waits now, and means it."""
        super().refuse(refused)
        self.data = self.data.copy()
        self.data["draft"] = self.fields["draft"].initial


class QuestionForm(ActForm):
    """A question to the observer."""

    beside: ClassVar[dict[str, str]] = {"text/required": "text"}
    text = fields.Prose(
        label=_("Question to the observer"),
        help_text=_("It stands on record under your own name and cannot be changed (Art. 10)."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
    )


class AnswerForm(ActForm):
    """The answer to one of the questions that wait for one."""

    beside: ClassVar[dict[str, str]] = {"text/required": "text"}
    question = forms.TypedChoiceField(label=_("Question"), coerce=int, widget=forms.RadioSelect)
    text = fields.Prose(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 6}), max_length=20_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = item_in_session.read_item(self.subject, self.who)
        reads = found.observes or self.who.acts_as(LIAISON, self.subject)
        rows = found.unanswered if reads else []
        field: Any = self.fields["question"]
        field.choices = [(row.pk, row.text) for row in rows]
        if len(rows) == 1:
            field.initial = rows[0].pk

    def arguments(self) -> dict[str, Any]:
        """The question as the engine knows it, and the answer."""
        return {"question": Question(pk=self.cleaned_data["question"]), "text": self.cleaned_data["text"]}


class CommitteeReasonForm(ReasonForm):
    """A reason that Article 20 asks for."""

    beside: ClassVar[dict[str, str]] = {"20.3/reason-required": "reason"}


class ObserverForm(ActForm):
    """Which head of the handling institution attends."""

    observer = forms.ModelChoiceField(
        Person.objects.none(), label=_("Head of the handling institution"), empty_label=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        heads = Position.objects.filter(role=Position.Role.HEAD, unit=self.subject.unit_id)
        field: Any = self.fields["observer"]
        field.queryset = Person.objects.filter(pk__in=heads.values("person")).order_by("display_name")


class DecideForm(ActForm):
    """Which seat's request is decided."""

    seat = forms.TypedChoiceField(label=_("Request of"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = item_in_session.read_item(self.subject, self.who).to_decide
        field: Any = self.fields["seat"]
        field.choices = [
            (row.seat.number, f"{row.seat.number} · {row.person} · {row.reason}") for row in rows
        ]
        if len(rows) == 1:
            field.initial = rows[0].seat.number


class FloorForm(ActForm):
    """Who speaks next, and for how long."""

    seat = forms.TypedChoiceField(label=_("Speaker"), coerce=int, widget=forms.RadioSelect)
    minutes = fields.Whole(
        label=_("Minutes allowed"),
        help_text=_("They are shown and cut nobody off; leave empty for no limit."),
        required=False,
        min_value=1,
        max_value=LONGEST,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = item_in_session.read_item(self.subject, self.who).speeches.waiting
        field: Any = self.fields["seat"]
        field.choices = [
            (row.attendance.seat.number, f"{row.attendance.seat.number} · {row.attendance.person}")
            for row in rows
        ]
        if rows:
            field.initial = rows[0].attendance.seat.number


class OpenVoteForm(ActForm):
    """The question follows from the plan: special circumstances first, where nothing else is claimed."""

    @property
    def due(self) -> Resolution.Question:
        """The question that is due (Art. 7.6)."""
        return Resolution.Question.SPECIAL if unrecognised(self.subject) else Resolution.Question.PLAN

    def arguments(self) -> dict[str, Any]:
        """The question that is due."""
        return {"question": self.due}


def _choices(
    item: AgendaItem, found: item_in_session.ItemInSession
) -> tuple[list[Ballot.Choice], str | Promise]:
    """The choices of the seat, and the help text beside them (Art. 20)."""
    if found.conflicted:
        text = _("Your seat has a conflict of interest on this item: it only abstains (Art. 20).")
        return [Ballot.Choice.ABSTAIN], text
    choices = [Ballot.Choice.FOR, Ballot.Choice.AGAINST]
    if found.asked is not None and found.asked.state == AbstentionRequest.State.GRANTED:
        return [*choices, Ballot.Choice.ABSTAIN], ""
    if found.acting and found.vote and decided_above(item.meeting, found.acting.seat):
        return choices, _("Abstaining needs head office's prior consent: request it first (Art. 20).")
    return choices, _("Abstaining needs the chair's prior consent: request it first (Art. 20).")


class BallotForm(ActForm):
    """The seat's ballot: one choice of what is open to it, its reason, and a second tap that it is meant."""

    beside: ClassVar[dict[str, str]] = {
        "10.5/unclear-choice": "choice",
        "20.3/consent-required": "choice",
        "20.3/conflict": "choice",
        "20.3/reason-required": "reason",
        "20.4/reason-required": "reason",
    }
    choice = forms.ChoiceField(
        label=pgettext_lazy("ballot", "Your ballot"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the seat votes.")},
    )
    reason = fields.Prose(
        label=_("Reason"),
        help_text=_("Required against and for abstaining; it goes into the minutes (Art. 20)."),
        required=False,
        # without a placeholder a style cannot tell that something is typed
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "placeholder": " "}),
        max_length=20_000,
    )
    sure = forms.BooleanField(
        label=_("I have checked my ballot. Once cast it stands and cannot be changed."),
        error_messages={"required": _("Confirm that the ballot is as you mean it: once cast it is final.")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    vote = fields.Whole(widget=forms.HiddenInput)
    seat = fields.Whole(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = item_in_session.read_item(self.subject, self.who)
        field: Any = self.fields["choice"]
        choices, field.help_text = _choices(self.subject.item, found)
        field.choices = [(choice.value, choice.label) for choice in choices]
        self.fields["key"].initial = uuid.uuid4().hex
        self.fields["vote"].initial = found.vote.pk if found.vote else None
        self.fields["seat"].initial = found.acting.seat.number if found.acting else None

    def arguments(self) -> dict[str, Any]:
        """The ballot with its idempotency key, pinned to the vote and the seat that the voter saw."""
        submitted = {name: self.cleaned_data[name] for name in ("choice", "reason", "key", "seat")}
        return submitted | {"vote": Vote(pk=self.cleaned_data["vote"])}

    def refuse(self, refused: Refused) -> None:
        """A refused ballot is confirmed anew; for a vote or a seat that is over, chosen anew as well."""
        super().refuse(refused)
        self.over = self.fields["vote"].initial is None or self.fields["seat"].initial is None
        self.data = self.data.copy()
        self.data.pop("sure", None)
        if refused.code in {"20/vote-not-open", "20.1/already-voted"}:
            self.data.pop("choice", None)
            for name in ("key", "vote", "seat"):
                self.data[name] = self.fields[name].initial
