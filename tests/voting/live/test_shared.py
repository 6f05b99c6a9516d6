"""What a socket brings after a ballot: the parts that all who see the whole meeting have alike."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from audit import clock
from pages.room.parts import ALIKE
from tests.page_text import page_text
from tests.pages.pages import as_
from tests.stage import MEETING, START, Stage, head
from tests.voting.live.listening import Ear, Server, session
from voting.live import access, hub, shared, sockets
from voting.live.shared import Shared

SECRET = "Never to be read before the closing"


def listen(room: Server, stage: Stage, handle: str, parts: str = "en") -> Ear:
    """Their socket, which was told how the meeting stands."""
    ear = room.open(f"/ws/meetings/{stage.meeting.pk}/?parts={parts}", key=session(stage[handle]))
    ear.version()
    return ear


def asked(client: Client, stage: Stage) -> dict[str, Any]:
    """All parts of the room as their page has them, with the tags."""
    return json.loads(page_text(client.get(f"/meetings/{stage.meeting.pk}/parts/?has=timeline.0")))


WHOLE = ("chair", "seat2", "seat3", "liaison", "head_office", "auditor")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_is_brought_is_what_the_page_of_each_who_sees_the_whole_has(
    voting: Stage, room: Server, language: str
) -> None:
    ears = {handle: listen(room, voting, handle, language) for handle in WHOLE}
    pages = {handle: as_(voting[handle], language) for handle in WHOLE}
    for voter in ("chair", "seat2"):
        voting.do("cast", voter, choice="against", reason=SECRET)
        for handle, ear in ears.items():
            told, page = ear.told(), asked(pages[handle], voting)
            assert told["v"] == page["version"] == head(voting.meeting.stream)
            assert told["parts"].keys() == told["tags"].keys() <= set(ALIKE)
            assert {"says", "now", "room"} <= told["parts"].keys()
            for name, html in told["parts"].items():
                assert html == page["parts"][name], (handle, name)
                assert told["tags"][name] == page["tags"][name], (handle, name)
            assert SECRET not in json.dumps(told, ensure_ascii=False)


def test_only_parts_that_have_changed_are_brought_again(voting: Stage, room: Server) -> None:
    ear = listen(room, voting, "seat3")
    voting.do("cast", "chair", choice="for")
    assert ear.told()["parts"].keys() == set(ALIKE)
    voting.do("cast", "seat2", choice="for")
    assert "presence" not in ear.told()["parts"]


def test_whoever_is_not_concerned_has_all_that_the_ballot_changed(voting: Stage, room: Server) -> None:
    """The others' own parts changed: the voter's, and what tells chair and liaison who has still to vote."""
    ears = {handle: listen(room, voting, handle) for handle in WHOLE}
    pages = {handle: as_(voting[handle]) for handle in WHOLE}
    before = {handle: asked(page, voting)["tags"] for handle, page in pages.items()}
    for voter in voting.seats:
        voting.do("cast", voter, choice="for")
        for handle, ear in ears.items():
            told, now = ear.told(), asked(pages[handle], voting)["tags"]
            changed = {name for name, tag in now.items() if before[handle].get(name) != tag} - {"timeline"}
            assert told["own"] == (handle in {voter, "chair", "liaison"}), (handle, voter)
            assert told["own"] or changed <= told["parts"].keys(), (handle, voter, changed)
            before[handle] = now
    assert "liaison closes the vote" in told["parts"]["head"]


def test_whoever_does_not_see_the_whole_is_told_the_version_alone(fresh_db: Any, room: Server) -> None:
    with clock.frozen(START):
        stage = Stage().to("noticed")
        stage.proxy()
        stage.travel(MEETING)
        stage.sign_in("chair", "seat2", "deputy3")
        for verb in ("open_meeting", "take_up", "open_vote"):
            stage.do(verb)
        ear = listen(room, stage, "deputy3")
        stage.do("cast", "chair", choice="for")
        stage.do("cast", "deputy3", choice="for")
    version = head(stage.meeting.stream)
    assert [ear.told(), ear.told()] == [{"v": version - 1}, {"v": version}]


def test_after_another_act_it_is_the_version_alone(voting: Stage, room: Server) -> None:
    ear = listen(room, voting, "seat2")
    voting.do("propose_cancellation", "seat3", reason="Papers are missing")
    assert ear.told() == {"v": head(voting.meeting.stream)}
    voting.do("cast", "chair", choice="for")
    assert "parts" in ear.told()


@pytest.mark.parametrize("parts", ["", "xx", "en-GB", "../en", "%00"])
def test_without_a_language_of_the_site_it_is_the_version_alone(
    voting: Stage, room: Server, parts: str
) -> None:
    ear = listen(room, voting, "seat2", parts)
    voting.do("cast", "chair", choice="for")
    assert ear.told() == {"v": head(voting.meeting.stream)}


def test_sockets_of_other_languages_and_of_none_are_told_side_by_side(voting: Stage, room: Server) -> None:
    """A page that only announces the vote names no language."""
    wanted = {"seat2": "en", "seat3": "", "chair": "zh-hans"}
    ears = {handle: listen(room, voting, handle, language) for handle, language in wanted.items()}
    voting.do("cast", "chair", choice="for")
    version = head(voting.meeting.stream)
    told = {handle: ear.told() for handle, ear in ears.items()}
    assert told["seat3"] == {"v": version}
    assert "1 of 3 seats have voted" in told["seat2"]["parts"]["says"]
    assert not re.search("[a-z] seats", told["chair"]["parts"]["says"])


@pytest.mark.parametrize("voter_s", ["en", "zh-hans"])
def test_what_is_brought_is_in_the_reader_s_language_whatever_the_voter_s(
    voting: Stage, room: Server, voter_s: str
) -> None:
    english, chinese = (listen(room, voting, "seat2", language) for language in ("en", "zh-hans"))
    with translation.override(voter_s):
        voting.do("cast", "chair", choice="for")
    assert english.told()["parts"]["room"].count("has not voted") == 2
    assert chinese.told()["parts"]["room"].count("未投票") == 2


def test_the_look_by_the_second_does_not_forestall_the_parts(
    voting: Stage, room: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    (make,) = shared._make

    def slowly(meeting: int, languages: Iterable[str]) -> Shared | None:
        time.sleep(0.5)
        return make(meeting, languages)

    monkeypatch.setattr(hub, "SECONDS", 0.02)
    ears = [listen(room, voting, handle) for handle in ("seat2", "liaison")]
    monkeypatch.setattr(shared, "_make", [slowly])
    voting.do("cast", "chair", choice="for")
    assert all("parts" in ear.told() for ear in ears)
    voting.do("propose_cancellation", "seat3", reason="Papers are missing")
    assert [ear.told() for ear in ears] == 2 * [{"v": head(voting.meeting.stream)}]


def test_of_two_ballots_at_once_the_parts_with_both_are_brought(
    voting: Stage, room: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is overtaken between its parts and the question who may listen."""
    (make,), first, second, over = shared._make, threading.Event(), threading.Event(), threading.Event()

    def in_turn(meeting: int, languages: Iterable[str]) -> Shared | None:
        made = make(meeting, languages)
        if first.is_set():
            second.set()
            over.wait(10)
        else:
            first.set()
            second.wait(10)
        return made

    def cast() -> None:
        with clock.frozen(voting.clock):
            voting.do("cast", "chair", choice="for")
        connection.close()

    ear = listen(room, voting, "seat3")
    monkeypatch.setattr(shared, "_make", [in_turn])
    begun = threading.Thread(target=cast)
    begun.start()
    first.wait(10)
    then = threading.Thread(target=lambda: (begun.join(10), time.sleep(0.2), over.set()))
    then.start()
    with clock.frozen(voting.clock):
        voting.do("cast", "seat2", choice="for")
    told = ear.told()
    assert "2 of 3 seats have voted" in told["parts"]["says"]
    assert told["v"] == head(voting.meeting.stream)
    assert ear.hears_nothing()


def test_parts_that_cannot_be_made_keep_nobody_from_the_version(
    voting: Stage, room: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_meeting: int, _languages: Any) -> None:
        raise ValueError("no template")

    monkeypatch.setattr(shared, "_make", [fails])
    ear = listen(room, voting, "seat2")
    with caplog.at_level(logging.ERROR):
        voting.do("cast", "chair", choice="for")
        assert ear.told() == {"v": head(voting.meeting.stream)}
    assert "were not made" in caplog.text


def made(version: int, *acts: tuple[int, set[int] | None], tag: str = "") -> Shared:
    """Parts at a version, in one language."""
    told = [(number, whose if whose is None else frozenset(whose)) for number, whose in acts]
    return Shared(version, {"en": {"now": (tag or f"t{version}", f"<p>{version}</p>")}}, told)


def test_whom_acts_concern() -> None:
    parts = made(9, (7, None), (8, {4}), (9, {5}))
    assert parts.concerns(3, since=7) is False
    assert parts.concerns(4, since=7) is True
    assert parts.concerns(4, since=8) is False
    assert parts.concerns(3, since=6) is None  # an act that changes everybody's own parts
    assert parts.concerns(3, since=2) is None  # not all acts since then are known
    assert parts.concerns(3, since=-1) is None


def test_a_slow_reader_is_told_to_ask_for_what_was_passed_over() -> None:
    async def play() -> list[dict[str, Any]]:
        sent, reads = [], asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            await reads.wait()
            sent.append(json.loads(message["text"]))

        socket = sockets.Socket(access.Claim(1, person=4, language="en"), send)
        socket.push(3)
        await asyncio.sleep(0)
        socket.push(4, beside=made(4, (4, {4})))  # waits, and gives way to the next
        socket.push(5, beside=made(5, (4, {4}), (5, {6})))
        reads.set()
        await asyncio.sleep(0.01)
        socket.push(6, beside=made(6, (5, {6}), (6, {7}), tag="t5"))
        await asyncio.sleep(0.01)
        socket.push(7, beside=made(6, (6, {7})))  # of another version
        await asyncio.sleep(0.01)
        return sent

    assert asyncio.run(play()) == [
        {"v": 3},
        {"v": 5, "own": True, "tags": {"now": "t5"}, "parts": {"now": "<p>5</p>"}},
        {"v": 6, "own": False, "tags": {}, "parts": {}},
        {"v": 7},
    ]
