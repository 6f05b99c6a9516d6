"""When, where, and which filed plans in which order: convening a meeting and changing it (Art. 9, 15).

The order is that of the rows sent as `item`, each with its `minutes`; a button named `up`, `down`, `in` or
`out` moves the row of its value, and nothing else is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.agenda import expected_end
from committee.models import Committee, Meeting, RegulationVersion
from committee.models.agenda import LONGEST_ITEM
from pages.meetings.convening import notice_period
from pages.meetings.text_templates.gaps import templates_of
from pages.models import TextTemplate
from proposals.models import Proposal
from web.forms import fields
from web.forms.base import ActForm

MOVES = ("up", "down", "in", "out")
#: so many filed plans are offered, those that have waited longest
MOST = 200
_QUARTER = timedelta(minutes=15)
#: how the minutes of an item are read
_PLANNED = fields.Whole(required=False, min_value=0, max_value=LONGEST_ITEM)
#: so many places are suggested, of so many meetings
_PLACES, _LATEST = 5, 30


def moved(data: QueryDict) -> list[int] | None:
    """The order after the requested move; None when the form was submitted."""
    move = next((name for name in MOVES if name in data), None)
    if move is None:
        return None
    order, pk = sent(data), _number(data[move])
    if move == "in":
        return [*order, pk]
    if pk not in order:
        return order
    at = order.index(pk)
    order.remove(pk)
    if move != "out":
        order.insert(max(at - 1, 0) if move == "up" else at + 1, pk)
    return order


def sent(data: QueryDict) -> list[int]:
    """The ids of the plans in the order in which they were sent, each once."""
    return list(dict.fromkeys(_number(value) for value in data.getlist("item")))


def sent_minutes(data: QueryDict) -> dict[int, str]:
    """The minutes as typed, by the id of the plan beside which they stand."""
    return dict(zip(map(_number, data.getlist("item")), data.getlist("minutes"), strict=False))


def _number(value: Any) -> int:
    try:
        return int(str(value)[:18])
    except ValueError:
        raise Http404 from None


def _places(committee: Committee) -> list[str]:
    """The places of the committee's latest meetings and those among its templates, each once."""
    latest = Meeting.objects.filter(committee=committee).order_by("-convened_at", "-pk")
    met = list(dict.fromkeys(latest.values_list("place", flat=True)[:_LATEST]))[:_PLACES]
    return list(
        dict.fromkeys([*met, *(row.text for row in templates_of(committee, TextTemplate.Kind.PLACE))])
    )


class AgendaForm(ActForm):
    """Time, place and agenda; `order` is that of a move just made."""

    beside: ClassVar[Mapping[str, str]] = {
        "15/no-items": "items",
        "14/not-filed": "items",
        "15/notice-too-short": "date",
        "15/emergency-reason-required": "reason",
    }
    date = fields.Day(label=_("Date"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    time = fields.Hour(label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    place = fields.Line(
        label=_("Place"), max_length=200, widget=forms.TextInput(attrs={"list": "list-places"})
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *args: Any,
        order: list[int] | None = None,
        typed_minutes: Mapping[int, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, *args, **kwargs)
        if order is None:
            order = sent(data) if data is not None else self.first_order()
        self._ids = order
        #: where the committee met before, the last place first, and where else its office has it meet
        self.places = _places(self.committee)
        if self.places and not self.initial.get("place"):
            self.initial["place"] = self.places[0]
        if typed_minutes is None:
            typed_minutes = sent_minutes(data) if data is not None else self.first_minutes()
        self._choose(typed_minutes)

    def _choose(self, typed_minutes: Mapping[int, str]) -> None:
        """Set the plans chosen, each with its minutes as typed, and those that wait."""
        rows = self._candidates()
        if not set(self._ids) <= rows.keys():
            raise Http404
        self.chosen: list[Any] = [rows[pk] for pk in self._ids]
        for row in self.chosen:
            row.minutes = typed_minutes.get(row.pk, "")
        self.waiting = [row for pk, row in rows.items() if pk not in set(self._ids) and self.can_add(row)]

    @property
    def committee(self) -> Committee:
        """The committee that meets."""
        return self.subject if isinstance(self.subject, Committee) else self.subject.committee

    def first_order(self) -> list[int]:
        """The agenda when the form is opened."""
        return []

    def first_minutes(self) -> dict[int, str]:
        """The minutes planned when the form is opened, by the id of the plan."""
        return {}

    def clean(self) -> dict[str, Any]:
        """Read the minutes planned for each item; an empty field is none."""
        given = super().clean() or self.cleaned_data
        try:
            given["minutes"] = [_PLANNED.clean(row.minutes) or 0 for row in self.chosen]
        except forms.ValidationError:
            self.add_error(
                None,
                _("Minutes of an item: a whole number from 1 to %(most)d, or nothing.")
                % {"most": LONGEST_ITEM},
            )
        return given

    @property
    def planned(self) -> list[int | None]:
        """The minutes typed so far, as far as they can be read."""
        found: list[int | None] = []
        for row in self.chosen:
            try:
                found.append(_PLANNED.clean(row.minutes))
            except forms.ValidationError:
                found.append(None)
        return found

    @property
    def length(self) -> int:
        """The minutes planned so far, in all."""
        return sum(filter(None, self.planned))

    @property
    def ends(self) -> datetime | None:
        """When the meeting ends by what is typed; None until there is an hour, and minutes of every item."""
        return expected_end(self.at, self.planned) if self.at is not None else None

    def can_add(self, proposal: Proposal) -> bool:
        """Whether the plan waits for an agenda."""
        return bool(proposal.state == Proposal.State.FILED)

    def _candidates(self) -> dict[int, Proposal]:
        """The plans chosen and those that wait, the longest first."""
        visible = Proposal.objects.visible_to(self.who.person).filter(committee=self.committee)
        named = {*self._ids, *self.first_order()}
        first = visible.filter(state=Proposal.State.FILED).order_by("state_since", "pk").values("pk")[:MOST]
        rows = visible.filter(Q(pk__in=first) | Q(pk__in=named)).select_related("unit")
        found = {row.pk: row for row in rows.order_by("state_since", "pk")}
        for row in found.values():
            row.committee = self.committee
        return found

    @property
    def at(self) -> datetime | None:
        """The hour typed, in the committee's zone; None until date and time are typed."""
        fields = self.fields
        try:
            if self.is_bound:
                day, hour = (fields[name].clean(self.data.get(name)) for name in ("date", "time"))
            else:
                day, hour = (fields[name].clean(self[name].value()) for name in ("date", "time"))
        except forms.ValidationError:
            return None
        return datetime.combine(day, hour, tzinfo=self.committee.tz)

    def arguments(self) -> dict[str, Any]:
        given = {"at": self.at, "place": self.cleaned_data["place"], "proposals": self.chosen}
        return given | {"minutes": self.cleaned_data["minutes"]}


class ConveneForm(AgendaForm):
    """A new meeting: ordinary, or an emergency with its reason."""

    emergency = forms.BooleanField(
        label=_("Emergency meeting"),
        help_text=_("It waives the period of notice and nothing else (Art. 15)."),
        required=False,
    )
    reason = fields.Prose(
        label=_("Reason of the emergency"),
        help_text=_("What cannot wait. It stands in the record and the minutes."),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @cached_property
    def regulation(self) -> RegulationVersion | None:
        """The version in force today, on which the meeting would be convened."""
        today = clock.now().astimezone(self.committee.tz).date()
        return RegulationVersion.objects.in_force(self.committee, today)

    @property
    def urgent(self) -> bool:
        """Whether an emergency is ticked."""
        return bool(self.data.get("emergency") if self.is_bound else self["emergency"].value())

    def judge_period(self) -> notice_period.Judgement:
        """What the period of notice says to the hour typed."""
        return notice_period.of_new(self.committee, self.regulation, at=self.at, emergency=self.urgent)

    def arguments(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in ("emergency", "reason")}
        return {**super().arguments(), **given}


class NowForm(ConveneForm):
    """An emergency within the hour."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["emergency"]
        hour = timezone.localtime(clock.now(), self.committee.tz) + 2 * _QUARTER
        hour += timedelta(minutes=-hour.minute % 15, seconds=-hour.second, microseconds=-hour.microsecond)
        self.initial = {"date": hour.date(), "time": hour.time(), **self.initial}

    @property
    def urgent(self) -> bool:
        return True

    def arguments(self) -> dict[str, Any]:
        return {**AgendaForm.arguments(self), "emergency": True, "reason": self.cleaned_data["reason"]}


class ChangeForm(AgendaForm):
    """The convened meeting after the change."""

    subject: Meeting

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        meeting: Meeting = kwargs["subject"]
        at = timezone.localtime(meeting.at, meeting.committee.tz)
        typed = kwargs.pop("initial", None) or {}
        stands = {"date": at.date(), "time": at.time(), "place": meeting.place}
        super().__init__(*args, initial={**stands, **typed}, **kwargs)

    @cached_property
    def standing(self) -> list[int]:
        """The ids of the plans on the agenda, in order."""
        rows = Proposal.objects.filter(item__meeting=self.subject, item__left_at=None)
        return list(rows.order_by("item__number", "item__pk").values_list("pk", flat=True))

    def first_order(self) -> list[int]:
        return self.standing

    @cached_property
    def standing_minutes(self) -> dict[int, str]:
        """The minutes planned for the items on the agenda, by the id of the plan."""
        rows = Proposal.objects.filter(item__meeting=self.subject, item__left_at=None)
        return {
            pk: str(minutes) for pk, minutes in rows.values_list("pk", "item__minutes") if minutes is not None
        }

    def first_minutes(self) -> dict[int, str]:
        return self.standing_minutes

    def can_add(self, proposal: Proposal) -> bool:
        return proposal.pk in self.standing or super().can_add(proposal)

    def judge_period(self) -> notice_period.Judgement:
        """What the change does to the notice, and whether the period is kept."""
        place = self.data.get("place", "") if self.is_bound else self["place"].value()
        return notice_period.of_change(
            self.subject,
            at=self.at,
            place=(place or "").strip(),
            before=self.standing,
            named=self.chosen,
            other_minutes=any(
                self.standing_minutes.get(row.pk, "") != row.minutes.strip() for row in self.chosen
            ),
        )
