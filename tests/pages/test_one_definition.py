"""A term has one definition: what two pages count is the same for the same data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import escape

from committee.models import Message
from office import overdue, statistics
from pages.committee.roster.seats import vacant
from pages.desk import desks
from pages.desk.sections import Section
from pages.meetings import mine as my_meetings
from pages.meetings.listing import Meetings
from pages.meetings.papers import reading
from pages.oversight.irregularities import listing
from pages.plans.listing import Proposals
from pages.plans.queues import board, queue
from proposals.models import Proposal
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look
from tests.stage import MEETING, STEPS, Stage, clock
from web.viewer import Viewer

#: the stages that are built; from the last of them before it each other step is a few acts away
BUILT = ("founded", "filed", "noticed", "voting", "closed")


def _further(step: str) -> Any:
    """The fixture of the step, gone on to from what is built."""
    built = max((each for each in BUILT if STEPS.index(each) <= STEPS.index(step)), key=STEPS.index)

    @pytest.fixture(name=step)
    def fixture(request: pytest.FixtureRequest) -> Stage:
        stage: Stage = request.getfixturevalue(built)
        return stage.to(step)

    return fixture


globals().update({step: _further(step) for step in STEPS if step not in BUILT})

YEAR = listing.DateRange(*(MEETING.date().replace(month=month, day=day) for month, day in ((1, 1), (12, 31))))


def _sections(stage: Stage, handle: str) -> dict[str, Section]:
    return {str(section.title): section for section in desks.sections(Viewer(stage[handle]))}


# -- Overdue ---------------------------------------------------------------------------------------


def _desk_says_overdue(stage: Stage, handle: str, title: str) -> bool:
    return [row.tone for row in _sections(stage, handle)[title].rows] == ["stopped"]


def _auditor_says_overdue(stage: Stage) -> bool:
    found = listing.Cases({stage.bank.unit.pk}, YEAR)
    return "late_minutes" in {key.kind for key in found}


@pytest.mark.parametrize("step", ["closed", "minuted"])
def test_minutes_are_overdue_until_they_are_signed_on_every_page_alike(
    step: str, request: pytest.FixtureRequest
) -> None:
    stage: Stage = request.getfixturevalue(step)
    meeting = stage.now(stage.meeting)
    for hour, late in (("09T23:59", False), ("10T00:01", True), ("10T07:59", True)):
        stage.travel(f"2026-03-{hour}+08:00")
        assert overdue.minutes_overdue(meeting) is late, hour
        assert _desk_says_overdue(stage, "liaison", "Minutes: to be drafted or signed") is late, hour
        if step == "minuted":
            assert _desk_says_overdue(stage, "chair", "Minutes to sign") is late, hour
        assert _auditor_says_overdue(stage) is late, hour
        assert ("overdue" in look(stage["auditor"], "meeting", meeting.pk)) is late, hour


@pytest.mark.parametrize("step", ["noticed", "voting"])
def test_before_a_meeting_has_ended_no_minutes_are_due(step: str, request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue(step)
    stage.travel("2026-04-01T09:00+08:00")
    meeting = stage.now(stage.meeting)
    assert overdue.minutes_due(meeting) is None
    assert overdue.minutes_days_late(meeting) == 0
    assert not overdue.minutes_overdue(meeting)


def test_minutes_drafted_in_time_and_signed_late_are_late_and_no_more_overdue(minuted: Stage) -> None:
    minuted.travel("2026-03-11T09:00+08:00")
    minuted.do("sign_minutes")
    meeting = minuted.now(minuted.meeting)
    assert not overdue.minutes_overdue(meeting)
    assert overdue.minutes_days_late(meeting) == 2
    (case,) = [
        case
        for case in listing.cases(listing.Cases({minuted.bank.unit.pk}, YEAR))
        if case.key.kind == "late_minutes"
    ]
    assert case.note == "minutes signed 2 days late"


def _due_on(stage: Stage) -> str:
    row: Proposal = stage.now(stage.proposal)
    assert row.version is not None
    return str(row.version.document["schedule"][0]["due_on"])


def test_an_instalment_is_late_from_the_day_after_its_own_on_every_page(credit_approved: Stage) -> None:
    stage, day = credit_approved, _due_on(credit_approved)
    for hour, later in (("00:01", 0), ("07:59", 0), ("23:59", 0), ("23:59", 2)):
        stage.travel(f"{day}T{hour}+08:00")
        stage.travel(timedelta(minutes=later))
        late = bool(later)
        assert _desk_says_overdue(stage, "handler", "In execution") is late, hour
        assert ("overdue" in look(stage["handler"], "proposal", stage.proposal.pk)) is late, hour


# -- A tray of the desk, and the list to which it leads -----------------------------------------------


@pytest.mark.parametrize("step", ["drafted", "submitted", "filed", "signed", "executing"])
def test_a_tray_counts_what_the_list_that_it_leads_to_counts(
    step: str, request: pytest.FixtureRequest
) -> None:
    stage: Stage = request.getfixturevalue(step)
    stage.another("N-1", to="submitted")
    seen = 0
    for handle in EVERYBODY:
        who = Viewer(stage[handle])
        for section in desks.sections(who):
            place, _mark, asked = section.more.partition("?")
            if place == reverse("proposals"):
                assert Proposals(who, QueryDict(asked)).count.number == section.count, (handle, section.title)
                seen += 1
    assert seen


@pytest.mark.parametrize("step", ["filed", "executing"])
def test_the_board_counts_what_the_list_counts(step: str, request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue(step)
    stage.another("N-1", to="submitted")
    for handle in EVERYBODY:
        who = Viewer(stage[handle])
        for stages_ in board.read_stages(who.person):
            for each in stages_:
                listed = Proposals(who, QueryDict(each.url.partition("?")[2])).count.number
                assert each.count == listed, (handle, each.state)


def test_the_stages_on_the_way_are_the_live_plans() -> None:
    assert set(board.OPEN) == set(Proposal.LIVE)
    assert {*board.OPEN, *board.ENDED, Proposal.State.DRAFT} == set(Proposal.State)


@pytest.mark.parametrize("at", ["00:01", "07:59", "23:59"])
def test_the_age_of_a_card_is_the_age_in_the_picture(submitted: Stage, at: str) -> None:
    submitted.travel(f"2026-06-01T{at}+08:00")
    for hours in (0, 7 * 24 - 1, 7 * 24 + 1, 8 * 24 - 1, 8 * 24 + 1, 30 * 24 + 1, 31 * 24 + 1):
        since = clock.now() - timedelta(hours=hours)
        Proposal.objects.filter(pk=submitted.proposal.pk).update(state_since=since)
        (on_the_way, _ended) = board.read_stages(submitted["auditor"])
        (stage,) = [each for each in on_the_way if each.state == "submitted"]
        (card,) = stage.cards
        assert card.days == queue.days_since(since, submitted.committee), hours
        (age,) = [name for name, count in stage.counts.items() if count]
        assert age == ("new" if card.days <= 7 else "middle" if card.days <= 30 else "old"), hours


# -- Queues, trays and lists of an office --------------------------------------------------------------


def test_what_waits_for_the_liaison_is_counted_alike(filed: Stage) -> None:
    for number in range(3):
        filed.another(f"S-{number}", to="submitted")
    filed.another("T-1", to="shortlisted")
    filed.do("return", on=filed.another("R-1", to="submitted"), reason="Incomplete")
    trays = _sections(filed, "liaison")
    client = as_(filed["liaison"])
    screening = client.get(reverse("screening"))
    assert len(screening.context["rows"]) == trays["To screen"].count == 3
    assert screening.context["shortlisted"] == trays["To file with head office"].count == 1
    dockets = client.get(reverse("dockets"))
    assert [number for _committee, number in dockets.context["own"]] == [1]


def test_reports_to_receive_are_counted_alike(reported: Stage) -> None:
    for act, number in ((lambda: None, 1), (lambda: reported.do("receive_report"), 0)):
        act()
        page = as_(reported["head_office"]).get(reverse("reports"))
        assert page.context["waiting"] == number
        assert _sections(reported, "head_office")["Reports to receive"].count == number


def test_vacant_seats_are_those_of_the_version_in_force_on_both_pages(founded: Stage) -> None:
    founded.do("vacate_seat", seat=2)
    founded.do(
        "amend_regulation", changes={"seats": 5, "votes_to_pass": 3}, effective_from=clock.now().date()
    )
    tray = _sections(founded, "risk")["Vacant seats"]
    assert [row.number for row in tray.rows] == ["Seat 2", "Seat 4", "Seat 5"]
    assert look(founded["risk"], "roster").count('lozenge-stopped">vacant') == tray.count == 3
    assert [number for _committee, number, _seat in vacant([founded.committee.branch_id])] == [2, 4, 5]


# -- A member's papers and notices --------------------------------------------------------------------


def _left(stage: Stage, handle: str) -> tuple[int, int, int]:
    """Papers to read on the desk, among one's meetings, and on the page of the papers."""
    who = Viewer(stage[handle])
    mine = sum(row.of - row.read for row in my_meetings.to_come(who))
    papers = reading.papers(stage.now(stage.meeting), who)
    return _sections(stage, handle)["Papers to read"].count, mine, papers.of - papers.read


@pytest.mark.parametrize(
    ("step", "acts", "left"),
    [
        ("noticed", (), 1),
        ("noticed", (("read_materials", {}),), 0),
        ("taken_up", (), 1),
        ("voting", (), 1),
        ("voting", (("cancel_vote", {"reason": "Papers missing"}),), 0),
        ("carried", (), 0),
        ("closed", (), 0),
    ],
)
def test_papers_to_read_are_counted_alike(
    step: str, acts: tuple[tuple[str, dict[str, str]], ...], left: int, request: pytest.FixtureRequest
) -> None:
    stage: Stage = request.getfixturevalue(step)
    for verb, given in acts:
        stage.do(verb, **given)
    assert _left(stage, "seat2") == (left, left, left)
    if stage.meeting_state in ("convened", "in_session"):
        readers = {reader.seat.number: reader for reader in reading.readers(stage.now(stage.meeting))}
        assert readers[2].of - readers[2].read == left
        unread = sum(reader.of > reader.read for reader in readers.values())
        assert reading.unread_seats(stage.now(stage.meeting)) == unread


@pytest.mark.parametrize("step", ["convened", "noticed", "in_session", "closed"])
def test_notices_to_acknowledge_are_counted_alike(step: str, request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue(step)
    mine = sum(row.to_acknowledge for row in my_meetings.to_come(Viewer(stage["seat2"])))
    assert _sections(stage, "seat2")["Notices to acknowledge"].count == mine == (step == "noticed")


@pytest.mark.parametrize("ending", ["running", "revoked", "principal", "closed"])
def test_a_running_proxy_is_the_same_on_the_desk_and_among_the_meetings(noticed: Stage, ending: str) -> None:
    noticed.proxy()
    noticed.travel(MEETING)
    endings: dict[str, Callable[[], object]] = {
        "running": lambda: None,
        "revoked": lambda: noticed.do("revoke_proxy", "seat3"),
        "principal": lambda: noticed.do("sign_in", "seat3"),
        "closed": lambda: noticed.do("cancel_meeting", reason="No quorum"),
    }
    endings[ending]()
    trays = _sections(noticed, "deputy3")
    held = [proxy for row in my_meetings.to_come(Viewer(noticed["deputy3"])) for proxy in row.held]
    tray = trays.get("Meetings that you attend by authorisation")
    assert (tray.count if tray else 0) == len(held) == (ending == "running")


# -- Figures, exceptions, messages, meetings ------------------------------------------------------------


@pytest.mark.parametrize("step", ["submitted", "credit_approved", "completed"])
def test_a_figure_and_its_list_are_of_the_same_plans(step: str, request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue(step)
    keys = ("2026", "2026-Q1", "2026-03", "2026-04")
    for handle, key in product(("head_office", "auditor", "risk"), keys):
        who, over = Viewer(stage[handle]), statistics.period(key, MEETING.date())
        _branches, line = statistics.statistics_lines(who, over)
        for measure in ("submitted", "carried", "rejected"):
            assert getattr(line, measure) == statistics.cases(who, measure, over).count(), (measure, over.key)
        for measure in ("waived", "planned", "received"):
            listed = sum(getattr(row, measure) for row in statistics.cases(who, measure, over))
            assert getattr(line, measure) == listed, (measure, over.key)


def test_exceptions_are_counted_as_they_are_listed_and_written(minuted: Stage) -> None:
    minuted.travel("2026-03-20T09:00+08:00")
    found = listing.Cases({minuted.bank.unit.pk}, YEAR)
    counted = {kind: number for kind, _name, number in listing.counts(found) if number}
    listed = [str(case.kind) for case in listing.cases(found)]
    assert sum(counted.values()) == len(listed) == len(list(listing.Sheet(found).iterator(2)))
    page = as_(minuted["auditor"]).get(
        reverse("exceptions"), {"from": YEAR.first.isoformat(), "to": YEAR.last.isoformat()}
    )
    assert counted["late_minutes"] == 1
    html = page_text(page)
    assert all(f"{escape(name)} ({number})" in html for _kind, name, number in listing.counts(found))


@pytest.mark.parametrize("step", ["noticed", "voting", "reported"])
def test_messages_unread_are_those_of_the_inbox(step: str, request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue(step)
    for handle in EVERYBODY:
        page = as_(stage[handle]).get(reverse("messages"), {"show": "unread"})
        listed = page.context["page"].paginator.count
        assert listed == Viewer(stage[handle]).unread, handle
        assert listed == Message.objects.unread().filter(person=stage[handle]).count()


def test_meetings_to_come_are_the_running_ones_on_each_page(in_session: Stage) -> None:
    in_session.convene(in_session.another("C-9"), at=MEETING + timedelta(days=4))
    who = Viewer(in_session["seat2"])
    listed = Meetings(who, QueryDict("state=convened&state=in_session")).count.number
    assert _sections(in_session, "seat2")["Meetings to come"].count == listed
    assert len(my_meetings.to_come(who)) == listed == 2
