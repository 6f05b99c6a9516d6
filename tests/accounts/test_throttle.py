"""Guessing passwords locks the scope in which it is done and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import tasks, throttle
from accounts.models import Tries
from committee.models import Person
from tests.accounts.test_account import RIGHT, WRONG, signed_in, try_in, with_password
from tests.page_text import page_text
from tests.pages.pages import PASSING

OFFICE, ELSEWHERE = "10.0.0.1", "10.0.0.2"


@pytest.fixture
def person(submitted):
    return with_password(submitted["liaison"])


@pytest.fixture(autouse=True)
def few(settings):
    """Few tries make many."""
    settings.SIGN_IN_ATTEMPTS_BY_ADDRESS, settings.SIGN_IN_ATTEMPTS_BY_LOGIN = 8, 6


def spray(address=OFFICE, times=8):
    """One wrong password at many logins, which need not exist."""
    for number in range(times):
        assert try_in(Person(username=f"login.{number}"), WRONG, address=address).status_code == 200


def besiege(person, times=8):
    """Many wrong passwords at one login, each from another address."""
    for number in range(times):
        assert try_in(person, WRONG, address=f"192.0.2.{number}").status_code in (200, 429)


def guess(person, times=5, client=None, address=OFFICE):
    """Wrong passwords at one login from one place, until it is locked."""
    for _ in range(times):
        response = try_in(person, WRONG, client, address=address)
    assert response.status_code == 429


def later(**time):
    """All that was tried was tried earlier."""
    Tries.objects.update(last=F("last") - timedelta(**time))


def own_browser(person):
    """A browser in which the person has signed in, and out again."""
    client = Client()
    assert try_in(person, RIGHT, client, address=ELSEWHERE).status_code == 302
    client.post(reverse("logout"))
    return client


# --- one login from one address ---


def test_guessing_at_a_login_holds_up_no_other_login_from_there(person, submitted):
    for _ in range(30):
        try_in(person, WRONG)
        later(minutes=4)
    guess(person)
    assert try_in(with_password(submitted["chair"]), RIGHT).status_code == 302


def test_guesses_from_the_office_keep_nobody_out_of_the_known_browser_there(person):
    known = own_browser(person)
    guess(person)
    assert try_in(person, RIGHT).status_code == 429
    assert try_in(person, RIGHT, known).status_code == 302


def test_guessing_for_ever_keeps_nobody_out_at_another_address(person):
    for _ in range(20):
        guess(person)
        later(minutes=16)
        besiege(person, times=3)
        assert try_in(person, RIGHT, address=ELSEWHERE).status_code == 302


def test_of_ipv6_a_household_is_one_address(person):
    for number in range(5):
        response = try_in(person, WRONG, address=f"2001:db8:1:2::{number}")
    assert response.status_code == 429
    assert try_in(person, RIGHT, address="2001:db8:1:2:ffff::1").status_code == 429
    assert try_in(person, RIGHT, address="2001:db8:1:3::1").status_code == 302


def test_somebody_who_is_nobody_is_locked_in_the_same_words(person):
    found = []
    for each in (person, Person(username="nobody.at.all")):
        answers = [try_in(each, WRONG) for _ in range(6)]
        texts = [PASSING.sub("", page_text(answer)).replace(each.username, "") for answer in answers]
        found.append([(answer.status_code, text) for answer, text in zip(answers, texts, strict=True)])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("who", "times"), [("person", 1), ("nobody", 1), ("inactive", 1), ("locked", 0), ("nobody locked", 0)]
)
def test_a_password_is_hashed_once_whoever_it_is_and_not_at_all_while_none_is_taken(
    person, who, times, monkeypatch
):
    from django.contrib.auth.hashers import MD5PasswordHasher

    tried = Person(username="nobody") if who.startswith("nobody") else person
    if who.endswith("locked"):
        guess(tried)
    if who == "inactive":
        Person.objects.filter(pk=person.pk).update(is_active=False)
    hashed = []
    inner = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(1) or inner(self, password, salt),
    )
    try_in(tried, WRONG)
    assert len(hashed) == times


# --- one password at many logins ---


def test_after_many_logins_from_an_address_a_try_is_taken_once_a_minute(person):
    spray()
    response = try_in(person, RIGHT)
    assert response.status_code == 429
    assert 50 <= int(response["Retry-After"]) <= 60
    assert "a try is taken once a minute" in page_text(response)
    later(seconds=61)
    assert try_in(Person(username="next"), WRONG).status_code == 200
    assert try_in(person, RIGHT).status_code == 429
    later(seconds=61)
    assert try_in(person, RIGHT).status_code == 302


def test_other_addresses_and_browsers_that_are_known_are_not_held_up_by_it(person):
    known = own_browser(person)
    spray()
    assert try_in(person, RIGHT, address=ELSEWHERE).status_code == 302
    assert try_in(person, RIGHT, known).status_code == 302
    assert try_in(person, RIGHT).status_code == 429


def test_those_who_sign_in_rightly_do_not_count(person):
    for _ in range(10):
        assert try_in(person, RIGHT).status_code == 302
    spray(times=7)
    assert try_in(person, RIGHT).status_code == 302


def test_what_was_tried_while_one_had_to_wait_makes_it_no_longer(person):
    spray()
    later(seconds=50)
    assert try_in(Person(username="next"), WRONG).status_code == 429
    later(seconds=11)
    assert try_in(person, RIGHT).status_code == 302


# --- one login from many addresses ---


def test_a_login_tried_from_many_addresses_has_one_try_from_each(person, submitted):
    besiege(person)
    assert try_in(person, WRONG, address=ELSEWHERE).status_code == 429
    assert try_in(person, RIGHT, address=ELSEWHERE).status_code == 429
    assert try_in(person, RIGHT, address="10.0.0.3").status_code == 302
    assert try_in(with_password(submitted["chair"]), RIGHT, address=ELSEWHERE).status_code == 302


def test_whoever_has_the_browser_still_guesses_five_times_only(person):
    known = own_browser(person)
    besiege(person)
    for _ in range(settings.SIGN_IN_ATTEMPTS - 1):
        assert try_in(person, WRONG, known).status_code == 200
    response = try_in(person, WRONG, known)
    assert response.status_code == 429
    assert "Try again in 15 minutes." in page_text(response)


# --- the browser that is known ---


def test_a_browser_is_known_for_those_who_signed_in_in_it_alone(person, submitted):
    known = own_browser(person)
    chair, other = with_password(submitted["chair"]), with_password(submitted["handler"])
    assert try_in(chair, RIGHT, known, address=ELSEWHERE).status_code == 302
    known.post(reverse("logout"))
    spray()
    assert try_in(other, RIGHT, known).status_code == 429
    assert try_in(chair, RIGHT, known).status_code == 302
    known.post(reverse("logout"))
    assert try_in(person, RIGHT, known).status_code == 302


def test_signing_out_everywhere_forgets_the_browsers(person):
    known = own_browser(person)
    try_in(person, RIGHT, known, address=ELSEWHERE)
    known.post(reverse("sessions-end"))
    spray()
    assert try_in(person, RIGHT, known).status_code == 429


def of_old(person):
    from django.core import signing

    return signing.dumps([person.pk, person.session_epoch], salt="lianxi.browser")


@pytest.mark.parametrize(
    "made_up", ["", "x", "WzEsMF0:1abcde:made-up", of_old], ids=["empty", "short", "forged", "of-old"]
)
def test_a_cookie_that_we_did_not_sign_is_none(person, made_up):
    client = Client()
    client.cookies[settings.BROWSER_COOKIE_NAME] = made_up if isinstance(made_up, str) else made_up(person)
    spray()
    assert try_in(person, RIGHT, client).status_code == 429


def test_the_cookie_is_out_of_reach_of_scripts(person):
    morsel = try_in(person, RIGHT).cookies[settings.BROWSER_COOKIE_NAME]
    assert (morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (True, "Lax", 180 * 24 * 3600)


# --- what is counted, and until when ---


def test_what_is_counted_under_names_nobody(person):
    try_in(Person(username="perhaps a password"), WRONG)
    (row,) = Tries.objects.filter(kind=Tries.Kind.PAIR)
    assert "perhaps" not in f"{row.scope} {row}"


def test_an_address_that_is_none_is_counted_as_one():
    request = RequestFactory().get("/", REMOTE_ADDR="unix")
    assert throttle.address_of(request) is None
    assert throttle.scope_of_login(request, "x", None) == throttle.scope_of_login(None, "x", None)


def test_hours_later_nothing_counts_and_at_night_it_is_forgotten(person):
    spray()
    besiege(person)
    later(hours=2, seconds=1)
    assert try_in(person, WRONG).status_code == 200
    assert try_in(person, RIGHT).status_code == 302
    tasks.clear_sessions.func(timestamp=0)
    assert set(Tries.objects.values_list("kind", flat=True)) <= {"address", "login"}


def test_a_session_is_asked_again_whatever_others_try(person):
    client = signed_in(person)
    guess(person)
    besiege(person)
    given = {
        "old_password": RIGHT,
        "new_password1": "another password 2",
        "new_password2": "another password 2",
    }
    assert client.post(reverse("password"), given).status_code == 302


def test_by_default_an_address_has_fifty_an_hour_and_a_login_twenty():
    from config import settings as given

    assert (given.SIGN_IN_ATTEMPTS_BY_ADDRESS, given.SIGN_IN_ATTEMPTS_BY_LOGIN) == (50, 20)
