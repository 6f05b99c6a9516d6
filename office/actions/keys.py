"""A person's key for signing: added, withdrawn, locked; entries are in the bank's stream."""

from __future__ import annotations

from asn1crypto import x509
from django.conf import settings
from django.db import transaction

from audit import clock
from audit.recording import action, record
from committee.actions.founding import bank_stream
from committee.models import Person
from documents import credentials
from documents.credentials import common_name, issuer_name
from office import keys, signed_files
from office.models import SignerKey
from regulation.refused import Refused


def add_file(*, by: Person, data: bytes, pin: str) -> SignerKey:
    """The person signs with the key in this PKCS#12, in place of a former one.

    `document/key-unreadable`, `document/wrong-pin`, `document/certificate-taken`, `document/not-stored`, and
    what `documents.credentials.require_usable` refuses.
    """
    found = credentials.open_pkcs12(data, pin)
    credentials.require_usable(found.certificate, found.others, keys.trusted(), keys.identity_of(by))
    with transaction.atomic():  # the row is there with its file, or neither
        key = add_key(by, by=by, certificate=found.certificate, kind=SignerKey.Kind.FILE)
        try:
            keys.keep(key.fingerprint, data)
        except OSError as failed:
            raise Refused("document/not-stored") from failed
    return key


def add_token(*, by: Person, pin: str) -> SignerKey:
    """The person signs with the key on the token with the person's label; refusals as of `add_file`."""
    label = keys.token_of(by)
    if not label:
        raise Refused("document/key-unreadable")
    with credentials.open_token(settings.PKCS11_MODULE, label, pin) as found:
        credentials.require_usable(found.certificate, found.others, keys.trusted(), keys.identity_of(by))
        return add_key(by, by=by, certificate=found.certificate, kind=SignerKey.Kind.TOKEN)


@action
def add_key(person: Person, *, by: Person, certificate: x509.Certificate, kind: str) -> SignerKey:
    """The person has this key, and no other; `access/denied` to anyone else, `document/certificate-taken`."""
    person = _oneself(person, by)
    fingerprint = keys.fingerprint_of(certificate)
    others = SignerKey.objects.filter(fingerprint=fingerprint, withdrawn_at=None).exclude(person=person)
    if others.exists():
        raise Refused("document/certificate-taken")
    now = clock.now()
    for former in SignerKey.objects.select_for_update().filter(person=person, withdrawn_at=None):
        former.withdrawn_at = now
        former.save(update_fields=["withdrawn_at"])
        if former.fingerprint != fingerprint:
            signed_files.remove_when_committed(former.path)
    key = SignerKey.objects.create(
        person=person,
        kind=kind,
        certificate=certificate.dump(),
        fingerprint=fingerprint,
        name=common_name(certificate)[:200],
        issuer=issuer_name(certificate)[:200],
        valid_from=certificate.not_valid_before,
        valid_until=certificate.not_valid_after,
        added_at=now,
    )
    _recorded("add_key", key, by)
    return key


@action
def withdraw_key(person: Person, *, by: Person) -> None:
    """The person has no key; `access/denied` to anyone else, `document/no-key`."""
    person = _oneself(person, by)
    key = SignerKey.objects.select_for_update().filter(person=person, withdrawn_at=None).first()
    if key is None:
        raise Refused("document/no-key")
    key.withdrawn_at = clock.now()
    key.save(update_fields=["withdrawn_at"])
    signed_files.remove_when_committed(key.path)
    _recorded("withdraw_key", key, by)


@action
def lock_key(key: SignerKey, *, by: Person) -> None:
    """The key is locked after five wrong PINs, which is on record; of a locked one nothing changes."""
    key = SignerKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    if key.locked_at is not None:
        return
    key.locked_at = clock.now()
    key.save(update_fields=["locked_at"])
    _recorded("lock_key", key, by)


def try_pin(*, by: Person, pin: str) -> SignerKey:
    """Return the person's key when the PIN opens it; tries are counted, and the fifth wrong one locks it.

    To be called outside of the act's transaction, so that the count stays. `document/no-key`,
    `document/wrong-pin` with how many tries are left, `document/key-locked`, `document/key-unreadable`.
    """
    key = keys.key_of(by)
    if key is None:
        raise Refused("document/no-key")
    left = keys.count_try(key)
    try:
        with keys.opened(key, pin):
            pass
    except Refused as refused:
        if refused.code != "document/wrong-pin":
            keys.uncount(key)
            raise
        if left > 0:
            raise Refused("document/wrong-pin", left=left) from None
        lock_key(key, by=by)
        raise Refused("document/key-locked") from None
    keys.right(key)
    return key


def _oneself(person: Person, by: Person) -> Person:
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if by != person:
        raise Refused("access/denied")
    return person


def _recorded(verb: str, key: SignerKey, by: Person) -> None:
    bank = key.person.bank
    stream = bank_stream(bank) if bank is not None else "system"
    record(
        stream,
        verb,
        key.subject,
        by=by,
        payload={"person": str(key.person_id), "certificate": key.fingerprint, "issuer": key.issuer},
    )
