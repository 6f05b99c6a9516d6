"""The page of an entry: what it says, its neighbours, its way into the checkpoint; erasures; checkpoints."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from audit import merkle
from audit.checking.fsck import Fsck
from audit.checking.verification import verify_streams
from audit.models import Checkpoint, Entry, Leaf
from audit.note import Checkpoint as Head
from audit.note import decode, split
from audit.proofs import making
from audit.proofs.file import Proof
from tests.pages.oversight.trees import LOG, WITNESS, seal, sign, stored
from tests.pages.pages import as_, look, seeing
from tests.stage import Stage, as_owner, stages

signed = stages("signed_log", lambda: Stage().to("signed"))


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.LOG_KEY = LOG.written()
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = "http://127.0.0.1:9", str(WITNESS.key)


def entry(stage: Stage, action: str) -> Entry:
    return Entry.objects.filter(stream=stage.meeting.stream, action=action).order_by("seq")[0]


def page(stage: Stage, row: Entry, language: str = "en") -> str:
    return look(stage["auditor"], "entry", row.stream, row.seq, language=language)


def proof_of(stage: Stage, row: Entry) -> Proof:
    response = as_(stage["auditor"]).get(reverse("entry-proof", args=[row.stream, row.seq]))
    assert response["Content-Disposition"].endswith('.tlog-proof"')
    return Proof.parse(response.content)


def test_an_entry_is_an_auditors(signed_log: Stage) -> None:
    row = entry(signed_log, "close_vote")
    assert seeing(signed_log, "entry", row.stream, row.seq) == {"auditor"}
    assert seeing(signed_log, "entry", row.stream, 10**9) == set()
    assert seeing(signed_log, "entry", "system:1", 1) == set()


def test_its_fields_payload_and_neighbours_are_in_words(signed_log: Stage) -> None:
    row = entry(signed_log, "close_vote")
    text = page(signed_log, row)
    for said in (
        "Vote closed and counted",
        bytes(row.hash).hex(),
        bytes(row.prev).hex(),
        "Ballots",
        "Carried",
    ):
        assert said in text
    for seq in (row.seq - 1, row.seq + 1):
        assert reverse("entry", args=[row.stream, seq]) in text
    assert signed_log["chair"].display_name in page(signed_log, entry(signed_log, "sign_minutes"))
    assert "计票" in page(signed_log, row, "zh-hans")


def test_not_yet_sealed_sealed_signed_and_cosigned_are_told_apart(signed_log: Stage) -> None:
    row = entry(signed_log, "open_meeting")
    assert "not yet sealed" in page(signed_log, row)
    assert (
        as_(signed_log["auditor"]).get(reverse("entry-proof", args=[row.stream, row.seq])).status_code == 409
    )
    seal(most=Entry.objects.count() - 1)
    assert "sealed, in no checkpoint yet" in page(signed_log, row)
    sign(Leaf.objects.count())
    assert "sealed, not yet cosigned" in page(signed_log, row)
    sign(seal(), cosigned=True)
    text = page(signed_log, row)
    assert "sealed and cosigned" in text
    assert WITNESS.key.name in text
    assert LOG.key.name in text


def test_the_way_that_is_drawn_is_the_proof_and_the_file_proves_it(signed_log: Stage) -> None:
    size = seal()
    sign(size, cosigned=True)
    row = entry(signed_log, "sign_minutes")
    proof = proof_of(signed_log, row)
    shown = making.check(proof, [LOG.key], [WITNESS.key])
    assert (shown.entry["stream"], shown.entry["seq"]) == (row.stream, row.seq)
    assert [name for name, _ in shown.cosigned] == [WITNESS.key.name]
    text = page(signed_log, row)
    assert 'class="lozenge lozenge-good">holds' in text
    at = -1
    for each in (merkle.leaf_hash(bytes(row.hash)), *proof.path):
        at = text.index(each.hex(), at + 1)  # in this order
        assert f">{each.hex()[:8]}</text>" in text
    assert f">{merkle.root(size, stored).hex()[:8]}</text>" in text
    assert "style=" not in text


def test_after_an_erasure_all_proofs_hold_and_its_ground_stands_on_the_page(signed_log: Stage) -> None:
    row = entry(signed_log, "close_vote")
    size = seal()
    sign(size, cosigned=True)
    before = proof_of(signed_log, row)
    as_owner("SELECT audit_erase({}, {}, {})", row.stream, row.seq, "order 12 of the court")
    text = page(signed_log, row)
    for said in ("erased by law", "order 12 of the court", "the role", "audit_erase"):
        assert said in text
    assert "Ballots" not in text
    assert proof_of(signed_log, row) == before
    assert making.check(before, [LOG.key], []).leaf == before.index
    report = verify_streams([row.stream])
    assert (report.verified, report.erased) == (True, 1)
    sign(seal(), cosigned=True)
    with connection.cursor() as cursor:
        assert list(Fsck(cursor, [LOG.key]).faults()) == []
    erasure = Entry.objects.get(stream=row.stream, action="audit.erased")
    assert making.check(proof_of(signed_log, erasure), [LOG.key], []).entry["action"] == "audit.erased"
    assert reverse("entry", args=[row.stream, erasure.seq]) in text


@pytest.mark.parametrize(
    "body", [b'{"carried":true}', b"{", b"[]", b"7", b"\xff", b'{"stored":7}', b"[" * 100_000]
)
def test_a_payload_that_was_changed_is_not_called_verified(signed_log: Stage, body: bytes) -> None:
    """The page of an entry is where an auditor looks after it: it says so, and does not break."""
    row = entry(signed_log, "close_vote")
    sign(seal(), cosigned=True)
    assert 'class="lozenge lozenge-good">verified' in page(signed_log, row)
    as_owner("ALTER TABLE audit_payload DISABLE TRIGGER USER")
    as_owner("UPDATE audit_payload SET body = {} WHERE commitment = {}", body, bytes(row.commitment))
    text = page(signed_log, row)
    assert 'class="lozenge lozenge-good">verified' not in text
    assert "What stands here was changed" in text
    assert "The payload is gone" not in text
    assert "与该记录写入时的内容不符" in page(signed_log, row, "zh-hans")


def test_an_entry_made_anew_is_not_called_sealed(signed_log: Stage) -> None:
    row = entry(signed_log, "sign_minutes")
    sign(seal(), cosigned=True)
    as_owner("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    as_owner("UPDATE audit_entry SET actor = 'other' WHERE stream = {} AND seq = {}", row.stream, row.seq)
    made = sha256(Entry.objects.get(stream=row.stream, seq=row.seq).body).digest()
    as_owner("UPDATE audit_entry SET hash = {} WHERE stream = {} AND seq = {}", made, row.stream, row.seq)
    text = page(signed_log, row)
    assert "sealed and cosigned" not in text
    assert 'class="lozenge lozenge-stopped">does not hold' in text


@pytest.mark.parametrize("said", ["", "x", "a\nb\nc\n\n— x AAAAAAAA\n"])
def test_a_checkpoint_that_is_none_is_told_on_every_page(signed_log: Stage, said: str) -> None:
    row = entry(signed_log, "close_vote")
    old = sign(seal(most=30)).size
    new = sign(seal(), cosigned=True).size
    as_owner("ALTER TABLE audit_checkpoint DISABLE TRIGGER USER")
    as_owner("UPDATE audit_checkpoint SET note = {} WHERE size = {}", said, new)
    for text in (
        page(signed_log, row),
        look(signed_log["auditor"], "checkpoints"),
        look(signed_log["auditor"], "checkpoint-differences", old=str(old), new=str(new)),
    ):
        assert "does not hold" in text or "does not verify" in text
        assert "sealed and cosigned" not in text


def test_tiles_that_are_gone_are_told(signed_log: Stage) -> None:
    row = entry(signed_log, "close_vote")
    sign(seal(), cosigned=True)
    as_owner("ALTER TABLE audit_tile DISABLE TRIGGER USER")
    as_owner("DELETE FROM audit_tile")
    text = page(signed_log, row)
    assert "cannot be shown. Report it at once" in " ".join(text.split())
    assert "No checkpoint covers it yet" not in text
    address = reverse("entry-proof", args=[row.stream, row.seq])
    assert as_(signed_log["auditor"]).get(address).status_code == 409


def test_between_two_checkpoints_stands_what_was_added_and_the_proof(signed_log: Stage) -> None:
    old = sign(seal(most=30)).size
    new = sign(seal(), cosigned=True).size
    text = look(signed_log["auditor"], "checkpoint-differences", old=str(new), new=str(old))
    assert f"From {old} to {new} leaves" in text
    assert 'class="lozenge lozenge-good">holds' in text
    assert f"{new - old} entries." in text
    stream = signed_log.proposal.stream
    added = Leaf.objects.filter(index__gte=old, stream=stream).count()
    assert added
    assert re.search(rf'href="{reverse("stream", args=[stream])}".*?>{added}<', text, re.DOTALL)
    file = as_(signed_log["auditor"]).get(reverse("checkpoint-consistency", args=[old, new])).content.decode()
    head, _, note = file.partition("\n\n")
    said, *hashes = head.split("\n")
    assert said == f"old {old}"
    roots = [Head.parse(split(Checkpoint.objects.get(size=size).note)[0]).root for size in (old, new)]
    assert Head.parse(split(note)[0]).size == new
    assert merkle.check_consistency(old, new, *roots, [decode(each) for each in hashes])


def test_a_later_tree_that_does_not_begin_with_the_earlier_is_told(signed_log: Stage) -> None:
    old = sign(seal(most=30)).size
    new = sign(seal()).size
    forged = Head(LOG.key.name, old, sha256(b"another tree").digest()).text
    as_owner("ALTER TABLE audit_checkpoint DISABLE TRIGGER audit_checkpoint_rises")
    as_owner("UPDATE audit_checkpoint SET note = {} WHERE size = {}", f"{forged}\n{LOG.line(forged)}", old)
    text = look(signed_log["auditor"], "checkpoint-differences", old=str(old), new=str(new))
    assert "does not hold" in text
    assert 'lozenge-good">holds' not in text


def test_checkpoints_that_are_not_there_are_said(signed_log: Stage) -> None:
    size = sign(seal()).size
    client = as_(signed_log["auditor"])
    for asked in ({}, {"old": "x", "new": "9" * 40}, {"old": str(size), "new": str(size)}):
        answer = client.get(reverse("checkpoint-differences"), asked, follow=True)
        assert answer.status_code == 200
        assert b'role="alert"' in answer.content, asked
    assert client.get(reverse("checkpoint-consistency", args=[size, size])).status_code == 404
    assert seeing(signed_log, "checkpoints") == {"auditor"}
    assert seeing(signed_log, "checkpoint-file", size) == {"auditor"}
