"""An imported archive is on record, not on record, or of another installation (Art. 12.6)."""

from __future__ import annotations

import hashlib
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from audit.models import Entry
from documents import checksums
from documents.archive.page import page
from office.actions.exporting import export_archive
from office.archives import imported
from office.archives.meeting_file import archived
from office.archives.on_record import EXPORTED, Known, known
from tests.pages.pages import as_, look
from tests.stage import Stage, said, stages

case = stages("case", lambda: Stage().to("archived"))
WORDS = {
    Known.YES: ("on record", "在案"),
    Known.NO: ("not on record", "不在案"),
    Known.ELSEWHERE: ("cannot be known here", "此处无从得知"),
}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def export(stage: Stage, to: Path) -> Path:
    call_command("export_archive", str(stage.meeting.pk), to=to, stdout=StringIO(), stderr=StringIO())
    return to


def bring(path: Path) -> tuple[str, str, str]:
    """Import it; what the command says on both outputs, and the digest."""
    out, err = StringIO(), StringIO()
    call_command("import_archive", str(path), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue(), checksums.of_file(path / "SHA256SUMS")


def forge(folder: Path, **index: str) -> Path:
    """A file of the archive is changed, or its index says otherwise; every checksum is made anew."""
    changed, listing = folder / "record/11-minutes.json", folder / "index.json"
    found = json.loads(listing.read_bytes()) | index
    minutes = json.loads(changed.read_bytes())
    minutes["narrative"] = "Otherwise."
    changed.write_text(json.dumps(minutes))
    for file in found["files"]:
        if file["name"] == "record/11-minutes.json":
            file["sha256"], file["size"] = checksums.of_file(changed), changed.stat().st_size
    listing.write_text(json.dumps(found))
    (folder / "index.html").write_bytes(page(found))
    names = sorted(set(checksums.members(folder)) - {"SHA256SUMS"})
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    (folder / "SHA256SUMS").write_bytes(checksums.written(sums))
    return folder


def shown(stage: Stage, digest: str, expected: Known) -> None:
    for language, word in zip(("en", "zh-hans"), WORDS[expected], strict=True):
        for name, args in (("archives", ()), ("archive", (digest,))):
            assert f">{word}</span>" in look(stage["auditor"], name, *args, language=language), (
                name,
                language,
            )


@pytest.mark.article("12.6")
def test_what_was_exported_here_is_on_record(case: Stage, tmp_path: Path) -> None:
    out, err, digest = bring(export(case, tmp_path / "file"))
    assert "On record" in out
    assert err == ""
    shown(case, digest, Known.YES)
    entry = Entry.objects.get(action=EXPORTED, stream=case.meeting.stream)
    assert said(entry) == {"digest": digest}


@pytest.mark.article("12.6")
def test_a_forged_one_with_checksums_made_anew_is_not(case: Stage, tmp_path: Path) -> None:
    """It is imported beside the true one, and told from it."""
    _, _, true = bring(export(case, tmp_path / "file"))
    out, err, digest = bring(forge(export(case, tmp_path / "forged")))
    assert "every checksum is right" in out
    assert "NOT ON RECORD" in err
    assert digest != true
    assert {each.digest for each in imported.every(case.bank.unit.name)} == {true, digest}
    assert 'lozenge-stopped">not on record' in look(case["head_office"], "archive", digest)
    assert 'lozenge-good">on record' in look(case["head_office"], "archive", true)


@pytest.mark.article("12.6")
def test_of_another_installation_it_is_said_how_to_check(case: Stage, tmp_path: Path) -> None:
    _out, err, digest = bring(forge(export(case, tmp_path / "file"), number="呼联会〔2031〕9号"))
    for told in ("cannot be known here", "audit prove", "audit check-proof", "checkpoint.txt"):
        assert told in err
    shown(case, digest, Known.ELSEWHERE)


def test_the_same_export_is_recorded_once_by_command_and_page(case: Stage, tmp_path: Path) -> None:
    export(case, tmp_path / "file")
    export(case, tmp_path / "file.zip")
    answer = as_(case["liaison"]).get(reverse("archive-package", args=[case.meeting.pk]))
    assert answer.getvalue()
    assert Entry.objects.filter(action=EXPORTED).count() == 1


def test_an_export_that_fails_leaves_no_entry(case: Stage, tmp_path: Path) -> None:
    file = archived(case.meeting)
    assert file is not None
    (tmp_path / "file").mkdir()
    with pytest.raises(Exception, match="exists already"):
        export_archive(file, by=case["liaison"], to=tmp_path / "file")
    assert not Entry.objects.filter(action=EXPORTED).exists()


def test_another_bank_s_meeting_of_that_number_is_none_of_ours(case: Stage, tmp_path: Path) -> None:
    folder = export(case, tmp_path / "file")
    index, digest = json.loads((folder / "index.json").read_bytes()), checksums.of_file(folder / "SHA256SUMS")
    assert known(digest, index) is Known.YES
    assert known(digest, index | {"bank": "另一银行"}) is Known.ELSEWHERE
    assert known("0" * 64, index) is Known.NO
