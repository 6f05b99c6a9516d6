"""`manage.py compile_messages`: the translations that Django reads, made without the system's gettext."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import messages


class Command(BaseCommand):
    """Compile each language's django.po to django.mo."""

    help = "Compile the translations; with --check only say whether they are complete."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if a text is not translated"
        )

    def handle(self, *, check: bool, verbosity: int, **options: Any) -> None:
        for code, path in messages.catalogues().items():
            if check:
                self._check(code, path)
            elif path.exists():
                compiled = messages.compile_file(path, code)
                if verbosity:
                    self.stdout.write(f"{compiled}")

    def _check(self, code: str, path: Any) -> None:
        faults = list(messages.faults(path, code))
        if faults:
            raise CommandError("\n".join([*faults, "Run manage.py extract_messages, then translate."]))
