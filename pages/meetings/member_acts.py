"""What a member or a proxy's holder does before a meeting (Art. 10, 11, 16, 20.3)."""

from __future__ import annotations

from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from committee.actions.notices import require_current_notice
from committee.models import Delivery, Meeting, Notice, Proxy, Reading
from pages.meetings import item_in_session
from pages.meetings.papers import reading
from proposals.models import Proposal
from regulation.refused import Refused
from web.forms import ReasonForm
from web.offers import Offer
from web.viewer import Viewer


class ConflictForm(ReasonForm):
    """Why the seat cannot decide on the plan."""

    beside: ClassVar[dict[str, str]] = {"20.3/reason-required": "reason"}


def _unacknowledged(meeting: Meeting, who: Viewer) -> bool:
    return (
        Delivery.objects.standing()
        .filter(
            notice__meeting=meeting,
            notice__superseded_at=None,
            seat__holder=who.person,
            paper=False,
            acknowledged_by=None,
        )
        .exists()
    )


def _nothing_to_acknowledge(meeting: Meeting, who: Viewer) -> Refused | None:
    """Why there is nothing to acknowledge: no current notice, none to the seat, on paper, or done."""
    try:
        notice = require_current_notice(meeting)
    except Refused as missing:
        return missing
    row = Delivery.objects.standing().filter(notice=notice, seat__holder=who.person).first()
    if row is None:
        return Refused("16/no-notice")
    return Refused("state/not-allowed", cause="acknowledge/paper" if row.paper else "acknowledge/done")


def _running(meeting: Meeting, who: Viewer) -> bool:
    """A proxy of the person's own seat is running."""
    return meeting.pk in who.represented_at


def _vote_opened(meeting: Meeting, who: Viewer) -> Refused | None:
    running = Proxy.objects.running().filter(meeting=meeting, seat__holder=who.person)
    opened = running.filter(items__vote_opened_at__isnull=False).exists()
    return Refused("11/after-vote-opened") if opened else None


def _unread(proposal: Proposal, who: Viewer) -> bool:
    item = proposal.item
    return item is not None and not item.readings.filter(person=who.person, digest=item.digest).exists()


def _next_paper(_proposal: Proposal, done: Reading) -> str:
    """On to the next papers that are unread, or back to the list of all."""
    found = reading.papers(done.item.meeting, Viewer(done.person))
    return found.unread.url if found.unread else reverse("papers", args=[done.item.meeting_id])


def _may_declare(proposal: Proposal, who: Viewer) -> bool:
    """From the notice on, once, and until the seat's ballot."""
    item, here = proposal.item, item_in_session.read_item(proposal, who)
    own = next((seat.pk for seat in who.seats if seat.committee_id == proposal.committee_id), None)
    if item is None or own is None or own in here.conflicts or (item.voting and own in here.voted):
        return False
    in_session = item.meeting.state == Meeting.State.IN_SESSION
    return in_session or Notice.objects.filter(meeting=item.meeting_id).exists()


def _nothing_to_declare(proposal: Proposal, who: Viewer) -> Refused | None:
    """Why no conflict of interest can be declared: off the agenda, no seat, done, voted, or no notice yet."""
    item, here = proposal.item, item_in_session.read_item(proposal, who)
    own = next((seat.pk for seat in who.seats if seat.committee_id == proposal.committee_id), None)
    if item is None:
        return Refused("state/not-allowed", cause="conflict/off-agenda")
    if own is None:
        return Refused("20.1/no-seat")
    if own in here.conflicts:
        return Refused("state/not-allowed", cause="conflict/done")
    return Refused("20.1/already-voted") if item.voting and own in here.voted else Refused("16/no-notice")


def _declared(proposal: Proposal, _result: object = None) -> str:
    """To the room while the meeting is in session, else to the plan."""
    item = proposal.item
    if item is not None and item.meeting.state == Meeting.State.IN_SESSION:
        return reverse("meeting", args=[item.meeting_id])
    return reverse("proposal", args=[proposal.pk])


OFFERS = (
    Offer(
        "acknowledge", _("Acknowledge the notice"),
        done=_("Your receipt of the notice is recorded."),
        applies=_unacknowledged,
        not_now=_nothing_to_acknowledge,
    ),
    Offer(
        "read_materials", _("Mark the materials as read"),
        help_text=_("The reading is recorded under your own name and cannot be taken back (Art. 10)."),
        done=_("Your reading is recorded."),
        elsewhere=True,
        applies=_unread,
        not_now=lambda proposal, _who: (
            Refused("state/not-allowed", cause="reading/done") if proposal.item else None
        ),
        leads_to=_next_paper,
    ),
    Offer(
        "authorise_proxy", _("Authorise a proxy"),
        final=True,
        applies=lambda meeting, who: not _running(meeting, who),
        not_now=lambda _meeting, _who: Refused("state/not-allowed", cause="proxy/running"),
        secondary=True,
    ),
    Offer(
        "revoke_proxy", _("Revoke the proxy"),
        help_text=_(
            "The holder sees nothing of the meeting any more; you may authorise somebody else (Art. 11)."
        ),
        done=_("The proxy is revoked."),
        final=True,
        secondary=True,
        applies=_running,
        not_now=lambda _meeting, _who: Refused("state/not-allowed", cause="proxy/none"),
        blocked=_vote_opened,
    ),
    Offer(
        "declare_conflict", _("Declare a conflict of interest"), ConflictForm,
        help_text=_(
            "Your seat only abstains on this item, whoever holds it. It cannot be taken back (Art. 20)."
        ),
        done=_("The conflict of interest is on record: your seat abstains on this item."),
        final=True,
        secondary=True,
        applies=_may_declare,
        not_now=_nothing_to_declare,
        live=True,
        also_on_plan_page=True,
        leads_to=_declared,
    ),
)  # fmt: skip
