"""`manage.py preview_import`: what importing a file would take, without a site or saving it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import override

from pages.plans.editor.parts import Rows
from pages.plans.editor.tables import importing
from pages.plans.editor.tables.kept_text import as_text
from pages.plans.editor.tables.reading.sheets import SheetNeeded
from pages.plans.editor.tables.table import Fault, Table, counted
from sheets import cells
from sheets.cells import Unreadable

READ, FAULTY, UNREADABLE = range(3)


class Command(BaseCommand):
    """Print what importing the file would yield; saves nothing and uses no database."""

    help = (
        f"Show what importing a file would take. KIND is one of: {', '.join(importing.KINDS)}. Exit "
        f"status: 0 when every "
        "row can be taken, 1 when a cell is wrong, 2 when the file cannot be read, a sheet must be "
        "chosen or the kind is "
        "unknown."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=f"the table: {', '.join(importing.KINDS)}")
        parser.add_argument(
            "file", metavar="FILE", type=Path, help="a workbook (.xlsx) or a text (.csv, .txt)"
        )
        parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook with several")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            default=settings.LANGUAGE_CODE,
            help="the language of what is told",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print one JSON object: rows (by field, as they would be saved), notes, faults (row, "
            "column, found, "
            "text), counts (rows in the file, read, left out), sheet, sheets",
        )

    def handle(self, *, kind: str, file: Path, language: str, **options: Any) -> None:
        with override(language):
            part = importing.KINDS.get(kind)
            if part is None:
                text = _("There is no table “%(kind)s”. There are: %(names)s.")
                table = _refused(text % {"kind": kind, "names": ", ".join(importing.KINDS)})
            else:
                table = _read(part, file, options["sheet"])
            output = _as_json(part, table) if options["json"] else _as_text(part, table)
        self.stdout.write(output)
        unreadable = part is None or (not table.columns and not table.rows)
        sys.exit(UNREADABLE if unreadable else FAULTY if table.faults else READ)


def _refused(text: str, sheets: list[str] | None = None) -> Table:
    return Table(faults=[Fault(0, "", "", text)], sheets=sheets or [])


def _read(part: Rows, file: Path, sheet: str | None) -> Table:
    try:
        with file.open("rb") as opened:
            content = opened.read(cells.MOST_BYTES + 1)
        return importing.read(part, cells.of_file(content), sheet=sheet)
    except OSError as error:
        return _refused(_("The file cannot be opened: %(why)s") % {"why": error.strerror})
    except SheetNeeded as error:
        return _refused(str(error), error.names)
    except Unreadable as error:
        return _refused(str(error))


def _as_json(part: Rows | None, table: Table) -> str:
    return json.dumps(
        {
            "rows": part.read(table.rows) if part is not None else [],
            "notes": table.notes,
            "faults": [
                {
                    "row": fault.row or None, "column": str(fault.column), "found": fault.found,
                    "text": fault.text,
                }
                for fault in table.faults
            ],
            "counts": {
                "rows": table.counts.rows, "read": table.counts.read, "left_out": table.counts.left_out,
            },
            "sheet": table.sheet,
            "sheets": table.sheets,
        },
        ensure_ascii=False,
    )  # fmt: skip


def _as_text(part: Rows | None, table: Table) -> str:
    lines = [counted(table)] if table.counts.rows else []
    lines += [f"· {note}" for note in table.notes]
    for fault in table.faults:
        place = _("Row %(n)s") % {"n": fault.row} if fault.row else ""
        lines.append(
            "! " + ", ".join(str(each) for each in (place, fault.column, fault.found, fault.text) if each)
        )
    if part is not None and table.rows and not table.faults:
        lines += ["", as_text(part, table.rows).rstrip()]
    return "\n".join(lines)
