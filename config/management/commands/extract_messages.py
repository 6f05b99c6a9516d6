"""`manage.py extract_messages`: the catalogues have every text that the sources mark for translation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config import messages


class Command(BaseCommand):
    """Each language's django.po has the texts of the sources; what was translated stays so."""

    help = "Bring locale/*/LC_MESSAGES/django.po up to date with the sources."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        for code, path in messages.catalogues().items():
            messages.update(path, code)
            self.stdout.write(f"{path}")
