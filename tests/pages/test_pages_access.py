"""Who sees which page (rules.md, Roles): 200 to those, 404 to all others, a login to the unknown."""

import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from audit import clock
from tests.addresses import patterns
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, seeing, status
from tests.stage import MEETING, START, Stage, stages

#: pages that anybody may open
OPEN = {
    "login", "display", "calendar-feed", "room-screen", "room-screen-version", "verify-file", "manifest",
    "worker", "offline",
}  # fmt: skip

#: what answers programs, and leads nobody to a page
PROGRAMS = {
    "api", "api-openapi", "api-proposals", "api-proposal", "api-meetings", "api-meeting", "api-dispatches",
    "api-dispatch", "api-act",
}  # fmt: skip

INSTITUTION = {"handler", "handler_head"}
OFFICE = {"liaison", "chair", "risk"}
MEMBERS = {"seat2", "seat3"}

SEES_PROPOSAL = {
    "drafted": INSTITUTION | {"auditor"},
    "submitted": INSTITUTION | {"auditor"} | OFFICE,
    "shortlisted": INSTITUTION | {"auditor"} | OFFICE,
    "filed": INSTITUTION | {"auditor"} | OFFICE | MEMBERS | {"head_office"},
    "convened": INSTITUTION | {"auditor"} | OFFICE | MEMBERS | {"head_office"},
    "voting": INSTITUTION | {"auditor"} | OFFICE | MEMBERS | {"head_office"},
    "carried": INSTITUTION | {"auditor"} | OFFICE | MEMBERS | {"head_office", "credit"},
    "archived": INSTITUTION | {"auditor"} | OFFICE | MEMBERS | {"head_office", "credit"},
    "completed": INSTITUTION | {"auditor"} | OFFICE | MEMBERS | {"head_office", "credit"},
}
_COMMITTEE = OFFICE | MEMBERS | {"head_office", "auditor"}
SEES_MEETING = {
    "convened": _COMMITTEE,
    "in_session": _COMMITTEE,
    "voting": _COMMITTEE,
    "closed": _COMMITTEE,
    "minuted": _COMMITTEE,
    "signed": _COMMITTEE | {"credit"},
    "archived": _COMMITTEE | {"credit"},
}


def names():
    """Our own pages; those of the administrator: tests/accounts/test_admin.py."""
    return [each.name for each in patterns()]


def address(name):
    for args in (
        (),
        (1,),
        ("meeting:1",),
        ("unread", "meeting:1"),
        ("meeting:1", 1),
        (1, "verb"),
        (1, 1),
        (1, "file", 1),
        (1, "file", 1, 1),
    ):
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    raise AssertionError(name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted({*names()} - OPEN))
def test_every_page_needs_a_login(name):
    response = Client().get(address(name))
    if name in PROGRAMS:
        assert response.status_code == 401
        assert response.json()["code"] == "request/not-signed-in"
    else:
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))


def test_the_open_pages_are_pages():
    assert {*names()} >= OPEN


@pytest.mark.parametrize("step", SEES_PROPOSAL)
def test_a_proposal_is_seen_by_whom_the_table_says(request, step):
    stage = request.getfixturevalue(step)
    assert seeing(stage, "proposal", stage.proposal.pk) == SEES_PROPOSAL[step]


@pytest.mark.parametrize("step", SEES_MEETING)
def test_a_meeting_is_seen_by_whom_the_table_says(request, step):
    stage = request.getfixturevalue(step)
    assert seeing(stage, "meeting", stage.meeting.pk) == SEES_MEETING[step]


def two_banks() -> Stage:
    stage = Stage().to("archived")
    stage.abroad = Stage()
    return stage


abroad = stages("abroad", two_banks)


def test_nobody_of_another_bank_sees_anything(abroad):
    here, there = abroad, abroad.abroad
    for handle in EVERYBODY:
        person = there[handle]
        assert status(person, "proposal", here.proposal.pk) == 404, handle
        assert status(person, "meeting", here.meeting.pk) == 404, handle
        assert status(person, "stream", here.meeting.stream) == 404, handle
        for page in ("proposals", "meetings", "desk", "regulation"):
            html = look(person, page)
            assert f"/proposals/{here.proposal.pk}/" not in html
            assert f"/meetings/{here.meeting.pk}/" not in html


@pytest.mark.parametrize("step", ["taken_up", "signed"])
def test_what_is_done_in_another_bank_changes_no_page(request, step):
    stage = request.getfixturevalue(step)
    shown = [("meeting", "auditor", [stage.meeting.pk]), ("proposal", "auditor", [stage.proposal.pk])]
    if step == "taken_up":
        stage.do("admit_observer", observer=stage["handler_head"])
        shown += [("meeting", handle, [stage.meeting.pk]) for handle in ("chair", "seat2")]
    else:
        shown += [("proposal-act", "credit", [stage.proposal.pk, "approve_credit"])]

    def pages():
        return [look(stage[handle], name, *args) for name, handle, args in shown]

    moment, before = clock.now(), pages()
    stage.travel(START)
    there = Stage().to(step)
    if step == "taken_up":
        there.do("admit_observer", observer=there["handler_head"])
        there.do("ask_observer", text="Asked elsewhere")
        there.do("withdraw_observer")
        there.do("request_abstention", "seat3", reason="A cousin")
        there.do("open_vote")
    else:
        there.do("decline_credit", reason="Declined elsewhere")
    stage.travel(moment)
    assert pages() == before


def test_lists_hold_what_may_be_seen_and_no_more(filed):
    filed.do("draft", by="other_handler", plan=filed.plan | {"title": "A draft of the other institution"})
    number = filed.now(filed.proposal).written_number
    assert number
    for handle in EVERYBODY:
        html = look(filed[handle], "proposals")
        assert (f"/proposals/{filed.proposal.pk}/" in html) is (handle in SEES_PROPOSAL["filed"]), handle
        mine = handle in {"other_handler", "other_head", "auditor"}
        assert ("A draft of the other institution" in html) is mine, handle


def test_the_audit_log_is_the_auditors_alone(archived):
    assert seeing(archived, "streams") == {"auditor"}
    for stream in (archived.meeting.stream, archived.proposal.stream, archived.committee.stream):
        assert seeing(archived, "stream", stream) == {"auditor"}


def test_a_stream_that_is_not_there_is_not_found(archived):
    for stream in ("meeting:999999", "office:999999", "nothing:1"):
        assert status(archived["auditor"], "stream", stream) == 404


def test_the_auditor_reads_each_entry_and_whether_it_verifies(archived):
    html = look(archived["auditor"], "stream", archived.meeting.stream)
    assert html.count('lozenge-good">verified') == html.count("<code title=")
    assert "does not verify" not in html
    assert "Ballot cast" in html


# -- Proxies and former holders ---------------------------------------------------------------------


def with_proxy() -> Stage:
    """deputy3 stands for seat 3 on the first of two items."""
    stage = Stage().to("filed")
    stage.other = stage.another("C-2", title="The other matter")
    stage.meeting = stage.convene(stage.proposal, stage.other)
    stage.step = "convened"
    stage.to("noticed")
    stage.proxy()
    return stage


proxied = stages("proxied", with_proxy)


def test_a_proxy_sees_the_meeting_and_the_items_covered(proxied):
    holder = proxied["deputy3"]
    html = look(holder, "meeting", proxied.meeting.pk)
    assert f"/proposals/{proxied.proposal.pk}/" in html
    assert "The other matter" not in html
    assert proxied.now(proxied.other).written_number not in html
    assert status(holder, "proposal", proxied.proposal.pk) == 200
    assert status(holder, "proposal", proxied.other.pk) == 404
    assert "The other matter" not in look(holder, "proposals") + look(holder, "desk")


def test_a_revoked_proxy_sees_nothing(proxied):
    proxied.do("revoke_proxy", "seat3")
    assert status(proxied["deputy3"], "meeting", proxied.meeting.pk) == 404
    assert status(proxied["deputy3"], "proposal", proxied.proposal.pk) == 404
    assert f"/meetings/{proxied.meeting.pk}/" not in look(proxied["deputy3"], "desk")


def test_after_the_meeting_a_proxy_sees_nothing(proxied):
    proxied.travel(MEETING)
    proxied.sign_in("chair", "seat2", "deputy3")
    proxied.do("open_meeting")
    assert status(proxied["deputy3"], "meeting", proxied.meeting.pk) == 200
    proxied.do("close_meeting")
    left = as_(proxied["deputy3"]).get(reverse("meeting", args=[proxied.meeting.pk]))
    assert left["Location"].startswith(reverse("my-meetings"))  # what they held and did themselves
    assert status(proxied["deputy3"], "proposal", proxied.proposal.pk) == 404


def next_act(person, meeting):
    """Who acts next, as the page of the meeting tells the person."""
    html = look(person, "meeting", meeting.pk)
    return re.search(r'class="page-next"><b>Next:</b>\s*([^<]*)<', html)[1].strip()


def test_a_proxy_is_not_told_that_the_meeting_ends_with_the_items_covered(proxied):
    assert next_act(proxied["deputy3"], proxied.meeting) == next_act(proxied["chair"], proxied.meeting)
    proxied.travel(MEETING)
    proxied.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        proxied.do(verb)
        assert next_act(proxied["deputy3"], proxied.meeting) == next_act(proxied["chair"], proxied.meeting)
    for handle in ("chair", "seat2", "deputy3"):
        proxied.do("cast", handle, choice="for")
    proxied.do("close_vote")
    assert next_act(proxied["chair"], proxied.meeting) == "The chair takes up the items (Art. 9, 18)"
    assert "goes on with the agenda" in next_act(proxied["deputy3"], proxied.meeting)


def test_a_proxy_is_told_of_paper_on_its_way_as_others_are(convened):
    convened.proxy()
    told = {"The liaison sends the notice (Art. 15, 16)"}
    assert {next_act(convened[who], convened.meeting) for who in ("chair", "deputy3")} == told
    convened.do("send_notice", posted=[2])
    told = {"The liaison records the delivery of the notice on paper (Art. 12, 16)"}
    assert {next_act(convened[who], convened.meeting) for who in ("chair", "deputy3")} == told


def test_a_former_holder_is_told_what_the_liaison_has_left_to_do_as_others_are(signed):
    signed.do("vacate_seat", seat=2)
    told = []
    for verb in ("distribute", "report_decisions", "receive_report"):
        told.append(next_act(signed["seat2"], signed.meeting))
        assert told[-1] == next_act(signed["auditor"], signed.meeting)
        signed.do(verb)
    assert told == [
        "The liaison: distribute, report to head office, archive (Art. 12, 21)",
        "The liaison: report to head office, archive (Art. 12, 21)",
        "The liaison: archive (Art. 12, 21)",
    ]


def test_a_former_holder_sees_what_was_voted_in_the_meeting_attended(proxied):
    proxied.travel(MEETING)
    proxied.sign_in()
    proxied.do("open_meeting")
    proxied.do("take_up")
    proxied.do("open_vote")
    proxied.cast()
    proxied.do("close_vote")
    proxied.do("close_meeting")
    proxied.do("vacate_seat", seat=2)
    former = proxied["seat2"]
    html = look(former, "meeting", proxied.meeting.pk)
    assert "Carried: 3 for" in html
    assert "The other matter" not in html
    assert status(former, "proposal", proxied.proposal.pk) == 200
    assert status(former, "proposal", proxied.other.pk) == 404


# -- Signing in and the display ---------------------------------------------------------------------


@pytest.mark.django_db
def test_a_wrong_password_is_refused_in_words():
    response = Client().post(reverse("login"), {"username": "nobody", "password": "wrong"})
    assert response.status_code == 200
    assert "Login and password do not match" in page_text(response)


@pytest.mark.parametrize(
    ("given", "cookie", "value"),
    [
        ({"language": "zh-hans"}, "django_language", "zh-hans"),
        ({"theme": "dark"}, "theme", "dark"),
        ({"unit": "wan"}, "unit", "wan"),
    ],
)
def test_the_display_is_chosen_and_kept(given, cookie, value):
    response = Client().post(reverse("display"), {"next": "/proposals/?q=1", **given})
    assert response["Location"] == "/proposals/?q=1"
    assert response.cookies[cookie].value == value
    assert len(response.cookies) == 1


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_choosing_the_display_leads_nowhere_else(elsewhere):
    response = Client().post(reverse("display"), {"next": elsewhere, "theme": "no such theme"})
    assert response["Location"] == "/"
    assert not response.cookies


def test_an_overview_counts_in_ten_thousands_when_asked(filed):
    client = Client()
    client.force_login(filed["liaison"], backend="django.contrib.auth.backends.ModelBackend")
    assert "1,110.00" in page_text(client.get(reverse("proposals")))
    client.cookies["unit"] = "wan"
    assert re.search(r">0\.11<", page_text(client.get(reverse("proposals"))))


@pytest.mark.parametrize(
    ("query", "found"),
    [({"q": "1"}, 1), ({"q": "〔2026〕1号"}, 1), ({"q": "no such thing"}, 0), ({"state": "filed"}, 1),
     ({"state": "draft"}, 0), ({"state": "nonsense"}, 1), ({"q": "9" * 40}, 0), ({"page": "99"}, 1),
     ({"docket": "x"}, 1)],
)  # fmt: skip
def test_the_list_is_filtered(filed, query, found):
    html = look(filed["liaison"], "proposals", **query)
    assert html.count(f"/proposals/{filed.proposal.pk}/") == found
