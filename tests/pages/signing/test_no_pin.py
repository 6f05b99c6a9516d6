"""A PIN and the private part of a key are nowhere but where they are used."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter

from documents import credentials
from office import keys as office_keys
from office.actions import keys, signing
from tests.office import signers
from tests.office.signers import issued_to
from tests.pages.pages import as_
from tests.stage import Stage

PIN, WRONG = "Zx86420pin", "Zx13579pin"


@pytest.fixture
def electronic(settings: Any, tmp_path: Path):
    with signers.installed(settings, tmp_path):
        yield tmp_path


def kept(*looked_for: bytes) -> list[str]:
    """The tables with a row in which one of these stands, as text or in bytes."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for each in looked_for:
                forms = [
                    f"%{each.hex()}%",
                    *([f"%{each.decode()}%"] if each.isascii() and each.isalnum() else []),
                ]
                name = connection.ops.quote_name(table)
                cursor.execute(f"SELECT 1 FROM {name} t WHERE t::text LIKE ANY(%s) LIMIT 1", [forms])
                if cursor.fetchone():
                    found.append(table)
    return found


def send(stage: Stage, pin: str) -> Any:
    browser = as_(stage["liaison"])
    browser.raise_request_exception = False
    address = reverse("minutes-sign", args=[stage.meeting.pk])
    shown = browser.get(address).content.decode().split('name="digest" value="')[1].split('"')[0]
    return browser.post(address, {"digest": shown, "pin": pin})


def test_no_pin_is_in_a_table_a_session_the_log_or_a_page(
    minuted: Stage, electronic: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    person = minuted["liaison"]
    keys.add_file(by=person, data=issued_to(person.staff_no).as_pkcs12(PIN), pin=PIN)
    with monkeypatch.context() as broken:
        broken.setattr(signing.sign, "sign", lambda *_, **__: 1 / 0)
        failed = send(minuted, PIN)
    wrong, right = send(minuted, WRONG), send(minuted, PIN)
    assert (failed.status_code, wrong.status_code, right.status_code) == (500, 422, 302)
    assert "ZeroDivisionError" in caplog.text
    said = caplog.text + "".join(each.content.decode() for each in (failed, wrong, right))
    assert [pin for pin in (PIN, WRONG) if pin in said] == []
    assert kept(b"Zx97531pin") == []
    assert kept(PIN.encode(), WRONG.encode()) == []
    assert kept(b"minuted") != []  # the walk finds what is there


def test_nothing_of_a_private_key_is_in_the_database(minuted: Stage, electronic: Path) -> None:
    person = minuted["liaison"]
    data = issued_to(person.staff_no).as_pkcs12(PIN)
    key = keys.add_file(by=person, data=data, pin=PIN)
    pieces = [data[start : start + 16] for start in range(0, len(data) - 16, 16)]
    assert kept(*pieces[::8]) == []
    assert kept(bytes(key.certificate)[40:72]) == ["office_signerkey"]
    assert office_keys.key_path(key.fingerprint).stat().st_mode & 0o077 == 0


def test_a_report_of_an_error_shows_no_pin(
    electronic: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """What a tool that sends the reports of Django onwards would send: frames, but nothing typed."""
    settings.DEBUG = False
    request = RequestFactory().post("/profile/key/", {"pin": PIN})
    monkeypatch.setattr(credentials.pkcs12, "load_key_and_certificates", lambda *_: exit(PIN and 1))
    try:
        credentials.open_pkcs12(issued_to("1").as_pkcs12(PIN), PIN)
    except SystemExit:
        reporter = ExceptionReporter(request, *sys.exc_info())
        for report in (reporter.get_traceback_html(), reporter.get_traceback_text()):
            assert "open_pkcs12" in report
            assert PIN not in report
    else:
        pytest.fail("no error")
