"""What those watch who supervise and do not act: exceptions, minutes not signed, meetings to come."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from committee.models import Meeting
from committee.offices import AUDITOR
from pages.desk.rows import Row, day_of, list_address, meeting_row, meetings_of, minutes_row
from pages.desk.sections import Section, SectionQuery
from pages.oversight.irregularities import listing
from web.viewer import Viewer

_M = Meeting.State
_UNSIGNED = (_M.CLOSED, _M.MINUTED)


def exceptions(who: Viewer) -> Section:
    """The exceptions of this year by kind, for an auditor."""
    year = listing.this_year()
    found = listing.Cases(who.units(AUDITOR), year)
    kinds = [(kind, name, count) for kind, name, count in listing.counts(found) if count]
    rows = [
        Row(
            f"{reverse('exceptions')}?{urlencode({'kind': kind})}",
            "",
            str(name),
            "",
            "information",
            ngettext("%(count)d case", "%(count)d cases", count) % {"count": count},
        )
        for kind, name, count in sorted(kinds, key=lambda each: -each[2])
    ]
    return Section(
        _("Exceptions of this year"),
        _("What the regulation allows as an exception, or did not go as it should, appears here by kind."),
        rows,
        len(rows),
        reverse("exceptions"),
    )


def committees(who: Viewer, units: Collection[int], *, of: str) -> Iterator[SectionQuery]:
    """The minutes not signed and the meetings to come of the committees of these units."""
    meetings = meetings_of(who).filter(**{f"committee__{of}__in": list(units)})
    yield SectionQuery(
        _("Minutes not signed"),
        _("A closed meeting appears here until its minutes are signed (Art. 21)."),
        meetings.filter(state__in=_UNSIGNED).order_by("closed_at", "pk"),
        lambda meeting: replace(minutes_row(meeting), tone="information"),
        more=list_address("meetings", state=_UNSIGNED),
        article="21",
    )
    yield SectionQuery(
        _("Meetings to come"),
        _("A meeting appears here from the day on which it is convened."),
        meetings.filter(state__in=Meeting.RUNNING),
        lambda meeting: meeting_row(meeting, str(meeting.committee), "information", due=day_of(meeting)),
        more=list_address("meetings", state=Meeting.RUNNING),
    )
