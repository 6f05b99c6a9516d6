"""What the palette offers: places, plans, meetings and the acts on them, all as far as the person may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from committee.models import Meeting
from pages.meetings import finding as meetings_finding
from pages.plans import finding as plans_finding
from proposals.models import Proposal
from web import offers, shell
from web.templatetags.lianxi import written
from web.viewer import Viewer

#: plans and meetings that are offered, and those of them whose acts are
_FOUND, _ACTED_ON = 6, 2


@dataclass(frozen=True)
class Entry:
    """Where one can go: its kind, its words, and a further line."""

    kind: str
    text: str
    url: str
    note: str = ""


def entries(who: Viewer, text: str) -> list[Entry]:
    """What fits the text; without one the places and what can be begun."""
    places = [each for each in _places(who) if _fits(text, each.text)]
    if not text:
        return places
    plans = list(
        Proposal.objects.visible_to(who.person)
        .filter(plans_finding.plans(who, text))
        .select_related("committee__branch", "committee__liaison", "unit", "version", "item__meeting")
        .order_by("-state_since", "-pk")[:_FOUND]
    )
    meetings = list(
        Meeting.objects.visible_to(who.person)
        .filter(meetings_finding.meetings(who, text))
        .select_related("committee__branch", "committee__liaison", "regulation", "acting_seat")
        .order_by("-at", "-pk")[:_FOUND]
    )
    return [
        *places,
        *(
            Entry(_("Plan"), row.title or _("Without a title yet"), _url("proposal", row), row.written_number)
            for row in plans
        ),
        *(Entry(_("Meeting"), row.written_number, _url("meeting", row), _held(row)) for row in meetings),
        *_acts(who, [*plans[:_ACTED_ON], *meetings[:_ACTED_ON]]),
    ]


def _url(name: str, row: Any) -> str:
    return reverse(name, args=[row.pk])


def _held(meeting: Meeting) -> str:
    with timezone.override(meeting.committee.tz):
        return f"{written(meeting.at)} · {meeting.place}"


def _places(who: Viewer) -> Iterator[Entry]:
    for place in shell.all_places(who):
        yield Entry(_("Place"), str(place[1]), reverse(place[0]))
    further: Iterable[tuple[str, str | Promise]] = (
        ("messages", _("Messages")),
        ("notices", _("Settings of notices")),
        ("profile", _("Profile and password")),
        ("help", _("Help")),
    )
    for address, name in further:
        yield Entry(_("Place"), str(name), reverse(address))
    if who.seats or who.holds_proxy:
        yield Entry(_("Place"), _("My meetings"), reverse("my-meetings"))
    for committee, url, name in offers.plans_to_begin(who):
        yield Entry(_("Act"), str(name), url, str(committee))
    for seat in who.seats:
        if seat.is_chair:
            address = reverse("convene", args=[seat.committee_id])
            yield Entry(_("Act"), _("Convene a meeting"), address, str(seat.committee))


def _acts(who: Viewer, rows: Iterable[Any]) -> Iterator[Entry]:
    """What the person can do now with each of the rows."""
    for row in rows:
        for each in offers.offered(row, who):
            if each.refusal is None:
                address = _url("proposal" if isinstance(row, Proposal) else "meeting", row)
                url = address if each.at_once else each.address
                yield Entry(_("Act"), str(each.offer.name), url, row.written_number)


def _fits(text: str, name: str) -> bool:
    return text.casefold() in name.casefold()
