"""The bytes that are hashed: one value, one byte string, and the other way round."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audit.canonical import VERSION, commitment, entry_bytes, fields_of, microseconds, payload_bytes
from audit.chain import GENESIS, entry_hash, head_of_heads

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DIGEST = st.binary(min_size=32, max_size=32)
MOMENT = st.datetimes(timezones=st.just(UTC))
ENTRY = st.fixed_dictionaries(
    {
        "stream": TEXT,
        "seq": st.integers(1, 2**63 - 1),
        "at": MOMENT,
        "recorded_at": MOMENT,
        "actor": TEXT,
        "action": TEXT,
        "subject": TEXT,
        "commitment": DIGEST,
        "prev": DIGEST,
    }
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)
PAYLOAD = st.dictionaries(TEXT, JSON, max_size=4)


def parsed(data):
    """An entry's bytes read by the description in `canonical` alone."""
    assert data[:20].hex() == "0000000100000000000000110000000900000001"
    fields, at = [], 20
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        fields.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    assert at == len(data)
    numbers = [int.from_bytes(field, "big", signed=True) for field in fields[:3]]
    moments = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=number) for number in numbers[1:]]
    names = [field.decode() for field in fields[5:]]
    keys = ["seq", "at", "recorded_at", "commitment", "prev", "stream", "actor", "action", "subject"]
    return dict(zip(keys, [numbers[0], *moments, *fields[3:5], *names], strict=True))


@given(ENTRY)
def test_an_entry_can_be_read_back_from_its_bytes(entry):
    assert parsed(entry_bytes(**entry)) == entry


@given(ENTRY)
def test_the_fields_of_an_entry_are_those_that_it_was_made_of(entry):
    assert fields_of(entry_bytes(**entry)) == entry


@given(ENTRY, st.sampled_from([2**63 - 1, -(2**63)]))
def test_bytes_with_a_time_that_no_calendar_has_are_no_entry(entry, number):
    body, at = entry_bytes(**entry), len(VERSION) + 4 + 8 + 4
    with pytest.raises(ValueError, match="not the time"):
        fields_of(body[:at] + number.to_bytes(8, "big", signed=True) + body[at + 8 :])


@given(ENTRY, ENTRY)
def test_two_entries_never_share_their_bytes(one, other):
    assume(one != other)
    assert entry_bytes(**one) != entry_bytes(**other)


@given(ENTRY, TEXT, TEXT)
def test_text_does_not_move_between_fields(entry, left, right):
    assume(left)
    one = entry | {"actor": left + right, "action": ""}
    other = entry | {"actor": right, "action": left}
    assert (entry_bytes(**one) == entry_bytes(**other)) == (one == other)


def test_the_layout_is_the_one_described():
    data = entry_bytes(
        stream="meeting:1",
        seq=1,
        at=datetime(2000, 1, 1, 0, 0, 1, 5, tzinfo=UTC),
        recorded_at=datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        actor="17",
        action="票",
        subject="",
        commitment=b"\xaa" * 32,
        prev=GENESIS,
    )
    assert data.hex(" ", -4).replace(" ", "") == (
        "00000001" "00000000" "00000011" "00000009" "00000001"
        "00000008" "0000000000000001"
        "00000008" "00000000000f4245"
        "00000008" "ffffffffffffffff"
        "00000020" + "aa" * 32 + "00000020" + "00" * 32 +
        "00000009" "6d656574696e673a31"
        "00000002" "3137"
        "00000003" "e7a5a8"
        "00000000"
    )  # fmt: skip


@given(ENTRY)
def test_an_entry_is_sealed_by_sha_256(entry):
    assert entry_hash(**entry) == sha256(entry_bytes(**entry)).digest()


def test_a_moment_is_the_same_in_every_time_zone():
    moment = datetime(2026, 3, 2, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    assert microseconds(moment) == microseconds(moment.astimezone(UTC))
    with pytest.raises(ValueError, match="time zone"):
        microseconds(moment.replace(tzinfo=None))


@pytest.mark.parametrize("wrong", [b"", b"\x00" * 31, b"\x00" * 33])
def test_a_hash_has_32_bytes(wrong):
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    texts = {"stream": "meeting:1", "actor": "17", "action": "a", "subject": "s"}
    for hashes in ({"commitment": wrong, "prev": GENESIS}, {"commitment": GENESIS, "prev": wrong}):
        with pytest.raises(ValueError, match="32 bytes"):
            entry_bytes(**texts, **hashes, seq=1, at=moment, recorded_at=moment)


@given(PAYLOAD)
def test_a_payload_can_be_read_back_from_its_bytes(payload):
    assert json.loads(payload_bytes(payload)) == payload


@given(PAYLOAD, st.randoms())
def test_a_payload_has_one_form_however_its_keys_are_ordered(payload, chance):
    items = list(payload.items())
    chance.shuffle(items)
    assert payload_bytes(dict(items)) == payload_bytes(payload)


@given(PAYLOAD, PAYLOAD)
def test_two_payloads_never_share_their_bytes(one, other):
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (payload_bytes(one) == payload_bytes(other)) == same


class Choice(StrEnum):
    FOR = "for"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1000.00"), '"1000.00"'),
        (Decimal("1E+3"), '"1000"'),
        (date(2026, 3, 2), '"2026-03-02"'),
        (datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=8))), '"2026-03-02T04:00:00+00:00"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Choice.FOR, '"for"'),
        ((1, 2), "[1,2]"),
        ("呼\n\x7f", '"呼\\n\x7f"'),
        (True, "true"),
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
    ],
)
def test_what_a_value_is_written_as(value, written):
    assert payload_bytes({"v": value}).decode() == f'{{"v":{written}}}'


@pytest.mark.parametrize(
    "value",
    [
        *(1.0, float("nan"), b"x", {1, 2}, object(), {1: 2}, [{None: 1}], datetime(2026, 3, 2)),  # noqa: DTZ001 - naive
        *(Decimal("NaN"), Decimal("Infinity"), "\ud800"),
    ],
)
def test_what_has_no_one_form_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        payload_bytes({"v": value})


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=40), st.binary(min_size=16, max_size=16))
def test_a_commitment_depends_on_payload_and_salt(salt, body, other):
    assert commitment(salt, body) == sha256(b"lianxi/audit/payload/1\x00" + salt + body).digest()
    assert (commitment(salt, body) == commitment(other, body)) == (salt == other)


def test_the_head_of_heads_goes_by_the_names_of_the_streams():
    heads = {"proposal:2": b"\x02" * 32, "meeting:1": b"\x01" * 32, "proposal:10": b"\x03" * 32}
    expected = sha256(b"\x01" * 32 + b"\x03" * 32 + b"\x02" * 32).hexdigest()
    assert head_of_heads(heads) == head_of_heads(reversed(heads.items())) == expected
