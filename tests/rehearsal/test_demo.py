"""The demo: its files, its logins, and the command that serves it until it is told to stop."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import CommandError, call_command

from audit import clock
from audit.models import Checkpoint, Leaf
from committee.actions.meetings import open_meeting
from committee.models import Meeting, Person, Unit
from documents import sign
from office import demonstration, keys
from proposals.models import Proposal
from rehearsal import bank, serving
from rehearsal.demo_log import WITNESS
from rehearsal.files import candidates
from rehearsal.management.commands.demo import BANK, DAY_BEGINS, LOGINS, PASSWORD, Command
from rehearsal.player import play
from rehearsal.times import ZONE
from tests.rehearsal.conftest import DEMO, ROOT

FILES = [path.stem for path in sorted(DEMO.glob("*.json"))]
#: a leap day, and the first of a year
DAYS = [date(2028, 2, 29), date(2027, 1, 1)]


@pytest.fixture(params=DAYS, ids=str)
def today(request):
    return request.param


def test_every_file_comes_out_whatever_the_day_and_the_site_opens_on_all_that_was_promised(db, today):
    for candidate in candidates([DEMO], today=today):
        assert candidate.rehearsal is not None, candidate.fault
        assert candidate.rehearsal.bank == BANK
        assert play(candidate.rehearsal, keep=True, loud=True).mismatch is None
    assert Unit.objects.filter(parent=None).count() == 1
    states = set(Proposal.objects.values_list("state", flat=True))
    assert states == {*Proposal.State} - {"voting"}
    assert {*Meeting.objects.values_list("state", flat=True)} >= {"convened", "minuted", "signed", "archived"}
    assert Meeting.objects.filter(state="archived").count() == 3


def test_one_meeting_is_ready_to_open(db, today):
    found = {c.file.rpartition("/")[2]: c.rehearsal for c in candidates([DEMO], today=today)}
    play(found["06-ready-to-open.json"], keep=True, loud=True)
    meeting, chair = Meeting.objects.get(state="convened"), Person.objects.get(seats__number=1)
    with clock.frozen(datetime.combine(today, time(), ZONE) + DAY_BEGINS):
        assert open_meeting(meeting, by=chair).state == "in_session"


def test_the_demo_is_refused_where_it_would_open_a_door(monkeypatch):
    monkeypatch.setattr(settings, "DEMO", False, raising=False)
    with pytest.raises(CommandError, match="make demo"):
        call_command("demo")


def test_a_port_in_use_is_told_with_the_remedy(monkeypatch):
    monkeypatch.setattr(settings, "DEMO", True, raising=False)
    with serving.listen(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"127.0.0.1:{port} cannot be used") as caught:
            call_command("demo", port=port, stdout=StringIO())
    assert f"make demo PORT={port + 1}" in str(caught.value)


@pytest.mark.parametrize("port", ["0", "65536", "web", "-1", "８０"])
def test_a_port_is_a_number(port):
    with pytest.raises(CommandError, match="1 to 65535"):
        call_command("demo", "--port", port)


def test_whoever_opens_the_demo_can_sign_minutes_and_is_told_the_pin(db, settings, tmp_path):
    settings.DEMO = settings.SIGNING = True
    settings.VAR_DIR, settings.SIGNER_KEYS = tmp_path, str(tmp_path / "keys")
    settings.TRUST_ANCHORS = str(tmp_path / "authority" / "anchors")
    settings.REVOCATION_LISTS = str(tmp_path / "authority" / "lists")
    settings.TSA_URL = ""
    out = StringIO()
    command = Command(stdout=out)
    found = {c.file.rpartition("/")[2]: c.rehearsal for c in candidates([DEMO], today=DAYS[1])}
    play(found["06-ready-to-open.json"], keep=True, loud=True)
    people = bank.existing(Unit.objects.get(name=BANK))
    people = replace(people, people={**dict.fromkeys(LOGINS, people.people["chair"]), **people.people})
    command._give_keys()
    command._welcome(people, 8000, "http://127.0.0.1:8001")
    assert f"PIN of everybody's is {demonstration.PIN}" in out.getvalue()
    assert "shows it at http://127.0.0.1:8001/\n" in out.getvalue()
    assert keys.key_of(people.people["liaison"]) is not None
    stamps = sign.timestamper(settings.TSA_URL, 5)
    assert asyncio.run(stamps.async_timestamp(bytes(32), "sha256")) is not None


def test_without_signing_nothing_is_made(db, settings, tmp_path):
    settings.SIGNING, settings.VAR_DIR = False, tmp_path
    Command(stdout=StringIO())._give_keys()
    assert not [*tmp_path.iterdir()]


# -- Served --------------------------------------------------------------------------------------------------


@contextmanager
def served(database, port, folder):
    """A demo on the port, its log's keys in the folder, with what it printed until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port), "--log-folder", str(folder)],
        cwd=ROOT,
        env=database.env | {"LIANXI_DEMO": "1", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = []
    try:
        for line in process.stdout:
            printed.append(line)
            if line.startswith("Further members"):
                break
        yield process, "".join(printed)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_demo_is_served_stopped_and_goes_on(fresh_db, tmp_path):
    port = free_port()
    with served(fresh_db, port, tmp_path) as (process, printed):
        assert printed.count("  matched  ") == 10 + len(FILES), printed
        assert f"http://127.0.0.1:{port}/" in printed
        assert answers(port) in {200, 404}
        # from the first look on ballots are shown as counted, with a proof that the witness has cosigned
        cosigned = Checkpoint.objects.filter(note__contains=f"\n— {WITNESS} ").latest("size")
        assert Leaf.objects.filter(index__lt=cosigned.size, stream__startswith="meeting:").exists()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    kept = bank.existing(Unit.objects.get(name=BANK))
    for handle in LOGINS:
        assert re.search(rf"^  {re.escape(kept.people[handle].username)} +\S", printed, re.MULTILINE)
    # verified once: each takes a third of a second
    for encoded in {kept.people[handle].password for handle in LOGINS}:
        assert PBKDF2PasswordHasher().verify(PASSWORD, encoded)
    proposals = Proposal.objects.count()

    with served(fresh_db, port, tmp_path) as (process, printed):
        assert printed.count("  matched  ") == 10, printed
        assert answers(port) in {200, 404}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert Proposal.objects.count() == proposals
    with pytest.raises(urllib.error.URLError):
        answers(port)
