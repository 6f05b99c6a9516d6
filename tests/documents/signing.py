"""An authority, its signers and their papers, for tests of signatures. Keys are made once a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.serialization import Encoding

from documents import credentials, fields, render, sign
from documents.authority import Authority, Holder, Issued
from documents.content import Content, SignatureLine, Signatures, Text
from documents.trust import Trust

#: no part of it occurs by chance in a digest or an identifier
PIN = "pin-of-tests"
NOW = datetime.now(UTC)
#: the field of each signer on the paper below, in order
NAMES = ("liaison", *(f"seat{number}" for number in range(1, 10)), "chair")


@cache
def root() -> Authority:
    return Authority.make("Authority for tests", at=NOW)


@cache
def another_root() -> Authority:
    return Authority.make("Another authority", at=NOW)


def issued(kind: str = "good") -> Issued:
    """A signer's certificate, good or bad in one way."""
    return _issued(kind)


@cache
def _issued(kind: str) -> Issued:
    holder = Holder("签署人", "S-001", "signer@bank.example")
    if kind == "good":
        return root().signer(holder, at=NOW)
    if kind == "other":
        return root().signer(Holder("他人", "S-002", "other@bank.example"), at=NOW)
    if kind == "foreign":
        return another_root().signer(holder, at=NOW)
    if kind == "expired":
        return root().signer(holder, at=NOW - timedelta(days=10), days=5)
    if kind == "early":
        return root().signer(holder, at=NOW + timedelta(days=10))
    if kind == "usage":
        return root().signer(holder, at=NOW, usage={"digital_signature"})
    if kind == "weak":
        return root().signer(holder, at=NOW, bits=1024)
    if kind == "revoked":
        return root().signer(holder, at=NOW)
    raise KeyError(kind)


@cache
def stamping() -> Issued:
    return root().time_stamping("Time stamps for tests", at=NOW)


@cache
def trust() -> Trust:
    revoked = {issued("revoked").certificate.serial_number: NOW - timedelta(minutes=30)}
    return Trust(
        (root().certificate.public_bytes(Encoding.DER),),
        (root().revoked(revoked, at=NOW),),
    )


def opened(kind: str = "good") -> credentials.Opened:
    return credentials.open_pkcs12(packed(kind), PIN)


def packed(kind: str = "good") -> bytes:
    return _packed(kind)


@cache
def _packed(kind: str) -> bytes:
    return issued(kind).as_pkcs12(PIN)


def stamps() -> sign.CheckedTimeStamper:
    return sign.CheckedTimeStamper(stamping().timestamper())


@cache
def paper(names: Sequence[str] = ("liaison", "chair")) -> bytes:
    """Minutes with a field for each name, not signed yet."""
    labels = [f"{name}（签名）" for name in names]
    content = Content(
        kind="minutes",
        language="zh-hans",
        number="呼联纪〔2026〕3号",
        organ="分行联席会议",
        title="会议纪要",
        blocks=[Text(text="会议议定事项。"), Signatures(rows=[SignatureLine(label=each) for each in labels])],
        at="2026-03-05T09:00:00+08:00",
    )
    pdf = render.render(content, attached={"minutes.json": b'{"narrative":"","record":{}}'}).pdf
    found = fields.places(pdf, labels)
    return fields.add(
        pdf,
        [
            fields.Field(name, page, (346.0, base, 520.0, base + 16), label)
            for name, label, (page, base) in zip(names, labels, found, strict=True)
        ],
    )


@cache
def signed(names: tuple[str, ...] = ("liaison", "chair"), kind: str = "good") -> bytes:
    """The paper with every field signed, and closed."""
    pdf = paper(names)
    for name in names:
        pdf = sign.sign(pdf, field=name, key=opened(kind), timestamps=stamps(), certify=name == names[0])
    return sign.close(pdf, trust=trust(), timestamps=stamps())


def authority_holder(number: str) -> Holder:
    return Holder("签署人", number)
