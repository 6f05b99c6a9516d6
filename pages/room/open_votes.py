"""Announcement of open votes: on every page of the meeting, and on all pages of people with a ballot to cast.

It says only that a vote is open, and nothing of its question, ballots or counts (Art. 20).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from audit.models import Head
from committee.models import Meeting, Person
from pages.room import page
from proposals.models import Proposal, Tabling
from web import shell
from web.viewer import Viewer

#: the pages that show the vote itself
_SHOW_IT = frozenset({"room/room.html", "room/observer.html"})


@dataclass(frozen=True)
class OpenVotes:
    """What a page announces: ballots to cast, and whether its own meeting has an open vote."""

    #: addresses of the meetings in which the reader has a ballot to cast
    ballots: tuple[str, ...] = ()
    #: address of the page's meeting if a vote is open there; empty if the reader has a ballot in it
    here: str = ""
    #: the page's meeting, to be followed, and the version that the page shows
    meeting: Meeting | None = None
    version: int = 0

    @property
    def socket(self) -> str:
        """The address by which the meeting is followed."""
        return f"/ws/meetings/{self.meeting.pk}/" if self.meeting is not None else ""


def read_open_votes(
    template: str, context: Mapping[str, Any], person: Person, meetings: list[int]
) -> OpenVotes:
    """The announcement of a page, given the meetings in which the person has a ballot to cast.

    Two statements on pages of a meeting that is about to begin or runs, none on others.
    """
    meeting = context.get("meeting")
    if not isinstance(meeting, Meeting):
        return OpenVotes(_addresses(meetings))
    if template in _SHOW_IT:
        return OpenVotes(_addresses(pk for pk in meetings if pk != meeting.pk))
    ballots = _addresses(meetings)
    if not page.is_shown_as_room(meeting):
        return OpenVotes(ballots)
    version = Head.objects.filter(stream=meeting.stream).values_list("seq", flat=True).first() or 0
    address = reverse("meeting", args=[meeting.pk])
    visible = Proposal.objects.visible_to(person)
    voting = Tabling.objects.filter(item__meeting=meeting, item__voting=True, proposal__in=visible)
    here = address if address not in ballots and voting.exists() else ""
    return OpenVotes(ballots, here, meeting, version)


def _addresses(meetings: Iterable[int]) -> tuple[str, ...]:
    return tuple(reverse("meeting", args=[pk]) for pk in dict.fromkeys(meetings))


@shell.context_part
def _in_shell(
    _request: HttpRequest, template: str, context: Mapping[str, Any], who: Viewer
) -> tuple[Mapping[str, Any], bool]:
    told_there = read_open_votes(template, context, who.person, who.ballots_at)
    return {"vote_told": told_there}, told_there.meeting is not None
