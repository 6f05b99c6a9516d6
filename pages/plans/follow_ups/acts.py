"""What is done with follow-ups: assigned, reported on, returned, confirmed (Art. 10, 12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committee.models import Meeting, Person, Position, Seat
from committee.offices import CREDIT, HANDLER, HEAD
from office.models import FollowUp
from office.models.follow_ups import today
from proposals.models import Proposal
from regulation.refused import Refused
from web.forms import ActForm, fields
from web.offers import Offer
from web.viewer import Viewer

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def owners(proposal: Proposal) -> list[tuple[str, str]]:
    """Those who may answer for what was resolved on the plan, as choices: the institution's people first."""
    named: dict[int, str] = {}
    institution = Position.objects.filter(unit=proposal.unit_id, role__in=(HANDLER.role, HEAD.role))
    credit = Position.objects.filter(unit=proposal.committee.branch_id, role=CREDIT.role)
    for row in (institution | credit).select_related("person", "unit").order_by("role", "pk"):
        if row.person.is_active:
            named.setdefault(row.person_id, f"{row.person} · {row.get_role_display()} · {row.unit}")
    seats = Seat.objects.filter(committee=proposal.committee_id, holder__isnull=False)
    for seat in seats.select_related("holder").order_by("number"):
        if seat.holder is not None:
            named.setdefault(seat.holder.pk, f"{seat.holder} · {seat.post}")
    return [(str(pk), name) for pk, name in named.items()]


class AssignForm(ActForm):
    """What is to be done, by whom and by when; a milestone of the plan can be taken over."""

    beside: ClassVar[dict[str, str]] = {"text/required": "text"}
    text = fields.Prose(
        label=_("What is to be done"),
        help_text=_(
            "A condition of the resolution or a task that it sets, so that one can tell when it is done."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
    )
    owner = forms.ChoiceField(label=pgettext_lazy("follow-up", "Owner"))
    due = fields.Day(label=pgettext_lazy("follow-up", "Due on"), widget=_DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "—"), *owners(self.subject)]  # type: ignore[attr-defined]  # choices
        for name, value in _taken_over(self.subject, self.request).items():
            self.initial.setdefault(name, value)

    def arguments(self) -> dict[str, Any]:
        """The owner as a person."""
        return {**self.cleaned_data, "owner": Person.objects.get(pk=self.cleaned_data["owner"])}

    def refuse(self, refused: Refused) -> None:
        """Beside the field that is out of bounds."""
        super().refuse(refused)
        if refused.code == "follow-up/invalid":
            self.refused_field = str(refused.context.get("field", "owner"))


@dataclass(frozen=True)
class AssignPage:
    """The milestones that can be taken over: what, on which day, where."""

    milestones: list[tuple[str, str, str]]


def _milestones(proposal: Proposal) -> list[dict[str, Any]]:
    """Those of the version that was resolved, as far as they name what is to be done."""
    found: list[dict[str, Any]] = proposal.present_version.plan.document.get("milestones", [])
    return [row for row in found if row.get("what")]


def _assign_page(proposal: Proposal, _who: Viewer) -> AssignPage:
    at = reverse("proposal-act", args=[proposal.pk, "assign_follow_up"])
    known = set(FollowUp.objects.filter(proposal=proposal).values_list("text", flat=True))
    return AssignPage(
        [
            (row["what"], row.get("on", ""), f"{at}?milestone={number}")
            for number, row in enumerate(_milestones(proposal), 1)
            if row["what"] not in known
        ]
    )


def _taken_over(proposal: Proposal, request: Any) -> dict[str, Any]:
    """The fields from the milestone that the address names; its day where it has not passed."""
    asked = request.GET.get("milestone", "") if request is not None else ""
    rows = _milestones(proposal)
    if not (asked.isascii() and asked.isdigit() and len(asked) < 5 and 0 < int(asked) <= len(rows)):
        return {}
    row = rows[int(asked) - 1]
    day = date.fromisoformat(row["on"]) if row.get("on") else None
    return {"text": row["what"], **({"due": day} if day and day >= today(proposal.committee) else {})}


class FollowUpForm(ActForm):
    """Which of the plan's follow-ups; the one that the address names is chosen."""

    beside: ClassVar[dict[str, str]] = {"text/required": "text"}
    follow_up = forms.TypedChoiceField(
        label=pgettext_lazy("one of a plan's", "Follow-up"), coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(self.rows().order_by("number"))
        self.fields["follow_up"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (row.number, f"{row.number} · {row.text} · {row.owner} · {row.due_on.isoformat()}")
            for row in rows
        ]
        asked = self.request.GET.get("follow_up", "") if self.request is not None else ""
        chosen = [row.number for row in rows if str(row.number) == asked or len(rows) == 1]
        if chosen:
            self.initial.setdefault("follow_up", chosen[0])

    def rows(self) -> Any:
        """Those with which it can be done."""
        return FollowUp.objects.open().filter(proposal=self.subject).select_related("owner")


class ReportForm(FollowUpForm):
    """How far it is, or by which evidence it is done."""

    text = fields.Prose(
        label=_("What was done"),
        help_text=_("When it is done, name the evidence: document, number, date, where it is kept."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
    )
    done = forms.BooleanField(label=_("It is done: the liaison is asked to confirm it"), required=False)

    def rows(self) -> Any:
        """The person's own that are to do."""
        mine = FollowUp.objects.to_do().filter(proposal=self.subject, owner=self.who.person)
        return mine.select_related("owner")


class ReturnForm(FollowUpForm):
    """Why it is to be done still, and from now on by whom and by when."""

    beside: ClassVar[dict[str, str]] = {"text/required": "reason"}
    reason = fields.Prose(
        label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=20_000
    )
    owner = forms.ChoiceField(
        label=_("Another owner"), help_text=_("Left open, the owner stays."), required=False
    )
    due = fields.Day(
        label=_("Another due day"), help_text=_("Left open, the day stays."), required=False, widget=_DAY
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "—"), *owners(self.subject)]  # type: ignore[attr-defined]  # choices

    def arguments(self) -> dict[str, Any]:
        """Without what stays."""
        given = dict(self.cleaned_data)
        owner = Person.objects.get(pk=given["owner"]) if given["owner"] else None
        return {**given, "owner": owner}

    def refuse(self, refused: Refused) -> None:
        """Beside the field that is out of bounds."""
        super().refuse(refused)
        if refused.code == "follow-up/invalid":
            self.refused_field = str(refused.context.get("field", "owner"))


class ConfirmForm(FollowUpForm):
    """Which of those that are reported as done."""

    def rows(self) -> Any:
        """Those that wait for it."""
        return FollowUp.objects.to_confirm().filter(proposal=self.subject).select_related("owner")


def _not_in_effect(proposal: Proposal, _who: Viewer) -> Refused | None:
    """The minutes of its meeting are not signed yet."""
    meeting = proposal.item.meeting if proposal.item else None
    signed = meeting is not None and meeting.state in Meeting.EFFECTIVE
    return None if signed else Refused("21/minutes-not-signed")


def _none_to_confirm(proposal: Proposal, _who: Viewer) -> bool:
    return not FollowUp.objects.to_confirm().filter(proposal=proposal).exists()


def _none_open(proposal: Proposal, _who: Viewer) -> bool:
    return not FollowUp.objects.open().filter(proposal=proposal).exists()


def _none_of_mine(proposal: Proposal, who: Viewer) -> bool:
    return not FollowUp.objects.to_do().filter(proposal=proposal, owner=who.person).exists()


def _to_list(proposal: Proposal, _result: Any) -> str:
    return reverse("proposal", args=[proposal.pk]) + "#follow-ups"


OFFERS = (
    Offer(
        "assign_follow_up", _("Assign a follow-up"), AssignForm,
        help_text=_(
            "A condition or task of the resolution is followed until it is done: its owner reports on it, "
            "and you confirm it (Art. 10, 12). It stands on the owner's desk and in the next meeting's "
            "papers."
        ),
        done=_("The follow-up is assigned, and its owner is told."),
        elsewhere=True,
        blocked=_not_in_effect,
        template="plans/follow_ups/assign.html",
        context=_assign_page,
        leads_to=_to_list,
    ),
    Offer(
        "report_follow_up", _("Report on the follow-up"), ReportForm,
        help_text=_("How far it is stays on record; what is reported as done is confirmed by the liaison."),
        done=_("The report is recorded."),
        elsewhere=True,
        already_done=_none_of_mine,
        already_done_cause="follow-up/reported",
        leads_to=_to_list,
    ),
    Offer(
        "confirm_follow_up", _("Confirm the follow-up as done"), ConfirmForm,
        help_text=_("It is followed no more. It cannot be undone; a new one can be assigned."),
        done=_("The follow-up is confirmed as done."),
        elsewhere=True,
        already_done=_none_to_confirm,
        already_done_cause="follow-up/not-reported",
        leads_to=_to_list,
    ),
    Offer(
        "return_follow_up", _("Return or reassign the follow-up"), ReturnForm,
        help_text=_("It is to be done still; its owner reads why. Owner and day may change."),
        done=_("The follow-up is returned, and its owner is told."),
        elsewhere=True,
        secondary=True,
        already_done=_none_open,
        already_done_cause="follow-up/confirmed",
        leads_to=_to_list,
    ),
)  # fmt: skip
