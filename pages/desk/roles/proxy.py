"""What waits for the holder of a proxy."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting, Proxy
from committee.offices import SEAT
from pages.desk.roles import ballots
from pages.desk.rows import coming_row
from pages.desk.sections import Section, SectionQuery
from web.viewer import Viewer


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The ballots, where no member's desk shows them, and the meetings to attend."""
    if SEAT not in who.offices:
        yield from ballots.sections(who)
    yield SectionQuery(
        _("Meetings that you attend by authorisation"),
        _("A meeting appears here while an authorisation that you hold is running."),
        Proxy.objects.running()
        .filter(holder=who.person, meeting__in=Meeting.objects.visible_to(who.person))
        .filter(meeting__state__in=Meeting.RUNNING)
        .order_by("meeting__at", "seat__number", "pk"),
        lambda proxy: coming_row(
            proxy.meeting,
            gettext("For %(principal)s, seat %(number)d")
            % {"principal": proxy.principal.display_name, "number": proxy.seat.number},
        ),
        article="11",
    )
