"""The register of sign-ins, locks told and ended, passwords given, the e-mail address, and what is kept."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import browsers, sign_ins, tasks
from accounts.models import SignIn, Tries
from audit.models import Entry
from audit.recording import SYSTEM
from committee.actions import people
from committee.models import Message, Person
from pages.inbox import mailing
from regulation.refused import Refused
from tests.accounts.test_account import RIGHT, WRONG, signed_in, try_in, with_password
from tests.accounts.test_admin import administered, choices_of  # noqa: F401  # a fixture
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look
from tests.stage import Stage
from tests.stage import said as said_in
from voting.live import access

AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36 Edg/126.0.0.0"
)
OTHER = "another password 2"


@pytest.fixture
def person(submitted):
    return with_password(submitted["liaison"])


def lines(**narrowed):
    return list(SignIn.objects.filter(**narrowed).order_by("pk").values_list("outcome", flat=True))


def lock(person, address="10.0.0.1", client=None):
    for _ in range(settings.SIGN_IN_ATTEMPTS):
        response = try_in(person, WRONG, client, address=address)
    assert response.status_code == 429


def said(person, verb):
    """What the entries of the verb on the person say."""
    rows = Entry.objects.filter(action=verb, subject=f"person:{person.pk}").order_by("seq")
    return [said_in(row) for row in rows]


# --- the register ---


def test_each_way_that_signing_in_ends_has_its_line(person):
    client = Client(headers={"User-Agent": AGENT})
    try_in(person, WRONG, client)
    try_in(person, RIGHT, client)
    client.post(reverse("logout"))
    try_in(person, RIGHT, client)
    client.post(reverse("sessions-end"))
    Person.objects.filter(pk=person.pk).update(is_active=False)
    try_in(person, RIGHT, client)
    assert lines(person=person) == ["wrong", "signed_in", "signed_out", "signed_in", "everywhere", "inactive"]
    row = SignIn.objects.filter(person=person).first()
    assert (row.address, row.device) == ("10.0.0.1", "Edge 126 · Windows")
    known = SignIn.objects.filter(person=person, outcome="signed_in").order_by("pk")
    assert list(known.values_list("known", flat=True)) == [False, True]


def test_what_was_typed_as_a_login_is_kept_nowhere(person):
    typed = "My-Secret-Password"
    for _ in range(2):
        try_in(Person(username=typed), WRONG)
    first, second = SignIn.objects.filter(outcome="unknown")
    assert first.login == second.login != ""
    for table in ("accounts_signin", "accounts_tries"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {table} AS row WHERE row::text ILIKE %s", [f"%{typed[:4]}%"]
            )
            assert cursor.fetchone() == (0,)


def test_tries_that_are_not_let_in_are_one_line_with_their_number(person):
    lock(person)
    for _ in range(7):
        try_in(person, RIGHT)
    (row,) = SignIn.objects.filter(outcome="locked")
    assert (row.person, row.times) == (person, 7)


def test_the_database_keeps_the_register(person):
    try_in(person, WRONG)
    for change in (
        lambda: SignIn.objects.update(address="10.9.9.9"),
        lambda: SignIn.objects.update(times=0),
        lambda: SignIn.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            change()
        told = str(refused.value)
        assert any(words in told for words in ("never changes", "permission denied", "thirty days"))
    assert lines(person=person) == ["wrong"]


def test_a_line_is_forgotten_after_the_days_of_the_setting(person, settings):
    settings.SIGN_INS_KEPT_DAYS = 100
    now = timezone.now()
    for days in (99, 101):
        SignIn.objects.create(at=now - timedelta(days=days), outcome="wrong", person=person)
    tasks.clear_sessions.func(timestamp=0)
    (row,) = SignIn.objects.all()
    assert row.at > now - timedelta(days=100)


def test_the_register_is_for_auditor_and_administrator_with_filters_and_as_a_file(administered):  # noqa: F811  # the fixture
    stage = administered
    for handle in EVERYBODY:
        seen = 200 if handle == "auditor" else 404
        assert as_(stage[handle]).get(reverse("sign-ins")).status_code == seen, handle
        for kind in ("csv", "xlsx"):
            file = as_(stage[handle]).get(reverse("export", args=["sign-ins", kind]))
            assert file.status_code == seen, handle
    person = with_password(stage["liaison"])
    try_in(person, WRONG, address="10.1.2.3")
    try_in(Person(username="nobody"), WRONG, address="10.1.2.4")
    for reader in (stage["auditor"], stage.admin):
        html = look(reader, "sign-ins")
        assert "10.1.2.3" in html
        assert "10.1.2.4" in html
        narrowed = look(reader, "sign-ins", outcome="unknown")
        assert "10.1.2.3" not in narrowed
        assert "10.1.2.4" in narrowed
        assert "10.1.2.4" not in look(reader, "sign-ins", q=person.username)
        assert "10.1.2.4" not in look(reader, "sign-ins", q="10.1.2.3")
        file = as_(reader).get(reverse("export", args=["sign-ins", "csv"]), {"outcome": "wrong"})
        text = b"".join(file.streaming_content).decode()
        assert "10.1.2.3" in text
        assert "10.1.2.4" not in text


def test_another_banks_sign_ins_are_not_on_it(administered):  # noqa: F811  # the fixture
    stranger = with_password(Stage().to("founded")["liaison"])
    try_in(stranger, WRONG, address="10.7.7.7")
    assert "10.7.7.7" not in look(administered["auditor"], "sign-ins")
    assert "10.7.7.7" not in look(administered.admin, "sign-ins")


def test_ones_own_sign_ins_are_on_the_profile(person, submitted):
    try_in(person, WRONG, address="10.3.3.3")
    assert "10.3.3.3" in look(person, "profile")
    assert "10.3.3.3" not in look(submitted["chair"], "profile")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (AGENT, "Edge 126 · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox 127 · Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari 17 · iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/116.0 Mobile MicroMessenger/8.0", "WeChat 8 · Android"),
        ("a program\x1b of our own", "a program of our own"),
        ("", ""),
    ],
)
def test_a_device_is_told_in_words(agent, words):
    assert browsers.browser_name(agent) == words


# --- locks ---


def test_a_lock_is_told_and_leaves_an_entry_without_an_address(person):
    lock(person)
    (told,) = Message.objects.filter(person=person, kind="lock_sign_in")
    (entry,) = said(person, "lock_sign_in")
    assert (entry["where"], entry["tries"]) == ("pair", 5)
    assert "10.0.0.1" not in json.dumps(entry)
    html = look(person, "messages")
    assert "10.0.0.1" in html
    assert "Tell the administrator" in html
    mail.outbox.clear()
    mailing.send(told.pk)
    (sent,) = mail.outbox
    assert "10.0.0.1" in sent.body
    assert person.email in sent.to


def test_locks_in_a_row_are_told_once_and_after_an_unlocking_again(administered):  # noqa: F811  # the fixture
    person = with_password(administered["liaison"])
    for number in range(3):
        lock(person, address=f"10.0.0.{number}")
    assert len(said(person, "lock_sign_in")) == 1
    sign_ins.unlock(None, person, by=administered.admin)
    lock(person)
    assert len(said(person, "lock_sign_in")) == 2


def test_the_administrator_ends_a_lock_on_the_page(administered):  # noqa: F811  # the fixture
    stage = administered
    person = with_password(stage["liaison"])
    client = signed_in(person)
    client.post(reverse("logout"))
    lock(person, client=client)
    lock(person, address="10.0.0.9")
    html = look(stage.admin, "sign-ins")
    assert reverse("sign-in-unlock", args=[person.pk]) in html
    assert reverse("sign-in-unlock", args=[person.pk]) not in look(stage["auditor"], "sign-ins")
    assert as_(stage["auditor"]).post(reverse("sign-in-unlock", args=[person.pk])).status_code == 403
    assert as_(stage["chair"]).post(reverse("sign-in-unlock", args=[person.pk])).status_code == 404
    administrator = as_(stage.admin)
    page = page_text(administrator.get(reverse("sign-ins")))
    button = {"once": re.search(r'name="once" value="([^"]+)"', page)[1]}
    for _press in range(2):
        answer = administrator.post(reverse("sign-in-unlock", args=[person.pk]), button)
        assert answer["Location"] == reverse("sign-ins")
    assert said(person, "unlock_sign_in") == [{}]
    assert Message.objects.filter(person=person, kind="unlock_sign_in").count() == 1
    assert lines(person=person)[-1] == "unlocked"
    assert try_in(person, RIGHT, client).status_code == 302
    assert try_in(person, RIGHT, address="10.0.0.9").status_code == 302


def test_an_administrator_ends_no_lock_of_another_bank(administered):  # noqa: F811  # the fixture
    stranger = with_password(Stage().to("founded")["liaison"])
    lock(stranger)
    assert as_(administered.admin).post(reverse("sign-in-unlock", args=[stranger.pk])).status_code == 404
    assert try_in(stranger, RIGHT).status_code == 429


def test_only_the_system_locks_and_only_an_administrator_unlocks(person, submitted):
    with pytest.raises(Refused, match="access/denied"):
        people.lock_sign_in(
            person, by=submitted["chair"], where="pair", until=timezone.now(), tries=5, told={}
        )
    with pytest.raises(Refused, match="access/denied"):
        people.unlock_sign_in(person, by=submitted["chair"])


# --- a given password ---


def given(person):
    people.give_password(person, by=SYSTEM, password=RIGHT)
    return Person.objects.get(pk=person.pk)


def change(client, new=OTHER, old=RIGHT):
    return client.post(reverse("password"), {"old_password": old, "new_password1": new, "new_password2": new})


def test_a_given_password_leads_to_the_page_where_it_is_changed_until_it_is(person):
    client = signed_in(given(person))
    for name in ("desk", "meetings", "profile", "calendar"):
        assert client.get(reverse(name))["Location"] == reverse("password"), name
    assert client.post(reverse("profile"), {"phone": "1"})["Location"] == reverse("password")
    assert client.get("/", headers={"HX-Request": "true"})["HX-Redirect"] == reverse("password")
    answer = client.get(reverse("api"))
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["code"] == "request/password-given"
    key = client.cookies["sessionid"].value
    assert access.claim_of_session(1, f"sessionid={key}") is None
    assert "The administrator gave you" in page_text(client.get(reverse("password")))
    assert change(client, new=RIGHT).status_code == 422
    assert change(client)["Location"] == reverse("desk")
    assert client.get(reverse("desk")).status_code == 200
    assert client.get(reverse("api")).status_code == 200
    assert not Person.objects.get(pk=person.pk).password_given


def test_giving_and_changing_a_password_are_told_and_in_the_log(person):
    client = signed_in(given(person))
    change(client)
    kinds = Message.objects.filter(person=person).values_list("kind", flat=True)
    assert {"give_password", "change_password"} <= set(kinds)
    assert said(person, "change_password") == [{"given": True}]
    assert lines(person=person)[-1] == "changed"


def test_a_password_that_the_administrators_page_gives_is_a_given_one(administered):  # noqa: F811  # the fixture
    person = administered.now(administered["liaison"])
    address = reverse("admin:committee_person_change", args=[person.pk])
    response = as_(administered.admin).post(address, choices_of(person, new_password=RIGHT))
    assert response.status_code == 302
    assert Person.objects.get(pk=person.pk).password_given


def test_nobody_changes_the_password_or_address_of_another(person, submitted):
    for act in (
        lambda by: people.change_password(person, by=by, password=OTHER),
        lambda by: people.change_email(person, by=by, email="x@bank.example"),
    ):
        with pytest.raises(Refused, match="access/denied"):
            act(submitted["chair"])


# --- weak passwords ---


@pytest.mark.parametrize(
    "weak", ["Z" * 200, "Z" * 20, "abababababab", "Lianxi1Lianxi1Lianxi1", "aA1!" * 40, "x" * 5 + "y" * 5]
)
def test_a_password_that_repeats_itself_or_is_too_long_is_refused(person, weak):
    client = signed_in(person)
    assert change(client, new=weak).status_code == 422
    assert Person.objects.get(pk=person.pk).check_password(RIGHT)


def test_a_password_has_at_most_128_characters_and_a_longer_one_is_not_hashed(person, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    long = "".join(chr(0x4E00 + number) for number in range(129))
    client = signed_in(person)
    assert change(client, new=long).status_code == 422
    lengths = []
    inner = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, given, salt: lengths.append(len(given)) or inner(self, given, salt),
    )
    try_in(person, "Z" * 100_000)
    change(client, old="Z" * 100_000)
    assert max(lengths) <= 128
    assert change(client, new=long[:128]).status_code == 302


# --- the e-mail address ---


def profile(client, **changed):
    fields = {"language": "en", "theme": "dark", "email": "a@new.example", "phone": "8001"}
    return client.post(reverse("profile"), fields | changed)


@pytest.mark.parametrize("password", ["", WRONG])
def test_an_address_is_not_changed_without_the_password(person, password):
    response = profile(signed_in(person), password=password)
    assert response.status_code == 422
    assert 'value="a@new.example"' in page_text(response)
    kept = Person.objects.get(pk=person.pk)
    assert (kept.email, kept.phone) == (person.email, person.phone)


def test_what_else_is_on_the_profile_asks_for_none(person):
    assert profile(signed_in(person), email=person.email).status_code == 302
    assert Person.objects.get(pk=person.pk).phone == "8001"


@pytest.mark.parametrize("by", ["person", "administrator"])
def test_old_and_new_address_are_told_and_the_log_has_neither_in_full(person, administered, by):  # noqa: F811  # the fixture
    Person.objects.filter(pk=person.pk).update(email="old@former.example")
    if by == "person":
        assert profile(signed_in(person), password=RIGHT).status_code == 302
        (entry,) = said(person, "change_email")
    else:
        people.change_person(person, by=SYSTEM, changes={"email": "a@new.example"})
        (entry,) = said(person, "change_person")
    assert entry["email"] == "a…@new.example"
    assert "old@former.example" not in json.dumps(entry)
    (message,) = Message.objects.filter(person=person, kind="change_email")
    mail.outbox.clear()
    mailing.send(message.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'mail_former_address'")
        args = json.loads(cursor.fetchone()[0])
    mailing.send_to_former(Person.objects.get(pk=args["person"]), args["kind"], args["address"])
    assert [sent.to for sent in mail.outbox] == [["a@new.example"], ["old@former.example"]]
    assert person.username in mail.outbox[1].body


# --- the browser lets go ---


@pytest.mark.parametrize("name", ["logout", "sessions-end"])
def test_signing_out_clears_the_browser_but_for_the_cookie_by_which_it_is_known(person, name):
    client = signed_in(person)
    response = client.post(reverse(name))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert client.cookies[settings.BROWSER_COOKIE_NAME].value


def test_who_is_held_up_is_listed_once_with_each_place(administered):  # noqa: F811  # the fixture
    person = with_password(administered["liaison"])
    lock(person)
    lock(person, address="10.0.0.2")
    assert Tries.objects.filter(person=person, kind="pair").count() == 2
    html = look(administered["auditor"], "sign-ins")
    assert html.count("from one address 10.0.0.1; ") + html.count("; from one address 10.0.0.1") == 1


def test_a_lock_of_no_one_address_names_none(administered, settings):  # noqa: F811  # the fixture
    settings.SIGN_IN_ATTEMPTS_BY_LOGIN = 2
    person = with_password(administered["liaison"])
    for number in range(3):
        try_in(person, WRONG, address=f"192.0.2.{number}")
    html = look(administered["auditor"], "sign-ins")
    (where,) = re.findall(r"from many addresses[^<]*", html)
    assert where.strip() == "from many addresses"
