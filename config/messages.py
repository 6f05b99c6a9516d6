"""The catalogues of translated texts, by Babel: no gettext of the system is needed.

`manage.py extract_messages` brings locale/*/LC_MESSAGES/django.po up to date with the sources, and
`manage.py compile_messages` makes the django.mo that Django reads. English is the language of the sources.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

from config.packages import PACKAGES

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}


def catalogues() -> dict[str, Path]:
    """Return the file of each language's translations, existing or not; English has none."""
    folder = Path(settings.LOCALE_PATHS[0])
    return {
        code: folder / to_locale(code) / "LC_MESSAGES" / "django.po"
        for code, _ in settings.LANGUAGES
        if code != settings.LANGUAGE_CODE
    }


def extracted() -> Catalog:
    """Return every text that the sources mark for translation, with the places where it stands."""
    found = Catalog(project="Lianxi", charset="utf-8")
    for path in _sources():
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = templatize(text, origin=str(path))
        place = str(path.relative_to(settings.BASE_DIR))
        for line, words, comments, context in extract(
            "python", io.BytesIO(text.encode()), KEYWORDS, ["Translators:"], {"encoding": "utf-8"}
        ):
            found.add(words, locations=[(place, line)], auto_comments=comments, context=context)
    return found


def update(path: Path, code: str, wanted: Catalog) -> None:
    """The file has exactly the texts of the sources, with the translations that it had."""
    catalogue = _read(path, code)
    catalogue.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, no_location=True, sort_output=True)


def compile_file(path: Path, code: str) -> Path:
    """The file's translations can be read by Django; returns the compiled file."""
    compiled = path.with_suffix(".mo")
    fresh = compiled.with_name(f"{compiled.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        write_mo(file, _read(path, code))
    fresh.replace(compiled)
    return compiled


def faults(path: Path, code: str, wanted: Catalog) -> Iterator[str]:
    """Yield what is wrong with a file: a text that it lacks, has untranslated or has in vain."""
    catalogue = _read(path, code)
    known = {(message.id, message.context): message for message in catalogue if message.id}
    needed = {(message.id, message.context): message for message in wanted if message.id}
    for key, message in needed.items():
        have = known.get(key)
        words = have.string if have else ""
        if have is None or have.fuzzy or not all(words if isinstance(words, tuple | list) else [words]):
            place = message.locations[0][0] if message.locations else "?"
            yield f"{path.name}: not translated: {key[0]!r} ({place})"
    for key in known.keys() - needed.keys():
        yield f"{path.name}: in no source any more: {key[0]!r}"


def _read(path: Path, code: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=to_locale(code), project="Lianxi", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=to_locale(code))


def _sources() -> Iterator[Path]:
    base = Path(settings.BASE_DIR)
    for folder, patterns in [*((app, ["*.py", "*.html", "*.txt"]) for app in PACKAGES), ("templates", ["*"])]:
        for pattern in patterns:
            for path in sorted((base / folder).rglob(pattern)):
                if (
                    path.is_file()
                    and path.suffix in {".py", ".html", ".txt"}
                    and "migrations" not in path.parts
                ):
                    yield path
