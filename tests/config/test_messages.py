"""Translations, without the system's gettext."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.core.management.base import CommandError

from config import messages


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_texts_of_code_and_pages_are_found(settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    write(tmp_path / "office" / "views.py", 'from x import gettext_lazy as _\nwords = _("Desk")\n')
    write(tmp_path / "office" / "plural.py", 'ngettext("%(n)s vote", "%(n)s votes", n)\n')
    page = '{% load i18n %}{% translate "Minutes" %}{% blocktranslate %}Seat {{ n }}{% endblocktranslate %}'
    write(tmp_path / "templates" / "page.html", page)
    file = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    messages.update(file, "zh-hans")
    with file.open("rb") as written:
        found = {message.id for message in read_po(written) if message.id}
    assert found == {"Desk", ("%(n)s vote", "%(n)s votes"), "Minutes", "Seat %(n)s"}


def test_a_translation_is_kept_compiled_and_read(settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    write(tmp_path / "office" / "views.py", '_("Desk")\n_("Minutes")\n')
    file = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    messages.update(file, "zh-hans")
    file.write_text(file.read_text().replace('msgid "Desk"\nmsgstr ""', 'msgid "Desk"\nmsgstr "工作台"'))
    messages.update(file, "zh-hans")
    with messages.compile_file(file, "zh-hans").open("rb") as compiled:
        read = gettext.GNUTranslations(compiled)
    assert read.gettext("Desk") == "工作台"
    assert read.gettext("Minutes") == "Minutes"


def test_what_is_not_translated_or_no_longer_used_is_named(settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    source = write(tmp_path / "office" / "views.py", '_("Desk")\n')
    file = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    messages.update(file, "zh-hans")
    assert [fault.split(": ", 1)[1] for fault in messages.faults(file, "zh-hans")] == [
        "not translated: 'Desk' (office/views.py)"
    ]
    file.write_text(file.read_text().replace('msgid "Desk"\nmsgstr ""', 'msgid "Desk"\nmsgstr "工作台"'))
    assert not list(messages.faults(file, "zh-hans"))
    source.write_text("")
    assert "in no source any more" in next(messages.faults(file, "zh-hans"))


def test_a_translation_with_a_placeholder_of_its_own_is_named(settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    write(tmp_path / "office" / "views.py", '_("%(number)s votes")\n')
    file = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    messages.update(file, "zh-hans")
    file.write_text(file.read_text().replace('votes"\nmsgstr ""', 'votes"\nmsgstr "%(count)s 票"'))
    assert next(messages.faults(file, "zh-hans")).endswith("unknown named placeholder 'count'")
    with pytest.raises(CommandError):
        messages.compile_file(file, "zh-hans")
