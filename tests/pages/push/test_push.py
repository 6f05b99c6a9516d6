"""Pushes: to known hosts alone, encrypted, once, and saying nothing of what they are about."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from py_vapid import Vapid02

from pages.models import PushSubscription, PushTold
from pages.push import due, keys, sending, views, waking
from tests.pages.pages import as_, look

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


class Device:
    """A browser's subscription, which can read what is pushed to it."""

    def __init__(self):
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), b"s" * 16
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.given = {
            "endpoint": ENDPOINT,
            "p256dh": urlsafe_b64encode(point).decode().rstrip("="),
            "auth": urlsafe_b64encode(self.secret).decode().rstrip("="),
        }

    def read(self, body):
        return json.loads(
            http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        )


@pytest.fixture
def sent(settings, tmp_path, monkeypatch):
    """What would have left, as host, path, body and authorization; each is answered with `sent.status`."""
    call_command("push_key", str(tmp_path / "push.pem"))
    settings.PUSH_KEY_FILE = str(tmp_path / "push.pem")

    class Sent(list):
        status = 201

    gone = Sent()

    def post(host, path, body, authorization):
        gone.append((host, path, body, authorization))
        return gone.status

    monkeypatch.setattr(sending, "_post", post)
    return gone


def subscribe(person, device, **other):
    return as_(person).post(reverse("push-subscribe"), device.given | other)


def test_the_key_is_its_owners_alone_and_no_file_is_overwritten(tmp_path):
    path = tmp_path / "push.pem"
    call_command("push_key", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="exists"):
        call_command("push_key", str(path))


def test_without_a_key_or_with_a_broken_one_nothing_is_offered(founded, settings, tmp_path):
    assert "has not set this site up" in look(founded["seat2"], "notices")
    (tmp_path / "broken").write_text("no key")
    settings.PUSH_KEY_FILE = str(tmp_path / "broken")
    assert keys.public_key() == ""


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        (ENDPOINT, True),
        ("https://fcm.googleapis.com:443/fcm/send/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/abc", False),
        ("https://fcm.googleapis.com.evil.example/abc", False),
        ("https://evilpush.apple.com.example/abc", False),
        ("https://push.apple.com.evil.example/", False),
        ("https://user@fcm.googleapis.com/abc", False),
        ("https://127.0.0.1/abc", False),
        ("https://fcm.googleapis.com\\@localhost/abc", False),
        ("https://localhost/abc#fcm.googleapis.com", False),
        ("https://fcm.googleapis.com/a b", False),
        ("https://fcm.googleapis.com/" + "a" * 1000, False),
        ("https://[::1", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_known_push_services_are_sent_to(founded, sent, address, taken):
    assert sending.is_endpoint(address) is taken
    answer = subscribe(founded["seat2"], Device(), endpoint=address)
    assert answer.status_code == (200 if taken else 422)
    assert PushSubscription.objects.exists() is taken


@pytest.mark.parametrize("wrong", [{"p256dh": "AAAA"}, {"p256dh": "B" * 87}, {"auth": ""}, {"auth": "é"}])
def test_keys_that_are_none_are_refused(founded, sent, wrong):
    assert subscribe(founded["seat2"], Device(), **wrong).status_code == 422


def test_an_open_vote_is_pushed_once_and_tells_nothing(voting, sent):
    device, person = Device(), voting["seat2"]
    assert subscribe(person, device).status_code == 200
    due.tell_all()
    due.tell_all()
    ((host, path, body, authorization),) = sent
    assert (host, path) == ("fcm.googleapis.com", "/fcm/send/abc")
    told = device.read(body)
    assert told == {
        "title": "Lianxi",
        "body": "A vote is open: your ballot is asked for.",
        "url": reverse("meeting", args=[voting.meeting.pk]),
    }
    scheme, _space, fields = authorization.partition(" ")
    token = dict(part.strip().split("=", 1) for part in fields.split(","))["t"]
    claims = token.split(".")[1]
    read = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert (scheme, read["aud"]) == ("vapid", "https://fcm.googleapis.com")
    assert Vapid02.verify(authorization)


def test_who_has_voted_or_sees_nothing_is_not_pushed_to(voting, sent):
    voting.do("cast", "seat2", choice="for")
    for number, handle in enumerate(("seat2", "liaison", "handler", "outsider", "auditor")):
        subscribe(voting[handle], Device(), endpoint=f"{ENDPOINT}{number}")
    due.tell_all()
    assert sent == []


def test_a_notice_and_minutes_are_pushed_to_whom_they_wait_for(noticed, sent):
    words = {}
    for handle in ("chair", "seat2", "liaison"):
        words[handle] = [str(due.WORDS[each.kind]) for each in due.due_for(noticed[handle])]
    notice = "A notice of a meeting waits for your receipt."
    assert words == {"chair": [notice], "seat2": [notice], "liaison": []}
    noticed.to("minuted")
    assert [each.kind for each in due.due_for(noticed["chair"])] == ["minutes"]
    assert list(due.due_for(noticed["seat2"])) == []


def test_a_device_that_gave_up_is_forgotten_and_a_silent_service_is_tried_by_the_next(noticed, sent):
    subscribe(noticed["seat2"], Device())
    sent.status = 410
    due.tell_all()
    assert not PushSubscription.objects.exists()
    subscribe(noticed["seat3"], Device())
    subscribe(noticed["chair"], Device(), endpoint=f"{ENDPOINT}2")
    sent.status = 500
    with pytest.raises(sending.NotSentError, match=r"fcm\.googleapis\.com answered 500"):
        due.tell_all()
    assert len(sent) == 3


@pytest.mark.parametrize(("status", "times"), [(503, 2), (429, 2), (403, 1), (413, 1)])
def test_what_a_service_may_take_later_is_pushed_again_until_it_has_left(noticed, sent, status, times):
    subscribe(noticed["seat2"], Device())
    sent.status = status
    for _minute in range(times):
        with pytest.raises(sending.NotSentError, match=f"answered {status}"):
            due.tell_all()
    sent.status = 201
    due.tell_all()
    due.tell_all()
    assert len(sent) == (3 if times == 2 else 1)
    assert PushTold.objects.count() == 1


def test_a_device_whose_service_is_silent_keeps_nothing_from_the_others(noticed, sent, monkeypatch):
    for number in range(3):
        subscribe(noticed["seat2"], Device(), endpoint=f"{ENDPOINT}{number}")
    answer = sending._post

    def post(host, path, *more):
        answer(host, path, *more)
        return 503 if path.endswith("abc0") else 201

    monkeypatch.setattr(sending, "_post", post)
    due.tell_all()
    due.tell_all()
    assert [path[-4:] for _host, path, *_more in sent] == ["abc0", "abc1", "abc2"]


def test_a_key_that_cannot_be_read_forgets_no_device(noticed, sent, settings, tmp_path):
    subscribe(noticed["seat2"], Device())
    settings.PUSH_KEY_FILE = str(tmp_path / "unreadable")
    with pytest.raises(sending.NotSentError, match="PUSH_KEY_FILE"):
        due.tell_all()
    assert PushSubscription.objects.count() == 1
    assert not PushTold.objects.exists()


def test_so_many_devices_of_a_person_are_kept_the_newest(founded, sent):
    for number in (*range(views.MOST_DEVICES + 2), 5):
        subscribe(founded["seat2"], Device(), endpoint=f"{ENDPOINT}{number}")
    kept = PushSubscription.objects.values_list("endpoint", flat=True)
    assert {address.removeprefix(ENDPOINT) for address in kept} == {str(each) for each in range(2, 12)}


def test_a_device_is_one_persons_and_can_be_forgotten(founded, sent):
    device = Device()
    subscribe(founded["seat2"], device)
    subscribe(founded["seat3"], device)
    (row,) = PushSubscription.objects.all()
    assert row.person == founded["seat3"]
    as_(founded["seat2"]).post(reverse("push-forget"))
    assert PushSubscription.objects.count() == 1
    as_(founded["seat3"]).post(reverse("push-forget"))
    assert PushSubscription.objects.count() == 0


def test_only_meetings_and_plans_wake_and_nothing_without_a_key(settings, monkeypatch):
    begun = []
    monkeypatch.setattr(
        waking.threading, "Timer", lambda *given: begun.append(given) or waking.threading.Event()
    )
    monkeypatch.setattr(waking.threading.Event, "start", lambda _self: None, raising=False)
    waking.wake(frozenset({"meeting:1"}))
    settings.PUSH_KEY_FILE = "somewhere"
    waking.wake(frozenset({"committee:1"}))
    assert begun == []
    waking.wake(frozenset({"meeting:1", "proposal:2"}))
    waking.wake(frozenset({"meeting:1"}))
    assert len(begun) == 1
    waking._waiting.clear()


def test_the_shell_is_the_same_for_everybody_and_has_nothing_of_anybody(founded):
    shown = {}
    for name, client in (("nobody", Client()), ("seat2", as_(founded["seat2"]))):
        worker = client.get(reverse("worker"))
        assert worker["Content-Type"].startswith("text/javascript")
        shown[name] = (
            worker.content, client.get(reverse("manifest")).json(), client.get(reverse("offline")).content,
        )  # fmt: skip
    assert shown["nobody"] == shown["seat2"]
    assert founded["seat2"].display_name.encode() not in shown["seat2"][2]
    assert shown["nobody"][1]["start_url"] == "/"
