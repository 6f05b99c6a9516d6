"""What waits for the liaison: screening, dockets, notices, votes to close, minutes and what follows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from committee.models import Delivery, Meeting, Notice, Seat
from committee.period import last_day
from office import overdue
from office.models import Dispatch
from pages.desk.roles import cosigning
from pages.desk.rows import (
    Row,
    coming_row,
    day_of,
    list_address,
    meeting_row,
    meetings_of,
    minutes_row,
    only_or,
    preparing,
    proposal_row,
    proposals_in,
    written_at,
)
from pages.desk.sections import Section, SectionQuery, total_of
from proposals.models import Proposal
from voting.models import Ballot, Vote, VoteSeat
from web.templatetags.lianxi import day_written
from web.viewer import Viewer

_S = Proposal.State
_M = Meeting.State


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """From the screening of plans to the archive of their meeting."""
    mine = Q(committee__liaison=who.person)
    yield from _plans(who, mine)
    yield from _meetings(who, mine)
    yield from _minutes(who, mine)
    yield SectionQuery(
        _("Meetings to come"),
        _("A meeting appears here from the day on which it is convened."),
        meetings_of(who).filter(mine, state__in=Meeting.RUNNING),
        lambda meeting: coming_row(meeting, str(meeting.committee)),
        more=list_address("meetings", state=Meeting.RUNNING),
    )
    yield from cosigning.sections(reverse("meetings"))
    yield SectionQuery(
        _("Filed, waiting for a meeting"),
        _("Filed plans appear here until the chair puts them on an agenda."),
        proposals_in(who, _S.FILED).filter(mine),
        lambda proposal: proposal_row(proposal, tone="information"),
        more=list_address("proposals", state=_S.FILED),
        article="17",
    )


def _plans(who: Viewer, mine: Q) -> Iterator[SectionQuery]:
    yield SectionQuery(
        _("To screen"),
        _("Plans that a handling institution submits wait here to be shortlisted, returned or screened out."),
        proposals_in(who, _S.SUBMITTED).filter(mine),
        _screening_row,
        more=reverse("screening"),
        article="14",
    )
    yield SectionQuery(
        _("To file with head office"),
        _("Shortlisted plans wait here until their docket is filed."),
        proposals_in(who, _S.SHORTLISTED).filter(mine),
        lambda proposal: proposal_row(proposal, tone="waiting"),
        more=reverse("dockets"),
        article="14",
        act=(
            _("Choose the docket"),
            only_or("docket-new", [row.pk for row in who.liaison_of], reverse("dockets")),
        ),
    )


def _meetings(who: Viewer, mine: Q) -> Iterator[SectionQuery]:
    yield SectionQuery(
        _("Votes ready to be closed"),
        _("A vote appears here when every seat has cast its ballot."),
        _complete_votes(who),
        lambda vote: Row(
            reverse("meeting", args=[vote.meeting_id]),
            vote.proposal.written_number,
            vote.proposal.title,
            f"{vote.meeting.written_number} · {vote.get_question_display()}",
            "waiting",
            gettext("all ballots in"),
            now=True,
        ),
        article="20",
    )
    yield SectionQuery(
        _("Meetings that need a notice"),
        _("A convened meeting appears here until its current notice has reached every seat."),
        meetings_of(who).filter(mine, state=_M.CONVENED).filter(_lacks_notice()),
        _notice_row,
        article="15",
    )
    yield SectionQuery(
        _("Paper notices on their way"),
        _("A notice on paper appears here until you record who received it (Art. 12)."),
        _on_their_way(who),
        _delivery_row,
        article="12",
    )


def _minutes(who: Viewer, mine: Q) -> Iterator[SectionQuery]:
    yield SectionQuery(
        _("Minutes: to be drafted or signed"),
        _("A closed meeting appears here until its minutes are drafted and signed."),
        meetings_of(who).filter(mine, state__in=[_M.CLOSED, _M.MINUTED]).order_by("closed_at", "pk"),
        minutes_row,
        article="21",
    )
    yield SectionQuery(
        _("To distribute, report and archive"),
        _("Signed minutes appear here until they are distributed, reported to head office and archived."),
        meetings_of(who).filter(mine, state=_M.SIGNED).order_by("signed_at", "pk"),
        _afterwards_row,
        article="21",
    )
    yield SectionQuery(
        _("Sent and not received"),
        _("Minutes and reports appear here until their addressees have received them."),
        meetings_of(who)
        .filter(mine, Exists(Dispatch.objects.filter(meeting=OuterRef("pk"), receipt=None)))
        .order_by("signed_at", "pk"),
        _sent_row,
        more=reverse("outbox"),
        article="21",
        always=False,
    )


def _sent_row(meeting: Any) -> Row:
    """What was sent of the meeting and has no receipt, and what could not be sent."""
    note = ngettext("%(count)s not received", "%(count)s not received", meeting.unreceived) % {
        "count": meeting.unreceived
    }
    failed = ngettext("%(count)s failed", "%(count)s failed", meeting.unsent or 0) % {"count": meeting.unsent}
    row = meeting_row(
        meeting, note, "stopped" if meeting.unsent else "information", failed if meeting.unsent else ""
    )
    return replace(row, url=f"{reverse('outbox')}?meeting={meeting.pk}")


def _screening_row(proposal: Proposal) -> Row:
    note = gettext("Resubmission: a ruling on its change in substance is needed (Art. 23)")
    return proposal_row(proposal, note if proposal.resubmission else "", tone="waiting")


def _complete_votes(who: Viewer) -> QuerySet[Vote]:
    return (
        Vote.objects.filter(
            state=Vote.State.OPEN,
            meeting__committee__liaison=who.person,
            meeting__in=Meeting.objects.visible_to(who.person),
        )
        .annotate(
            cast=total_of(Ballot.objects.all(), "vote", Count("pk")),
            due=total_of(VoteSeat.objects.all(), "vote", Count("pk")),
        )
        .filter(cast=F("due"))
        .order_by("opened_at", "pk")
    )


def _lacks_notice() -> Q:
    current = Notice.objects.filter(meeting=OuterRef("pk"), superseded_at=None)
    reached = Delivery.objects.standing().filter(
        notice__meeting=OuterRef(OuterRef("pk")), notice__superseded_at=None, seat=OuterRef("pk")
    )
    without = Seat.objects.filter(
        ~Exists(reached), committee=OuterRef("committee"), holder__isnull=False,
        number__lte=OuterRef("regulation__seat_count"),
    )  # fmt: skip
    return ~Q(Exists(current)) | Q(Exists(without))


def _on_their_way(who: Viewer) -> QuerySet[Delivery]:
    return (
        Delivery.objects.on_their_way()
        .filter(
            notice__meeting__in=Meeting.objects.visible_to(who.person),
            notice__meeting__committee__liaison=who.person,
            notice__meeting__state=_M.CONVENED,
        )
        .order_by("notice__meeting__at", "seat__number")
    )


def _delivery_row(delivery: Delivery) -> Row:
    meeting = delivery.notice.meeting
    row = meeting_row(
        meeting,
        gettext("Seat %(seat)s, %(holder)s: record the delivery")
        % {"seat": delivery.seat.number, "holder": delivery.recipient},
        "waiting",
        gettext("sent %(day)s") % {"day": written_at(meeting, delivery.notice.sent_at)},
        day_of(meeting),
    )
    address = reverse("meeting-act", args=[meeting.pk, "deliver_notice"])
    row = replace(row, url=f"{address}?seat={delivery.seat.number}")
    seat = gettext("Seat %(number)d") % {"number": delivery.seat.number}
    return preparing(row, meeting, gettext("Record the delivery"), seat)


def _notice_row(meeting: Meeting) -> Row:
    latest = last_day(meeting.at, meeting.regulation.notice_days, meeting.committee.tz)
    if meeting.emergency:
        note = gettext("Emergency meeting: the notice period is waived")
        row = meeting_row(meeting, note, "waiting", "", day_of(meeting))
    else:
        late = overdue.today(meeting.committee) > latest
        row = meeting_row(
            meeting,
            gettext("The notice must go out by %(day)s (Art. 15)") % {"day": day_written(latest)},
            "stopped" if late else "waiting",
            gettext("too late for the period") if late else "",
            latest,
        )
    row = replace(row, url=reverse("meeting-act", args=[meeting.pk, "send_notice"]))
    return preparing(row, meeting, gettext("Send the notice"))


def _afterwards_row(meeting: Any) -> Row:
    left = [
        word
        for word, done in (
            (gettext("distribute"), meeting.distributed),
            (gettext("report to head office"), meeting.reported),
        )
        if not done
    ]
    left.append(gettext("archive"))
    note = gettext("Left to do: %(acts)s") % {"acts": gettext(", ").join(left)}
    return meeting_row(meeting, note, "waiting", "")
