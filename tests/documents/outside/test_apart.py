"""A file that anybody brings is looked at in a process of its own, within limits."""

from __future__ import annotations

import hashlib
import resource
import time
import zlib
from collections.abc import Iterator

import pytest

from documents import verify
from documents.outside import apart
from documents.trust import Trust
from documents.verify import Fault
from tests.documents import signing

MIB = 1 << 20


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    apart._kept.clear()
    yield
    apart._kept.clear()


def bomb(mib: int) -> bytes:
    """A PDF whose table of objects is a stream that inflates to so many MiB."""
    packing = zlib.compressobj(9)
    packed = b"".join([*(packing.compress(bytes(MIB)) for _ in range(mib)), packing.flush()])
    head = (
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    )
    size = mib * MIB // 7
    entries = b"<</Type/XRef/Size %d/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length %d>>" % (size, len(packed))
    stream = b"3 0 obj\n" + entries + b"\nstream\n" + packed + b"\nendstream\nendobj\n"
    return head + stream + b"startxref\n%d\n%%%%EOF\n" % len(head)


@pytest.mark.parametrize("mib", [64, 2000])
def test_a_file_that_inflates_without_end_is_given_up_and_takes_nothing_of_the_site(
    monkeypatch: pytest.MonkeyPatch, mib: int
) -> None:
    """By its time, and by its memory."""
    monkeypatch.setattr(
        apart,
        "_START",
        apart._START.replace("main()", "import documents.outside.apart as a; a.SECONDS = 3; main()"),
    )
    hostile = bomb(mib)
    assert len(hostile) < 3 * MIB
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    told = apart.check(hostile, signing.trust(), name="paper.json")
    # pyHanko takes its own want of memory for damage
    assert told.checked.fault in (Fault.COSTLY, Fault.UNREADABLE)
    assert told.stated is None
    assert time.monotonic() - began < apart.PATIENCE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # of kB


def test_the_clock_gives_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(apart, "PATIENCE", 0.5)
    assert apart.check(b"%PDF-", signing.trust(), name="x").checked.fault is Fault.COSTLY


def test_it_says_what_is_said_within_the_process() -> None:
    """Of a signed file, of one without signatures, and of what is none."""
    signed = signing.signed(signing.NAMES)
    for pdf in (signed, signed[:-700], b"hello", b""):
        told = apart.check(pdf, signing.trust(), name="nothing.json")
        assert told.checked == verify.check(pdf, signing.trust())
    assert told.checked.fault is Fault.UNREADABLE
    assert apart.check(signed, signing.trust(), name="nothing.json").checked.sound


def test_whom_to_believe_is_told_along() -> None:
    told = apart.check(signing.signed(signing.NAMES), Trust(()), name="x")
    assert told.checked == verify.check(signing.signed(signing.NAMES), Trust(()))
    assert not told.checked.sound


def test_with_every_place_taken_it_is_busy_and_a_place_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WAIT", 0.05)
    for _ in range(apart.MOST_AT_ONCE):
        assert apart._places.acquire(timeout=1)
    try:
        with pytest.raises(apart.Busy):
            apart.check(b"%PDF-1", signing.trust(), name="x")
    finally:
        for _ in range(apart.MOST_AT_ONCE):
            apart._places.release()
    assert apart.check(b"%PDF-1", signing.trust(), name="x").checked.fault is Fault.UNREADABLE
    assert (
        apart.check(b"%PDF-1", signing.trust(), name="x").checked.sha256
        == hashlib.sha256(b"%PDF-1").hexdigest()
    )
