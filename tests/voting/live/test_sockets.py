"""The sockets of the live room: who is let in, what is told, and what ends them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.models import Session
from accounts.sessions import digest
from audit import metrics
from audit.recording import SYSTEM
from committee.actions.people import give_password
from committee.models import Attendance, Person
from proposals.models import Proposal
from tests.stage import Stage, as_owner, head
from tests.voting.live.listening import SOON, Server, session, staged, until
from voting.live import access, hub, notifier, sockets
from voting.models import Ballot, RoomScreenLink

SECRET = "Never to be read before the closing"


def path(stage: Stage) -> str:
    return f"/ws/meetings/{stage.meeting.pk}/"


# --- what is told ---


def test_the_version_is_told_at_once_and_whenever_something_has_happened(
    voting: Stage, room: Server, notified: None
) -> None:
    ears = [room.open(path(voting), key=session(voting[each])) for each in ("chair", "seat2", "liaison")]
    began = head(voting.meeting.stream)
    assert {ear.version() for ear in ears} == {began}
    until_joined(voting)
    for number, handle in enumerate(voting.seats, 1):
        voting.do("cast", handle, choice="for")
        assert {ear.version() for ear in ears} == {began + number}
    voting.do("close_vote")
    assert {ear.version() for ear in ears} == {began + 4}


def until_joined(stage: Stage) -> None:
    """The hub of the site hears of the meeting."""
    until(lambda: any(stage.meeting.pk in each._joined for each in hub._hubs.values()))


def test_nothing_but_the_version_is_ever_told(voting: Stage, room: Server) -> None:
    ears = [room.listen(voting, each) for each in ("chair", "seat2", "liaison", "head_office")]
    voting.do("cast", "chair", choice="against", reason=SECRET)
    for ear in ears:
        told = ear.socket.recv(timeout=SOON)
        assert told == f'{{"v": {head(voting.meeting.stream)}}}'


def test_what_is_rolled_back_is_told_to_nobody(voting: Stage, room: Server) -> None:
    ear = room.listen(voting, "seat2")
    until_joined(voting)
    with transaction.atomic():
        voting.do("cast", "chair", choice="for")
        transaction.set_rollback(True)
    assert ear.hears_nothing()
    with transaction.atomic():
        voting.do("cast", "chair", choice="for")
        assert ear.hears_nothing()
    assert ear.version() == head(voting.meeting.stream)


def test_another_meeting_is_told_of_nothing(voting: Stage, room: Server) -> None:
    other = staged("voting")
    mine, theirs = room.listen(voting, "chair"), room.listen(other, "chair")
    voting.do("cast", "chair", choice="for")
    mine.version()
    assert theirs.hears_nothing()


def test_a_word_that_is_lost_is_made_up_for_within_two_seconds(
    voting: Stage, room: Server, settings: Any
) -> None:
    settings.AUDIT_LISTENERS = []
    ear = room.listen(voting, "seat2")
    voting.do("cast", "chair", choice="for")
    began = time.monotonic()
    assert ear.version() == head(voting.meeting.stream)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("part", "values"),
    [("meeting", ["7", None, 7.5]), ("at", ["1.5", None, 1]), ("anew", [None, 1, "true"])],
)
def test_what_is_no_word_of_a_meeting_is_not_read(part: str, values: list[Any]) -> None:
    word = {"type": "change", "meeting": 7, "at": 1.5, "anew": True, "by": "a process"}
    assert notifier.parse(word) == word
    for value in values:
        assert notifier.parse(word | {part: value}) is None
    assert notifier.parse({name: word[name] for name in word if name != part}) is None


@pytest.mark.parametrize("message", [None, "change", [7, 1.5, True], {}])
def test_what_is_no_word_at_all_is_not_read(message: Any) -> None:
    assert notifier.parse(message) is None


def test_a_new_liaison_is_told_at_the_same_version(voting: Stage, room: Server, notified: None) -> None:
    ear = room.listen(voting, "seat2")
    until_joined(voting)
    version = head(voting.meeting.stream)
    voting.do("appoint_liaison", person=voting["outsider"])
    assert ear.told() == {"v": version, "anew": True}


def test_a_page_that_asks_is_answered_with_the_present_version(
    voting: Stage, room: Server, notified: None
) -> None:
    ear = room.listen(voting, "seat2")
    ear.socket.send(json.dumps({"v": 1}))
    assert ear.version() == head(voting.meeting.stream)


def test_a_meeting_that_was_closed_is_told_of_as_well(fresh_db: Any, room: Server) -> None:
    stage = staged("closed")
    assert room.open(path(stage), key=session(stage["chair"])).version() == head(stage.meeting.stream)


# --- who is let in ---


def refused(site: Server, address: str, **options: Any) -> int:
    with pytest.raises(InvalidStatus) as caught:
        site.open(address, **options)
    return caught.value.response.status_code


def test_a_page_of_another_origin_is_refused_before_anything_is_asked(voting: Stage, room: Server) -> None:
    host, _, port = room.address.partition(":")
    key = session(voting["chair"])
    for origin in (
        f"http://{host}:{int(port) + 1}",  # another port of the host
        f"https://{room.address}",
        f"http://localhost:{port}",
        "http://evil.example",
        "null",
    ):
        assert refused(room, path(voting), key=key, origin=origin) == 403


HOST = b"lianxi.bank.example"


@pytest.mark.parametrize(
    ("scheme", "host", "origin", "let_in"),
    [
        ("wss", HOST, b"https://lianxi.bank.example", True),
        ("wss", HOST, b"https://LIANXI.bank.example", True),
        ("wss", HOST + b":443", b"https://lianxi.bank.example", True),
        ("wss", HOST + b":8443", b"https://lianxi.bank.example:8443", True),
        ("wss", HOST + b":8443", b"https://lianxi.bank.example", False),
        ("wss", HOST, b"https://lianxi.bank.example:8443", False),
        ("wss", HOST, b"http://lianxi.bank.example", False),
        ("ws", HOST, b"http://lianxi.bank.example", True),
        ("ws", HOST, b"https://lianxi.bank.example", False),
        ("wss", HOST, b"https://lianxi.bank.example.evil.example", False),
        ("wss", HOST, b"https://evil.example/https://lianxi.bank.example", False),
        ("wss", HOST, b"https://lianxi.bank.example@evil.example", False),
        ("wss", HOST, b"https://user@lianxi.bank.example", False),
        ("wss", HOST, b"https://lianxi.bank.example/", False),
        ("wss", HOST, b"https://lianxi.bank.example:port", False),
        ("wss", HOST, b"null", False),
        ("wss", HOST, b"", False),
        ("wss", b"evil.example", b"https://evil.example", False),  # not a host of the site
        ("wss", HOST, b"https://portal.bank.example", True),
        ("ws", HOST, b"http://portal.bank.example", False),
        ("wss", HOST, b"https://a.partner.example", True),
        ("wss", HOST, b"https://a.partner.example.evil.example", False),
        ("wss", HOST, b"https://partner.example.evil", False),
        ("wss", b"evil.example", b"https://portal.bank.example", False),
    ],
)
def test_the_origin_is_that_of_the_site_in_scheme_host_and_port(
    settings: Any, scheme: str, host: bytes, origin: bytes, *, let_in: bool
) -> None:
    settings.ALLOWED_HOSTS = ["lianxi.bank.example"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://portal.bank.example", "https://*.partner.example"]
    scope = {"scheme": scheme, "headers": [(b"host", host), (b"origin", origin)]}
    assert sockets.is_of_this_site(scope) is let_in


def test_a_handshake_without_an_origin_or_with_two_is_refused(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["lianxi.bank.example"]
    host, origin = (b"host", HOST), (b"origin", b"https://lianxi.bank.example")
    for headers in ([host], [origin], [host, origin, origin], [host, host, origin]):
        assert not sockets.is_of_this_site({"scheme": "wss", "headers": headers})


def test_an_address_of_nothing_is_refused(voting: Stage, room: Server, caplog: Any) -> None:
    key = session(voting["chair"])
    for address in (
        "/",
        "/ws/",
        "/ws/meetings/x/",
        f"/ws/meetings/{9**30}/",
        "/ws/wall/a b/",
        "/meetings/1/",
    ):
        assert refused(room, address.replace(" ", "%20"), key=key) == 403
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


def test_whoever_is_not_signed_in_is_told_so(voting: Stage, room: Server) -> None:
    inactive = session(voting["seat3"])
    Person.objects.filter(pk=voting["seat3"].pk).update(is_active=False)
    expired = session(voting["chair"])
    Session.objects.filter(pk=digest(expired)).update(expire_date=timezone.now() - timedelta(seconds=1))
    changed = session(voting["seat2"])
    give_password(Person.objects.get(pk=voting["seat2"].pk), by=SYSTEM, password="another one 12")
    for key in ("", "x" * 32, "…".encode().decode("latin-1"), inactive, expired, changed):
        assert room.open(path(voting), key=key).ends() == access.SIGNED_OUT, key


def test_whoever_may_not_see_the_meeting_is_told_so_as_of_one_that_does_not_exist(
    voting: Stage, room: Server
) -> None:
    for handle in ("handler", "handler_head", "credit", "outsider", "deputy3"):
        assert room.open(path(voting), key=session(voting[handle])).ends() == access.NOT_VISIBLE, handle
    nowhere = f"/ws/meetings/{voting.meeting.pk + 1}/"
    assert room.open(nowhere, key=session(voting["chair"])).ends() == access.NOT_VISIBLE


def test_whoever_may_see_the_meeting_may_listen_and_nobody_else(voting: Stage, room: Server) -> None:
    """The statement asked every second agrees with the predicate of the pages, for everybody."""
    people = list(voting.people.values())
    claims = [access.claim_of_session(voting.meeting.pk, f"sessionid={session(each)}") for each in people]
    listening = {
        person.pk for person, each in zip(people, access.check(claims), strict=True) if not each.refused
    }
    seeing = {person.pk for person in people if type(voting.meeting).objects.visible_to(person).exists()}
    assert listening == seeing
    assert len(seeing) < len(people)


# --- what ends them ---


def log_out(stage: Stage, key: str) -> None:
    client = Client()
    client.cookies["sessionid"] = key
    assert client.post("/logout/").status_code == 302


def deactivate(stage: Stage, key: str) -> None:
    Person.objects.filter(pk=stage["seat2"].pk).update(is_active=False)


def change_password(stage: Stage, key: str) -> None:
    give_password(Person.objects.get(pk=stage["seat2"].pk), by=SYSTEM, password="another one 12")


def end_sessions(stage: Stage, key: str) -> None:
    Person.objects.filter(pk=stage["seat2"].pk).update(session_epoch=F("session_epoch") + 1)


def expire(stage: Stage, key: str) -> None:
    Session.objects.filter(pk=digest(key)).update(expire_date=timezone.now())


def lose_the_seat(stage: Stage, key: str) -> None:
    """Without a word: nothing is notified, as no act of the product leaves it."""
    as_owner(
        "ALTER TABLE committee_attendance DISABLE TRIGGER USER;"
        " UPDATE committee_attendance SET person_id = {}, signed_out_at = now() WHERE person_id = {};"
        " UPDATE committee_seat SET holder_id = NULL WHERE holder_id = {}",
        stage["seat3"].pk,
        stage["seat2"].pk,
        stage["seat2"].pk,
    )


ENDS = [
    (log_out, access.SIGNED_OUT),
    (deactivate, access.SIGNED_OUT),
    (change_password, access.SIGNED_OUT),
    (end_sessions, access.SIGNED_OUT),
    (expire, access.SIGNED_OUT),
    (lose_the_seat, access.NOT_VISIBLE),
]


@pytest.mark.parametrize(("act", "code"), ENDS)
def test_a_socket_ends_within_two_seconds_and_no_other(
    voting: Stage, room: Server, act: Any, code: int
) -> None:
    key = session(voting["seat2"])
    mine, other = room.open(path(voting), key=key), room.listen(voting, "seat3")
    mine.version()
    act(voting, key)
    began = time.monotonic()
    assert mine.ends() == code
    assert time.monotonic() - began < 2
    assert other.hears_nothing()


@pytest.mark.parametrize(("act", "code"), ENDS)
def test_before_each_push_it_is_asked_whether_its_reader_may_still_listen(
    voting: Stage, room: Server, notified: None, act: Any, code: int
) -> None:
    key = session(voting["seat2"])
    mine, other = room.open(path(voting), key=key), room.listen(voting, "seat3")
    mine.version()
    until_joined(voting)
    act(voting, key)
    voting.do("propose_cancellation", "seat3", reason="Papers are missing")
    assert mine.ends() == code
    assert other.version() == head(voting.meeting.stream)


@pytest.mark.parametrize(("act", "code"), ENDS)
def test_at_each_message_too(voting: Stage, room: Server, notified: None, act: Any, code: int) -> None:
    key = session(voting["seat2"])
    mine = room.open(path(voting), key=key)
    mine.version()
    act(voting, key)
    with contextlib.suppress(ConnectionClosed):  # the act may have ended it already
        mine.socket.send('{"v": 1}')
    assert mine.ends() == code


def test_a_proxy_revoked_ends_its_holders_socket(fresh_db: Any, room: Server) -> None:
    stage = staged("noticed")
    stage.proxy()
    ear = room.listen(stage, "deputy3")
    stage.do("revoke_proxy", "seat3")
    assert ear.ends() == access.NOT_VISIBLE


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"v": ' + "1" * sockets.LARGEST + "}", sockets.TOO_LARGE),
        (b"x" * (sockets.LARGEST + 1), sockets.TOO_LARGE),
        (b"bytes", sockets.NOT_OURS),
        ("", sockets.NOT_OURS),
        ("[" * 10_000, sockets.NOT_OURS),
        ('{"v": "1"}', sockets.NOT_OURS),
        ('{"v": true}', sockets.NOT_OURS),
        ('{"v": 1, "cast": "for"}', sockets.NOT_OURS),
        ("[1]", sockets.NOT_OURS),
    ],
)
def test_a_frame_that_is_too_large_or_not_ours_ends_that_socket_and_no_other(
    voting: Stage, room: Server, frame: str | bytes, code: int
) -> None:
    mine, other = room.listen(voting, "seat2"), room.listen(voting, "seat3")
    mine.socket.send(frame)
    assert mine.ends() == code
    voting.do("cast", "chair", choice="for")
    assert other.version() == head(voting.meeting.stream)


def test_the_site_itself_limits_frames_where_the_server_does_not() -> None:
    def message(size: int) -> dict[str, str]:
        return {"type": "websocket.receive", "text": '{"v": 1}'.ljust(size)}

    assert sockets.Frames().close_code(message(sockets.LARGEST), 0.0) is None
    assert sockets.Frames().close_code(message(sockets.LARGEST + 1), 0.0) == sockets.TOO_LARGE
    wide = {"type": "websocket.receive", "text": "密" * (sockets.LARGEST // 3 + 1)}
    assert sockets.Frames().close_code(wide, 0.0) == sockets.TOO_LARGE


def test_ten_frames_a_second_are_taken_and_no_more() -> None:
    frames, one = sockets.Frames(), {"type": "websocket.receive", "text": '{"v": 1}'}
    assert [frames.close_code(one, 100.0) for _ in range(11)] == [None] * 10 + [sockets.NOT_OURS]
    assert frames.close_code(one, 101.0) is None


def test_a_flood_ends_that_socket_and_troubles_no_other(voting: Stage, room: Server) -> None:
    mine, other = room.listen(voting, "seat2"), room.listen(voting, "seat2")
    with suppress(ConnectionClosed):
        for _ in range(200):
            mine.socket.send('{"v": 1}')
    mine.ended()
    assert mine.ends() == sockets.NOT_OURS
    voting.do("cast", "chair", choice="for")
    assert other.version() == head(voting.meeting.stream)


def test_what_waits_for_a_slow_reader_is_the_last_version_only() -> None:
    async def play() -> list[dict[str, Any]]:
        sent, reads = [], asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            await reads.wait()
            sent.append(message)

        socket = sockets.Socket(access.Claim(1), send)
        for version in (3, 4, 2, 9, 7):
            socket.push(version)
            await asyncio.sleep(0)
        socket.push(9, anew=True)
        assert len(asyncio.all_tasks()) == 2  # this one, and one that sends
        reads.set()
        await asyncio.sleep(0.01)
        return sent

    told = [json.loads(message["text"]) for message in asyncio.run(play())]
    assert told == [{"v": 3}, {"v": 9, "anew": True}]


def test_nothing_is_told_after_the_end() -> None:
    async def play() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        socket = sockets.Socket(access.Claim(1), send)
        socket.end(access.NOT_VISIBLE)
        socket.push(9)
        socket.end(access.SIGNED_OUT)
        await asyncio.sleep(0.01)
        return sent

    assert asyncio.run(play()) == [{"type": "websocket.close", "code": access.NOT_VISIBLE}]


def test_nothing_is_sent_to_one_that_is_gone_even_if_the_room_is_gone_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Room:
        def add(self, listener: Any) -> None:
            listener.push(3)

        def remove(self, _listener: Any) -> None:
            raise RuntimeError("its thread has ended")

    monkeypatch.setattr(hub, "current_hub", Room)
    monkeypatch.setattr(access, "check", lambda _claims: [access.Access(version=3)])

    async def play() -> int:
        async def receive() -> dict[str, Any]:
            return {"type": "websocket.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.send":
                await asyncio.Event().wait()

        with pytest.raises(RuntimeError, match="its thread"):
            await sockets._listen({}, lambda: access.Claim(1), access.SIGNED_OUT, receive, send)
        await asyncio.sleep(0)
        return len(asyncio.all_tasks())

    assert asyncio.run(play()) == 1


# --- what a socket is not ---


def test_a_dropped_socket_is_no_absence(voting: Stage, room: Server) -> None:
    def there() -> list[Any]:
        return list(Attendance.objects.filter(signed_out_at=None).values_list("person", "signed_in_at"))

    before, version = there(), head(voting.meeting.stream)
    for handle in voting.seats:
        ear = room.listen(voting, handle)
        ear.socket.socket.close()  # as by a tunnel: nothing is said
    assert room.listen(voting, "seat2")
    assert there() == before
    assert head(voting.meeting.stream) == version


def test_open_sockets_and_the_delay_of_pushes_are_counted(
    voting: Stage, room: Server, notified: None
) -> None:
    def delays() -> float:
        samples = metrics.PUSH_DELAY.collect()[0].samples
        return next(each.value for each in samples if each.name.endswith("_count"))

    began, pushed = metrics.SOCKETS._value.get(), delays()
    ears = [room.listen(voting, each) for each in ("chair", "seat2")]
    assert metrics.SOCKETS._value.get() == began + 2
    until_joined(voting)
    voting.do("cast", "chair", choice="for")
    for ear in ears:
        ear.version()
    until(lambda: delays() == pushed + 2)
    for ear in ears:
        ear.close()
    until(lambda: metrics.SOCKETS._value.get() == began)


def test_in_no_log_stands_a_choice(voting: Stage, room: Server, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("uvicorn.error").setLevel(logging.DEBUG)
    ear = room.listen(voting, "seat2")
    voting.do("cast", "chair", choice="against", reason=SECRET)
    ear.version()
    ear.socket.send('{"v": 1}')
    ear.version()
    said = caplog.text
    assert SECRET not in said
    assert "against" not in said
    assert Ballot.objects.get().reason == SECRET


# --- the observer ---


@pytest.fixture
def asked(fresh_db: Any) -> Stage:
    """The handling institution's head attends the item."""
    stage = staged("taken_up")
    stage.do("admit_observer", observer=stage["handler_head"])
    return stage


def observed(stage: Stage) -> str:
    return f"/ws/observed/{item(stage)}/"


def item(stage: Stage) -> int:
    return Proposal.objects.values_list("item", flat=True).get(pk=stage.proposal.pk)


def test_an_observer_is_told_of_questions_answers_and_the_end_and_of_nothing_else(
    asked: Stage, room: Server, notified: None
) -> None:
    ear, member = room.open(observed(asked), key=session(asked["handler_head"])), room.listen(asked, "seat2")
    assert ear.version() == 0
    until_joined(asked)
    asked.do("ask_to_speak", "seat3")
    member.version()
    assert ear.hears_nothing()
    question = asked.do("ask_observer", text="Who values the shop?")
    assert ear.version() == 1
    asked.do("answer_question", question=question, text="An agency of the court's list")
    assert ear.version() == 2
    asked.do("withdraw_observer")
    assert ear.version() == 3
    asked.do("open_vote")
    member.reaches(head(asked.meeting.stream))
    assert ear.hears_nothing()


def test_the_version_of_the_socket_is_that_of_the_observers_page(asked: Stage, room: Server) -> None:
    client = Client()
    client.force_login(asked["handler_head"], "django.contrib.auth.backends.ModelBackend")
    asked.do("ask_observer", text="Who values the shop?")
    page = client.get(f"/observed/{item(asked)}/")
    follow = rf'data-socket="{observed(asked)}"\s+data-version="1"'
    assert re.search(follow, page.content.decode())
    assert room.open(observed(asked), key=client.cookies["sessionid"].value).version() == 1


def test_nobody_else_is_told_what_the_observer_is(asked: Stage, room: Server) -> None:
    for handle in ("seat2", "liaison", "handler", "outsider"):
        assert room.open(observed(asked), key=session(asked[handle])).ends() == access.NOT_VISIBLE, handle
    own = session(asked["handler_head"])
    assert room.open(f"/ws/observed/{item(asked) + 1}/", key=own).ends() == access.NOT_VISIBLE
    assert room.open(path(asked), key=own).ends() == access.NOT_VISIBLE
    assert room.open(observed(asked)).ends() == access.SIGNED_OUT


# --- the wall ---


def wall(stage: Stage) -> str:
    _, token = stage.do("open_wall")
    return token


def test_a_link_for_the_wall_is_told_without_a_login(voting: Stage, room: Server, notified: None) -> None:
    ear = room.open(f"/ws/wall/{wall(voting)}/")
    assert ear.version() == head(voting.meeting.stream)
    until_joined(voting)
    voting.do("cast", "chair", choice="for")
    assert ear.version() == head(voting.meeting.stream)


def test_another_token_is_told_nothing(voting: Stage, room: Server) -> None:
    token = wall(voting)
    for other in (token[:-1], token.swapcase(), RoomScreenLink.objects.get().digest):
        assert room.open(f"/ws/wall/{other}/").ends() == access.NOT_VISIBLE
    assert refused(room, f"/ws/wall/{token}/", origin="http://evil.example") == 403


def test_a_link_that_is_closed_ends_the_socket_within_two_seconds(voting: Stage, room: Server) -> None:
    ear = room.open(f"/ws/wall/{wall(voting)}/")
    ear.version()
    RoomScreenLink.objects.update(closed_at=timezone.now())  # without a word
    began = time.monotonic()
    assert ear.ends() == access.NOT_VISIBLE
    assert time.monotonic() - began < 2


def test_a_link_that_is_replaced_is_not_told_of_what_replaced_it(
    voting: Stage, room: Server, notified: None
) -> None:
    ear = room.open(f"/ws/wall/{wall(voting)}/")
    ear.version()
    until_joined(voting)
    wall(voting)
    assert ear.ends() == access.NOT_VISIBLE


def test_the_statement_of_a_look_is_one_for_any_number_of_people(voting: Stage) -> None:
    claim = access.claim_of_session(voting.meeting.pk, f"sessionid={session(voting['seat2'])}")
    connection.force_debug_cursor = True
    try:
        before = len(connection.queries_log)
        assert len(access.check([claim] * 50)) == 50
        assert len(connection.queries_log) == before + 1
    finally:
        connection.force_debug_cursor = False


def test_a_person_has_so_many_sockets_and_the_ones_open_stay(
    voting: Stage, room: Server, settings: Any
) -> None:
    settings.SOCKETS_A_PERSON = 2
    at, key = path(voting), session(voting["chair"])
    ears = [room.open(at, key=key) for _ in range(2)]
    assert {ear.version() for ear in ears} == {head(voting.meeting.stream)}
    assert room.open(at, key=key).ends() == sockets.TOO_MANY == 4429
    assert room.listen(voting, "seat2")
    voting.do("cast", "seat2", choice="for")
    for ear in ears:
        ear.reaches(head(voting.meeting.stream))
    ears[0].close()
    until(lambda: sockets._open[f"person {voting['chair'].pk}"] == 1)
    assert room.open(at, key=key).version() == head(voting.meeting.stream)


def test_an_address_has_so_many_screens_on_the_wall(voting: Stage, room: Server, settings: Any) -> None:
    settings.SOCKETS_A_PERSON = 1
    token = wall(voting)
    assert room.open(f"/ws/wall/{token}/").version()
    assert room.open(f"/ws/wall/{token}/").ends() == sockets.TOO_MANY
    assert room.listen(voting, "seat2")
