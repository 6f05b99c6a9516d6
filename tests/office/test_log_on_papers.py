"""Minutes and reports print the log's checkpoint: size, root and cosignature, or that there is none yet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from audit import note
from documents.archive.files import CHECKPOINT
from documents.content import read
from office.actions.signing import sign_electronically
from office.archives import imported, meeting_file
from office.models import Paper
from office.papers import files
from office.papers.log_state import last_seal
from tests.documents.sheets import text_of
from tests.office.signers import PIN, file_of, key_for
from tests.pages.oversight.test_cosigned import LOG, WITNESS, cosign, seal, sign
from tests.stage import Stage, stages

reported = stages("reported", lambda: Stage().to("reported"))
ROOT = note.encode(bytes(32))
BOTH = (Paper.Kind.MINUTES, Paper.Kind.REPORT)


@pytest.fixture(autouse=True)
def witnessed(settings: Any, tmp_path: Path) -> None:
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = "http://127.0.0.1:9", str(WITNESS.key)
    settings.MEDIA_ROOT = tmp_path


def printed(language: str) -> dict[str, str]:
    """What each paper that prints it says, as `plain`."""
    rows = Paper.objects.filter(language=language, kind__in=BOTH)
    return {row.kind: plain(text_of(row.path.read_bytes())) for row in rows}


def plain(text: str) -> str:
    """Letters and digits alone: lines break at hyphens and slashes."""
    return re.sub(r"[\W_]", "", text)


def test_size_root_and_cosignature_are_printed(reported: Stage) -> None:
    size = seal()
    sign(size)
    cosign(size)
    reported.do("draw_up_papers")
    cosigned = last_seal().cosigned
    assert cosigned is not None
    line = cosigned.line.split(" ")[-1].strip()
    for language, told in (("zh-hans", f"共{size}条记录，根值"), ("en", f"checkpointof{size}entries,root")):
        said = printed(language)
        assert set(said) == set(BOTH)
        for text in said.values():
            for expected in (told, ROOT, LOG.key.name, WITNESS.key.name, line):
                assert plain(expected) in text, expected


def test_a_later_checkpoint_that_waits_does_not_hide_the_cosigned_one(reported: Stage) -> None:
    size = seal()
    sign(size)
    cosign(size)
    reported.another("N-1")
    sign(seal())
    found = last_seal()
    assert found.head is not None
    assert (found.head.size, found.cosigned is not None) == (size, True)


def test_that_there_is_none_yet_is_printed(reported: Stage) -> None:
    reported.do("draw_up_papers")
    for language, told in (("zh-hans", "尚无检查点"), ("en", "therewasnocheckpointyet")):
        assert all(told in text for text in printed(language).values())


def test_without_a_cosignature_it_says_so(reported: Stage) -> None:
    size = seal()
    sign(size)
    reported.do("draw_up_papers")
    for language, told in (("zh-hans", "尚无见证方共同签名"), ("en", "nocosignatureyet")):
        for text in printed(language).values():
            assert told in text
            assert str(size) in text


def test_it_is_of_the_data_so_the_same_data_give_the_same_bytes_later(reported: Stage) -> None:
    size = seal()
    sign(size)
    reported.do("draw_up_papers")
    cosign(size)
    rows = Paper.objects.filter(kind__in=BOTH)
    assert rows.count() == 4
    for row in rows:
        assert files.rendered(read(row.data), {}).sha256 == row.sha256


def test_what_is_signed_has_that_of_the_freezing(minuted: Stage, electronic: Path) -> None:
    size = seal()
    sign(size)
    cosign(size)
    for handle in ("liaison", "chair"):
        key_for(minuted[handle])
        sign_electronically(minuted.meeting, by=minuted[handle], pin=PIN)
    later = seal()
    sign(later)
    cosign(later)
    assert later > size
    minuted.do("draw_up_papers")
    original = Paper.objects.get(Paper.SIGNED, kind=Paper.Kind.MINUTES)
    assert original.sha256 == file_of(minuted).sha256
    (told,) = (block["text"] for block in original.data["blocks"] if block["is"] == "note")
    assert f"共{size}条记录" in told


def test_the_archive_gets_it_with_the_cosignature_once_one_covers_it(reported: Stage, tmp_path: Path) -> None:
    def held() -> list[bytes]:
        return [
            file.content
            for file in meeting_file.contents(reported.now(reported.meeting))
            if file.name == CHECKPOINT
        ]

    def lacking() -> bool:
        return any("Checkpoint" in each.text for each in meeting_file.missing(reported.meeting))

    before = seal()
    sign(before)
    cosign(before)
    reported.do("archive")
    assert (held(), lacking()) == ([], True)  # the one before does not cover it
    size = seal()
    sign(size)
    assert (held(), lacking()) == ([], True)
    cosign(size)
    (first,) = held()
    assert f"\n{size}\n".encode() in first
    assert WITNESS.key.name.encode() in first
    assert not lacking()
    reported.another("N-1")
    sign(later := seal())
    cosign(later)
    assert held() == [first]
    path = tmp_path / CHECKPOINT
    path.write_bytes(first)
    imported._require_kind(path, CHECKPOINT)
    path.write_bytes(b"anything")
    with pytest.raises(imported.Unsound, match="no checkpoint"):
        imported._require_kind(path, CHECKPOINT)
