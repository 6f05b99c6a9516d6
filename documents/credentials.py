"""Keys that sign: opened with a PIN, from a PKCS#12 or on a PKCS#11 token; the checks of certificates.

A PIN is used and forgotten: it is in no message, no log and no object that stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pkcs11
from asn1crypto import pkcs12 as asn1_pkcs12
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import pkcs12
from pkcs11 import Attribute, ObjectClass
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.signers import Signer, SimpleSigner
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
    ValidationError,
)

from documents.trust import Trust
from regulation.refused import Refused

#: bytes that a PKCS#12 may have, and rounds by which its PIN is slowed
MOST_BYTES, MOST_ROUNDS = 100_000, 10_000_000
#: bits that the modulus of an RSA key has at least, and the curve of an EC key
LEAST_RSA, LEAST_EC = 2048, 256


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a certificate names a person: the number in the bank, or the address of mail."""

    number: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A key that can sign now, and the certificates that came with it."""

    signer: Signer
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...] = ()


def open_pkcs12(data: bytes, pin: str) -> Opened:
    """Return the key in a PKCS#12.

    `document/key-unreadable` for anything else and for one without a key; `document/wrong-pin`.
    """
    _require_readable(data)
    password = pin.encode()
    if b"\0" in password:  # the library below ends such a text there
        raise Refused("document/wrong-pin")
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(data, password)
    except ValueError:  # its text and its context are not passed on: they come from what the PIN was tried on
        raise Refused("document/wrong-pin") from None
    except BaseException as failed:
        # whatever the bytes of a stranger's file lead to, a panic of the library in Rust included
        if isinstance(failed, Exception) or type(failed).__module__ == "pyo3_runtime":
            raise Refused("document/key-unreadable") from None
        raise
    if key is None or certificate is None:
        raise Refused("document/key-unreadable")
    try:
        signer = SimpleSigner.load_pkcs12_data(data, other_certs=[], passphrase=password)
    except (ValueError, TypeError, NotImplementedError):
        raise Refused("document/key-unreadable") from None
    found = signer.signing_cert
    assert found is not None
    return Opened(signer, found, tuple(signer.cert_registry))


def _require_readable(data: bytes) -> None:
    """Raise `document/key-unreadable` unless the bytes are a PKCS#12 that is opened in reasonable time."""
    if not 0 < len(data) <= MOST_BYTES:
        raise Refused("document/key-unreadable")
    try:
        outer = asn1_pkcs12.Pfx.load(data, strict=True)
        if max(_rounds(outer.native)) > MOST_ROUNDS:
            raise Refused("document/key-unreadable")
        for safe in outer.authenticated_safe:
            if max(_rounds(safe.native)) > MOST_ROUNDS:
                raise Refused("document/key-unreadable")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refused("document/key-unreadable") from None


def _rounds(value: Any) -> Iterator[int]:
    """Every count of rounds that is named anywhere inside."""
    yield 0
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("iterations", "iteration_count") and isinstance(part, int):
                yield part
            else:
                yield from _rounds(part)
    elif isinstance(value, (list, tuple, set)):
        for part in value:
            yield from _rounds(part)


@contextmanager
def open_token(module: str, label: str, pin: str, certificate: bytes | None = None) -> Iterator[Opened]:
    """Open the key on a PKCS#11 token: that of this certificate (DER), or the token's first.

    `document/wrong-pin`; `document/key-locked` where the token itself is locked; `document/key-unreadable`
    without module, token, or a key with a certificate.
    """
    try:
        session = open_pkcs11_session(module, token_criteria=TokenCriteria(label=label), user_pin=pin)
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
        raise Refused("document/wrong-pin") from None
    except pkcs11.PinLocked:
        raise Refused("document/key-locked") from None
    except (pkcs11.PKCS11Error, OSError, RuntimeError):
        raise Refused("document/key-unreadable") from None
    try:
        found = _on_token(session, certificate)
        if found is None:
            raise Refused("document/key-unreadable")
        identifier, there = found
        yield Opened(PKCS11Signer(session, signing_cert=there, key_id=identifier), there)
    finally:
        session.close()


def _on_token(session: Any, wanted: bytes | None) -> tuple[bytes, x509.Certificate] | None:
    """The identifier and the certificate of a key on the token."""
    keys = {each[Attribute.ID] for each in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})}
    for each in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        data = each[Attribute.VALUE]
        if each[Attribute.ID] in keys and wanted in (None, data):
            return each[Attribute.ID], x509.Certificate.load(data)
    return None


def require_usable(
    certificate: x509.Certificate,
    others: Iterable[x509.Certificate],
    trust: Trust,
    identity: Identity,
    *,
    now: datetime | None = None,
) -> None:
    """Return when the certificate may sign for this person now.

    In this order: `document/certificate-weak`, `-of-another`, `-usage`, `-not-yet`, `-expired`, `-foreign`,
    `-revoked` and, when nobody says whether it is revoked, `-unchecked`.
    """
    if not _strong(certificate):
        raise Refused("document/certificate-weak")
    if not names(certificate, identity):
        raise Refused("document/certificate-of-another", name=common_name(certificate))
    usage = certificate.key_usage_value
    if usage is None or "non_repudiation" not in usage.native:
        raise Refused("document/certificate-usage")
    moment = now or datetime.now(UTC)
    if certificate.not_valid_before > moment:
        raise Refused("document/certificate-not-yet", since=certificate.not_valid_before.date())
    if certificate.not_valid_after < moment:
        raise Refused("document/certificate-expired", until=certificate.not_valid_after.date())
    _require_trusted(certificate, others, trust)


def _require_trusted(certificate: x509.Certificate, others: Iterable[x509.Certificate], trust: Trust) -> None:
    async def validate() -> None:
        context = trust.context()
        try:
            validator = CertificateValidator(
                certificate, intermediate_certs=list(others), validation_context=context
            )
            await validator.async_validate_usage({"non_repudiation"})
        finally:
            await context.aclose()

    try:
        asyncio.run(validate())
    except RevokedError as revoked:
        raise Refused("document/certificate-revoked", since=revoked.revocation_dt.date()) from revoked
    except InsufficientRevinfoError as unknown:
        raise Refused("document/certificate-unchecked") from unknown
    except PathBuildingError as foreign:
        raise Refused("document/certificate-foreign") from foreign
    except (
        ExpiredError,
        NotYetValidError,
        InvalidCertificateError,
        PathValidationError,
        ValidationError,
    ) as bad:
        # of an authority above it, since its own dates and usage are read before
        raise Refused("document/certificate-foreign") from bad


def _strong(certificate: x509.Certificate) -> bool:
    key = certificate.public_key
    if key.algorithm in ("rsa", "rsassa_pss"):
        return bool(key.bit_size >= LEAST_RSA)
    return bool(key.algorithm == "ec" and key.bit_size >= LEAST_EC)


def names(certificate: x509.Certificate, identity: Identity) -> bool:
    """Whether the certificate is this person's: by serialNumber or UID of its subject, or by the mail
    address.
    """
    subject = certificate.subject.native
    numbers = {
        _folded(str(each))
        for name in ("serial_number", "user_id")
        for each in _several(subject.get(name))
        if each
    }
    if identity.number and _folded(identity.number) in numbers:
        return True
    if numbers and identity.number:
        return False  # it names somebody by number, and that is somebody else
    return bool(identity.email) and identity.email.casefold() in _mails(certificate)


def _mails(certificate: x509.Certificate) -> set[str]:
    found = {str(each) for each in _several(certificate.subject.native.get("email_address"))}
    for name in certificate.subject_alt_name_value or ():
        if name.name == "rfc822_name":
            found.add(str(name.native))
    return {each.casefold() for each in found if each}


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _folded(text: str) -> str:
    return "".join(text.casefold().split())


def common_name(certificate: x509.Certificate) -> str:
    """The name in the certificate's subject, or all of the subject where it has none."""
    named = _several(certificate.subject.native.get("common_name"))
    return str(named[0]) if named else str(certificate.subject.human_friendly)


def issuer_name(certificate: x509.Certificate) -> str:
    """The name and the organisation of who issued the certificate, or all of the issuer without these."""
    stated = certificate.issuer.native
    named = [
        str(each) for key in ("common_name", "organization_name") for each in _several(stated.get(key))[:1]
    ]
    return ", ".join(named) or str(certificate.issuer.human_friendly)
