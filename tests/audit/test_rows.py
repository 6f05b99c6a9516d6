"""The verifier on rows of its own format, without a database: each fault is found and named."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit.canonical import commitment, entry_bytes
from audit.chain import GENESIS, entry_hash, head_of_heads
from audit.checking.rows import COPY_END, COPY_HEADER, Report, Verifier, rows_of_copy

SALT, NULL = b"s" * 16, b"\xff\xff\xff\xff"
ORDER = ("seq", "at", "recorded_at", "commitment", "prev", "stream", "actor", "action", "subject")


def log(lengths, *, erased=()):
    """Rows of a sound log: streams with so many entries; `erased` are (stream, seq) without payload."""
    rows = []
    for stream, count in sorted(lengths.items(), key=lambda item: item[0].encode()):
        prev, own = GENESIS, []
        erasures = [seq for name, seq in erased if name == stream]
        for seq in range(1, count + len(erasures) + 1):
            body = b'{"n":%d}' % seq
            entry = {
                "stream": stream,
                "seq": seq,
                "at": datetime(2026, 3, 2, tzinfo=UTC) + timedelta(microseconds=seq),
                "recorded_at": datetime(2026, 3, 2, tzinfo=UTC),
                "actor": "17",
                "action": "vote.cast" if seq <= count else "audit.erased",
                "subject": "vote:1" if seq <= count else f"entry:{erasures[seq - count - 1]}",
                "commitment": commitment(SALT, body),
                "prev": prev,
            }
            prev = entry_hash(**entry)
            payload = {"salt": None, "body": None} if seq in erasures else {"salt": SALT, "body": body}
            own.append(entry | {"hash": prev} | payload)
        for row in own:
            row |= {"head_seq": len(own), "head_hash": prev}
        rows += own
    return rows


def wire(row):
    """The row as PostgreSQL's binary COPY has it."""
    fixed = entry_bytes(**{key: row[key] for key in ORDER})[20:]
    head_seq = None if row["head_seq"] is None else row["head_seq"].to_bytes(8, "big")
    rest = (row["hash"], row["salt"], row["body"], head_seq, row["head_hash"])
    return (
        b"\x00\x0e"
        + fixed
        + b"".join(NULL if field is None else len(field).to_bytes(4, "big") + field for field in rest)
    )


def verified(rows, **options) -> Report:
    return Verifier(**options).run(map(wire, rows))


def found(rows, **options):
    fault = verified(rows, **options).fault
    return None if fault is None else (fault.stream, fault.seq)


LOG = {"meeting:1": 3, "proposal:10": 1, "proposal:2": 4}


def test_a_sound_log_is_verified():
    rows = log(LOG)
    report = verified(rows)
    assert report.verified
    assert (report.entries, report.streams, report.erased) == (8, 3, 0)
    assert report.head == head_of_heads({row["stream"]: row["head_hash"] for row in rows})


def test_an_empty_log_is_verified():
    assert verified([]) == Report(0, 0, 0, head_of_heads({}))


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.integers(1, 4), max_size=4
    )
)
def test_any_names_of_streams_are_verified(lengths):
    report = verified(log(lengths))
    assert (report.verified, report.streams, report.entries) == (True, len(lengths), sum(lengths.values()))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", datetime(2026, 3, 3, tzinfo=UTC)),
        ("recorded_at", datetime(2026, 3, 3, tzinfo=UTC)),
        ("actor", "18"),
        ("action", "vote.casT"),
        ("subject", ""),
        ("commitment", b"\x00" * 32),
        ("prev", b"\x00" * 32),
        ("hash", b"\x00" * 32),
        ("salt", b"t" * 16),
        ("body", b'{"n":3 }'),
        ("seq", 7),
    ],
)
@pytest.mark.parametrize("at", [5, 6, 7])
def test_a_change_of_any_field_is_named(field, value, at):
    rows = log(LOG)
    rows[at][field] = value
    assert found(rows) == ("proposal:2", at - 3)


def test_an_entry_moved_to_another_stream_is_named():
    rows = log(LOG)
    rows[2]["stream"] = "proposal:1"
    assert found(rows) == ("meeting:1", 3)


@pytest.mark.parametrize("at", range(8))
def test_a_removed_entry_is_named(at):
    rows = log(LOG)
    gone = rows.pop(at)
    # A stream that has lost its only entry has no row: the head tells, see the tests on the database.
    expected = None if gone["stream"] == "proposal:10" else (gone["stream"], gone["seq"])
    assert found(rows) == expected


@pytest.mark.parametrize("at", range(8))
def test_an_entry_told_twice_is_named(at):
    rows = log(LOG)
    rows.insert(at, rows[at])
    assert found(rows) == (rows[at]["stream"], rows[at]["seq"] + 1)


def test_entries_exchanged_are_named():
    rows = log(LOG)
    rows[5], rows[6] = rows[6], rows[5]
    assert found(rows) == ("proposal:2", 2)


def test_a_rewritten_tail_is_named_by_the_head():
    rows = log(LOG)
    head = rows[-1]["head_hash"]
    rows[-1]["actor"] = "18"
    rows[-1]["hash"] = entry_hash(**{key: rows[-1][key] for key in ORDER})
    assert rows[-1]["hash"] != head
    assert found(rows) == ("proposal:2", 4)


def test_a_rewritten_entry_is_named_by_the_one_that_follows():
    rows = log(LOG)
    rows[5]["actor"] = "18"
    rows[5]["hash"] = entry_hash(**{key: rows[5][key] for key in ORDER})
    assert found(rows) == ("proposal:2", 3)


@pytest.mark.parametrize(("stands", "seq"), [(2, 3), (4, 4), (None, 3)])
def test_a_head_elsewhere_than_the_last_entry_is_named(stands, seq):
    rows = log({"meeting:1": 3})
    for row in rows:
        row |= {"head_seq": stands, "head_hash": None if stands is None else row["head_hash"]}
    assert found(rows) == ("meeting:1", seq)


def test_streams_out_of_order_are_named():
    rows = log(LOG)
    assert found(rows[3:] + rows[:3]) == ("meeting:1", 1)


def test_a_lost_payload_is_named():
    rows = log(LOG)
    rows[5] |= {"salt": None, "body": None}
    assert found(rows) == ("proposal:2", 2)


def test_an_erased_payload_is_counted():
    report = verified(log(LOG, erased=[("meeting:1", 2), ("proposal:2", 1), ("proposal:2", 3)]))
    assert (report.verified, report.entries, report.erased) == (True, 11, 3)


def test_an_erasure_of_another_entry_excuses_nothing():
    rows = log(LOG, erased=[("meeting:1", 2)])
    rows[0] |= {"salt": None, "body": None}
    assert found(rows) == ("meeting:1", 1)


def test_an_erasure_in_another_stream_excuses_nothing():
    rows = log(LOG, erased=[("meeting:1", 2)])
    rows[6] |= {"salt": None, "body": None}
    assert found(rows) == ("proposal:2", 2)


def test_the_chains_alone_can_be_verified():
    rows = log(LOG)
    for row in rows:
        row |= {"salt": None, "body": None}
    assert verified(rows, payloads=False).verified
    assert found(rows) == ("meeting:1", 1)


@given(st.integers(0, 400), st.binary(max_size=4), st.integers(0, 4))
@example(152, b"\x01", 1)  # in the length of the hash, which no hash covers
def test_damaged_bytes_never_crash_the_verifier_nor_pass(at, with_, longer):
    rows = [wire(row) for row in log({"meeting:1": 2})]
    damaged = rows[1][:at] + with_ + rows[1][at + longer :]
    report = Verifier().run([rows[0], damaged])
    assert report.verified == (damaged == rows[1])


def test_the_rows_of_a_copy_come_without_its_header_and_end():
    rows = [wire(row) for row in log({"meeting:1": 2})]
    assert list(rows_of_copy([COPY_HEADER + rows[0], rows[1], COPY_END])) == rows
    assert list(rows_of_copy([COPY_HEADER + COPY_END])) == []
    assert list(rows_of_copy([memoryview(COPY_HEADER), memoryview(rows[0])])) == rows[:1]
