"""The page of a meeting and its socket: live with it, right without it, honest about either; and the ballot
whose answer is lost.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.config.served import free_port, kill
from tests.journeys.conftest import aside, fits
from tests.stage import Stage, head
from tests.voting.live.listening import process, session, staged
from voting.models import Ballot

OFFLINE = re.compile("^No connection")


@pytest.fixture
def case():
    """A vote is open; nobody has voted."""
    return lambda: Stage().to("voting")


@pytest.fixture
def forgiven() -> str:
    return r"status of (401|403|409|422|502)|net::ERR_(FAILED|INTERNET_DISCONNECTED)|WebSocket connection"


def cast(site: Any, *handles: str) -> None:
    """These seats vote for it."""
    for handle in handles:
        aside(site.stage.do, "cast", handle, choice="for")


def version(site: Any) -> int:
    return aside(head, site.stage.meeting.stream)


def ballots() -> list[Ballot]:
    return aside(lambda: list(Ballot.objects.all()))


def path(site: Any) -> str:
    return f"/meetings/{site.stage.meeting.pk}/"


def voted(page: Page) -> Any:
    return page.locator(".seat-voted")


def asked(page: Page, ending: str = "/version/") -> list[str]:
    """The times that the page asks for the version, or another address, from here on."""
    found: list[str] = []

    def note(request: Any) -> None:
        if request.url.partition("?")[0].endswith(ending):
            found.append(request.url)

    page.on("request", note)
    return found


def test_with_the_socket_the_page_does_not_ask_and_is_told(look, site):
    page = look("screen", "liaison")
    polls = asked(page)
    with page.expect_websocket() as opened:
        page.goto(path(site))
    address = f"{site.address.replace('http', 'ws')}/ws{path(site)}"
    assert opened.value.url == f"{address}?parts=en"
    frames: list[Any] = []
    opened.value.on("framereceived", lambda frame: frames.append(json.loads(frame)))
    expect(voted(page)).to_have_count(0)
    page.wait_for_timeout(500)
    for number, handle in enumerate(site.stage.seats, 1):
        cast(site, handle)
        expect(voted(page)).to_have_count(number)
    page.wait_for_timeout(3000)
    assert polls == []
    assert version(site) in [frame["v"] for frame in frames]
    assert {name for frame in frames for name in frame} == {"v", "own", "parts", "tags"}


def test_another_s_ballot_is_shown_before_anything_is_asked_and_the_rest_a_little_later(look, site):
    page = look("screen", "seat2")
    page.goto(path(site))
    expect(page.locator("[data-ballot]")).to_have_count(1)
    page.wait_for_timeout(500)
    parts = asked(page, "/parts/")
    cast(site, "chair")
    expect(voted(page)).to_have_count(1)
    expect(page.locator("#now")).to_contain_text("1 of 3 seats have voted")
    assert parts == []
    page.wait_for_timeout(6500)
    assert len(parts) == 1
    cast(site, "seat2")  # one's own, elsewhere: asked for at once
    expect(page.locator(".receipt")).to_have_count(1)
    expect(page.locator("[data-ballot]")).to_have_count(0)


def once(page: Page, address: str, status: int) -> list[str]:
    """The first answer of the address is this status; the requests."""
    found: list[str] = []

    def answer(route: Any) -> None:
        found.append(route.request.url)
        if len(found) == 1:
            route.fulfill(status=status)
        else:
            route.continue_()

    page.route(address, answer)
    return found


def test_what_was_not_answered_after_a_socket_brought_parts_is_asked_for_again(look, site):
    """One's own parts come, though the page has the version already that the site names."""
    page = look("screen", "seat2")
    page.goto(path(site))
    page.wait_for_timeout(500)
    once(page, "**/parts/**", 502)
    cast(site, "seat2")
    expect(voted(page)).to_have_count(1)
    expect(page.locator("[data-follow]")).to_have_text(OFFLINE)
    expect(page.locator(".receipt")).to_have_count(1)
    expect(page.locator("[data-follow]")).to_be_hidden()
    page.unroute("**/parts/**")
    parts = once(page, "**/parts/**", 502)
    with page.expect_response(lambda got: "/parts/" in got.url and got.ok):
        cast(site, "chair")  # another's, which waits a little
        expect(voted(page)).to_have_count(2)
    assert len(parts) == 2


#: notes each text that the element shows from here on, in `window.shown`
NOTE = """(selector) => {
    const [element, shown] = [document.querySelector(selector), []];
    window.shown = shown;
    new MutationObserver(() => {
        const text = element.textContent.trim().replace(/\\s+/g, " ");
        if (shown.at(-1) !== text) shown.push(text);
    }).observe(element, { childList: true, subtree: true, characterData: true });
}"""


def test_an_answer_that_a_ballot_overtook_is_not_shown(look, site):
    page = look("screen", "liaison")
    page.goto(path(site))
    page.wait_for_timeout(500)
    page.evaluate(NOTE, "#now")
    asked_for: list[Any] = []

    def overtake(route: Any) -> None:
        asked_for.append(answer := route.fetch())
        if len(asked_for) == 1:
            cast(site, "chair")
            time.sleep(1)  # the socket brings it
        route.fulfill(response=answer)

    page.route("**/parts/**", overtake)
    aside(site.stage.do, "propose_cancellation", "seat3", reason="Papers are missing")
    expect(page.locator("#now")).to_contain_text("Papers are missing")
    page.wait_for_timeout(5000)  # after an answer that took a second the page pauses for two
    assert [re.search(r"\d of 3", text)[0] for text in page.evaluate("window.shown")] == ["1 of 3"]
    assert len(asked_for) == 2


def test_a_reader_of_the_screen_is_told_of_each_ballot_once(look, site):
    page = look("screen", "seat2")
    page.goto(path(site))
    page.wait_for_timeout(500)
    page.evaluate(NOTE, "#room-says")
    page.get_by_role("radio", name=re.compile("^Against")).check()
    page.locator("[data-live=ballot] [name=reason]").fill("Half a")
    for handle in ("chair", "seat3"):
        with page.expect_response(lambda got: "/parts/" in got.url):  # one's own, a little later
            cast(site, handle)
    page.wait_for_timeout(500)
    said = page.evaluate("window.shown")
    assert said == [f"Vote open: {count} of 3 seats have voted" for count in (1, 2)]
    page.keyboard.type(" sentence")  # nothing took the focus away
    expect(page.locator("[data-live=ballot] [name=reason]")).to_have_value("Half a sentence")


def test_a_page_keeps_its_language_when_another_is_chosen_on_another_page(look, site):
    seat, liaison = look("screen", "seat2"), look("screen", "liaison")
    for page in (seat, liaison):
        page.goto(path(site))
        page.wait_for_timeout(500)
        page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": site.address}])
    expect(liaison.locator(".so-far")).to_contain_text("round 1")
    with seat.expect_response(lambda got: "/parts/" in got.url):
        cast(site, "chair")
    seat.wait_for_timeout(500)
    expect(seat.locator("#now")).to_contain_text("1 of 3 seats have voted")
    expect(seat.locator("[data-live=ballot] button")).to_have_text("Cast the ballot")
    with liaison.expect_response(lambda got: got.url.endswith("/so-far/")):
        aside(site.stage.do, "propose_cancellation", "seat3", reason="Papers are missing")
    expect(liaison.locator(".so-far")).to_contain_text("Papers are missing")
    expect(liaison.locator(".so-far")).to_contain_text("round 1")


def test_whoever_has_voted_in_the_room_is_at_the_receipt_and_it_fits_a_phone(look, site):
    page = look("phone", "seat2")
    page.goto(path(site))
    page.get_by_role("radio", name="For", exact=True).check()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Cast the ballot").click()
    expect(page.locator(".receipt [data-copy]")).to_have_attribute("data-copy", re.compile("^[0-9a-f]{64}$"))
    expect(page.locator(".receipt")).to_be_in_viewport(ratio=1)
    fits(page)


def test_without_a_socket_the_page_asks(look, site):
    page = look("screen", "liaison")
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    polls = asked(page)
    page.goto(path(site))
    cast(site, "chair")
    expect(voted(page)).to_have_count(1, timeout=15_000)
    assert polls
    expect(page.locator("[data-follow]")).to_be_hidden()


def test_without_a_socket_a_change_of_the_roster_is_seen_as_well(look, site):
    page = look("screen", "seat2")
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    page.goto(path(site))
    before, shown = version(site), asked(page, f"{path(site)}parts/")
    with page.expect_response(re.compile("/version/$")):
        pass
    assert shown == []
    with page.expect_response(re.compile(f"{path(site)}parts/"), timeout=15_000):
        aside(site.stage.do, "appoint_liaison", person=site.stage["outsider"])
    assert version(site) == before
    for _ in range(2):
        with page.expect_response(re.compile("/version/$")):
            pass
    assert len(shown) == 1


def test_offline_it_says_so_and_comes_back_by_itself(look, site):
    page = look("phone", "seat2")
    page.goto(path(site))
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    expect(page.locator("[data-follow]")).to_have_text(OFFLINE)
    cast(site, "chair")
    page.wait_for_timeout(3000)
    page.context.set_offline(False)
    expect(voted(page)).to_have_count(1)
    expect(page.locator("[data-follow]")).to_be_hidden()
    expect(page.get_by_role("button", name="Cast the ballot")).to_be_visible()


def test_a_session_that_has_ended_is_said_within_seconds(look, site):
    page = look("screen", "seat2")
    page.goto(path(site))
    page.wait_for_timeout(500)
    other = page.context.new_page()
    other.goto("/profile/")
    form = "document.querySelector(\"form[action='/logout/']\")"
    other.evaluate(f'() => fetch("/logout/", {{method: "POST", body: new FormData({form})}})')
    expect(page.locator("[data-follow]")).to_have_text(re.compile("^Your session has ended"), timeout=15_000)


def test_what_somebody_is_typing_is_never_replaced(look, site):
    page = look("screen", "liaison")
    page.goto(path(site))
    page.wait_for_timeout(500)
    page.evaluate(
        """() => document.querySelector("[data-live=agenda]").insertAdjacentHTML(
            "beforeend", "<form><textarea name='typed'></textarea></form>")"""
    )
    page.locator("[name=typed]").fill("Half a sentence")
    cast(site, "chair", "seat2")
    expect(page.locator("[data-live=says]")).to_contain_text("2 of 3 seats")
    page.locator("h1").click()  # the focus is elsewhere; the text is still there
    page.wait_for_timeout(1500)
    expect(page.locator("[name=typed]")).to_have_value("Half a sentence")
    page.locator("[name=typed]").fill("")
    page.locator("[name=typed]").blur()
    expect(voted(page)).to_have_count(2)


def test_consent_granted_meanwhile_adds_the_choice_and_what_is_typed_stays(look, site):
    aside(site.stage.do, "request_abstention", "seat2", reason="A cousin works there")
    page = look("screen", "seat2")
    page.goto(path(site))
    choices = page.locator("[data-live=ballot] [name=choice]")
    reason = page.locator("[data-live=ballot] [name=reason]")
    expect(choices).to_have_count(2)
    page.get_by_role("radio", name=re.compile("^Against")).check()
    reason.fill("The guarantee is")
    reason.evaluate("each => each.setSelectionRange(4, 13)")
    aside(site.stage.do, "grant_abstention", seat=2)
    expect(choices).to_have_count(3)
    expect(reason).to_have_value("The guarantee is")
    expect(page.get_by_role("radio", name=re.compile("^Against"))).to_be_checked()
    expect(reason).to_be_focused()
    page.keyboard.type("collateral")  # in place of what is selected
    expect(reason).to_have_value("The collateral is")
    page.get_by_role("radio", name=re.compile("^Abstain")).check()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Cast the ballot").click()
    expect(page.locator("[data-live=receipts]")).to_contain_text("Ballot recorded")
    (ballot,) = ballots()
    assert (ballot.choice, ballot.reason) == ("abstain", "The collateral is")


def test_older_versions_are_dropped_and_a_gap_makes_it_ask(look, site):
    page = look("screen", "liaison")
    sockets: list[Any] = []
    page.route_web_socket("**/ws/**", lambda socket: sockets.append(socket))  # noqa: PLW0108  looked into
    page.goto(path(site))
    loads = asked(page, f"{path(site)}parts/")
    now = version(site)
    for older in (now, now - 1, 1):
        sockets[0].send(f'{{"v": {older}}}')
    page.wait_for_timeout(1000)
    assert loads == []
    cast(site, "chair", "seat2")
    sockets[0].send(f'{{"v": {now + 2}}}')  # the one between never came
    expect(voted(page)).to_have_count(2)
    page.wait_for_timeout(1000)
    assert len(loads) == 1


def test_what_is_folded_away_is_asked_for_when_it_is_unfolded(look, site):
    page = look("screen", "liaison")
    page.goto(path(site))
    cast(site, "chair")
    expect(voted(page)).to_have_count(1)
    events = page.locator("[data-live=timeline] .timeline-what", has_text="Ballot cast")
    before = events.count()
    page.locator("#meeting-facts > summary").click()
    expect(events).to_have_count(before + 1)
    cast(site, "seat2")
    expect(events).to_have_count(before + 2)  # it is open now, and followed


# --- the ballot ---


def fill_in(page: Page, site: Any) -> Any:
    """The ballot is filled in, ready to be cast."""
    page.goto(f"/proposals/{site.stage.proposal.pk}/cast/")
    page.get_by_role("radio", name=re.compile("^Against")).check()
    page.locator("[name=reason]").fill("The guarantee is worth less than stated")
    page.get_by_role("checkbox").check()
    return page.get_by_role("button", name="Cast the ballot")


def stands(page: Page) -> None:
    expect(page.locator(".receipt [data-copy]")).to_have_attribute(
        "data-copy", re.compile("^[0-9a-f]{64}$"), timeout=20_000
    )
    (ballot,) = ballots()
    assert ballot.choice == "against"
    expect(page.locator(".receipt [data-copy]")).to_have_attribute("data-copy", ballot.commitment)


def test_a_ballot_whose_answer_is_lost_is_unconfirmed_and_asked_for_again(look, site):
    page = look("phone", "seat2")
    button = fill_in(page, site)
    keys: list[str] = []

    def lose(route: Any) -> None:
        keys.append(re.search(r"key=(\w+)", route.request.post_data)[1])
        if len(keys) == 1:
            route.fetch(max_redirects=0)  # the server has committed it
            route.abort("failed")
        elif len(keys) == 2:
            route.fulfill(status=502, body="Bad gateway")
        else:
            route.continue_()

    page.route("**/cast/", lambda route: lose(route) if route.request.method == "POST" else route.continue_())
    button.click()
    expect(page.locator("[data-unconfirmed]")).to_have_text(re.compile("^Unconfirmed"))
    assert len(ballots()) == 1
    stands(page)
    assert len(keys) == 3
    assert set(keys) == {ballots()[0].key}


def test_a_ballot_cast_offline_is_unconfirmed_until_the_server_has_it(look, site):
    page = look("phone", "seat2")
    button = fill_in(page, site)
    page.context.set_offline(True)
    button.click()
    expect(page.locator("[data-unconfirmed]")).to_have_text(re.compile("^Unconfirmed"))
    page.wait_for_timeout(2500)
    assert not ballots()
    expect(page.locator("[data-unconfirmed]")).to_be_visible()
    page.context.set_offline(False)
    stands(page)


def test_a_refused_ballot_shows_the_refusal_and_can_be_mended(look, site):
    page = look("phone", "seat2")
    page.goto(f"/proposals/{site.stage.proposal.pk}/cast/")
    page.get_by_role("radio", name=re.compile("^Against")).check()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Cast the ballot").click()
    expect(page.locator("main")).to_contain_text("This ballot needs a reason.")
    expect(page.locator("[data-unconfirmed]")).to_be_hidden()
    page.locator("[name=reason]").fill("The guarantee is worth less than stated")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Cast the ballot").click()
    stands(page)


def test_a_ballot_without_a_session_says_that_it_is_not_confirmed(look, site):
    page = look("phone", "seat2")
    button = fill_in(page, site)
    page.context.clear_cookies(name="sessionid")
    button.click()
    said = page.locator("[data-unconfirmed]")
    expect(said).to_have_text(re.compile("^Your session ended before the ballot was confirmed"))
    expect(said.get_by_role("link")).to_have_attribute("href", re.compile("/login/.next=/meetings/"))
    assert not ballots()


def signed_in_anew(page: Page, site: Any, handle: str) -> None:
    """In another window of the same browser somebody signs in."""
    other = page.context.new_page()
    other.goto("/profile/")
    other.evaluate(
        """() => fetch("/logout/", {
            method: "POST", body: new FormData(document.querySelector("form[action='/logout/']")),
        })"""
    )
    other.goto("/login/")
    other.locator("[name=username]").fill(site.logins[handle])
    other.locator("[name=password]").fill(site.password)
    other.locator("main button").click()
    other.wait_for_url(f"{site.address}/")
    other.close()


def test_a_ballot_after_signing_in_anew_in_another_window_stands_once(look, site):
    page = look("phone", "seat2")
    button = fill_in(page, site)
    sent: list[int] = []
    page.on("response", lambda got: sent.append(got.status) if got.request.method == "POST" else None)
    signed_in_anew(page, site, "seat2")
    button.click()
    stands(page)
    assert sent == [403, 200]


def test_a_ballot_is_not_sent_in_the_name_of_somebody_else(look, site):
    page = look("phone", "seat2")
    button = fill_in(page, site)
    signed_in_anew(page, site, "chair")
    button.click()
    expect(page.locator("[data-unconfirmed]")).to_have_text(re.compile("^Somebody else signed in here"))
    page.wait_for_timeout(2000)
    assert not ballots()


def test_without_script_a_form_of_an_earlier_session_is_said_to_be_out_of_date(site, browser):
    context = browser.new_context(java_script_enabled=False, base_url=site.address)
    for name, value in {"sessionid": aside(session, site.stage["seat2"]), "django_language": "en"}.items():
        context.add_cookies([{"name": name, "value": value, "url": site.address}])
    page = context.new_page()
    button = fill_in(page, site)
    context.clear_cookies(name="csrftoken")
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This form is out of date")
    assert not ballots()
    page.go_back()
    page.reload()
    fill_in(page, site).click()
    stands(page)


def test_back_from_a_refused_ballot_is_the_room_as_it_stands(look, site):
    page = look("phone", "seat2")
    page.goto(path(site))
    page.get_by_role("radio", name=re.compile("^Against")).check()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Cast the ballot").click()
    expect(page.locator("main")).to_contain_text("This ballot needs a reason.")
    page.locator("[name=reason]").fill("Typed")
    page.evaluate("location.hash = 'id_reason'")  # a way within the page, as the summary has one
    expect(page.locator("[name=reason]")).to_have_value("Typed")
    page.go_back()
    page.go_back()
    expect(page.locator("[data-live=ballot] [name=reason]")).to_have_value("")
    cast(site, "chair")
    expect(voted(page)).to_have_count(1)


def test_without_script_a_ballot_is_cast_as_ever(site, browser):
    context = browser.new_context(java_script_enabled=False, base_url=site.address)
    key = aside(session, site.stage["seat2"])
    cookies = {"sessionid": key, "django_language": "en"}
    context.add_cookies([{"name": name, "value": cookies[name], "url": site.address} for name in cookies])
    page = context.new_page()
    fill_in(page, site).click()
    stands(page)


# --- a server that is killed ---


def test_a_page_comes_back_after_the_server_was_killed_in_the_middle_of_a_vote(
    fresh_db: Any, browser: Browser, tmp_path: Path
) -> None:
    stage, port = aside(staged, "voting"), free_port()
    address = f"http://127.0.0.1:{port}"
    context = browser.new_context(base_url=address)
    context.add_cookies([{"name": "sessionid", "value": aside(session, stage["liaison"]), "url": address}])
    page = context.new_page()
    with process(tmp_path, fresh_db.env, port=port) as server:
        page.goto(f"/meetings/{stage.meeting.pk}/")
        aside(server.cast, stage, "chair")
        expect(voted(page)).to_have_count(1)
        kill(server.process.pid)
        expect(page.locator("[data-follow]")).to_have_text(OFFLINE, timeout=20_000)
        server.process.wait()
    with process(tmp_path, fresh_db.env, port=port) as server:
        aside(server.cast, stage, "seat2")
        expect(page.locator("[data-follow]")).to_be_hidden(timeout=40_000)
        expect(voted(page)).to_have_count(2, timeout=40_000)
