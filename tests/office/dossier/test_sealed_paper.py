"""The dossier as a PDF: sealed with the system's key, refused with a key of no use, and by command."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils.translation import override

from audit import clock
from committee.models import Resolution
from documents import verify
from documents.authority import Holder
from documents.content import Table
from office.dossier import paper, seal_key, sealed_log
from office.labels import ACTIONS
from office.models import Paper
from office.papers.wording import LANGUAGES
from tests.documents import signing
from tests.office.dossier.decided import carried_case, dossier
from tests.office.dossier.test_articles import tampered
from tests.stage import stages

PASSPHRASE = "a passphrase for the seal"
carried = stages("carried", carried_case)


@pytest.fixture
def seal(settings: Any, tmp_path: Path) -> Path:
    """A seal key in a file of mode 600, with its passphrase in another."""
    key, words = tmp_path / "seal.p12", tmp_path / "seal.pass"
    issued = signing.root().signer(Holder("Seal of the office", "SEAL"), at=signing.NOW)
    for path, content in ((key, issued.as_pkcs12(PASSPHRASE)), (words, f"{PASSPHRASE}\n".encode())):
        path.touch(0o600)
        path.write_bytes(content)
    settings.SEAL_KEY_FILE, settings.SEAL_PASSPHRASE_FILE = str(key), str(words)
    return key


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_sealed_with_the_systems_key(carried, electronic, seal, language):
    made = paper.made(dossier(carried), language)
    checked = verify.check(made.pdf, signing.trust())
    assert [each.name for each in checked.signatures] == ["Seal of the office"]
    assert checked.signed


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_pages_are_estimated_from_its_text(carried, language):
    """A dossier of twelve pages is not the worker's: English has more characters a page than Chinese."""
    found = dossier(carried)
    content = paper.content(found, sealed_log.of(found), language, at=clock.now(), sealing=False)
    pages = paper.made(found, language).pages
    assert 0.75 * pages <= paper.estimated_pages(content) <= 1.25 * pages
    assert not paper.is_long(content)


@pytest.mark.parametrize(("language", "words"), [("en", "Vote opened"), ("zh-hans", "开始表决")])
def test_the_acts_are_named_as_on_the_pages(carried, language, words):
    found = dossier(carried)
    content = paper.content(found, sealed_log.of(found), language, at=clock.now(), sealing=False)
    table = next(block for block in content.blocks if isinstance(block, Table))
    acts = {row[1] for row in table.rows}
    assert words in acts
    with override(language):
        assert acts <= {str(each) for each in ACTIONS.values()}


def test_without_a_time_stamping_authority_the_seal_has_no_time(carried, seal):
    checked = verify.check(paper.made(dossier(carried), "en").pdf, signing.trust())
    assert [each.fault for each in checked.signatures] == [verify.Fault.NO_TIMESTAMP]


def test_a_changed_file_is_not_sealed(carried, electronic, seal):
    pdf = paper.made(dossier(carried), "en").pdf
    at = pdf.index(b"/ByteRange") // 2
    changed = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]
    assert not verify.check(changed, signing.trust()).signed


def test_a_seal_key_that_others_may_read_is_refused(seal):
    seal.chmod(0o644)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        seal_key.opened()


@pytest.mark.parametrize("setting", ["SEAL_KEY_FILE", "SEAL_PASSPHRASE_FILE"])
def test_a_seal_key_that_is_not_there_is_named(seal, settings, setting, tmp_path):
    setattr(settings, setting, str(tmp_path / "nothing"))
    with pytest.raises(ImproperlyConfigured, match=setting):
        seal_key.opened()


def test_a_wrong_passphrase_is_said_and_not_told(seal, settings):
    settings.SEAL_PASSPHRASE_FILE, settings.SEAL_PASSPHRASE = "", "another one"
    with pytest.raises(ImproperlyConfigured, match="document/wrong-pin") as caught:
        seal_key.opened()
    assert "another one" not in str(caught.value)


def said(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("dossier", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_writes_it_and_says_how_it_came_out(carried, tmp_path):
    file = tmp_path / "dossier.pdf"
    out, err = said(str(Resolution.objects.get().pk), "--to", str(file))
    assert "not held: none" in out
    assert "SEAL_KEY_FILE" in err
    assert file.read_bytes().startswith(b"%PDF")
    assert file.stat().st_mode & 0o077 == 0
    tampered("UPDATE committee_observer SET withdrew_at = NULL")
    out, _ = said(str(Resolution.objects.get().pk), "--to", str(file), "--language", "en")
    assert "not held: 19" in out


def test_the_command_takes_the_number_of_the_resolutions_paper(carried, tmp_path):
    row = Resolution.objects.get()
    made = Paper.objects.create(
        committee=carried.committee, kind=Paper.Kind.RESOLUTION, year=2026, number=7, language="zh-hans",
        meeting=carried.meeting, data={}, source=f"resolution:{row.pk}", template="0" * 64, sha256="0" * 64,
        size=1, pages=1, drawn_up_by=carried["liaison"], drawn_up_at=row.closed_at,
    )  # fmt: skip
    out, _ = said(made.written_number, "--to", str(tmp_path / "dossier.pdf"))
    assert "SHA-256" in out


@pytest.mark.parametrize("named", ["0", "99999999999999999999", "nothing", "呼联决〔2026〕99号"])
def test_the_command_says_what_is_wrong(carried, named, tmp_path):
    with pytest.raises(CommandError, match="is no resolution's number or id"):
        said(named, "--to", str(tmp_path / "dossier.pdf"))


def test_the_command_says_that_it_cannot_write(carried, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        said(str(Resolution.objects.get().pk), "--to", str(tmp_path / "no" / "dossier.pdf"))


def test_the_command_says_that_the_seal_key_cannot_be_used(carried, seal, tmp_path):
    seal.chmod(0o640)
    with pytest.raises(CommandError, match="SEAL_KEY_FILE"):
        said(str(Resolution.objects.get().pk), "--to", str(tmp_path / "dossier.pdf"))
