"""Whether a signed PDF is what it was: two verdicts, and one word for both.

The signatures: each is intact, of a trusted person, from a proven time, and nothing that it forbids came
after it; and a time stamp covers the last byte (B-LTA). The record: this file, by its checksum, is on file.

A PDF alone cannot show every change: what lies in the padding of a signature, or in the lists added before
the last time stamp, is covered by nothing. So VALID is said only when both hold.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Any

from asn1crypto import x509
from cachetools import TTLCache
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESSubIndic
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
    collect_embedded_signatures,
)
from pyhanko.sign.validation.status import (
    PdfSignatureStatus,
    SignatureCoverageLevel,
    TimestampSignatureStatus,
)

from documents.credentials import common_name, issuer_name
from documents.revisions import StepByStep
from documents.trust import Trust

#: bytes of a file that is looked at, and signatures in it: each is compared with all that came after it
MOST_BYTES, MOST_SIGNATURES = 20_000_000, 40


class Outcome(StrEnum):
    """Both verdicts in one word."""

    VALID = "valid"
    #: signed, and not the file on record
    SIGNED = "signed"
    INVALID = "invalid"


class Recorded(StrEnum):
    """What is on record of a file."""

    #: this file
    FILE = "file"
    #: what it states, with another file
    OTHER = "other"
    NOTHING = "nothing"


class Fault(StrEnum):
    """Why a signature, or the file, is not valid."""

    UNREADABLE = "unreadable"
    #: checking it takes more time or memory than a signed paper does (`documents.outside.apart`)
    COSTLY = "costly"
    UNSIGNED = "unsigned"
    TOO_MANY = "too-many"
    #: the signed bytes are not those that were signed
    CHANGED = "changed"
    #: something was added afterwards that the signature forbids
    ADDED = "added"
    #: the signature itself is not of the key of its certificate
    FORGED = "forged"
    FOREIGN = "foreign"
    REVOKED = "revoked"
    #: not valid when it signed: before its first day, or after its last
    EXPIRED = "expired"
    UNCHECKED = "unchecked"
    USAGE = "usage"
    NO_TIMESTAMP = "no-timestamp"
    #: no time stamp covers the end of the file
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature: whose, when, and what is wrong with it."""

    field: str
    name: str
    number: str
    issuer: str
    #: by the time stamp; None without one that is believed
    at: datetime | None
    fault: Fault | None

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.fault is None


@dataclass(frozen=True, slots=True)
class Checked:
    """What the file says by itself."""

    sha256: str
    signatures: tuple[Signature, ...] = ()
    #: of the file as a whole, beside those of its signatures
    fault: Fault | None = None
    #: the time stamp at the end
    closed_at: datetime | None = None

    @property
    def sound(self) -> bool:
        """Whether every signature is valid and the end is covered."""
        return self.fault is None and bool(self.signatures) and all(each.valid for each in self.signatures)

    @property
    def signed(self) -> bool:
        """Whether every signature is valid, whether or not the end is covered."""
        return (
            bool(self.signatures)
            and all(each.valid for each in self.signatures)
            and self.fault
            in (
                None,
                Fault.OPEN,
            )
        )


def outcome(checked: Checked, recorded: Recorded) -> Outcome:
    """Return both verdicts in one word.

    A file whose statements are on record with another file was changed, even if no signature shows it.
    """
    if not checked.sound or recorded is Recorded.OTHER:
        return Outcome.INVALID
    return Outcome.VALID if recorded is Recorded.FILE else Outcome.SIGNED


_kept: TTLCache[tuple[str, str, datetime | None], Checked] = TTLCache(maxsize=256, ttl=600)
_lock = Lock()


def check(pdf: bytes, trust: Trust, *, existed_at: datetime | None = None) -> Checked:
    """Return what the file says by itself; what was found is kept for ten minutes under its checksum.

    `existed_at` is when the file existed for certain (its entry in the audit log): the time stamp at its end
    is judged by that day, not by today, when the certificate of the authority may have expired.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    key = (sha256, trust.digest, existed_at)
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = _check(pdf, sha256, trust, existed_at)
        with _lock:
            _kept[key] = found
    return found


def forget() -> None:
    """Forget what was found."""
    with _lock:
        _kept.clear()


def _check(pdf: bytes, sha256: str, trust: Trust, existed_at: datetime | None) -> Checked:
    if len(pdf) > MOST_BYTES:
        return Checked(sha256, fault=Fault.UNREADABLE)
    try:
        return asyncio.run(_all(pdf, sha256, trust, existed_at))
    except MemoryError:
        return Checked(sha256, fault=Fault.COSTLY)
    except Exception:  # noqa: BLE001 - anybody's file: whatever its bytes lead to, it is no signed PDF
        return Checked(sha256, fault=Fault.UNREADABLE)


async def _all(pdf: bytes, sha256: str, trust: Trust, existed_at: datetime | None) -> Checked:
    reader = PdfFileReader(io.BytesIO(pdf))
    found = collect_embedded_signatures(reader)
    if not any(each.sig_object_type == "/Sig" for each in found):
        return Checked(sha256, fault=Fault.UNSIGNED)
    if len(found) > MOST_SIGNATURES:
        return Checked(sha256, fault=Fault.TOO_MANY)
    judge = _Judge(trust, *_stored(reader))
    closed_at, fault = await judge.end(found[-1], existed_at, covers=SignatureCoverageLevel.ENTIRE_FILE)
    for each in found[:-1]:  # stamps before the last one prove nothing more, and may not be broken
        if fault is None and each.sig_object_type == "/DocTimeStamp":
            _, fault = await judge.end(each, closed_at, covers=SignatureCoverageLevel.ENTIRE_REVISION)
    signatures = tuple(
        [await judge.signature(each, closed_at) for each in found if each.sig_object_type == "/Sig"]
    )
    return Checked(sha256, signatures, fault, closed_at)


def _stored(reader: PdfFileReader) -> tuple[list[bytes], list[x509.Certificate]]:
    """The revocation lists and certificates that the file brings along."""
    if "/DSS" not in reader.root:
        return [], []
    store = DocumentSecurityStore.read_dss(reader)
    lists = [each.get_object().data for each in store.crls]
    return lists, list(store.load_certs())


class _Judge:
    """Judges the signatures of one file."""

    def __init__(self, trust: Trust, lists: list[bytes], certificates: list[x509.Certificate]) -> None:
        self._trust = trust
        self._lists = lists
        self._certificates = certificates
        self._policy = StepByStep()

    def _context(self, moment: datetime | None) -> Any:
        return self._trust.context(moment=moment, lists=self._lists, certificates=self._certificates)

    async def end(
        self, stamp: EmbeddedPdfSignature, moment: datetime | None, *, covers: SignatureCoverageLevel
    ) -> tuple[datetime | None, Fault | None]:
        """When the time stamp over so much of the file is from, or what is wrong with it."""
        if stamp.sig_object_type != "/DocTimeStamp":
            return None, Fault.OPEN
        context = self._context(moment)
        try:
            status = await async_validate_pdf_timestamp(stamp, context, diff_policy=self._policy)
        finally:
            await context.aclose()
        fault = _fault_of_stamp(status)
        if fault is None and (status.coverage is None or status.coverage.value < covers.value):
            fault = Fault.OPEN
        return (None, fault) if fault else (status.timestamp, None)

    async def signature(self, embedded: EmbeddedPdfSignature, closed_at: datetime | None) -> Signature:
        """A signature, judged at the time of its own time stamp; that one at the time of the last."""
        stated = _stated_time(embedded)
        contexts = self._context(stated), self._context(closed_at)
        try:
            status = await async_validate_pdf_signature(embedded, *contexts, diff_policy=self._policy)
        finally:
            for context in contexts:
                await context.aclose()
        certificate = embedded.signer_cert
        fault = _fault_of(status)
        if fault is Fault.FOREIGN and stated is not None and stated < certificate.not_valid_before:
            fault = Fault.EXPIRED  # pyHanko has no indication of its own for it
        return Signature(
            field=embedded.field_name,
            name=common_name(certificate),
            number=str(certificate.subject.native.get("serial_number") or ""),
            issuer=issuer_name(certificate),
            at=stated if fault is None else None,
            fault=fault,
        )


def _stated_time(embedded: EmbeddedPdfSignature) -> datetime | None:
    """What the time stamp of the signature says; whether it is believed is judged later."""
    for attribute in embedded.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            token = attribute["values"][0]["content"]
            extract_signer_info(token)
            stated: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
            return stated
    return None


def _fault_of(status: PdfSignatureStatus) -> Fault | None:
    if not status.intact:
        return Fault.CHANGED
    if not status.valid:
        return Fault.FORGED
    if not status.docmdp_ok:
        return Fault.ADDED
    if status.coverage is None or status.coverage.value < SignatureCoverageLevel.ENTIRE_REVISION.value:
        return Fault.ADDED
    stamp = status.timestamp_validity
    if stamp is None or _fault_of_stamp(stamp) is not None:
        return Fault.NO_TIMESTAMP
    if not status.trusted:
        return _why(status.trust_problem_indic)
    return None if status.bottom_line else Fault.FORGED


def _fault_of_stamp(stamp: TimestampSignatureStatus) -> Fault | None:
    if not (stamp.intact and stamp.valid):
        return Fault.CHANGED
    if not stamp.trusted:
        return _why(stamp.trust_problem_indic)
    return None


def _why(indication: AdESSubIndic | None) -> Fault:
    """Why a certificate is not trusted, by its indication (ETSI EN 319 102-1, 5.1)."""
    name = indication.standard_name if indication is not None else ""
    return _WHY.get(name, Fault.FOREIGN)


_WHY = {
    "REVOKED": Fault.REVOKED,
    "REVOKED_NO_POE": Fault.REVOKED,
    "REVOKED_CA_NO_POE": Fault.REVOKED,
    "TRY_LATER": Fault.UNCHECKED,
    "EXPIRED": Fault.EXPIRED,
    "NOT_YET_VALID": Fault.EXPIRED,
    "OUT_OF_BOUNDS_NO_POE": Fault.EXPIRED,
    "OUT_OF_BOUNDS_NOT_REVOKED": Fault.EXPIRED,
    "CHAIN_CONSTRAINTS_FAILURE": Fault.USAGE,
    "SIG_CONSTRAINTS_FAILURE": Fault.USAGE,
}
