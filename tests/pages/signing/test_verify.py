"""Verifying a signed file, on its page and by the command (documents/verify.py, office/on_record.py)."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from documents import verify
from tests.documents import signing
from tests.documents.test_verify import painted
from tests.office import signers
from tests.office.signers import file_of, sign
from tests.pages.pages import as_
from tests.stage import Stage
from web import limits


@pytest.fixture
def electronic(settings: Any, tmp_path: Path):
    with signers.installed(settings, tmp_path):
        yield tmp_path


@pytest.fixture(autouse=True)
def without_counts():
    limits.counters.forget()
    yield
    limits.counters.forget()


def ask(pdf: bytes, browser: Client | None = None, name: str = "minutes.pdf", **given: Any) -> Any:
    file = SimpleUploadedFile(name, pdf, "application/pdf")
    return (browser or Client()).post(reverse("verify-file"), {"file": file}, **given)


def told(pdf: bytes, tmp_path: Path) -> tuple[int, str]:
    """The exit status of the command, and what it says."""
    path = tmp_path / "file.pdf"
    path.write_bytes(pdf)
    out = StringIO()
    try:
        call_command("verify_document", path, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_file_on_record_is_valid_for_anybody(minuted: Stage, electronic: Path, tmp_path: Path) -> None:
    sign(minuted, "liaison")
    half = file_of(minuted).path.read_bytes()
    assert told(half, tmp_path)[0] == 1  # not in effect: its end is open
    sign(minuted, "chair")
    pdf = file_of(minuted).path.read_bytes()
    for browser in (Client(), as_(minuted["handler"])):
        page = ask(pdf, browser)
        assert (page.status_code, page.context["judged"].outcome) == (200, "valid")
        assert "On record as 呼联纪" in page.content.decode()
        assert len(page.context["signatures"]) == 2
    status, said = told(pdf, tmp_path)
    assert (status, said.splitlines()[-1].split(":")[0]) == (0, "VALID")
    assert said.startswith("liaison: ")


def test_a_changed_file_is_invalid(minuted: Stage, electronic: Path, tmp_path: Path) -> None:
    sign(minuted, "liaison")
    sign(minuted, "chair")
    pdf = file_of(minuted).path.read_bytes()
    end = pdf.rindex(b"0000>")
    flips = [pdf[:end] + b"1" + pdf[end + 1 :], pdf[:900] + bytes([pdf[900] ^ 1]) + pdf[901:]]
    for changed in (painted(pdf), *flips, pdf[:-400], pdf + b"\n% more"):
        assert ask(changed).context["judged"].outcome == "invalid"
        assert told(changed, tmp_path)[0] == 1
        limits.counters.forget()


def test_it_is_said_in_the_readers_language(electronic: Path, db: None) -> None:
    page = ask(signing.signed(), HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()
    assert "已签署，非在案文件" in page
    assert 'lang="zh' in page


def test_a_signed_file_of_which_nothing_is_on_record(electronic: Path, tmp_path: Path, db: None) -> None:
    page = ask(signing.signed())
    assert page.context["judged"].outcome == "signed"
    assert "not the file on record" in page.content.decode()
    assert told(signing.signed(), tmp_path)[0] == 2


def test_under_other_authorities_it_is_invalid(
    settings: Any, electronic: Path, tmp_path: Path, db: None
) -> None:
    settings.TRUST_ANCHORS = str(tmp_path / "none")
    assert told(signing.signed(), tmp_path)[0] == 1


@pytest.mark.parametrize("data", [b"MZ executable", b"%PDF-1.7 cut", b"PK\x03\x04"])
def test_what_is_no_signed_file_is_told_so(electronic: Path, db: None, data: bytes) -> None:
    page = ask(data, name="minutes.pdf.exe")
    assert (page.status_code, page.context["judged"].checked.fault) == (200, verify.Fault.UNREADABLE)


def test_a_file_that_is_missing_empty_or_too_large(
    electronic: Path, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Client().post(reverse("verify-file")).status_code == 422
    assert ask(b"").status_code == 422
    assert ask(b"x" * 20_000_001).status_code == 422
    larger = ask(b"x" * 20_200_000)
    assert larger.status_code == 413
    for told in ("At most 20 MB are taken here", "此处最多接收 20 MB"):
        assert told in larger.content.decode()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_document", "/nowhere.pdf")


def test_nothing_is_kept(electronic: Path, settings: Any, db: None) -> None:
    ask(signing.signed())
    assert [path for path in electronic.rglob("*") if path.is_file() and path.suffix == ".pdf"] == []


def test_strangers_are_limited_by_address(settings: Any, electronic: Path, db: None) -> None:
    settings.LIMITS = {**settings.LIMITS, "document": (1, 2)}
    near, far = {"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8::2"}
    assert [ask(b"x", **each).status_code for each in (near, far, near)] == [200, 200, 429]
    assert ask(b"x", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200
    assert ask(b"x", REMOTE_ADDR="10.0.0.5").status_code == 200
    assert Client().get(reverse("verify-file"), **near).status_code == 200
