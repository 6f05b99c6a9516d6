"""Passwords tried at the same moment are counted before they are looked at."""

from __future__ import annotations

import os
import threading
from importlib.util import module_from_spec

import pytest
from django.conf import settings
from django.db import connection

from accounts import sign_ins
from accounts.models import SignIn
from committee.models import Person
from tests.accounts.test_account import RIGHT, WRONG, try_in

THREADS, EACH = 10, 5


def test_of_fifty_tries_at_one_moment_five_are_looked_at(fresh_db, monkeypatch):
    person = Person.objects.create_user("a.person", RIGHT, staff_no="1", display_name="A")
    looked = []
    inner = Person.check_password
    monkeypatch.setattr(Person, "check_password", lambda self, given: looked.append(1) or inner(self, given))
    ready, answers = threading.Barrier(THREADS), []

    def tries():
        try:
            ready.wait()
            answers.extend(try_in(person, WRONG).status_code for _ in range(EACH))
        finally:
            connection.close()

    threads = [threading.Thread(target=tries) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(looked), len(answers)) == (settings.SIGN_IN_ATTEMPTS, THREADS * EACH)
    assert answers.count(429) == THREADS * EACH - (settings.SIGN_IN_ATTEMPTS - 1)
    assert sum(SignIn.objects.values_list("times", flat=True)) == THREADS * EACH


@pytest.mark.parametrize(("processors", "turns"), [(None, 1), (1, 1), (2, 1), (3, 1), (4, 2), (64, 32)])
def test_strangers_have_half_the_processors_and_one_at_least(monkeypatch, processors, turns):
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    started = module_from_spec(sign_ins.__spec__)
    sign_ins.__spec__.loader.exec_module(started)
    taken = [started._UNKNOWN_BROWSERS.acquire(blocking=False) for _turn in range(turns + 1)]
    assert taken == [True] * turns + [False]


def test_no_connection_is_held_while_a_password_is_worked_on_and_strangers_wait_for_each_other(
    fresh_db, monkeypatch
):
    person = Person.objects.create_user("a.person", RIGHT, staff_no="1", display_name="A")
    held, at_work, most = [], [], []
    inner = Person.check_password

    def check(self, given):
        at_work.append(1)
        most.append(len(at_work))
        held.append(connection.connection)
        try:
            return inner(self, given)
        finally:
            at_work.pop()

    monkeypatch.setattr(Person, "check_password", check)
    monkeypatch.setattr(sign_ins, "_UNKNOWN_BROWSERS", threading.BoundedSemaphore(1))

    def tries():
        try:
            try_in(person, WRONG)
        finally:
            connection.close()

    threads = [threading.Thread(target=tries) for _ in range(settings.SIGN_IN_ATTEMPTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (held, max(most)) == ([None] * settings.SIGN_IN_ATTEMPTS, 1)
