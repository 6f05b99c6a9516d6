"""Authorising a proxy from a page: whom one may name, and the letter that is drafted for it (Art. 11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import clock
from committee.models import Meeting, Person, Proxy, Seat
from proposals.models import Proposal, Tabling
from web.templatetags.lianxi import written

#: how many people a search shows
SHOWN = 8


def items(meeting: Meeting) -> list[Tabling]:
    """The items that an authorisation can still cover: on the agenda, no vote on them opened yet."""
    return list(
        Tabling.objects.filter(item__meeting=meeting, item__left_at=None, item__vote_opened_at=None)
        .select_related("item", "proposal__committee")
        .order_by("item__number")
    )


def eligible(meeting: Meeting, proposals: Iterable[Proposal]) -> QuerySet[Person]:
    """The bank's people who may hold a proxy on these plans: no member, not the liaison, not of a handling
    institution, and with fewer proxies at the meeting than the regulation allows.
    """
    units = {proposal.unit_id for proposal in proposals}
    seated = Seat.objects.filter(committee=meeting.committee_id, holder__isnull=False).values("holder")
    full = (
        Proxy.objects.running()
        .filter(meeting=meeting)
        .order_by()
        .values("holder")
        .annotate(held=Count("pk"))
        .filter(held__gte=meeting.regulation.proxies_per_holder)
        .values("holder")
    )
    return (
        Person.objects.filter(bank=meeting.committee.bank_id, is_active=True)
        .exclude(pk__in=seated)
        .exclude(pk__in=full)
        .exclude(pk=meeting.committee.liaison_id)
        .exclude(unit__in=units)
        .exclude(positions__unit__in=units)
    )


def find(meeting: Meeting, proposals: Iterable[Proposal], text: str, principal: Person) -> list[Person]:
    """Those eligible whose name, staff number or unit has the text, the principal's own unit first."""
    own = Case(When(unit=principal.unit_id, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = eligible(meeting, proposals).select_related("unit").order_by(own, "display_name", "pk")
    if text:
        rows = rows.filter(
            Q(display_name__icontains=text) | Q(staff_no__startswith=text) | Q(unit__name__icontains=text)
        )
    return list(rows[:SHOWN])


def letter(
    meeting: Meeting, *, seat: Seat, principal: Person, holder: Person, rows: Sequence[Tabling], powers: str
) -> str:
    """The authorisation in the reader's language, for the principal to edit."""
    with timezone.override(meeting.committee.tz):
        today = timezone.localtime(clock.now()).date()
        at = written(meeting.at)
    return _(
        "Letter of authorisation\n\n"
        "Principal: %(principal)s (seat %(seat)d, %(post)s)\n"
        "Holder: %(holder)s (staff number %(staff_no)s, %(unit)s)\n\n"
        "The principal cannot attend %(meeting)s of the %(committee)s, on %(at)s at %(place)s, and authorises"
        " the holder to act there for the seat, on these items and within these powers.\n\n"
        "Items:\n%(items)s\n\n"
        "Powers: %(powers)s\n\n"
        "The authorisation runs from today until the meeting closes; it ends when the principal comes. What "
        "the holder says and votes within these powers is the seat's.\n\n"
        "Principal: %(principal)s\n"
        "Date: %(date)s"
    ) % {
        "principal": principal.display_name,
        "seat": seat.number,
        "post": seat.post,
        "holder": holder.display_name,
        "staff_no": holder.staff_no,
        "unit": holder.unit,
        "meeting": meeting.written_number,
        "committee": meeting.committee,
        "at": at,
        "place": meeting.place,
        "items": "\n".join(f"{row.item.number}. {row.proposal.title}" for row in rows),
        "powers": powers,
        "date": _("%(year)d-%(month)02d-%(day)02d")
        % {"year": today.year, "month": today.month, "day": today.day},
    }
