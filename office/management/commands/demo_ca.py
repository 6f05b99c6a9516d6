"""`manage.py demo_ca`: an authority for the demo, keys of its signers, and a time-stamping authority."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from committee.models import Committee, Person, Seat
from documents import authority
from documents.authority import Authority, Holder, Issued
from office import keys as signer_keys
from office.actions import keys

#: the PIN of every key that the demo makes
PIN = "246810"


class Command(BaseCommand):
    help = (
        "Makes an authority in the demo's folder (var/authority): certificate, revocation list, and key for"
        " time stamps; with --keys a key for the liaison and seats of each committee. With --tsa PORT it then"
        " stamps the time over HTTP until it is stopped. For the demo alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--keys", action="store_true", help="give every signer without a key one")
        parser.add_argument(
            "--tsa", type=int, metavar="PORT", help="stamp the time on this port of this machine"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing; CommandError outside of the demo."""
        if not settings.DEMO:
            raise CommandError("The demo's authority is for the demo alone (LIANXI_DEMO=1).")
        folder = Path(settings.VAR_DIR) / "authority"
        root, stamping = prepared(folder)
        self.stdout.write(f"authority in {folder}")
        if options["keys"]:
            for person in signers():
                if signer_keys.key_of(person) is None:
                    holder = Holder(person.display_name, person.staff_no or "", person.email or "")
                    issued = root.signer(holder, at=datetime.now(UTC))
                    keys.add_file(by=person, data=issued.as_pkcs12(PIN), pin=PIN)
                    self.stdout.write(f"key of {person.username}, PIN {PIN}")
        if options["tsa"]:
            server = authority.serve(stamping.timestamper(), port=options["tsa"])
            self.stdout.write(f"TSA_URL=http://127.0.0.1:{server.server_address[1]}/")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("stopped")
            finally:
                server.server_close()


def signers() -> list[Person]:
    """The liaisons and the holders of seats."""
    people = {*Committee.objects.values_list("liaison", flat=True)}
    people |= {*Seat.objects.exclude(holder=None).values_list("holder", flat=True)}
    return list(Person.objects.filter(pk__in=people - {None}).order_by("pk"))


def prepared(folder: Path) -> tuple[Authority, Issued]:
    """Return the authority in the folder and its key for time stamps; its list is made anew each time."""
    now = datetime.now(UTC)
    for part in (folder, folder / "anchors", folder / "lists"):
        part.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = folder / "authority.pem"
    if not secret.exists():
        secret.touch(0o600)
        secret.write_bytes(Authority.make("Lianxi demo authority", at=now).as_pem())
    root = Authority.read(secret.read_bytes())
    (folder / "anchors" / "authority.cer").write_bytes(root.certificate.public_bytes(Encoding.DER))
    (folder / "lists" / "authority.crl").write_bytes(root.revoked({}, at=now, number=int(now.timestamp())))
    stamps = folder / "time-stamps.p12"
    if not stamps.exists():
        stamps.touch(0o600)
        stamps.write_bytes(root.time_stamping("Lianxi demo time stamps", at=now).as_pkcs12(PIN))
    key, certificate, _ = pkcs12.load_key_and_certificates(stamps.read_bytes(), PIN.encode())
    return root, Issued(certificate, key, root.certificate)  # type: ignore[arg-type]  # as it was made above
