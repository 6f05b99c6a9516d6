"""An export of a log of any size, as `audit export --all` writes it, made without a database.

Each case is a meeting of nine seats with six plans: notice, attendance, opinions, ballots, closing, minutes.
That is 143 entries in seven streams.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from audit import merkle, note, verify
from audit.canonical import payload_bytes
from audit.exports.making import ALGORITHMS, FORMAT
from audit.note import Checkpoint, Signer
from voting import sealing

LOG = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(32)))
PLANS, SEATS = 6, 9
DIGEST = hashlib.sha256(b"a plan").hexdigest()
OPINION = "The sources named cover the schedule, and the guarantor has answered. " * 2


def told(meeting: int, receipts: int = 0) -> Iterator[tuple[str, str, str, str, dict]]:
    """What one meeting and its plans leave in the log: stream, actor, action, subject, payload.

    With `receipts` each plan is approved, and so many payments come in.
    """
    m, plans = f"meeting:{meeting}", [f"proposal:{meeting * PLANS + number}" for number in range(PLANS)]
    for plan in plans:
        yield plan, "17", "draft", plan, {"digest": DIGEST, "of": None, "version": 1}
        yield (
            plan,
            "17",
            "submit",
            plan,
            {"compared_with": [], "digest": DIGEST, "number": plan, "version": 1},
        )
        yield plan, "18", "shortlist", plan, {"ruling": ""}
        yield plan, "18", "file", plan, {"docket": f"docket {meeting}"}
    stated = {
        "number": m,
        "at": "2026-03-05T14:00:00+08:00",
        "place": "Room 3",
        "emergency": False,
        "reason": "",
    }
    yield m, "1", "convene", m, {**stated, "regulation": 1, "proposals": plans}
    for plan in plans:
        yield plan, "1", "table", plan, {"digest": DIGEST, "item": f"item:{plan}", "meeting": m}
    items = dict.fromkeys(map(str, range(1, PLANS + 1)), DIGEST)
    yield m, "18", "send_notice", m, {"notice": 1, "items": items, "seats": list(range(1, SEATS + 1))}
    for seat in range(1, SEATS + 1):
        yield m, str(seat), "sign_in", m, {"seats": [seat], "proxy": False, "mode": "in_room"}
    yield m, "1", "open_meeting", m, {"notice": 1, "seats": SEATS}
    for plan in plans:
        yield from voted(m, plan)
    yield m, "1", "close_meeting", m, {"not_voted": []}
    yield m, "18", "draft_minutes", f"minutes:{meeting}", {"minutes": m, "digest": DIGEST}
    yield m, "1", "sign_minutes", f"minutes:{meeting}", {"minutes": m, "digest": DIGEST}
    yield m, "18", "archive", m, {"digest": DIGEST}
    for number in range(receipts):
        for plan in plans:
            if number == 0:
                resolved = {"resolution": plan.partition(":")[2], "digest": DIGEST, "reason": ""}
                yield plan, "19", "approve_credit", plan, resolved
            else:
                paid = {"amount": "1000.00", "receipt": str(number), "received_on": "2026-04-01"}
                yield plan, "17", "record_receipt", plan, paid


def voted(m: str, plan: str) -> Iterator[tuple[str, str, str, str, dict]]:
    """One item: deliberated, voted on, carried by six to three."""
    number, item = plan.partition(":")[2], f"item:{plan}"
    vote = f"vote:{number}"
    yield m, "1", "take_up", item, {"proposal": plan, "in_conflict": []}
    for seat in (2, 3):
        yield m, str(seat), "record_opinion", item, {"seat": seat, "proxy": False, "text": OPINION}
    opening = {"question": "plan", "round": 1}
    rules = {"digest": DIGEST, "regulation": 1, "votes_to_pass": 6, "entered": {}}
    yield m, "1", "open_vote", vote, {"proposal": plan, "item": item, **opening, **rules}
    yield plan, "1", "open_vote", plan, {"vote": vote, **opening}
    ballots = []
    for seat in range(1, SEATS + 1):
        choice, reason = ("for", "") if seat < 7 else ("against", "The collateral is not clear")
        salt = os.urandom(32)
        ballot = {"vote": number, "seat": seat, "person": str(seat), "choice": choice, "reason": reason}
        sealed = sealing.commitment(salt, **ballot)
        yield m, str(seat), "cast", vote, {"seat": seat, "proxy": False, "commitment": sealed}
        ballots.append({**ballot, "salt": salt.hex(), "commitment": sealed})
    counts = {"for": 6, "against": 3, "abstained": 0, "in_conflict": 0, "carried": True}
    yield m, "18", "close_vote", vote, {**counts, "resolution": number, "ballots": ballots}
    yield plan, "18", "close_vote", plan, {**counts, "vote": vote, **opening}


def tiles_of(tiles: dict[tuple[int, int], bytes]) -> merkle.Get:
    """What reads these tiles."""
    return lambda level, index: tiles[level, index]


def make(folder: Path, entries: int, receipts: int = 0) -> int:
    """Write an export of so many entries, or a few more, for the cases are whole; how many there are."""
    folder.mkdir()
    heads: dict[str, tuple[int, bytes]] = {}
    tiles: dict[tuple[int, int], bytes] = {}
    index, leaves, at = 0, [], 825_000_000_000_000
    with (folder / "entries.jsonl").open("wb", 1 << 20) as file:
        for meeting in range(1, entries):
            if index >= entries:
                break
            for stream, actor, action, subject, said in told(meeting, receipts):
                seq, prev = heads.get(stream, (0, bytes(32)))
                seq, at, payload, salt = seq + 1, at + 1_000_000, payload_bytes(said), os.urandom(16)
                commitment = hashlib.sha256(b"lianxi/audit/payload/1\x00" + salt + payload).digest()
                told_so = (index, stream, seq, at, at, actor, action, subject)
                digest = verify._hash_of(told_so, commitment, prev)  # noqa: SLF001 - `entry_bytes` takes thrice as long
                heads[stream] = seq, digest
                line = {"index": index, "stream": stream, "seq": seq, "at": at, "recorded_at": at}
                line |= {"actor": actor, "action": action, "subject": subject, "hash": digest.hex()}
                line |= {"commitment": commitment.hex(), "prev": prev.hex()}
                line |= {"salt": salt.hex(), "payload": payload.decode()}
                file.write(
                    json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
                )
                file.write(b"\n")
                leaves.append(merkle.leaf_hash(digest))
                index += 1
            if len(leaves) > 50_000:
                tiles |= merkle.extend(index - len(leaves), leaves, tiles_of(tiles))
                leaves = []
    tiles |= merkle.extend(index - len(leaves), leaves, tiles_of(tiles))
    root = merkle.root(index, tiles_of(tiles))
    text = Checkpoint(LOG.key.name, index, root).text
    (folder / "checkpoint").write_text(f"{text}\n{LOG.line(text)}")
    (folder / "README.txt").write_text("made for measuring")
    manifest = {
        "format": FORMAT,
        "algorithms": dict(ALGORITHMS),
        "origin": LOG.key.name,
        "size": index,
        "root": root.hex(),
        "asked": {"part": "all", "stream": None, "since": None},
        "made_at": at,
        "entries": index,
        "streams": len(heads),
        "heads": {},
        "younger": 0,
        "erased": [],
        "documents": [],
        "lacking": [],
    }
    (folder / "manifest.json").write_bytes(payload_bytes(manifest))
    return index
