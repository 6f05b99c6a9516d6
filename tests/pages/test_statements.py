"""How many statements the pages of a meeting's day take at most, whatever there is of rows."""

import re

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee.models import Meeting
from pages.meetings import rows_of
from proposals.models import Proposal
from tests.no_query import TemplateAsked
from tests.pages.pages import as_
from tests.stage import MEETING, Stage, stages

MOST = {
    "meeting": 10,
    "meeting-version": 2,
    "meeting-parts": 6,
    "desk": 12,
    "proposal": 14,
    "proposals": 8,
    "meetings": 8,
}
HANDLES = ("chair", "seat2", "liaison", "head_office", "auditor", "risk")


def busy() -> Stage:
    """A vote is open in a meeting with six items, two of them resolved, opinions, and further plans."""
    stage = Stage().to("filed")
    others = [stage.another(f"C-{number}") for number in range(2, 7)]
    for number in range(7, 12):
        stage.another(f"C-{number}", to="submitted")
    stage.meeting = stage.convene(stage.proposal, *others)
    stage.do("send_notice")
    stage.travel(MEETING)
    stage.sign_in()
    stage.do("open_meeting")
    for proposal in others[:2]:
        stage.do("take_up", on=proposal)
        stage.do("record_opinion", "seat2", on=proposal, text="The schedule follows the season.")
        stage.do("open_vote", on=proposal)
        for handle in stage.seats:
            stage.do("cast", handle, on=proposal, choice="for")
        stage.do("close_vote", on=proposal)
    stage.do("take_up")
    stage.do("open_vote")
    stage.do("cast", "chair", choice="for")
    return stage


busy_day = stages("busy_day", busy)


def statements(client, name, stage):
    """The statements of the page, asked for the second time: the first may read what is kept."""
    on = {"meeting": stage.meeting, "proposal": stage.proposal}.get(name.partition("-")[0])
    address = reverse(name, args=[on.pk] if on else [])
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in asked]


@pytest.mark.parametrize("name", MOST)
@pytest.mark.parametrize("when", ["voting", "busy_day"])
def test_a_page_takes_no_more_statements_than_it_may(request, when, name):
    stage = request.getfixturevalue(when)
    for handle in HANDLES:
        asked = statements(as_(stage[handle]), name, stage)
        assert len(asked) <= MOST[name], (handle, name, asked)


def test_a_ballot_by_the_api_takes_no_more_than_it_may(voting):
    given = {"proposal": voting.proposal.pk, "choice": "for"}
    clients = {handle: as_(voting[handle]) for handle in ("chair", "seat2", "seat3")}
    for number, client in enumerate(clients.values()):
        with CaptureQueriesContext(connection) as asked:
            sent = client.post("/api/cast/", given, content_type="application/json")
        assert sent.status_code in (200, 201), sent.content
        own = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
        assert number == 0 or len(own) <= 9, own


def test_rows_of_a_meeting_are_read_once_for_as_long_as_nothing_happens(voting):
    client, other = as_(voting["seat2"]), as_(voting["liaison"])
    voting.do("cast", "seat3", choice="for")
    warm = len(statements(client, "meeting", voting))
    assert len(statements(other, "meeting", voting)) <= warm + 1
    voting.do("cast", "chair", choice="for")
    address = reverse("meeting", args=[voting.meeting.pk])
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) > warm
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) == warm


def test_the_heads_of_a_meeting_are_found_by_their_index_however_many_others_there_are(voting):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows_of.with_heads(Meeting.objects.filter(pk=voting.meeting.pk)).explain()
    assert "Seq Scan on audit_head" not in plan
    assert len(re.findall(r"Index Cond: \(stream = ", plan)) == 4, plan


def test_of_a_meeting_the_rows_are_kept_as_it_stands_and_not_as_it_stood(voting):
    client, address = as_(voting["seat2"]), reverse("meeting", args=[voting.meeting.pk])
    client.get(address)
    (before,) = rows_of._kept.values()
    voting.do("cast", "chair", choice="for")
    client.get(address)
    (after,) = rows_of._kept.values()
    assert len(after.rows.cast) == len(before.rows.cast) + 1


@pytest.mark.parametrize("text", ["{% for each in rows %}{% endfor %}", "{{ rows.0.committee.name }}"])
def test_a_template_that_asks_the_database_is_found(voting, text):
    template, read = Template(text), list(Proposal.objects.select_related("committee"))
    assert template.render(Context({"rows": read})) is not None
    with pytest.raises(TemplateAsked, match=r"FROM .proposals_proposal"):
        template.render(Context({"rows": Proposal.objects.all()}))
    assert Proposal.objects.exists()
