"""People with keys, and an installation that signs electronically."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from committee.models import Person
from documents import authority
from documents.authority import Holder, Issued
from office.actions import keys
from office.actions.signing import sign_electronically
from office.keys import key_of
from office.models import Minutes, MinutesFile, SignerKey
from tests.documents import signing
from tests.stage import Stage

PIN = signing.PIN


@cache
def issued_to(number: str) -> Issued:
    """The certificate of the person with this staff number."""
    return signing.root().signer(Holder(f"签署人{number}", number), at=signing.NOW)


def key_for(person: Person) -> SignerKey:
    """The person has a key now."""
    return keys.add_file(by=person, data=issued_to(person.staff_no).as_pkcs12(PIN), pin=PIN)


@contextmanager
def installed(settings: Any, folder: Path) -> Iterator[None]:
    """The settings of an installation that signs electronically, with an authority that stamps the time."""
    anchors, lists = folder / "anchors", folder / "lists"
    anchors.mkdir()
    lists.mkdir()
    (anchors / "ca.cer").write_bytes(signing.root().certificate.public_bytes(Encoding.DER))
    (lists / "ca.crl").write_bytes(signing.trust().lists[0])
    server = authority.serve(signing.stamping().timestamper())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.SIGNING = True
    settings.TRUST_ANCHORS, settings.REVOCATION_LISTS = str(anchors), str(lists)
    settings.SIGNER_KEYS = str(folder / "keys")
    settings.MEDIA_ROOT = folder / "media"
    settings.TSA_URL = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sign(stage: Stage, handle: str, pin: str = PIN, **given: Any) -> Minutes:
    """That person signs the minutes of the stage, with a key made for it."""
    if key_of(stage[handle]) is None:
        key_for(stage[handle])
    return sign_electronically(stage.meeting, by=stage[handle], pin=pin, **given)


def file_of(stage: Stage) -> MinutesFile:
    return MinutesFile.objects.get(minutes__meeting=stage.meeting, minutes__supplements=None, ended_at=None)
