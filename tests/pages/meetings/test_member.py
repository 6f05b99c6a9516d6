"""What a member does before a meeting: papers with reading marks, conflicts, proxies (Art. 10, 11, 20.3)."""

import re

import pytest
from django.urls import reverse

from committee.models import Conflict, Person, Proxy, Reading
from pages.meetings.papers import reading
from pages.meetings.proxies.letter import eligible, find, items
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries, seeing, status
from tests.stage import MEETING, Stage, stages
from web.viewer import Viewer


def with_items() -> Stage:
    """Three items on the agenda, the notice sent."""
    stage = Stage().to("filed")
    stage.more = [stage.another("C-2", title="Second matter"), stage.another("C-3", title="Third matter")]
    stage.meeting = stage.convene(stage.proposal, *stage.more)
    stage.step = "convened"
    return stage.to("noticed")


three = stages("three", with_items)


def paper(stage, proposal):
    return reverse("paper", args=[stage.meeting.pk, stage.now(proposal).item_id])


def mark(stage, handle, proposal):
    return as_(stage[handle]).post(reverse("proposal-act", args=[proposal.pk, "read_materials"]))


# -- Papers -----------------------------------------------------------------------------------------


def test_the_papers_are_in_the_order_of_the_agenda_with_what_is_read(three):
    html = look(three["seat2"], "papers", three.meeting.pk)
    titles = [three.proposal.title, "Second matter", "Third matter"]
    assert sorted(titles, key=html.index) == titles
    assert "0 of 3 read" in html
    first = mark(three, "seat2", three.proposal)
    assert first["Location"] == paper(three, three.more[0])
    html = look(three["seat2"], "papers", three.meeting.pk)
    assert "1 of 3 read" in html
    assert f'class="button" href="{paper(three, three.more[0])}"' in html
    for proposal in three.more:
        last = mark(three, "seat2", proposal)
    assert last["Location"] == reverse("papers", args=[three.meeting.pk])
    assert "All papers are read." in look(three["seat2"], "papers", three.meeting.pk)
    assert "0 of 3 read" in look(three["seat3"], "papers", three.meeting.pk)


def test_other_materials_are_shown_as_unread_again(three):
    mark(three, "seat2", three.proposal)
    item = three.now(three.proposal).item
    item.digest = "0" * 64
    item.save(update_fields=["digest"])
    assert "0 of 3 read" in look(three["seat2"], "papers", three.meeting.pk)
    assert mark(three, "seat2", three.proposal).status_code == 302


def test_each_paper_leads_to_the_one_before_and_the_one_after(three):
    ways = [paper(three, proposal) for proposal in (three.proposal, *three.more)]
    for place, at in enumerate(ways):
        html = page_text(as_(three["seat2"]).get(at))
        found = {rel: re.findall(rf'href="([^"]+)" rel="{rel}"', html) for rel in ("prev", "next")}
        assert found == {"prev": ways[:place][-1:], "next": ways[place + 1 : place + 2]}


def test_reading_twice_is_told_and_recorded_once(three):
    mark(three, "seat2", three.proposal)
    assert mark(three, "seat2", three.proposal).status_code == 409
    assert Reading.objects.filter(person=three["seat2"]).count() == 1


def test_who_reads_are_those_with_a_seat_or_a_proxy(three):
    three.proxy(proposals=[three.proposal])
    for handle in EVERYBODY:
        got = mark(three, handle, three.proposal).status_code
        reads = handle in {"chair", "seat2", "seat3", "deputy3"}
        sees = reads or handle in {"liaison", "risk", "auditor", "head_office", "handler", "handler_head"}
        assert got == (302 if reads else 403 if sees else 404), handle


def test_who_sees_the_papers_are_those_who_see_the_meeting(three):
    seen = {"chair", "seat2", "seat3", "liaison", "risk", "auditor", "head_office"}
    assert seeing(three, "papers", three.meeting.pk) == seen
    assert seeing(three, "paper", three.meeting.pk, three.now(three.proposal).item_id) == seen


def test_a_proxy_sees_the_papers_of_the_items_covered_alone(three):
    three.proxy(proposals=[three.proposal])
    html = look(three["deputy3"], "papers", three.meeting.pk)
    assert "0 of 1 read" in html
    assert "Second matter" not in html
    assert as_(three["deputy3"]).get(paper(three, three.proposal)).status_code == 200
    assert as_(three["deputy3"]).get(paper(three, three.more[0])).status_code == 404
    three.do("revoke_proxy", "seat3")
    assert status(three["deputy3"], "papers", three.meeting.pk) == 404


def test_an_item_of_another_meeting_is_not_found(three):
    assert status(three["seat2"], "paper", three.meeting.pk, 999_999) == 404


def test_who_has_read_is_for_the_liaison_the_chair_and_the_audit(three):
    mark(three, "seat2", three.proposal)
    for handle in ("chair", "seat2", "seat3", "liaison", "risk", "auditor", "head_office"):
        html = look(three[handle], "papers", three.meeting.pk)
        assert ("Who has read" in html) is (handle in {"liaison", "chair", "auditor"}), handle
    html = look(three["liaison"], "papers", three.meeting.pk)
    assert "1 of 3" in html
    assert "2, 3</td>" in html


def test_a_withdrawn_item_is_read_no_more(three):
    three.do("withdraw", "handler", on=three.more[0], reason="Paid")
    assert "0 of 2 read" in look(three["seat2"], "papers", three.meeting.pk)


def test_the_pages_take_as_many_statements_for_three_items_as_for_one(three, noticed):
    for name in ("papers", "my-meetings"):
        counts = [
            len(queries(stage["chair"], name, *([stage.meeting.pk] if name == "papers" else [])))
            for stage in (noticed, three)
        ]
        assert counts[0] == counts[1] <= 25, (name, counts)
    one = queries(three["chair"], "paper", three.meeting.pk, three.now(three.proposal).item_id)
    assert len(one) <= 25


# -- My meetings ------------------------------------------------------------------------------------


def test_my_meetings_say_what_is_left_to_do(three):
    html = look(three["seat2"], "my-meetings")
    assert reverse("meeting-act", args=[three.meeting.pk, "acknowledge"]) in html
    assert reverse("authorise-proxy", args=[three.meeting.pk]) in html
    assert "0 of 3 read" in html
    as_(three["seat2"]).post(reverse("meeting-act", args=[three.meeting.pk, "acknowledge"]))
    three.proxy("seat2", "deputy2", proposals=[three.proposal])
    html = look(three["seat2"], "my-meetings")
    assert "acknowledge</button>" not in html
    assert "acknowledged <time" in html
    assert reverse("meeting-act", args=[three.meeting.pk, "revoke_proxy"]) in html
    html = look(three["deputy2"], "my-meetings")
    assert "0 of 1 read" in html
    assert f"for {three['seat2']}, seat 2" in html


def test_my_meetings_are_nobody_elses(three):
    for handle in EVERYBODY:
        html = look(three[handle], "my-meetings")
        mine = handle in {"chair", "seat2", "seat3"}
        assert (f"/meetings/{three.meeting.pk}/" in html) is mine, handle


def test_past_meetings_tell_who_was_there(closed):
    html = look(closed["seat2"], "my-meetings")
    assert closed.now(closed.meeting).written_number in html
    assert str(closed["seat2"]) in html


# -- Conflict of interest ---------------------------------------------------------------------------


def test_a_conflict_of_interest_is_declared_from_the_notice_on(convened, three):
    assert "Declare a conflict" not in look(convened["seat2"], "proposal", convened.proposal.pk)
    assert "Declare a conflict" in look(three["seat2"], "proposal", three.proposal.pk)
    url = reverse("proposal-act", args=[three.proposal.pk, "declare_conflict"])
    assert as_(three["seat2"]).post(url, {"reason": "。"}).status_code == 422
    assert as_(three["seat2"]).post(url, {"reason": "My brother's company"}).status_code == 302
    assert Conflict.objects.get(item=three.now(three.proposal).item).person == three["seat2"]
    assert "Declare a conflict" not in look(three["seat2"], "proposal", three.proposal.pk)


def test_the_papers_lead_to_the_declaration_while_it_would_be_taken(convened, three):
    url = reverse("proposal-act", args=[three.proposal.pk, "declare_conflict"])
    item = three.now(three.proposal).item_id
    assert url in look(three["seat2"], "paper", three.meeting.pk, item)
    assert url not in look(three["auditor"], "paper", three.meeting.pk, item)
    three.do("declare_conflict", "seat2", reason="My brother's company")
    assert url not in look(three["seat2"], "paper", three.meeting.pk, item)
    before = look(convened["seat2"], "paper", convened.meeting.pk, convened.now(convened.proposal).item_id)
    assert "declare_conflict" not in before


def test_nobody_without_a_seat_declares_one(three):
    url = reverse("proposal-act", args=[three.proposal.pk, "declare_conflict"])
    for handle in EVERYBODY:
        got = as_(three[handle]).post(url, {"reason": " "}).status_code
        if handle in {"chair", "seat2", "seat3"}:
            assert got == 422, handle
        else:
            assert got in {403, 404}, handle


# -- Proxies ----------------------------------------------------------------------------------------


def authorise(stage, handle="seat3", **given):
    url = reverse("authorise-proxy", args=[stage.meeting.pk])
    return as_(stage[handle]).post(url, given)


def chosen(stage, holder="deputy3", **given):
    rows = [row.pk for row in items(stage.meeting)]
    return {"holder": stage[holder].pk, "items": rows, "powers": ["attend", "vote"], **given}


def test_the_letter_is_drafted_from_what_is_chosen_and_nothing_is_done_yet(three):
    html = page_text(authorise(three, step="draft", **chosen(three)))
    letter = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)[1]
    for part in (str(three["seat3"]), str(three["deputy3"]), "Second matter", "Attend, Vote", "Room 3"):
        assert part in letter, part
    assert f"<b>{three['deputy3']}</b>" in html
    assert not Proxy.objects.exists()


def test_the_letter_in_chinese_is_a_letter_of_authorisation(three):
    url = reverse("authorise-proxy", args=[three.meeting.pk])
    html = page_text(as_(three["seat3"], "zh-hans").post(url, {"step": "draft", **chosen(three)}))
    assert "授权委托书" in html
    assert "受托人" in html
    assert "2026年3月2日" in html


def test_signing_authorises_as_it_was_edited(three):
    response = authorise(three, step="sign", document="As edited", **chosen(three))
    assert response["Location"] == reverse("my-meetings")
    proxy = Proxy.objects.get(meeting=three.meeting)
    assert (proxy.seat.number, proxy.holder, proxy.document) == (3, three["deputy3"], "As edited")
    assert proxy.powers == ["attend", "vote"]
    assert proxy.items.count() == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"document": " "}, 'data-code="11/document-required"'),
        ({"powers": []}, 'data-code="11/scope-required"'),
        ({"items": []}, 'data-code="11/scope-required"'),
        ({"holder": ""}, "Choose the holder"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(three, given, said):
    response = authorise(three, step="sign", **chosen(three) | {"document": "Signed"} | given)
    assert response.status_code == 422
    assert said in page_text(response)
    assert not Proxy.objects.exists()


@pytest.mark.parametrize("step", ["draft", "sign"])
@pytest.mark.parametrize(
    ("field", "value"),
    [("holder", "x"), ("holder", 10**9), ("items", ["x"]), ("items", [10**9]), ("powers", ["rule"])],
)
def test_what_nobody_offered_is_no_choice_and_the_letter_stays_to_be_read(three, step, field, value):
    response = authorise(three, step=step, **chosen(three) | {"document": "As I wrote it"} | {field: value})
    html = page_text(response)
    assert response.status_code == 422
    assert f'href="#id_{field}' in html
    assert "As I wrote it" in html
    assert not Proxy.objects.exists()


def test_an_item_that_left_the_agenda_meanwhile_costs_no_letter(three):
    given = chosen(three)
    three.do("withdraw", "handler", on=three.more[0], reason="Paid")
    response = authorise(three, step="sign", document="As I wrote it", **given)
    assert response.status_code == 422
    assert "As I wrote it" in page_text(response)


@pytest.mark.parametrize("letter", ["As I wrote it\x1b", "As I wrote it" + "x" * 20_000])
def test_a_letter_that_is_not_taken_stays_to_be_edited(three, letter):
    response = authorise(three, step="sign", document=letter, **chosen(three))
    html = page_text(response)
    assert response.status_code == 422
    assert 'id="id_document_error"' in html
    assert "As I wrote it" in re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)[1]
    assert f"<b>{three['deputy3']}</b>" in html
    assert "<b>Attend, Vote</b>" in html
    assert not Proxy.objects.exists()


@pytest.mark.parametrize("holder", ["seat2", "liaison", "handler"])
def test_who_may_not_hold_it_is_refused_beside_the_holder(three, holder):
    response = authorise(three, step="sign", document="Signed", **chosen(three, holder))
    html = page_text(response)
    assert 'data-code="11/holder-not-eligible"' in html
    assert "field-wrong" in html


def test_the_search_finds_exactly_those_whom_the_engine_takes(three):
    three.proxy("seat2", "deputy2", proposals=[three.proposal])
    rows = [row.proposal for row in items(three.meeting)]
    found = {person.pk for person in eligible(three.meeting, rows)}
    assert 0 < len(found) < len(three.people)
    for handle, person in three.people.items():
        response = authorise(three, step="sign", document="Signed", **chosen(three, handle))
        assert (response.status_code == 302) is (person.pk in found), handle
        if response.status_code == 302:
            three.do("revoke_proxy", "seat3")


def test_the_search_is_by_name_staff_number_and_unit_and_keeps_what_was_typed(three):
    person = three["deputy3"]
    for text in (person.display_name, person.staff_no, person.unit.name):
        html = page_text(authorise(three, step="find", q=text, **chosen(three, holder="deputy2")))
        assert f'value="{person.pk}"' in html, text
        assert f'value="{three["deputy2"].pk}" checked' in html
    html = page_text(authorise(three, step="find", q="no such person"))
    assert "Nobody who may hold it" in html


def test_those_of_the_own_unit_are_found_first_and_then_by_name(three):
    rows = [row.proposal for row in items(three.meeting)]
    for own in ("deputy3", "outsider"):
        principal = three["seat3"]
        principal.unit = three[own].unit
        found = find(three.meeting, rows, "", principal)
        people = Person.objects.filter(pk__in=[person.pk for person in found]).order_by("display_name", "pk")
        first, then = people.filter(unit=principal.unit), people.exclude(unit=principal.unit)
        assert first
        assert found == [*first, *then]


def test_one_letter_at_a_time_and_it_is_revoked_on_a_page_that_says_so(three):
    authorise(three, step="sign", document="Signed", **chosen(three))
    again = authorise(three, step="sign", document="Signed", **chosen(three, "deputy2"))
    assert 'data-code="state/not-allowed"' in page_text(again)
    html = look(three["seat3"], "meeting", three.meeting.pk)
    assert "Revoke the proxy" in html
    assert "Authorise a proxy" not in html
    url = reverse("meeting-act", args=[three.meeting.pk, "revoke_proxy"])
    assert "sees nothing" in page_text(as_(three["seat3"]).get(url))
    as_(three["seat3"]).post(url)
    assert Proxy.objects.get().revoked_at is not None


def test_nobody_without_a_seat_authorises(three):
    for handle in EVERYBODY:
        got = as_(three[handle]).get(reverse("authorise-proxy", args=[three.meeting.pk])).status_code
        if handle in {"chair", "seat2", "seat3"}:
            assert got == 200, handle
        else:
            assert got in {403, 404}, handle


def test_what_was_typed_comes_back_after_the_session_ended(three):
    url = reverse("authorise-proxy", args=[three.meeting.pk])
    client = as_(three["seat3"])
    token = re.search(r'name="once" value="([^"]+)"', page_text(client.get(url)))[1]
    client.logout()
    client.post(url, {"step": "sign", "document": "Typed at length", "once": token, **chosen(three)})
    client.force_login(three["seat3"], backend="django.contrib.auth.backends.ModelBackend")
    assert "Typed at length" in page_text(client.get(url))
    assert not Proxy.objects.exists()


def test_once_a_vote_opened_the_letter_covers_it_no_more(voting):
    html = look(voting["seat2"], "authorise-proxy", voting.meeting.pk)
    assert 'name="items" value=' not in html
    assert MEETING


def test_the_desk_has_the_papers_to_read_until_they_are(three):
    assert paper(three, three.proposal) in look(three["seat2"], "desk")
    mark(three, "seat2", three.proposal)
    html = look(three["seat2"], "desk")
    assert paper(three, three.proposal) not in html
    assert paper(three, three.more[0]) in html
    for handle in ("liaison", "handler", "outsider", "credit"):
        assert paper(three, three.proposal) not in look(three[handle], "desk"), handle


def test_whoever_opens_the_meeting_is_warned_of_unread_papers(three):
    warned = {h for h in EVERYBODY if status(three[h], "meeting", three.meeting.pk) == 200
              and "have not read all papers" in look(three[h], "meeting", three.meeting.pk)}  # fmt: skip
    assert warned == {"chair", "liaison", "auditor"}
    for handle in ("chair", "seat2"):
        for proposal in (three.proposal, *three.more):
            mark(three, handle, proposal)
    assert "1 member has not read all papers" in look(three["chair"], "meeting", three.meeting.pk)
    for proposal in (three.proposal, *three.more):
        mark(three, "seat3", proposal)
    assert "not read all papers" not in look(three["chair"], "meeting", three.meeting.pk)


def test_what_was_read_in_time_stays_read_and_what_was_resolved_is_no_more_to_be_read(noticed):
    noticed.do("read_materials", "seat2")
    noticed.to("closed")
    meeting = noticed.now(noticed.meeting)
    assert reading.progress([meeting], Viewer(noticed["seat2"])) == {meeting.pk: (1, 1)}
    assert reading.progress([meeting], Viewer(noticed["seat3"])) == {meeting.pk: (0, 0)}
