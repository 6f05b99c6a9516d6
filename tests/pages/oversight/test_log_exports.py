"""An auditor has a part of the log as a file: built by a job, an entry of the log, and beyond recall."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse

from audit import sealer
from audit.models import Entry
from tests import databases
from tests.databases import Database
from tests.pages.oversight.trees import LOG
from tests.pages.pages import as_, look, seeing
from tests.stage import Stage, standing
from web.exports import jobs
from web.exports.logs import Part
from web.models import Export
from web.viewer import viewer_for

source = standing("signed")


@pytest.fixture
def log(fresh_db: Database, source: databases.Source, settings: Any, tmp_path: Path) -> Iterator[Stage]:
    """A case to the signed minutes in a database of its own, sealed and with a checkpoint."""
    settings.VAR_DIR = tmp_path
    settings.LOG_KEY = LOG.written()
    settings.AUDIT_LISTENERS = []
    sealer.seal()
    sealer.checkpoint()
    yield source.stage
    connections[sealer.ALIAS].close()


def built(stage: Stage, kind: str, of: int, handle: str = "auditor") -> Export:
    """The export as somebody asks for it on its page, made by the job."""
    client = as_(stage[handle])
    address = reverse("export-log", args=[kind, of])
    page = client.get(address)
    token = re.search(r'name="once" value="([^"]+)"', page.content.decode())
    assert token is not None
    answer = client.post(address, {"once": token[1]})
    export = Export.objects.latest("pk")
    assert answer["Location"] == reverse("export-progress", args=[export.pk])
    assert "Waiting in line." in client.get(answer["Location"]).content.decode()
    jobs.build(export.pk)
    export.refresh_from_db()
    return export


def test_a_case_is_built_downloaded_and_told_of_in_the_log(log: Stage) -> None:
    before = Entry.objects.count()
    export = built(log, "meeting", log.meeting.pk)
    assert export.state == Export.State.DONE
    assert export.written == export.rows > 0
    client = as_(log["auditor"])
    assert "The file is ready" in client.get(reverse("export-progress", args=[export.pk])).content.decode()
    answer = client.get(reverse("export-file", args=[export.pk]))
    assert answer["Content-Disposition"].endswith('.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as file:
        lines = [json.loads(line) for line in file.read("entries.jsonl").splitlines()]
        assert {"checkpoint", "manifest.json", "README.txt"} <= set(file.namelist())
    held = {(line["stream"], line["seq"]) for line in lines}
    own = Entry.objects.filter(stream=log.meeting.stream).exclude(action="export_log")
    assert {each for each in held if each[0] == log.meeting.stream} == {(row.stream, row.seq) for row in own}
    row = Entry.objects.get(action="export_log")
    assert (Entry.objects.count(), row.stream, row.actor) == (
        before + 1,
        log.meeting.stream,
        str(log["auditor"].pk),
    )
    for handle in ("liaison", "head_office"):
        assert as_(log[handle]).get(reverse("export-file", args=[export.pk])).status_code == 404


def test_what_was_erased_after_an_export_is_named_as_beyond_recall(log: Stage, fresh_db: Database) -> None:
    row = Entry.objects.get(stream=log.meeting.stream, action="close_vote")
    other = Entry.objects.get(stream=log.meeting.stream, action="open_meeting")
    built(log, "proposal", log.proposal.pk)
    told = Entry.objects.get(action="export_log")
    with fresh_db.owner() as owner:
        owner.execute("SELECT audit_erase(%s, %s, %s)", [row.stream, row.seq, "by law"])
    text = look(log["auditor"], "entry", row.stream, row.seq)
    assert "Beyond recall" in text
    assert reverse("entry", args=[told.stream, told.seq]) in text.partition("Beyond recall")[2]
    sealer.seal()
    sealer.checkpoint()  # before it no export would say of the erasure
    built(log, "meeting", log.meeting.pk)
    text = look(log["auditor"], "entry", row.stream, row.seq).partition("Beyond recall")[2]
    assert text.count("proposal:") >= 1
    assert f"meeting {log.meeting.stream}" not in text  # written after the erasure
    assert "Beyond recall" not in look(log["auditor"], "entry", other.stream, other.seq)


def test_all_and_since_are_had_by_whoever_audits_every_bank(log: Stage) -> None:
    whole = built(log, "all", 0)
    assert whole.state == Export.State.DONE
    office = f"office:{log.committee.branch.bank_id}"
    assert Entry.objects.get(action="export_log").stream == office
    size = Entry.objects.count() - 1
    assert built(log, "since", size).state == Export.State.DONE
    assert seeing(log, "export-log", "all", 0) == {"auditor"}
    assert seeing(log, "export-log", "since", 7) == set()
    Stage()  # another bank
    for kind, of in (("all", 0), ("since", size)):
        assert not Part(kind, of).is_open_to(viewer_for(log["auditor"]))
    assert Part("meeting", log.meeting.pk).is_open_to(viewer_for(log["auditor"]))


def test_one_who_audits_no_more_gets_no_file(log: Stage) -> None:
    part = Part("meeting", log.meeting.pk)
    export = jobs.request_file(Export.LOG, part.address, log["liaison"])
    with pytest.raises(PermissionError):
        jobs.build(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert not export.path.exists()
    assert not Entry.objects.filter(action="export_log").exists()
    client = as_(log["liaison"])
    assert client.get(reverse("export-progress", args=[export.pk])).status_code == 404


def test_the_ways_to_it_are_an_auditors(log: Stage) -> None:
    way = reverse("export-log", args=["meeting", log.meeting.pk])
    assert way in look(log["auditor"], "meeting", log.meeting.pk)
    assert way not in look(log["chair"], "meeting", log.meeting.pk)
    assert reverse("export-log", args=["proposal", log.proposal.pk]) in look(
        log["auditor"], "proposal", log.proposal.pk
    )
    assert reverse("export-log", args=["all", 0]) in look(log["auditor"], "streams")
    assert seeing(log, "export-log", "meeting", log.meeting.pk) == {"auditor"}
    for kind, of in (("meeting", 10**6), ("office", 1), ("x", 0)):
        assert seeing(log, "export-log", kind, of) == set()
