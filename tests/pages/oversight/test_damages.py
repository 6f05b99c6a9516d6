"""No damage to the log ends a page of those who oversee: each is shown, and says in words what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.urls.resolvers import URLPattern

from audit.models import Checkpoint, Entry
from audit.proofs import making
from audit.proofs.file import Proof
from committee.models import Resolution
from pages.oversight.urls import urlpatterns
from tests.office.dossier.decided import carried_case
from tests.office.dossier.sealing import LOG, seal_all
from tests.pages.pages import as_
from tests.stage import Stage, as_owner, check_constraints, stages

carried = stages("carried", carried_case)

#: pages of other things than the log and what is judged by it
APART = {
    "sign-in-unlock",
    "archive",
    "archive-part",
    "dossier-prepared",
    "exception",
    "exceptions-file",
    "figure-cases",
}
_PAYLOAD = (
    "UPDATE audit_payload SET body = {} WHERE commitment IN (SELECT commitment FROM audit_entry{where})"
)
_UNSOUND = "is not what its hash was made of"
_UNSIGNED = "in no signed checkpoint"
_OTHER = "decode(repeat('00', length({0})), 'hex')"

BODIES = (
    b"{", b"\xff", b"[]", b"7", b'"x"', b"null", b"", b"[" * 100_000, b'{"a":' + b"9" * 5_000 + b"}",
    b'{"stored":7}', b'{"stored":{"x":7}}', b'{"vote":[1],"question":{},"seat":"x","people":7}',
)  # fmt: skip

#: what somebody who has the database does → what the dossier says of it
DAMAGES: dict[str, tuple[str, tuple[object, ...], str]] = {
    **{
        f"payload {body[:12]!r}": (_PAYLOAD.replace("{where}", ""), (body,), _UNSOUND)
        for body in BODIES
    },
    "payloads gone": ("DELETE FROM audit_payload", (), "erased by law"),
    "tiles gone": ("DELETE FROM audit_tile", (), "as leaf"),
    "tiles of another tree": (f"UPDATE audit_tile SET hashes = {_OTHER.format('hashes')}", (), "as leaf"),
    "a tile cut short": ("UPDATE audit_tile SET hashes = substr(hashes, 1, 33)", (), "as leaf"),
    "an empty tile": ("UPDATE audit_tile SET hashes = ''", (), "as leaf"),
    "leaves gone": ("DELETE FROM audit_leaf", (), "not sealed yet"),
    "leaves beyond the tree": ('UPDATE audit_leaf SET "index" = "index" + 1000000', (), _UNSIGNED),
    "leaves below zero": ('UPDATE audit_leaf SET "index" = -1 - "index"', (), "as leaf"),
    "no checkpoint": ("DELETE FROM audit_checkpoint", (), _UNSIGNED),
    "a note of nothing": ("UPDATE audit_checkpoint SET note = ''", (), "as leaf"),
    "a note of another size": ("UPDATE audit_checkpoint SET size = size + 7", (), "as leaf"),
    "a checkpoint of nothing": ("UPDATE audit_checkpoint SET size = 0", (), _UNSIGNED),
    "a note cut short": ("UPDATE audit_checkpoint SET note = left(note, 40)", (), "as leaf"),
    "entries gone": ("DELETE FROM audit_entry WHERE stream LIKE 'meeting:%%'", (), "has no entry of this"),
    "hashes of nothing": (f"UPDATE audit_entry SET hash = {_OTHER.format('hash')}", (), _UNSOUND),
    "hashes of no length": ("UPDATE audit_entry SET hash = '', prev = '', commitment = ''", (), _UNSOUND),
    "acts unheard of": ("UPDATE audit_entry SET action = 'x' || action", (), "has no entry of this"),
    "nobody acting": ("UPDATE audit_entry SET actor = ''", (), _UNSOUND),
    "a great actor": ("UPDATE audit_entry SET actor = repeat('9', 30)", (), _UNSOUND),
    "actors of other digits": ("UPDATE audit_entry SET actor = '٣'", (), _UNSOUND),
    "no subject": ("UPDATE audit_entry SET subject = ''", (), _UNSOUND),
    "subjects of great numbers": (
        "UPDATE audit_entry SET subject = 'vote:' || repeat('9', 30)", (), _UNSOUND
    ),
    "times long ago": ("UPDATE audit_entry SET at = '0001-01-02', recorded_at = '0001-01-02'", (), _UNSOUND),
    "heads gone": ("DELETE FROM audit_head", (), ""),
    "heads beyond": ("UPDATE audit_head SET seq = seq + 3", (), ""),
    "heads of no hash": ("UPDATE audit_head SET hash = ''", (), ""),
    "marks beyond": ("INSERT INTO audit_sealed SELECT stream, seq + 9 FROM audit_head", (), ""),
    "a resolution of nothing": (
        "UPDATE committee_resolution SET ballots = '[]', digest = ''", (), "otherwise"
    ),
    "a resolution of no objects": ("UPDATE committee_resolution SET ballots = '7'", (), "otherwise"),
    "a plan of nothing": ("UPDATE proposals_planversion SET document = '[]'", (), "otherwise"),
    "a plan of no objects": (
        'UPDATE proposals_planversion SET document = \'{{"loans": 7, "conditions": 7}}\'', (), "otherwise"
    ),
}  # fmt: skip
TABLES = (
    "audit_entry", "audit_payload", "audit_tile", "audit_leaf", "audit_checkpoint", "audit_head",
    "audit_sealed", "committee_resolution", "proposals_planversion",
)  # fmt: skip


def addresses(stage: Stage) -> Iterator[tuple[str, str]]:
    """Each page of the place by its name, with what its address asks for."""
    pk, meeting = Resolution.objects.get().pk, stage.meeting.stream
    size = SIZE[0]
    given: dict[str, list[list[Any]]] = {
        "dossier": [[pk]],
        "dossier-pdf": [[pk]],
        "dossier-proofs": [[pk]],
        "dossier-proof": [[pk, meeting, 1]],
        "checkpoint-file": [[size]],
        "checkpoint-consistency": [[1, size], [size, size]],
        "stream": [[meeting], [stage.proposal.stream], [stage.committee.stream]],
        "entry": [[meeting, 1], [meeting, LAST[0] // 2], [meeting, LAST[0]]],
        "entry-proof": [[meeting, 1], [stage.proposal.stream, 2]],
    }
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        name = str(pattern.name)
        if name not in APART and name != "verify":
            for args in given.get(name, [[]]):
                yield name, reverse(name, args=args)


SIZE, LAST = [0], [0]


@pytest.fixture
def sealed(carried: Stage) -> Stage:
    SIZE[0] = seal_all()
    LAST[0] = Entry.objects.filter(stream=carried.meeting.stream).count()
    assert Checkpoint.objects.count() == 1
    check_constraints()
    for table in TABLES:
        as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return carried


@pytest.fixture(autouse=True)
def _drawn_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDF is drawn elsewhere: here it is what goes into it."""
    from documents.render import Rendered

    monkeypatch.setattr("office.dossier.paper.render.render", lambda *_, **__: Rendered(b"%PDF", 1))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damage_ends_no_page(sealed: Stage, damage: str) -> None:
    statement, values, words = DAMAGES[damage]
    as_owner(statement, *values)
    client = as_(sealed["auditor"])
    for name, address in addresses(sealed):
        answer = client.get(address)
        assert answer.status_code in (200, 302, 404, 409), (name, address)
        said = " ".join(
            (answer.getvalue() if answer.streaming else answer.content).decode(errors="replace").split()
        )
        if name == "dossier":
            entries = client.get(address, {"show": "entries"}).content.decode()
            assert words in said + " ".join(entries.split()), damage
            assert "<td></td>" not in said
        elif name == "entry-proof" and answer.status_code == 200:
            making.check(Proof.parse(answer.content), [LOG.key], [])  # what is given holds
    for stream in ("", sealed.meeting.stream):
        assert client.post(reverse("verify"), {"stream": stream}).status_code in (302, 404)
    for name in ("dossier", "anomalies", "stream"):
        args = {"dossier": [Resolution.objects.get().pk], "stream": [sealed.meeting.stream]}.get(name, [])
        assert as_(sealed["auditor"], "zh-hans").get(reverse(name, args=args)).status_code in (200, 404)
