"""Signing in, throttled; sessions, their end and ending them all; profile and password."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session, Tries
from committee.models import Person
from tests.page_text import page_text
from tests.pages.pages import as_, look

WRONG, RIGHT = "not the password", "the right password"


def with_password(person):
    """A copy of the person, who can sign in; those of a stage are shared by its tests."""
    found = Person.objects.get(pk=person.pk)
    found.set_password(RIGHT)
    found.save()
    return found


@pytest.fixture
def person(submitted):
    return with_password(submitted["liaison"])


def try_in(person, password, client=None, address="10.0.0.1", **given):
    client = client or Client()
    given = {"username": person.username, "password": password, **given}
    return client.post(reverse("login"), given, REMOTE_ADDR=address)


# --- signing in ---


@pytest.mark.parametrize(
    "spelt",
    [
        lambda login: login.upper(),
        lambda login: login + "\u200b",
        lambda login: f" {login}\u3000",
        lambda login: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in login),
        lambda login: login[:2] + "\u00ad" + login[2:],
    ],
)
def test_a_login_in_another_spelling_finds_the_person(person, spelt):
    response = try_in(person, RIGHT, username=spelt(person.username))
    assert response.status_code == 302


def test_a_login_in_another_spelling_is_no_further_try(person):
    for number in range(settings.SIGN_IN_ATTEMPTS - 1):
        assert try_in(person, WRONG, username=person.username + "\u200b" * number).status_code == 200
    assert try_in(person, WRONG, username=person.username.upper()).status_code == 429
    assert try_in(person, RIGHT).status_code == 429


def test_after_five_wrong_passwords_from_one_address_not_even_the_right_one_lets_in(person):
    for _ in range(settings.SIGN_IN_ATTEMPTS - 1):
        assert try_in(person, WRONG).status_code == 200
    assert try_in(person, WRONG).status_code == 429
    response = try_in(person, RIGHT)
    assert response.status_code == 429
    assert "Try again in 15 minutes." in page_text(response)
    assert 880 <= int(response["Retry-After"]) <= 900


def test_a_lock_is_the_same_on_an_asynchronous_server(person):
    async def tries():
        client = AsyncClient()
        given = {"username": person.username, "password": WRONG}
        for _ in range(settings.SIGN_IN_ATTEMPTS):
            response = await client.post(reverse("login"), given)
        return response

    response = async_to_sync(tries)()
    assert response.status_code == 429
    assert "Try again in 15 minutes." in page_text(response)


def test_others_and_the_same_person_elsewhere_are_not_held_up(person, submitted):
    for _ in range(settings.SIGN_IN_ATTEMPTS):
        try_in(person, WRONG)
    assert try_in(person, RIGHT, address="10.0.0.2").status_code == 302
    assert try_in(with_password(submitted["chair"]), RIGHT).status_code == 302
    assert try_in(person, RIGHT).status_code == 429


def test_the_lock_ends_and_trying_in_between_does_not_make_it_longer(person):
    for _ in range(settings.SIGN_IN_ATTEMPTS):
        try_in(person, WRONG)
    Tries.objects.update(last=timezone.now() - timedelta(minutes=13, seconds=30))
    assert "Try again in 2 minutes." in page_text(try_in(person, WRONG))
    Tries.objects.update(last=timezone.now() - timedelta(minutes=16))
    assert try_in(person, RIGHT).status_code == 302


def test_the_page_of_a_lock_is_in_the_readers_language_and_leads_back(person):
    client = Client()
    client.cookies["django_language"] = "zh-hans"
    for _ in range(settings.SIGN_IN_ATTEMPTS):
        response = try_in(person, WRONG, client, next="/meetings/")
    html = page_text(response)
    assert "15 分钟" in html
    assert f"{reverse('login')}?next=/meetings/" in html


def test_signing_in_leads_to_where_one_was_going_also_after_a_wrong_password(person):
    client = Client()
    asked = client.get(reverse("meetings"))["Location"]
    html = page_text(client.get(asked))
    assert f'name="next" value="{reverse("meetings")}"' in html
    wrong = page_text(try_in(person, WRONG, client, next=reverse("meetings")))
    assert f'name="next" value="{reverse("meetings")}"' in wrong
    assert try_in(person, RIGHT, client, next=reverse("meetings"))["Location"] == reverse("meetings")
    abroad = try_in(person, RIGHT, next="https://elsewhere.example/")
    assert abroad["Location"] == "/"


def test_a_browser_without_a_language_has_the_persons(person):
    Person.objects.filter(pk=person.pk).update(language="zh-hans")
    assert try_in(person, RIGHT).cookies["django_language"].value == "zh-hans"
    client = Client()
    client.cookies["django_language"] = "en"
    assert "django_language" not in try_in(person, RIGHT, client).cookies
    assert Person.objects.get(pk=person.pk).language == "zh-hans"


def test_whoever_chose_no_language_gets_mail_in_that_of_the_browser(person):
    client = Client()
    client.cookies["django_language"] = "zh-hans"
    try_in(person, RIGHT, client)
    assert Person.objects.get(pk=person.pk).language == "zh-hans"


# --- the session's time ---


def signed_in(person):
    client = Client()
    assert try_in(person, RIGHT, client).status_code == 302
    return client


def test_a_session_ends_when_it_was_to_end_whatever_is_kept_in_it(person):
    client = signed_in(person)
    session = client.session
    ends = session.get_expiry_date()
    assert abs((ends - timezone.now()).total_seconds() - settings.SESSION_COOKIE_AGE) < 60
    session["kept"] = "something"
    session.save()
    assert Session.objects.get(pk=session.stored_key).expire_date == ends


def ending_in(client, **time):
    session = client.session
    session.set_expiry(timezone.now() + timedelta(**time))
    session.save()
    return session


def test_the_menu_says_until_when_and_the_last_minutes_are_told_on_every_page(person):
    client = signed_in(person)
    html = page_text(client.get(reverse("desk")))
    assert f"Signed in until {timezone.localtime(client.session.get_expiry_date()):%H:%M}" in html
    bar = re.search(r"<form[^>]*data-session-left[^>]*>", html)[0]
    assert "hidden" in bar
    assert 0 <= settings.SESSION_COOKIE_AGE - int(re.search(r'session-left="(\d+)"', bar)[1]) < 60
    ending_in(client, minutes=4, seconds=30)
    html = page_text(client.get(reverse("desk")))
    bar = re.search(r"<form[^>]*data-session-left[^>]*>", html)[0]
    assert "hidden" not in bar
    assert "<b data-session-minutes>5</b>" in html


def test_a_session_is_put_off_by_a_button_and_by_a_script(person):
    client = signed_in(person)
    ending_in(client, minutes=4)
    assert client.post(reverse("session-extend"), {"next": "/meetings/"})["Location"] == "/meetings/"
    assert sessions_left(client) > 10 * 3600
    assert client.post(reverse("session-extend"), {"next": "https://elsewhere.example"})["Location"] == "/"
    ending_in(client, minutes=4)
    answer = client.post(reverse("session-extend"), headers={"X-Requested-With": "fetch"})
    assert answer.json()["left"] > 10 * 3600
    assert client.get(reverse("session-extend")).status_code == 405


def sessions_left(client):
    return (client.session.get_expiry_date() - timezone.now()).total_seconds()


def test_an_ended_session_is_over(person):
    client = signed_in(person)
    session = ending_in(client, minutes=4)
    Session.objects.filter(pk=session.stored_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(reverse("desk")).status_code == 302


def test_signing_out_everywhere_ends_all_sessions_of_the_person_and_of_nobody_else(person, submitted):
    here, there, other = signed_in(person), signed_in(person), as_(submitted["chair"])
    response = here.post(reverse("sessions-end"), follow=True)
    assert "You are signed out everywhere." in page_text(response)
    for client in (here, there):
        assert client.get(reverse("desk"))["Location"].startswith(reverse("login"))
    assert other.get(reverse("desk")).status_code == 200
    assert signed_in(person).get(reverse("desk")).status_code == 200


# --- profile and password ---


def profile(person, **changed):
    given = {
        "language": "en", "theme": "dark", "email": "a@bank.example", "phone": "8001", "password": RIGHT,
        **changed,
    }  # fmt: skip
    return as_(person).post(reverse("profile"), given)


def test_a_profile_is_ones_own_and_kept(person, submitted):
    response = profile(person, language="zh-hans")
    assert response["Location"] == reverse("profile")
    assert (response.cookies["theme"].value, response.cookies["django_language"].value) == ("dark", "zh-hans")
    kept = Person.objects.get(pk=person.pk)
    assert (kept.language, kept.email, kept.phone) == ("zh-hans", "a@bank.example", "8001")
    assert Person.objects.filter(email="a@bank.example").count() == 1
    html = look(person, "profile")
    assert 'value="a@bank.example"' in html
    assert person.staff_no in html


def test_nothing_but_the_profile_is_changed_by_it(person):
    before = Person.objects.filter(pk=person.pk).values().get()
    profile(person, username="x", is_staff="on", is_superuser="on", display_name="x", staff_no="1")
    after = Person.objects.filter(pk=person.pk).values().get()
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"language", "email", "phone"}


@pytest.mark.parametrize("wrong", [{"email": "nobody"}, {"language": "tlh"}, {"theme": "pink"}], ids=str)
def test_what_is_wrong_in_a_profile_is_said_and_nothing_is_kept(person, wrong):
    response = profile(person, **wrong)
    assert response.status_code == 422
    assert 'class="field-error"' in page_text(response)
    assert Person.objects.get(pk=person.pk).phone != "8001"


def test_mail_goes_to_addresses_of_the_bank_where_its_domains_are_set(person, settings):
    settings.MAIL_DOMAINS = ["bank.example"]
    assert profile(person, email="a@elsewhere.example").status_code == 422
    assert profile(person, email="a@BANK.example").status_code == 302
    assert profile(person, email="").status_code == 302


def change(client, old=RIGHT, new="another password 2", again=None):
    given = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("password"), given)


def test_a_new_password_ends_all_other_sessions(person):
    here, there = signed_in(person), signed_in(person)
    assert change(here).status_code == 302
    assert here.get(reverse("desk")).status_code == 200
    assert there.get(reverse("desk")).status_code == 302
    assert Person.objects.get(pk=person.pk).check_password("another password 2")


@pytest.mark.parametrize(
    "given",
    [{"old": WRONG}, {"new": "short"}, {"new": "1234567890123"}, {"again": "something else 3"}],
    ids=str,
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(person, given):
    client = signed_in(person)
    assert change(client, **given).status_code == 422
    assert Person.objects.get(pk=person.pk).check_password(RIGHT)
