"""That the log is not yet cosigned stands where it concerns somebody, and nowhere once it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from audit import note
from audit.models import Checkpoint, Leaf
from audit.note import Signer
from audit.witnessing import uncosigned_entry, uncosigned_since
from tests.pages.pages import EVERYBODY, look
from tests.stage import Stage, as_owner, stages

LOG = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(32)))
WITNESS = Signer.make("head-office.example/witness", note.COSIGNATURE, bytes(range(1, 33)))
WAITING = "Not yet cosigned by head office's witness, since"

reported = stages("reported", lambda: Stage().to("reported"))


@pytest.fixture
def witnessed(settings: Any) -> None:
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = "http://127.0.0.1:9", str(WITNESS.key)


def seal() -> int:
    """Every entry is a leaf; the number of leaves. The tree itself is not looked at here."""
    as_owner(
        "INSERT INTO audit_leaf"
        " SELECT row_number() OVER (ORDER BY stream, seq) - 1 + (SELECT count(*) FROM audit_leaf),"
        " stream, seq FROM audit_entry AS entry"
        " WHERE NOT EXISTS ("
        "SELECT FROM audit_leaf AS leaf WHERE leaf.stream = entry.stream AND leaf.seq = entry.seq)"
    )
    return Leaf.objects.count()


def sign(size: int) -> None:
    text = note.Checkpoint(LOG.key.name, size, bytes(32)).text
    as_owner("INSERT INTO audit_checkpoint (size, note) VALUES ({}, {})", size, f"{text}\n{LOG.line(text)}")


def cosign(size: int) -> None:
    row = Checkpoint.objects.get(size=size)
    line = WITNESS.line(note.split(row.note)[0], at=1_700_000_000)
    as_owner("UPDATE audit_checkpoint SET note = note || {} WHERE size = {}", line, size)


def seen(stage: Stage, handle: str, name: str, *args: object, language: str = "en") -> str:
    return look(stage[handle], name, *args, language=language)


def told(stage: Stage) -> set[str]:
    """Where it is told."""
    pages = {
        "minutes": seen(stage, "chair", "minutes", stage.meeting.pk),
        "report": seen(stage, "head_office", "report", stage.meeting.pk),
        "log": seen(stage, "auditor", "streams"),
    }
    found = {name for name, text in pages.items() if WAITING in text}
    for handle in EVERYBODY:
        if "The audit log is not yet cosigned" in seen(stage, handle, "desk"):
            found.add(handle)
    return found


def test_it_is_told_until_the_witness_has_cosigned(reported: Stage, witnessed: None) -> None:
    assert told(reported) == {"minutes", "report"}  # signed, and in no checkpoint
    size = seal()
    sign(size)
    assert told(reported) == {"minutes", "report", "log", "liaison", "auditor"}
    assert f"Last checkpoint: {size} entries, signed" in seen(reported, "auditor", "streams")
    cosign(size)
    assert told(reported) == set()


def test_what_was_covered_stays_so_when_a_later_checkpoint_waits(reported: Stage, witnessed: None) -> None:
    size = seal()
    sign(size)
    cosign(size)
    reported.another("N-1")
    sign(seal())
    assert Leaf.objects.count() > size
    assert told(reported) == {"log", "liaison", "auditor"}


def test_a_false_cosignature_is_none(reported: Stage, witnessed: None) -> None:
    size = seal()
    sign(size)
    other = Signer.make(WITNESS.key.name, note.COSIGNATURE, bytes(32))
    body = note.decode(other.line("x\n", at=1).split(" ")[2].strip())
    forged = f"— {WITNESS.key.name} {note.encode(WITNESS.key.id + body[4:])}\n"
    as_owner("UPDATE audit_checkpoint SET note = note || {}", forged)
    assert told(reported) == {"minutes", "report", "log", "liaison", "auditor"}


def test_without_a_witness_nothing_is_told(reported: Stage) -> None:
    sign(seal())
    assert told(reported) == set()
    assert "Last checkpoint" in seen(reported, "auditor", "streams")


def test_in_chinese(reported: Stage, witnessed: None) -> None:
    sign(seal())
    assert "总行见证" in seen(reported, "auditor", "streams", language="zh-hans")
    assert "审计日志尚未" in seen(reported, "liaison", "desk", language="zh-hans")


def test_no_statement_is_asked_for_it_without_a_witness(reported: Stage) -> None:
    with connection.execute_wrapper(lambda *_: pytest.fail("asked")):
        assert uncosigned_since() is None
        assert uncosigned_entry(reported.meeting.stream, "sign_minutes") is None
