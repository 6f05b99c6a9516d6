"""Guessing is slowed down by address and by login, and holds up nobody else for long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db.models import F
from django.test import Client
from django.urls import reverse

from committee.models import Person
from office import tasks, throttle
from tests.office.test_account import RIGHT, WRONG, try_in, with_password
from tests.stage import *  # noqa: F403  # the fixtures

OFFICE, ELSEWHERE = "10.0.0.1", "10.0.0.2"


@pytest.fixture
def person(submitted):
    return with_password(submitted["liaison"])


@pytest.fixture(autouse=True)
def few(settings):
    """Few tries make many."""
    settings.SIGN_IN_ATTEMPTS_BY_ADDRESS, settings.SIGN_IN_ATTEMPTS_BY_LOGIN = 8, 6


def spray(address=OFFICE, times=8):
    """One wrong password at many logins; there need be nobody with that login."""
    for number in range(times):
        assert try_in(Person(username=f"login.{number}"), WRONG, address=address).status_code == 200


def besiege(person, times=6):
    """Many wrong passwords at one login, each from another address."""
    for number in range(times):
        assert try_in(person, WRONG, address=f"192.0.2.{number}").status_code == 200


def later(**time):
    """All that was tried was tried earlier."""
    for noted in (AccessAttempt, AccessFailureLog):
        noted.objects.update(attempt_time=F("attempt_time") - timedelta(**time))


def own_browser(person):
    """A browser in which the person has signed in, and out again."""
    client = Client()
    assert try_in(person, RIGHT, client, address=ELSEWHERE).status_code == 302
    client.post(reverse("logout"))
    return client


# --- one password at many logins ---


def test_after_many_wrong_passwords_from_an_address_a_try_is_taken_once_a_minute(person):
    spray()
    response = try_in(person, RIGHT)
    assert response.status_code == 429
    assert 50 <= int(response["Retry-After"]) <= 60
    assert "a try is taken once a minute" in response.content.decode()
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
    assert AccessFailureLog.objects.count() == 0
    spray(times=7)
    assert try_in(person, RIGHT).status_code == 302


def test_what_was_tried_while_one_had_to_wait_makes_it_no_longer(person):
    spray()
    later(seconds=50)
    assert try_in(Person(username="next"), WRONG).status_code == 429
    later(seconds=11)
    assert try_in(person, RIGHT).status_code == 302


# --- one login from many addresses ---


def test_after_many_wrong_passwords_for_a_login_a_try_for_it_is_taken_once_a_minute(person, submitted):
    besiege(person)
    assert try_in(person, RIGHT, address=ELSEWHERE).status_code == 429
    assert try_in(with_password(submitted["chair"]), RIGHT, address=ELSEWHERE).status_code == 302
    later(seconds=61)
    assert try_in(person, RIGHT, address=ELSEWHERE).status_code == 302


def test_nobody_keeps_a_colleague_out_of_the_colleagues_own_browser(person):
    known = own_browser(person)
    besiege(person)
    assert try_in(person, RIGHT, known, address=ELSEWHERE).status_code == 302


def test_whoever_has_the_browser_still_guesses_five_times_only(person):
    known = own_browser(person)
    besiege(person)
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert try_in(person, WRONG, known).status_code == 200
    response = try_in(person, WRONG, known)
    assert response.status_code == 429
    assert "Try again in 15 minutes." in response.content.decode()


# --- the browser that is known ---


def test_a_browser_is_known_for_the_person_who_signed_in_alone(person, submitted):
    known = own_browser(person)
    other = with_password(submitted["chair"])
    spray()
    assert try_in(other, RIGHT, known).status_code == 429


def test_signing_out_everywhere_forgets_the_browsers(person):
    known = own_browser(person)
    try_in(person, RIGHT, known, address=ELSEWHERE)
    known.post(reverse("sessions-end"))
    spray()
    assert try_in(person, RIGHT, known).status_code == 429


@pytest.mark.parametrize("made_up", ["", "x", "WzEsMF0:1abcde:made-up"])
def test_a_cookie_that_we_did_not_sign_is_none(person, made_up):
    client = Client()
    client.cookies[throttle.COOKIE] = made_up
    spray()
    assert try_in(person, RIGHT, client).status_code == 429


def test_the_cookie_is_out_of_reach_of_scripts(person):
    morsel = try_in(person, RIGHT).cookies[throttle.COOKIE]
    assert (morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (True, "Lax", 180 * 24 * 3600)


# --- in time ---


def test_an_hour_later_nothing_counts_and_at_night_it_is_forgotten(person):
    spray()
    besiege(person)
    later(hours=1)
    assert try_in(person, WRONG).status_code == 200
    assert try_in(person, RIGHT).status_code == 302
    tasks.clear_sessions.func(timestamp=0)
    assert AccessFailureLog.objects.count() == 1


def test_by_default_an_address_has_fifty_an_hour_and_a_login_twenty():
    from config import settings as given

    assert (given.SIGN_IN_ATTEMPTS_BY_ADDRESS, given.SIGN_IN_ATTEMPTS_BY_LOGIN) == (50, 20)
