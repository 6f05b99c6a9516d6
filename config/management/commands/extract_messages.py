"""`manage.py extract_messages`: bring the catalogues up to date with the texts marked in the sources."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config import messages


class Command(BaseCommand):
    """Update each language's django.po; existing translations are kept."""

    help = "Bring locale/*/LC_MESSAGES/django.po up to date with the sources."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        for code, path in messages.catalogues().items():
            messages.update(path, code)
            self.stdout.write(f"{path}")
