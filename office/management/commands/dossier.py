"""`manage.py dossier RESOLUTION --to PDF`: the dossier of a decision, judged now, as a sealed PDF."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from audit import private
from committee.models import Resolution
from office.dossier import paper, seal_key
from office.dossier.case import Unreadable
from office.dossier.findings import Outcome
from office.dossier.judging import judge
from office.dossier.reading import with_meeting
from office.models import Paper
from office.papers.wording import CHINESE, LANGUAGES
from regulation.refused import Refused

#: 呼联决〔2026〕3号, the number of a resolution's paper
_NUMBER = re.compile(r".+〔([0-9]{4})〕([0-9]{1,9})号")
_MOST_DIGITS = 18


class Command(BaseCommand):
    """Write the dossier."""

    help = (
        "Write the dossier of a decision (25 articles, evidence, proofs) as a PDF, sealed with the system's"
        " key where SEAL_KEY_FILE is set. RESOLUTION is its paper's number (呼联决〔2026〕3号) or its id."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The decision, the file and the language."""
        parser.add_argument("resolution", metavar="RESOLUTION", help="its number or its id")
        parser.add_argument("--to", metavar="PDF", type=Path, required=True, help="the file that is written")
        parser.add_argument("--language", choices=LANGUAGES, default=CHINESE)

    def handle(self, *, resolution: str, to: Path, language: str, **options: Any) -> None:
        """Write the file and say how the articles came out; CommandError has what is wrong."""
        row = _resolution(resolution)
        try:
            found = judge(row)
            made = paper.made(found, language)
            private.write(to, made.pdf)
        except (Unreadable, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message('en')} {refused.remedy('en')}") from refused
        except OSError as error:
            raise CommandError(f"{to} cannot be written: {error.strerror}.") from error
        for outcome in (Outcome.NOT_HELD, Outcome.GAP, Outcome.OPEN):
            numbers = ", ".join(map(str, found.numbers(outcome)))
            self.stdout.write(f"{paper.OUTCOMES[outcome][0]}: {numbers or 'none'}")
        if not seal_key.is_set():
            self.stderr.write("not sealed: SEAL_KEY_FILE is not set")
        self.stdout.write(f"{to}: {made.pages} pages, SHA-256 {made.sha256}")


def _resolution(named: str) -> Resolution:
    """The resolution of that id or number; CommandError without one, and for a number of several banks."""
    found = list(with_meeting(_named(named)))
    if len(found) != 1:
        ids = ", ".join(str(row.pk) for row in found)
        why = (
            f"is the number of several: name one of the ids {ids}"
            if found
            else "is no resolution's number or id"
        )
        raise CommandError(
            f"{named} {why}. The id stands in the address of the dossier's page; the number on the"
            " resolution's paper, once it is drawn up."
        )
    return found[0]


def _named(named: str) -> QuerySet[Resolution]:
    if named.isascii() and named.isdigit():
        return Resolution.objects.filter(pk=int(named) if len(named) <= _MOST_DIGITS else 0)
    filed = _NUMBER.fullmatch(named)
    if filed is None:
        return Resolution.objects.none()
    papers = Paper.objects.filter(kind=Paper.Kind.RESOLUTION, year=int(filed[1]), number=int(filed[2]))
    sources = [row.source for row in papers.select_related("committee") if row.written_number == named]
    ids = {int(source.partition(":")[2]) for source in sources}
    return Resolution.objects.filter(pk__in=ids)
