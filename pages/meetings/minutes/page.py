"""The papers of a meeting after its session: minutes beside their record, copies, report, the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committee.models import Meeting
from office import overdue
from office import record as meeting_record
from office.actions.archive import missing_papers, missing_parts, unsigned_supplement
from office.models import Minutes
from pages.meetings import page as meeting_page
from regulation import labels as stored
from web import labels
from web.viewer import Viewer


def minutes_shown(meeting: Meeting) -> Minutes | None:
    """The meeting's minutes, named by it."""
    return _named(meeting, Minutes.objects.originals().filter(meeting=meeting))


def supplement_drafted(meeting: Meeting) -> Minutes | None:
    """The supplementary minutes that are not signed yet, named by the meeting."""
    drafted = Minutes.objects.supplementary().filter(state=Minutes.State.DRAFTED)
    return _named(meeting, drafted.filter(meeting=meeting))


def supplements_seen(meeting: Meeting, who: Viewer) -> QuerySet[Minutes]:
    """The supplementary minutes that the person may see, who sees the meeting: a draft as drafted minutes."""
    rows = Minutes.objects.supplementary().filter(meeting=meeting)
    if meeting_page.sees_all(meeting, who, of_effective_minutes=False):
        return rows
    return rows.filter(state=Minutes.State.SIGNED)


def supplement_shown(meeting: Meeting, pk: int, who: Viewer) -> Minutes | None:
    """One of the supplementary minutes that the person may see, named by the meeting."""
    return _named(meeting, supplements_seen(meeting, who).filter(pk=pk))


def _named(meeting: Meeting, rows: QuerySet[Minutes]) -> Minutes | None:
    found = rows.select_related("drafted_by", "signed_by").first()
    if found is not None:
        found.meeting = meeting  # its number is written with the committee, which is read already
    return found


def digest(minutes: Minutes) -> str:
    """The digest of what the minutes say now, made afresh."""
    return meeting_record.digest({"narrative": minutes.narrative, "record": minutes.record})


@dataclass(frozen=True, kw_only=True)
class MinutesPage:
    """The minutes, or what they are drawn up from, with what a reader may miss in them."""

    minutes: Minutes | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    #: the last day for the minutes
    due: date | None = None
    gaps: tuple[str, ...] = ()

    @property
    def digest_groups(self) -> list[str]:
        """The digest in groups of eight characters, to be compared by eye."""
        return [self.digest[start : start + 8] for start in range(0, len(self.digest), 8)]


def draft(meeting: Meeting, _who: Viewer) -> MinutesPage:
    """The record beside which the narrative is written, and what it still lacks."""
    minutes = minutes_shown(meeting)
    if minutes is not None:
        record = minutes.record
    elif meeting.state == Meeting.State.CLOSED:
        record = meeting_record.of_meeting(meeting)
    else:
        record = {}
    return MinutesPage(
        minutes=minutes,
        record=record,
        digest=digest(minutes) if minutes is not None else "",
        due=overdue.minutes_due(meeting),
        gaps=tuple(gaps(record)),
    )


def signing(meeting: Meeting, _who: Viewer) -> MinutesPage:
    """Exactly what is signed, with the digest of it."""
    minutes = minutes_shown(meeting)
    if minutes is None:
        return MinutesPage()
    return MinutesPage(
        minutes=minutes,
        record=minutes.record,
        digest=digest(minutes),
        gaps=tuple(gaps(minutes.record, minutes.narrative)),
    )


def drafting_supplement(meeting: Meeting, _who: Viewer) -> MinutesPage:
    """The record of the minutes in effect, beside which their correction is written."""
    original = minutes_shown(meeting)
    if original is None:
        return MinutesPage()
    return MinutesPage(minutes=supplement_drafted(meeting), record=original.record)


def signing_supplement(meeting: Meeting, _who: Viewer) -> MinutesPage:
    """Exactly what is signed of the correction, with the digest of it."""
    found = supplement_drafted(meeting)
    if found is None:
        return MinutesPage()
    return MinutesPage(minutes=found, record=found.record, digest=digest(found))


def gaps(record: Mapping[str, Any], narrative: str | None = None) -> Iterator[str]:
    """What a reader of the minutes may miss: it warns and does not block (Art. 18)."""
    if narrative is not None and not narrative.strip():
        yield _("There is no narrative: the minutes are the record alone.")
    present = {row["seat"] for row in record.get("attendance", ())}
    for item in record.get("items", ()):
        yield from _gaps_of_item(item, present)


def _gaps_of_item(item: Mapping[str, Any], present: set[int]) -> Iterator[str]:
    number = item["number"] or "—"
    if not item["taken_up_at"]:
        yield _("Item %(number)s was not taken up.") % {"number": number}
        return
    silent = sorted(present - {row["seat"] for row in item["opinions"]})
    if silent:
        yield ngettext(
            "Item %(number)s: no opinion is recorded for seat %(seats)s.",
            "Item %(number)s: no opinion is recorded for seats %(seats)s.",
            len(silent),
        ) % {"number": number, "seats": _(", ").join(map(str, silent))}
    if not any(vote["state"] == "closed" for vote in item["votes"]):
        yield _("Item %(number)s: no vote was closed.") % {"number": number}


@dataclass(frozen=True)
class Part:
    """A part of the file: there or missing, and where it comes from (Art. 12.6)."""

    name: str | Promise
    there: bool
    url: str
    #: what of it is missing, where that can be said
    missing: str = ""


@dataclass(frozen=True)
class Checklist:
    """The parts that the file of a meeting is to have."""

    parts: list[Part]

    @property
    def missing(self) -> int:
        """How many of them are not there."""
        return sum(not part.there for part in self.parts)


def checklist(meeting: Meeting, _who: Viewer) -> Checklist:
    """Each part of the file that the archive asks for."""
    lacking = set(missing_parts(meeting))
    papers = missing_papers(meeting)
    unsigned = unsigned_supplement(meeting)
    home = reverse("meeting", args=[meeting.pk])
    notice = reverse("notice", args=[meeting.pk])
    minutes = reverse("minutes", args=[meeting.pk])
    places = {
        "docket": f"{home}#agenda",
        "notice": notice,
        "receipts": f"{notice}#seats",
        "materials": f"{home}#agenda",
        "attendance": f"{home}#room",
        "proxies": f"{home}#room",
        "opinions": f"{home}#agenda",
        "ballots": f"{home}#agenda",
        "tally": f"{home}#agenda",
        "resolution": f"{home}#agenda",
        "minutes": minutes,
        "distribution": f"{home}#papers",
        "report": reverse("report", args=[meeting.pk]),
    }
    language = 1 if labels.chinese() else 0
    documents = reverse("documents", args=[meeting.pk])
    return Checklist(
        [
            *(Part(stored.PARTS[part][language], part not in lacking, url) for part, url in places.items()),
            *(
                Part(
                    name=_("supplementary minutes signed"),
                    there=False,
                    url=f"{minutes}#supplements",
                    missing=each.text_zh if language else each.text,
                )
                for each in unsigned
            ),
            Part(
                _("papers drawn up"),
                not papers,
                documents,
                _("; ").join(each.text_zh if language else each.text for each in papers),
            ),
        ]
    )
