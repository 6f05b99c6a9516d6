"""The demo's authority, the keys of its signers, and its time stamps (`manage.py demo`, `manage.py demo_ca`).

All of it lies in `var/authority` and `var/keys`, of this installation alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.conf import settings

from committee.models import Committee, Person, Seat
from documents import authority
from documents.authority import Authority, Holder, Issued
from office import keys as signer_keys
from office.actions import keys

#: the PIN of every key that the demo makes: it is public, like the demo's password
PIN = "246810"


def folder() -> Path:
    """Where the authority lies."""
    return Path(settings.VAR_DIR) / "authority"


def prepared() -> tuple[Authority, Issued]:
    """Return the authority and its key for time stamps, made if there is none, as is the seal of dossiers.

    Its list is made anew.
    """
    now, home = datetime.now(UTC), folder()
    for part in (home, home / "anchors", home / "lists"):
        part.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = home / "authority.pem"
    if not secret.exists():
        _keep(secret, Authority.make("Lianxi demo authority", at=now).as_pem())
    root = Authority.read(secret.read_bytes())
    (home / "anchors" / "authority.cer").write_bytes(root.certificate.public_bytes(Encoding.DER))
    (home / "lists" / "authority.crl").write_bytes(root.revoked({}, at=now, number=int(now.timestamp())))
    stamps = home / "time-stamps.p12"
    if not stamps.exists():
        _keep(stamps, root.time_stamping("Lianxi demo time stamps", at=now).as_pkcs12(PIN))
    seal = home / "seal.p12"
    if not seal.exists():
        holder = Holder("Lianxi demo seal", "SEAL")
        _keep(home / "seal.pass", f"{PIN}\n".encode())
        _keep(seal, root.signer(holder, at=now, days=3650).as_pkcs12(PIN))
    key, certificate, _ = pkcs12.load_key_and_certificates(stamps.read_bytes(), PIN.encode())
    return root, Issued(certificate, key, root.certificate)  # type: ignore[arg-type]  # as it was made above


def _keep(path: Path, secret: bytes) -> None:
    """Write the file for this account's eyes, complete or not at all."""
    fresh = path.with_suffix(".part")
    fresh.touch(0o600)
    fresh.write_bytes(secret)
    fresh.replace(path)


def signers() -> list[Person]:
    """The liaisons and the holders of seats."""
    people = {*Committee.objects.values_list("liaison", flat=True)}
    people |= {*Seat.objects.exclude(holder=None).values_list("holder", flat=True)}
    return list(Person.objects.filter(pk__in=people - {None}).order_by("pk"))


def give_keys(root: Authority) -> Iterator[Person]:
    """Give every signer without a key one with the demo's PIN, and yield who got one."""
    for person in signers():
        if signer_keys.key_of(person) is None:
            holder = Holder(person.display_name, person.staff_no or "", person.email or "")
            issued = root.signer(holder, at=datetime.now(UTC))
            keys.add_file(by=person, data=issued.as_pkcs12(PIN), pin=PIN)
            yield person


def stamping(stamps: Issued, port: int = 0) -> ThreadingHTTPServer:
    """Return a time-stamping authority on this machine, not yet serving; port 0 chooses a free one."""
    return authority.serve(stamps.timestamper(), port=port)


def stamps_from(server: ThreadingHTTPServer) -> str:
    """The server stamps the time beside what this process does; the address to set as TSA_URL."""
    threading.Thread(target=server.serve_forever, name="time stamps", daemon=True).start()
    return address(server)


def address(server: ThreadingHTTPServer) -> str:
    """Where the time is stamped."""
    return f"http://127.0.0.1:{server.server_address[1]}/"
