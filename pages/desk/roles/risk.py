"""What waits for the risk department: vacant seats, versions of the regulation."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.models import Amendment, RegulationVersion
from committee.offices import RISK
from office import overdue
from pages.committee.roster import seats
from pages.desk import ledger
from pages.desk.roles import watching
from pages.desk.rows import Row
from pages.desk.sections import SHOWN, Section, SectionQuery
from web.templatetags.lianxi import day_written
from web.viewer import Viewer


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The vacant seats of the branch's committees, their amendments that wait, and their versions."""
    branches = who.units(RISK)
    vacant = seats.vacant(branches)
    yield Section(
        _("Vacant seats"),
        _("A seat without a holder appears here until it is filled: no meeting opens without it (Art. 20)."),
        [
            Row(
                f"{reverse('regulation')}#committee-{committee.pk}",
                gettext("Seat %(number)d") % {"number": number},
                seat.post if seat else "",
                str(committee),
                "stopped",
                gettext("vacant"),
            )
            for committee, number, seat in vacant[:SHOWN]
        ],
        len(vacant),
        article="20",
    )
    yield from watching.committees(who, branches, of="branch")
    yield SectionQuery(
        _("Amendments that wait for a second officer"),
        _(
            "A drafted amendment appears here until another officer publishes it, or one discards it "
            "(Art. 24)."
        ),
        Amendment.objects.waiting().filter(committee__branch__in=branches).order_by("drafted_at", "pk"),
        lambda drafted: Row(
            reverse("amendment", args=[drafted.committee_id, drafted.number]),
            gettext("Amendment No. %(number)d") % {"number": drafted.number},
            str(drafted.committee),
            gettext("You have drafted it")
            if drafted.drafted_by_id == who.person.pk
            else gettext("Drafted by %(who)s") % {"who": drafted.drafted_by},
            "waiting",
            gettext("from %(day)s") % {"day": drafted.effective_from},
            since=drafted.drafted_at,
        ),
        article="24",
        always=False,
    )
    yield _versions(branches)
    yield from ledger.tapes_held(ledger.within(who.units(RISK), "scope"))
    yield from ledger.warnings_in(ledger.within(who.units(RISK)), *ledger.TO_RULE)


def _versions(branches: frozenset[int]) -> SectionQuery:
    """The versions of the regulation of the branches' committees, the latest first."""
    return SectionQuery(
        _("Versions of the regulation"),
        _("Each committee's versions of the regulation appear here (Art. 24)."),
        RegulationVersion.objects.filter(committee__branch__in=branches).order_by(
            "-effective_from", "-number", "pk"
        ),
        lambda version: Row(
            f"{reverse('regulation')}#committee-{version.committee_id}",
            gettext("Version %(number)d") % {"number": version.number},
            str(version.committee),
            gettext("%(pass)d of %(seats)d votes to pass, %(days)d days of notice")
            % {"pass": version.votes_to_pass, "seats": version.seat_count, "days": version.notice_days},
            "information",
            gettext("from %(day)s") % {"day": day_written(version.effective_from)},
            due=version.effective_from if version.effective_from > overdue.today(version.committee) else None,
        ),
    )
