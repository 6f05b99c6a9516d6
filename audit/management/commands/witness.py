"""`manage.py witness`: serve head office's witness of the branches' logs."""

import sqlite3
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from audit.log_keys import read_private
from audit.note import Key, NoteError, Signer
from audit.witness.server import Server
from audit.witness.store import Witness


class Command(BaseCommand):
    help = (
        "Serves the witness of audit logs until interrupted: it cosigns the checkpoints of the logs whose"
        " keys are given, each only if the log begins with the checkpoint cosigned last. Needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--listen", type=_address, required=True, metavar="HOST:PORT")
        parser.add_argument("--store", required=True, metavar="FILE", help="what it has seen (SQLite)")
        parser.add_argument(
            "--log",
            action="append",
            required=True,
            metavar="VKEY",
            help="the public key of a log (repeatable)",
        )
        parser.add_argument("--key", required=True, metavar="FILE", help="its private key, mode 600")

    def handle(
        self, *, listen: tuple[str, int], store: str, log: list[str], key: str, **options: Any
    ) -> None:
        """Serve until interrupted; CommandError when it cannot."""
        lost = not Path(store).exists()
        try:
            witness = Witness(
                Path(store),
                Signer.parse(read_private(Path(key), "--key")),
                [Key.parse(each) for each in log],
                silence=settings.WITNESS_SILENCE.total_seconds(),
            )
        except (NoteError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        except sqlite3.Error as error:
            raise CommandError(
                f"{store} cannot be the store: {error}. It is a file that the witness makes itself, in a"
                " folder that is there and that it may write to."
            ) from error
        try:
            server = Server(listen, witness)
        except OSError as error:
            raise CommandError(f"{listen[0]}:{listen[1]} cannot be listened on: {error.strerror}") from error
        with server:
            host, port = server.server_address[:2]
            self.stdout.write(
                f"The witness of {', '.join(sorted(witness.logs))} is at http://{host!s}:{port}/"
            )
            if lost:
                self.stdout.write(f"{store} is new: this witness has not seen any log before.")
            self.stdout.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("Stopped.")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ArgumentTypeError("expects HOST:PORT, 127.0.0.1:8090 say")
    return host.strip("[]"), int(port)
