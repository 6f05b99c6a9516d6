"""Catalogues of translated texts by Babel's commands, without the system's gettext.

`manage.py extract_messages` brings locale/*/LC_MESSAGES/django.po up to date with the sources, and `manage.py
compile_messages` makes the django.mo that Django reads. The sources are in English. Which files are read, and
what marks a text in them, is in pyproject.toml (`tool.babel`).
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

from config.packages import PACKAGES

_MAPPING = Path(__file__).resolve().parent.parent / "pyproject.toml"


def catalogues() -> dict[str, Path]:
    """Return the file of each language's translations, existing or not; English has none."""
    folder = Path(settings.LOCALE_PATHS[0])
    return {
        code: folder / to_locale(code) / "LC_MESSAGES" / "django.po"
        for code, _ in settings.LANGUAGES
        if code != settings.LANGUAGE_CODE
    }


def update(path: Path, code: str) -> None:
    """Write the file with exactly the texts of the sources, keeping its translations."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        template = _extract(Path(folder), "--no-location")
        _babel(
            *("update", f"--input-file={template}", f"--output-file={path}", f"--locale={to_locale(code)}"),
            *("--init-missing", "--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date"),
            "--width=110",
        )


def compile_file(path: Path, code: str) -> Path:
    """Compile the file for Django; return the compiled file."""
    compiled = path.with_suffix(".mo")
    fresh = compiled.with_name(f"{compiled.name}.{os.getpid()}")
    try:
        _babel("compile", f"--input-file={path}", f"--output-file={fresh}", f"--locale={to_locale(code)}")
        return fresh.replace(compiled)
    finally:
        fresh.unlink(missing_ok=True)


def faults(path: Path, code: str) -> Iterator[str]:
    """Yield the faults of a file: texts missing, untranslated, wrongly translated or no longer used."""
    with tempfile.TemporaryDirectory() as folder:
        needed = _texts(_read(_extract(Path(folder), "--add-location=file")))
    catalogue = _read(path, to_locale(code))
    known = _texts(catalogue)
    for key, message in needed.items():
        translated = known.get(key)
        text = translated.string if translated else ""
        if translated is None or translated.fuzzy or not all(text if isinstance(text, tuple) else [text]):
            place = os.path.relpath(message.locations[0][0], settings.BASE_DIR)
            yield f"{path.name}: not translated: {message.id!r} ({place})"
    for text, _context in known.keys() - needed.keys():
        yield f"{path.name}: in no source any more: {text!r}"
    for message, errors in catalogue.check():
        yield f"{path.name}: {message.id!r}: {'; '.join(map(str, errors))}"


def extract_template(
    file: BinaryIO, keywords: Mapping[str, Any], tags: Collection[str], options: Any
) -> Iterator[Any]:
    """Yield the texts that a Django template marks for translation, in the form of Babel's own extractors."""
    # the extracted expressions are parsed as Python, where a template's indentation would be an error
    source = re.sub(r"^[ \t]+", "", templatize(file.read().decode()), flags=re.MULTILINE)
    yield from extract_python(io.BytesIO(source.encode()), keywords, tags, options)


def _extract(folder: Path, location: str) -> Path:
    """Extract the texts of the sources, in order, into a template file in the folder."""
    template = folder / "django.pot"
    sources = [Path(settings.BASE_DIR) / each for each in (*PACKAGES, "templates")]
    _babel(
        *("extract", f"--mapping-file={_MAPPING}", f"--output-file={template}", location, "--sort-output"),
        *("--add-comments=Translators:", "--ignore-dirs=migrations"),
        *(str(each) for each in sources if each.exists()),
    )
    return template


def _babel(*arguments: str) -> None:
    """Run a Babel command; raise CommandError where it reports errors."""
    command = CommandLineInterface()
    if command.run(["pybabel", "--quiet", *arguments]):  # type: ignore[no-untyped-call]  # Babel has no type for it
        raise CommandError(f"pybabel {arguments[0]} found errors")


def _read(path: Path, locale: str | None = None) -> Catalog:
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _texts(catalogue: Catalog) -> dict[tuple[Any, Any], Message]:
    return {(message.id, message.context): message for message in catalogue if message.id}
