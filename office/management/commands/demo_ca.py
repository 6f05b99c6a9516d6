"""`manage.py demo_ca`: an authority for the demo, keys of its signers, and a time-stamping authority."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from office import demonstration
from office.demonstration import PIN


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
        root, stamps = demonstration.prepared()
        self.stdout.write(f"authority in {demonstration.folder()}")
        if options["keys"]:
            for person in demonstration.give_keys(root):
                self.stdout.write(f"key of {person.username}, PIN {PIN}")
        if options["tsa"]:
            server = demonstration.stamping(stamps, options["tsa"])
            self.stdout.write(f"TSA_URL={demonstration.address(server)}")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("stopped")
            finally:
                server.server_close()
