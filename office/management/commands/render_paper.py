"""Makes a PDF of a paper's data, as it would be made for the file; its pictures lie beside the data."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from pydantic import ValidationError

from audit import private
from documents.content import KINDS, Content, Picture, read
from office.papers import files
from regulation.refused import Refused


class Command(BaseCommand):
    """`manage.py render_paper KIND --data JSON --to PDF`."""

    help = "Make a PDF of the data of a paper (documents/content.py), as `manage.py papers` writes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The kind, the file with the data and the file to be made."""
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("--data", type=Path, required=True, metavar="JSON")
        parser.add_argument("--to", type=Path, required=True, metavar="PDF")

    def handle(self, *args: Any, kind: str, data: Path, to: Path, **options: Any) -> None:
        """Write the file; CommandError for data of another shape, with the places that are wrong."""
        try:
            content = read({**json.loads(data.read_text(encoding="utf-8")), "kind": kind})
            made = files.rendered(content, _pictures(content, data.parent))
        except FileNotFoundError as error:
            raise CommandError(f"There is no file {error.filename}.") from error
        except ValidationError as error:
            places = (".".join(map(str, each["loc"])) + ": " + each["msg"] for each in error.errors())
            raise CommandError("The data is no paper: " + "; ".join(places)) from error
        except (ValueError, TypeError) as error:
            raise CommandError(f"{data} is no paper: {error}") from error
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        except Refused as refused:
            raise CommandError(f"{refused.message('en')} {refused.remedy('en')}") from refused
        private.write(to, made.pdf)
        self.stdout.write(f"{made.pages} pages, SHA-256 {made.sha256}.")


def _pictures(content: Content, folder: Path) -> dict[str, bytes]:
    """The bytes of the paper's pictures by name; FileNotFoundError without one."""
    return {
        each.file: (folder / each.file).read_bytes() for each in content.blocks if isinstance(each, Picture)
    }
