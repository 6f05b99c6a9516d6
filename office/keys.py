"""Keys of signers: what is trusted, opening one with its PIN, and what stands against its use.

A PIN is counted before it is tried, in a statement that is committed at once: tries at the same time cannot
exceed the five. It is passed on to what opens the key and kept nowhere.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from asn1crypto import x509
from django.conf import settings
from django.db.models import F

from audit import clock
from audit.recording import rehearsing
from committee.models import Person
from documents import credentials, trust
from documents.credentials import Identity, Opened
from documents.trust import Trust
from office.models import SignerKey
from office.models.signing import key_path
from regulation.refused import Refused

#: for how long before its last day an expiring certificate is pointed out
SOON = timedelta(days=30)


def required() -> bool:
    """Whether minutes are signed electronically; a rehearsal has no keys and signs as without them."""
    return bool(settings.SIGNING) and not rehearsing()


def trusted() -> Trust:
    """Return the authorities and lists that are trusted now; the folders are read anew each time."""
    return trust.read(
        _folder(settings.TRUST_ANCHORS), _folder(settings.REVOCATION_LISTS), fetch=settings.REVOCATION_FETCH
    )


def _folder(name: str) -> Path | None:
    return Path(name) if name else None


def identity_of(person: Person) -> Identity:
    """By what a certificate names the person."""
    return Identity(person.staff_no or "", person.email or "")


def key_of(person: Person) -> SignerKey | None:
    """The person's key, if there is one."""
    return SignerKey.objects.filter(person=person, withdrawn_at=None).first()


def token_of(person: Person) -> str:
    """The label of the person's token; empty without tokens."""
    return str(settings.PKCS11_TOKEN).replace("{login}", person.username) if settings.PKCS11_MODULE else ""


@contextmanager
def opened(key: SignerKey, pin: str) -> Iterator[Opened]:
    """Open the key with its PIN, which is not counted here.

    `document/wrong-pin`, `document/key-locked`, `document/key-unreadable`.
    """
    if key.locked_at is not None:
        raise Refused("document/key-locked")
    if key.kind == SignerKey.Kind.TOKEN:
        label = token_of(key.person)
        with credentials.open_token(settings.PKCS11_MODULE, label, pin, bytes(key.certificate)) as found:
            yield found
        return
    try:
        data = key.path.read_bytes()
    except OSError as lost:
        raise Refused("document/key-unreadable") from lost
    yield credentials.open_pkcs12(data, pin)


def count_try(key: SignerKey) -> int:
    """Count a try of a PIN and return how many are left; `document/key-locked` when there is none.

    The count is to outlast a refusal: it is asked for outside of the act's transaction.
    """
    tries = SignerKey.objects.filter(pk=key.pk, wrong__lt=SignerKey.TRIES, locked_at=None)
    if not tries.update(wrong=F("wrong") + 1):
        raise Refused("document/key-locked")
    key.refresh_from_db(fields=["wrong"])
    return SignerKey.TRIES - key.wrong


def uncount(key: SignerKey) -> None:
    """Take a try back: its PIN was not tried."""
    SignerKey.objects.filter(pk=key.pk, locked_at=None, wrong__gt=0).update(wrong=F("wrong") - 1)


def right(key: SignerKey) -> None:
    """The PIN was right: the count begins anew."""
    SignerKey.objects.filter(pk=key.pk, locked_at=None).update(wrong=0)


def require_usable(key: SignerKey, found: Opened) -> None:
    """Raise what stands against the certificate now (`documents.credentials.require_usable`)."""
    credentials.require_usable(found.certificate, found.others, trusted(), identity_of(key.person))


def standing(key: SignerKey) -> Refused | None:
    """What stands against the key's use now, as far as it is known without its PIN; None if nothing does."""
    if key.locked_at is not None:
        return Refused("document/key-locked")
    certificate = x509.Certificate.load(bytes(key.certificate))
    try:
        credentials.require_usable(certificate, (), trusted(), identity_of(key.person))
    except Refused as refused:
        return refused
    except ValueError:  # a folder of the installation that cannot be read
        return Refused("document/certificate-unchecked")
    return None


def expires_soon(key: SignerKey) -> bool:
    """Whether the certificate has thirty days or fewer left."""
    return key.valid_until - clock.now() <= SOON


def fingerprint_of(certificate: x509.Certificate) -> str:
    """The SHA-256 over the certificate, as 64 hexadecimal digits."""
    return hashlib.sha256(certificate.dump()).hexdigest()


def keep(fingerprint: str, data: bytes) -> None:
    """Store a PKCS#12 where nobody but the site reads it; OSError when that cannot be done."""
    target = key_path(fingerprint)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = target.with_suffix(f".{os.urandom(4).hex()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
