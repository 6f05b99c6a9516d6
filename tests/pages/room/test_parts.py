"""The room in parts: what a page is sent again is what the page as a whole would show."""

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.recording import SYSTEM
from committee.actions.people import change_person, rename_unit
from pages.meetings import rows_of
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_
from tests.stage import MEETING, Stage, stages, undone
from web.templatetags import kept

SECRET = "Never to be read before the closing"
WHY = "A neighbour of the borrower"
#: what two renderings of the same differ in
TOKENS = re.compile(r'<input type="hidden" name="(?:csrfmiddlewaretoken|once|key)" value="[^"]*"[^>]*>')


#: where in the agenda an item stands that is over
PLACE = re.compile(r'<details class="fold room-past" id="(past-\d+)" data-live="past-\d+"></details>')


class Screen:
    """A page of the room in somebody's browser, which follows the meeting as `lianxi.js` does."""

    def __init__(self, stage, handle, language="en"):
        self.client, self.meeting = as_(stage[handle], language), stage.meeting.pk
        self.html = page_text(self.client.get(reverse("meeting", args=[self.meeting])))
        tags = unescape(re.search(r'data-tags="([^"]*)"', self.html)[1])
        self.tags = dict(each.split(".") for each in tags.split("~"))
        self.etag = ""
        told = json.loads(page_text(self.ask(has="timeline.0")))
        assert told["tags"] == self.tags
        #: the parts that stand on the page, by name
        self.parts = told["parts"]

    def ask(self, *, without=(), has=None, **headers):
        if has is None:
            has = "~".join(f"{name}.{tag}" for name, tag in self.tags.items() if name not in without)
        return self.client.get(reverse("meeting-parts", args=[self.meeting]), {"has": has}, headers=headers)

    def refresh(self):
        """The parts that were sent, by name; they stand on the page now."""
        response = self.ask(**{"If-None-Match": self.etag})
        if response.status_code == 304:
            return {}
        assert response.status_code == 200
        told = json.loads(page_text(response))
        self.etag = response.headers["ETag"]
        assert told["tags"].keys() == told["parts"].keys()
        for name, html in told["parts"].items():
            if name == "agenda":
                past = {place: self.parts.get(place, "") for place in PLACE.findall(html)}
                self.parts = {k: v for k, v in self.parts.items() if not k.startswith("past-")} | past
            assert name in self.parts
            self.parts[name], self.tags[name] = html, told["tags"][name]
        self.tags = {name: tag for name, tag in self.tags.items() if name in self.parts}
        return told["parts"]


#: those who see a meeting in different ways
READERS = ("chair", "seat2", "deputy3", "liaison", "head_office", "auditor")


def everywhere(stage):
    """A screen of each of those."""
    return {handle: Screen(stage, handle) for handle in READERS}


def bare(html):
    return page_text(TOKENS.sub("", html))


def assert_is_shown(screen, stage, handle):
    """What stands on the page is what it would be if it were opened now, and if it were made anew."""
    for made_anew in (False, True):
        if made_anew:
            rows_of.forget()
            kept.forget()
        fresh = Screen(stage, handle)
        assert screen.tags == fresh.tags, (handle, made_anew)
        html = bare(fresh.html)
        for name, part in fresh.parts.items():
            assert bare(screen.parts[name]) == bare(part), (handle, name, made_anew)
            for text in PLACE.split(part)[::2]:
                assert bare(text) in html, (handle, name)


def with_a_proxy() -> Stage:
    """Two items, the second with a proxy that does not cover the first; all are signed in."""
    stage = Stage().to("filed")
    stage.other = stage.another("C-2")
    stage.meeting = stage.convene(stage.proposal, stage.other)
    stage.do("send_notice")
    stage.proxy(proposals=[stage.proposal])
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3")
    stage.do("open_meeting")
    return stage


with_proxy = stages("with_proxy", with_a_proxy)


def course(stage):
    """The acts of a meeting, one after the other."""
    yield lambda: stage.do("take_up")
    yield lambda: stage.do("record_opinion", "seat2", text="The schedule follows the season.")
    yield lambda: stage.do("admit_observer", observer=stage["handler_head"])
    yield lambda: stage.do("withdraw_observer")
    yield lambda: stage.do("request_abstention", "seat2", reason=WHY)
    yield lambda: stage.do("open_vote")
    yield lambda: stage.do("cast", "chair", choice="against", reason=SECRET)
    yield lambda: stage.do("sign_out", "deputy3")
    yield lambda: stage.do("sign_in", "deputy3")
    yield lambda: stage.do("cast", "deputy3", choice="for")
    yield lambda: stage.do("grant_abstention", seat=2)
    yield lambda: stage.do("cast", "seat2", choice="abstain", reason="Known to me")
    yield lambda: stage.do("close_vote")


def test_what_is_sent_is_what_the_page_would_show_at_each_step_to_each(with_proxy):
    screens = everywhere(with_proxy)
    for act in course(with_proxy):
        act()
        for handle, screen in screens.items():
            screen.refresh()
            assert_is_shown(screen, with_proxy, handle)


def test_in_an_open_vote_no_part_tells_a_choice_and_a_request_only_those_who_decide(with_proxy):
    """Whoever asks first: what is kept for several readers holds nothing that one of them may not see."""
    order = ["auditor", "chair", "seat2", "liaison", "head_office", "risk", "deputy3"]
    for handles in (order, order[::-1]):
        screens = {handle: Screen(with_proxy, handle) for handle in handles}
        for act in list(course(with_proxy))[:10] if handles is order else []:
            act()
        for handle, screen in screens.items():
            told = json.dumps(screen.refresh(), ensure_ascii=False) + Screen(with_proxy, handle).html
            assert SECRET not in told, handle
            assert (WHY in told) == (handle in {"chair", "seat2", "auditor"}), handle
    for handle, screen in screens.items():
        for name in screen.tags:
            assert SECRET not in page_text(screen.ask(without={name})), (handle, name)


def test_a_proxy_is_sent_the_item_that_it_covers_alone(with_proxy):
    others = {handle: Screen(with_proxy, handle) for handle in ("chair", "seat2")}
    with_proxy.do("take_up")
    for screen in others.values():
        assert "C-2" in json.dumps(screen.refresh())
    assert "C-2" not in json.dumps(Screen(with_proxy, "deputy3").parts)


def test_another_s_ballot_is_few_statements_and_bytes(voting):
    readers = ("chair", "seat2", "liaison", "head_office")
    screens = {handle: Screen(voting, handle) for handle in readers}
    voting.do("cast", "chair", choice="for")
    for screen in screens.values():
        screen.refresh()
    voting.do("cast", "seat3", choice="for")
    for number, (handle, screen) in enumerate(screens.items()):
        with CaptureQueriesContext(connection) as asked:
            response = screen.ask(without={"timeline"})
        assert len(response.content) <= 10_000, handle
        assert len(asked) <= (6 if number else 8), [
            query["sql"] for query in asked
        ]  # the first reads the rows
        told = json.loads(page_text(response))
        assert "room" in told["parts"]
        assert "2 of 3 seats have voted" in told["parts"]["says"]


def told_of(rows):
    """What the rows of a meeting say."""

    def plain(value):
        if hasattr(value, "__dict__") and not callable(value):
            return {name: plain(each) for name, each in vars(value).items() if not name.startswith("_")}
        return list(map(plain, value)) if isinstance(value, list) else value

    return {name: plain(getattr(rows, name)) for name in rows.__dataclass_fields__}


def test_rows_with_the_ballots_since_are_those_read_anew(with_proxy):
    meeting = with_proxy.meeting
    ballots = []
    for number, act in enumerate(course(with_proxy)):
        act()
        rows_of.read_heads(meeting)
        with CaptureQueriesContext(connection) as asked:
            known = rows_of.read(meeting)
        if [len(query["sql"].split("; ")) for query in asked] == [3]:
            ballots.append(number)
        rows_of.forget()
        assert told_of(known) == told_of(rows_of.read(meeting))
        rows_of.forget()
        rows_of.read(meeting)
    assert ballots == [6, 9, 11]  # those that cast one


def test_a_ballot_since_hides_no_other_change(with_proxy):
    """Another stream had changed when the heads were read, and a ballot was cast before the rows were."""
    acts = list(course(with_proxy))
    for act in acts[:6]:
        act()
    rows_of.read_heads(with_proxy.meeting)
    rows_of.read(with_proxy.meeting)
    change_person(with_proxy["seat2"], by=SYSTEM, changes={"display_name": "A corrected name"})
    rows_of.read_heads(with_proxy.meeting)
    acts[6]()
    assert "A corrected name" in [seat.held_by for seat in rows_of.read(with_proxy.meeting).seats]


def test_an_act_that_was_rolled_back_hides_none_that_was_not(with_proxy):
    acts = list(course(with_proxy))
    for act in acts[:6]:
        act()
    with undone():
        acts[6]()
        rows_of.read_heads(with_proxy.meeting)
        rows_of.read(with_proxy.meeting)
    with_proxy.do("propose_cancellation", "chair", reason="Papers are missing")
    acts[6]()
    rows_of.read_heads(with_proxy.meeting)
    known = rows_of.read(with_proxy.meeting)
    rows_of.forget()
    assert told_of(known) == told_of(rows_of.read(with_proxy.meeting))


def test_nothing_is_sent_of_what_the_page_has(voting):
    screen = Screen(voting, "seat2")
    assert screen.refresh() == {}
    response = screen.ask(**{"If-None-Match": screen.etag})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == screen.etag
    voting.do("cast", "chair", choice="for")
    assert screen.ask(**{"If-None-Match": screen.etag}).status_code == 200


def test_the_history_is_sent_to_those_who_have_it_before_them(voting):
    screen = Screen(voting, "seat2")
    voting.do("cast", "chair", choice="for")
    folded = json.loads(page_text(screen.ask(without={"timeline"})))
    assert "timeline" not in folded["parts"]
    assert "timeline" in screen.refresh()


def test_a_meeting_that_is_over_is_no_room_any_more(voted):
    screen = Screen(voted, "seat2")
    voted.do("close_vote")
    screen.refresh()
    voted.do("close_meeting")
    assert json.loads(page_text(screen.ask())) == {"kind": "page"}


def test_what_is_over_moves_into_the_agenda_and_is_sent_once(with_proxy):
    screen = Screen(with_proxy, "liaison")
    for act in course(with_proxy):
        act()
    first = screen.refresh()
    with_proxy.do("take_up", on=with_proxy.other)
    then = screen.refresh()
    (past,) = {name for name in {**first, **then} if name.startswith("past-")}
    assert past in then
    assert PLACE.findall(then["agenda"]) == [past]
    with_proxy.do("record_opinion", "seat2", text="One more.", on=with_proxy.other)
    assert past not in screen.refresh()


def test_an_item_that_left_its_place_and_comes_back_is_whole(with_proxy):
    """The second item is withdrawn while it is deliberated: the result of the first is shown again."""
    for act in course(with_proxy):
        act()
    with_proxy.do("take_up", on=with_proxy.other)
    screens = everywhere(with_proxy)
    with_proxy.do("withdraw", on=with_proxy.other, reason="The borrower has paid")
    for handle, screen in screens.items():
        screen.refresh()
        assert_is_shown(screen, with_proxy, handle)
    assert all(html for screen in screens.values() for html in screen.parts.values())


def test_a_corrected_name_is_right_in_every_part_at_once(with_proxy):
    for act in course(with_proxy):
        act()
    with_proxy.do("take_up", on=with_proxy.other)
    screens = everywhere(with_proxy)
    before, after = with_proxy["seat2"].display_name, "A corrected name"
    change_person(with_proxy["seat2"], by=SYSTEM, changes={"display_name": after})
    rename_unit(with_proxy.proposal.unit, by=SYSTEM, name="A corrected unit")
    for handle, screen in screens.items():
        screen.refresh()
        assert_is_shown(screen, with_proxy, handle)
        assert after in screen.parts["room"]
        assert before not in screen.parts["room"]


def test_readers_of_one_item_and_of_none_are_not_told_each_other_s(with_proxy):
    """Neither sees the whole meeting: one holds a proxy for the item that is taken up, one sees no item."""
    with_proxy.do("take_up")
    with_proxy.do("vacate_seat", on=with_proxy.committee, seat=2)
    for order in (("deputy3", "seat2"), ("seat2", "deputy3")):
        rows_of.forget()
        kept.forget()
        for handle in order:
            agenda = Screen(with_proxy, handle).parts["agenda"]
            assert ("No other item is on the agenda." in agenda) == (handle == "deputy3"), handle


@pytest.mark.parametrize(
    "sent", ["", "~", ".", "head", "head.", ".x", "head.x~head.y", "no-such.1", "past-0.1"]
)
def test_odd_tags_are_no_fault(voting, sent):
    client = as_(voting["seat2"])
    response = client.get(reverse("meeting-parts", args=[voting.meeting.pk]), {"has": sent})
    assert response.status_code == 200
    assert {"head", "room", "now"} <= json.loads(page_text(response))["parts"].keys()


def test_parts_are_for_those_who_see_the_meeting(voting):
    address = reverse("meeting-parts", args=[voting.meeting.pk])
    for handle in EVERYBODY:
        whole = as_(voting[handle]).get(reverse("meeting", args=[voting.meeting.pk])).status_code
        assert as_(voting[handle]).get(address).status_code == whole, handle


def test_each_language_has_its_own_parts(voting):
    english, chinese = Screen(voting, "seat2"), Screen(voting, "chair", "zh-hans")
    voting.do("cast", "seat3", choice="for")
    assert "1 of 3 seats have voted" in english.refresh()["says"]
    assert re.search("[\u4e00-\u9fff]", chinese.refresh()["says"])


def test_a_page_is_sent_parts_in_its_own_language_whatever_its_reader_has_chosen_since(voting):
    screen = Screen(voting, "seat2")
    screen.client.cookies["django_language"] = "zh-hans"
    voting.do("cast", "seat3", choice="for")
    address = reverse("meeting-parts", args=[voting.meeting.pk])
    says = json.loads(page_text(screen.client.get(address, headers={"X-Page-Language": "en"})))["parts"][
        "says"
    ]
    assert "1 of 3 seats have voted" in says
    for other in ("", "xx", "../en"):
        asked = screen.client.get(address, headers={"X-Page-Language": other})
        says = json.loads(page_text(asked))["parts"]["says"]
        assert re.search("[\u4e00-\u9fff]", says), other
