"""What is said of a signed file: painted pages, flipped bytes, cut files (documents/verify.py)."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from documents import authority, credentials, sign, verify
from documents.fields import AppendingWriter
from documents.trust import Trust
from documents.verify import Fault, Outcome, Recorded
from tests.documents import signing

GOOD = signing.signed


def painted(pdf: bytes) -> bytes:
    """The file with a page painted over by an incremental update, which `pdfsig` calls valid."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    over = writer.add_object(generic.StreamObject(stream_data=b"q 1 1 1 rg 0 0 600 500 re f Q"))
    contents = page.raw_get("/Contents")
    page[generic.pdf_name("/Contents")] = generic.ArrayObject(
        [*(contents if isinstance(contents, generic.ArrayObject) else [contents]), over]
    )
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def outcome(pdf: bytes) -> Outcome:
    """The word for the file, where the good one is on record."""
    recorded = Recorded.FILE if pdf == GOOD() else Recorded.OTHER
    return verify.outcome(verify.check(pdf, signing.trust()), recorded)


def test_the_file_on_record_is_valid_and_another_copy_of_it_too() -> None:
    assert outcome(GOOD()) is Outcome.VALID
    assert outcome(bytes(GOOD())) is Outcome.VALID


def test_signatures_alone_are_signed_and_not_the_file_on_record() -> None:
    checked = verify.check(GOOD(), signing.trust())
    assert verify.outcome(checked, Recorded.NOTHING) is Outcome.SIGNED
    assert verify.outcome(checked, Recorded.OTHER) is Outcome.INVALID
    broken = verify.check(GOOD()[:-50], signing.trust())
    assert verify.outcome(broken, Recorded.FILE) is Outcome.INVALID


def test_a_painted_page_is_invalid_at_every_stage() -> None:
    once = sign.sign(
        signing.paper(), field="liaison", key=signing.opened(), timestamps=signing.stamps(), certify=True
    )
    for pdf in (once, GOOD()):
        checked = verify.check(painted(pdf), signing.trust())
        assert not checked.signed
        assert {each.fault for each in checked.signatures} == {Fault.ADDED}
    assert outcome(painted(GOOD())) is Outcome.INVALID


def test_an_object_that_nothing_shows_is_invalid_as_well() -> None:
    """The time stamp at the end covers every byte: what is added after it is not covered."""
    writer = AppendingWriter(io.BytesIO(GOOD()))
    writer.add_object(generic.StreamObject(stream_data=b"hidden"))
    out = io.BytesIO()
    writer.write(out)
    assert verify.check(out.getvalue(), signing.trust()).fault is Fault.OPEN
    assert outcome(out.getvalue()) is Outcome.INVALID
    assert outcome(GOOD() + b"\n% a remark") is Outcome.INVALID


@settings(max_examples=60)
@given(st.deferred(lambda: st.integers(0, len(GOOD()) - 1)), st.integers(1, 255))
@example(0, 1)
@example(-1, 0x80)
def test_a_flipped_byte_is_invalid_wherever_it_is(position: int, bits: int) -> None:
    pdf = bytearray(GOOD())
    pdf[position] ^= bits
    assert outcome(bytes(pdf)) is Outcome.INVALID


def test_a_flip_in_the_padding_of_a_signature_is_found_by_the_record_alone() -> None:
    pdf = GOOD()
    end = pdf.rindex(b"0000>")
    flipped = pdf[:end] + b"1" + pdf[end + 1 :]
    checked = verify.check(flipped, signing.trust())
    assert checked.sound  # the signatures cannot show it
    assert outcome(flipped) is Outcome.INVALID


@settings(max_examples=25)
@given(st.deferred(lambda: st.integers(0, len(GOOD()) - 2)))
@example(0)
@example(1000)
def test_a_cut_file_is_invalid(length: int) -> None:
    assert outcome(GOOD()[:length]) is Outcome.INVALID


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7", b"PK\x03\x04rest", b"%PDF-1.7\n" + b"[" * 200_000, b"\0" * 1000],
    ids=["empty", "head", "zip", "deep", "zeros"],
)
def test_what_is_no_pdf_is_unreadable(data: bytes) -> None:
    assert verify.check(data, signing.trust()).fault is Fault.UNREADABLE


def test_a_file_of_more_than_twenty_megabytes_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "MOST_BYTES", len(GOOD()) - 1)
    verify.forget()
    assert verify.check(GOOD(), signing.trust()).fault is Fault.UNREADABLE
    verify.forget()


def test_a_paper_without_signatures_and_one_with_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verify.check(signing.paper(), signing.trust()).fault is Fault.UNSIGNED
    monkeypatch.setattr(verify, "MOST_SIGNATURES", 2)
    verify.forget()
    assert verify.check(GOOD(), signing.trust()).fault is Fault.TOO_MANY
    verify.forget()


def test_a_paper_whose_end_is_open_is_signed_and_not_valid() -> None:
    once = sign.sign(
        signing.paper(), field="liaison", key=signing.opened(), timestamps=signing.stamps(), certify=True
    )
    checked = verify.check(once, signing.trust())
    assert checked.signed
    assert (checked.sound, checked.fault) == (False, Fault.OPEN)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("foreign", Fault.FOREIGN), ("expired", Fault.EXPIRED), ("early", Fault.EXPIRED),
        ("revoked", Fault.REVOKED), ("usage", Fault.USAGE),
    ],
)  # fmt: skip
def test_a_signature_of_a_bad_certificate_is_told_why(kind: str, fault: Fault) -> None:
    pdf = sign.sign(
        signing.paper(), field="liaison", key=signing.opened(kind), timestamps=signing.stamps(), certify=True
    )
    (one,) = verify.check(pdf, signing.trust()).signatures
    assert one.fault is fault
    assert one.at is None


def test_a_signature_without_a_time_stamp_is_not_believed() -> None:
    pdf = sign.sign(signing.paper(), field="liaison", key=signing.opened(), timestamps=None, certify=True)
    (one,) = verify.check(pdf, signing.trust()).signatures
    assert one.fault is Fault.NO_TIMESTAMP


def test_a_certificate_revoked_after_it_signed_signs_for_ever() -> None:
    issued = signing.root().signer(authority.Holder("签署人", "S-009"), at=signing.NOW)
    key = credentials.open_pkcs12(issued.as_pkcs12(signing.PIN), signing.PIN)
    pdf = sign.sign(signing.paper(), field="liaison", key=key, timestamps=signing.stamps(), certify=True)
    closed = sign.close(pdf, trust=signing.trust(), timestamps=signing.stamps())
    for since, fault in ((timedelta(hours=1), None), (-timedelta(hours=1), Fault.REVOKED)):
        serials = {issued.certificate.serial_number: datetime.now(UTC) + since}
        later = Trust(
            signing.trust().anchors,
            (signing.root().revoked(serials, at=datetime.now(UTC) + timedelta(hours=2), number=2),),
        )
        checked = verify.check(closed, later, existed_at=datetime.now(UTC))
        assert [each.fault for each in checked.signatures] == [fault]


def test_what_is_on_record_since_a_day_is_judged_by_that_day() -> None:
    """Years later the authority's certificate has expired; the log tells since when the file is there."""
    day = signing.NOW
    root = authority.Authority.make("Short", at=day - timedelta(days=20), days=365)
    stamping = root.time_stamping("Short stamps", at=day - timedelta(days=20), days=19)
    issued = root.signer(authority.Holder("签署人", "S-001"), at=day - timedelta(days=20))
    then = day - timedelta(days=10)
    trusted = Trust((root.certificate.public_bytes(Encoding.DER),), (root.revoked({}, at=then, days=5),))
    key = credentials.open_pkcs12(issued.as_pkcs12(signing.PIN), signing.PIN)
    pdf = sign.sign(
        signing.paper(), field="liaison", key=key, timestamps=stamping.timestamper(then), certify=True
    )
    moment = stamping.timestamper(then)
    closed = _closed(pdf, trusted, moment, then)
    today = verify.check(closed, Trust(trusted.anchors))
    assert today.fault is Fault.EXPIRED
    on_record = verify.check(closed, Trust(trusted.anchors), existed_at=then + timedelta(minutes=1))
    assert on_record.sound, on_record


def _closed(pdf: bytes, trusted: Trust, stamps: sign.TimeStamper, then: datetime) -> bytes:
    """As `sign.close`, in the past."""

    class Past(Trust):
        def context(self, **given: object):  # type: ignore[no-untyped-def]  # as the one above it
            return super().context(**{**given, "moment": then})  # type: ignore[arg-type]  # as given

    return sign.close(pdf, trust=Past(trusted.anchors, trusted.lists), timestamps=stamps)


def test_a_verdict_is_kept_by_checksum(monkeypatch: pytest.MonkeyPatch) -> None:
    first = verify.check(GOOD(), signing.trust())
    monkeypatch.setattr(verify, "_check", None)
    assert verify.check(bytes(bytearray(GOOD())), signing.trust()) is first
    with pytest.raises(TypeError):  # under another trust it is another question
        verify.check(GOOD(), Trust(signing.trust().anchors))


def test_an_encrypted_file_is_unreadable() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(signing.paper())) as file:
        file.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert verify.check(out.getvalue(), signing.trust()).fault is Fault.UNREADABLE
