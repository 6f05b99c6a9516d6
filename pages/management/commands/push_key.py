"""Make the site's key for pushes to browsers."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Write a new private key, for PUSH_KEY_FILE, readable by its owner alone."""

    help = "Write a new private key for pushes (VAPID), for PUSH_KEY_FILE, readable by its owner alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="where the key is written; an existing file stays as it is")

    def handle(self, *_args: object, **options: str) -> None:
        path = Path(options["file"])
        made = ec.generate_private_key(ec.SECP256R1())
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise CommandError(f"{path} exists: name another file, or remove it first.") from None
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
        with os.fdopen(file, "wb") as written:
            written.write(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.stdout.write(f"{path} is written. Set PUSH_KEY_FILE to it; a new key ends all subscriptions.\n")
