"""Who acts next on a meeting, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committee.models import Meeting
from pages.meetings.page import MeetingPage, Papers, papers

_M = Meeting.State


def next_act(page: MeetingPage) -> str | Promise:
    """Who acts next on the meeting, as a text; empty once it is archived or cancelled."""
    meeting = page.meeting
    if meeting.state == _M.CONVENED and page.notice is None:
        return _("The liaison sends the notice (Art. 15, 16)")
    if meeting.state == _M.CONVENED and page.on_its_way:
        return _("The liaison records the delivery of the notice on paper (Art. 12, 16)")
    if meeting.state == _M.SIGNED:
        left = [word for word, done in _afterwards(page.papers or papers(meeting)) if not done]
        return _("The liaison: %(acts)s (Art. 12, 21)") % {"acts": _(", ").join(left)}
    if meeting.state == _M.IN_SESSION:
        return _in_session(page)
    return {
        _M.CONVENED: _("The chair opens the meeting when all seats are represented (Art. 20)"),
        _M.CLOSED: _("The liaison drafts the minutes (Art. 12, 21)"),
        _M.MINUTED: _("The chair signs the minutes (Art. 21)"),
    }.get(meeting.state, "")


def _in_session(page: MeetingPage) -> str:
    if page.open_vote is not None:
        return _in_vote(page)
    left = [item.row for item in page.items if item.row.left_at is None and item.row.resolved_at is None]
    if any(row.taken_up_at is not None for row in left):
        return _("The chair opens the vote when the item is deliberated (Art. 18, 20)")
    if left:
        return _("The chair takes up the items (Art. 9, 18)")
    if not page.full:
        return _("The chair goes on with the agenda or closes the meeting (Art. 9)")
    return _("The chair closes the meeting (Art. 9)")


def _in_vote(page: MeetingPage) -> str:
    rounds = [each for item in page.items for each in item.rounds if each.voted]
    left = sum(not done for each in rounds for _number, done in each.voted)
    if not left:
        return _("The liaison closes the vote: all ballots are in (Art. 20)")
    return ngettext(
        "%(count)d seat has still to vote (Art. 20)", "%(count)d seats have still to vote (Art. 20)", left
    ) % {"count": left}


def _afterwards(drawn_up: Papers) -> Iterable[tuple[str, bool]]:
    yield _("distribute"), bool(drawn_up.copies)
    yield _("report to head office"), drawn_up.report is not None
    yield _("archive"), drawn_up.archive is not None
