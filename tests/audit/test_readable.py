"""What could not be read again is not written: entries stay for good, so nothing may poison them."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit.checking.verification import anomalies, further_faults, verify_streams

pytestmark = pytest.mark.django_db

_salts = itertools.count(1)


def write(
    body: bytes = b"{}",
    *,
    stream: str = "meeting:1",
    at: str = "2026-03-02 00:00+00",
    action: str = "take_up",
    subject: str = "item:1",
) -> None:
    """An entry as the application's role can write it past the application."""
    salt = next(_salts).to_bytes(16)
    digest = hashlib.sha256(b"lianxi/audit/payload/1\x00" + salt + body).digest()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_payload VALUES (%s, %s, %s)", [digest, salt, body])
        cursor.execute(
            "INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
            " VALUES (%s, %s::timestamptz, 'system', %s, %s, %s)",
            [stream, at, action, subject, digest],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused(*args: Any, **given: Any) -> bool:
    try:
        write(*args, **given)
    except DatabaseError:
        return True
    return False


PAYLOADS = {
    "none": b"",
    "no JSON": b"{",
    "no object": b"[]",
    "not UTF-8": b'{"a":"\xff"}',
    "a NUL": b'{"a":"\\u0000"}',
    "a NUL among what is stored": b'{"stored":{"committee_seat:1":{"":"\\u0000"}}}',
    "half a character": b'{"rehearsed":"\\ud800"}',
    "a number without end": b'{"stored":{"committee_seat:1":1e999999}}',
    "a number of 100,000 digits": b'{"a":[{"b":' + b"9" * 100_000 + b"}]}",
    "one below zero": b'{"a":-' + b"9" * 301 + b"}",
    "a power of ten without end": b'{"a":1e5000}',
    "a key twice": b'{"a":1,"a":2}',
    "a key twice further in": b'{"stored":{"committee_seat:1":null,"committee_seat:1":{}}}',
    "nesting": b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
    "nesting without end": b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "too much": b'{"a":"' + b"x" * (16 << 20) + b'"}',
}


@pytest.mark.parametrize("body", PAYLOADS.values(), ids=PAYLOADS)
def test_a_payload_that_not_every_reader_reads_alike_is_refused(body):
    assert refused(body)


def test_any_other_object_is_a_payload():
    write('{"a":"现金","b":[1,{"c":null}],"d":1.50}'.encode())
    write(b'{"a":' + b"[" * 60 + b"]" * 60 + b"}")
    write(b'{"a":' + b"9" * 300 + b',"b":-1e299,"c":"' + b"9" * 9000 + b'","d":0.' + b"3" * 9000 + b"}")
    assert verify_streams(["meeting:1"]).verified


@pytest.mark.parametrize("at", ["infinity", "-infinity", "4000-01-01 BC", "9999-12-31 23:59", "20000-01-01"])
def test_a_time_that_no_calendar_has_is_refused(at):
    assert refused(at=at)


def test_a_time_that_is_not_the_clocks_is_listed():
    write(at="2099-01-01 00:00+00")
    (found,) = (each for each in anomalies(["meeting:1"]) if "2099" in str(each))
    assert "says that it was done at 2099-01-01 00:00 UTC" in str(found)


@pytest.mark.parametrize("given", ["", "a\nb", "a\x1b[2J", "x" * 201])
def test_names_that_cannot_be_shown_are_refused(given):
    for of in ("stream", "action", "subject"):
        assert refused(**{of: given}), of


@pytest.mark.parametrize("action", ["audit.erased", "audit.vouched", "audit.other"])
def test_what_the_log_says_of_itself_is_nobody_elses(action):
    assert refused(action=action, subject="entry:1")


WEIRD = {
    "keys": b'{"stored":{"committee_seat:x":null,"committee_seat:":{"":"1"},"committee_seat":{},"x":[]}}',
    "no object": b'{"stored":[1,2]}',
    "a huge key": b'{"stored":{"committee_seat:99999999999999999999":{"":"1"}}}',
    "no row": b'{"stored":{"committee_seat:1":5,"committee_seat:2":[1],"committee_seat:3":{"":null}}}',
}


@pytest.mark.parametrize("body", WEIRD.values(), ids=WEIRD)
def test_whatever_is_claimed_of_rows_the_verifier_reads_on(body):
    write(body)
    list(further_faults(["meeting:1"]))
    list(further_faults(None))
