"""The one exception of the engine: an act that the regulation, or the state of things, does not allow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from regulation.articles import citation, quotation
from regulation.causes import CAUSES, cause_of
from regulation.codes import CODES, Code
from regulation.labels import BY_PLACEHOLDER

_SEGMENT = re.compile(r"\[([^\[\]]*)\]")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Refused(Exception):
    """An act refused, with the code, the article it rests on, what is wrong and the remedy.

    The context names what the wording may mention (a path, a seat, a date); what is missing there is left
    out of the wording. A value may be given in both languages as ``{"en": ..., "zh-hans": ...}``; a stored
    word (a state, a part of the archive, a number's name) is shown in words. A wrong state is told by its
    ``cause``, or by the ``verb``, the ``state`` and the ``states`` in which the act has its place
    (`regulation/causes.py`). KeyError for an unknown code or cause.
    """

    def __init__(self, code: str, /, **context: object) -> None:
        self._entry = _particular(CODES[code], context)
        self.code = code
        self.context = context
        super().__init__(code)

    @property
    def article(self) -> str | None:
        """The article the refusal rests on ("20" or "20.4"); None for the general codes."""
        return self._entry.article

    @property
    def status(self) -> int:
        """The HTTP status: 403, 404, 409 or 422."""
        return self._entry.status

    def message(self, lang: str = "en") -> str:
        """What is wrong, in Chinese for a language tag that begins with "zh", else in English."""
        entry = self._entry
        return _filled(entry.message_zh if _chinese(lang) else entry.message_en, self.context, lang)

    def remedy(self, lang: str = "en") -> str:
        """What the person refused can do now."""
        entry = self._entry
        return _filled(entry.remedy_zh if _chinese(lang) else entry.remedy_en, self.context, lang)

    def citation(self, lang: str = "en") -> str:
        """The article as it is cited, "Art. 20(4)" or 第二十条第四项; empty for the general codes."""
        return "" if self.article is None else citation(self.article, lang)

    def article_text(self, lang: str = "en") -> str:
        """The words of the article with the editor's notes; empty for the general codes."""
        return "" if self.article is None else quotation(self.article, lang)

    def __str__(self) -> str:
        return f"{self.code}: {self.message()}"


def _particular(entry: Code, context: Mapping[str, object]) -> Code:
    """The entry with the wording of the cause, where the context names one."""
    named = context.get("cause")
    if named is not None:
        cause = CAUSES[str(named)]
    elif "verb" in context:
        states = context.get("states")
        found = cause_of(
            str(context["verb"]),
            str(context.get("state", "")),
            [str(state) for state in states] if isinstance(states, (list, tuple)) else (),
        )
        if found is None:
            return entry
        cause = found
    else:
        return entry
    return replace(
        entry,
        message_en=cause.message_en,
        remedy_en=cause.remedy_en,
        message_zh=cause.message_zh,
        remedy_zh=cause.remedy_zh,
    )


def _chinese(lang: str) -> bool:
    return lang.lower().startswith("zh")


#: in the context the day of a meeting, or day and hour, in figures
_OF_A_MEETING = frozenset({"earliest", "opens", "last_day"})
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _filled(template: str, context: Mapping[str, object], lang: str) -> str:
    """The template with each [segment] filled, or dropped when the context lacks a placeholder of it."""

    def segment(match: re.Match[str]) -> str:
        body = match[1]
        values = {name: _worded(name, context.get(name), lang) for name in _PLACEHOLDER.findall(body)}
        if "" in values.values():
            return ""
        return _PLACEHOLDER.sub(lambda placeholder: values[placeholder[1]], body)

    return _SEGMENT.sub(segment, template)


def _worded(name: str, value: object, lang: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return str(value.get("zh-hans" if _chinese(lang) else "en", ""))
    if isinstance(value, (list, tuple)):
        return ("、" if _chinese(lang) else ", ").join(_worded(name, part, lang) for part in value)
    values = BY_PLACEHOLDER.get(name, {}).get(str(value))
    if values is not None:
        return values[1 if _chinese(lang) else 0]
    return _dated(str(value), lang) if name in _OF_A_MEETING else str(value)


def _dated(written: str, lang: str) -> str:
    """The day with its weekday, and the hour: a meeting's date never stands without. Other text as it is."""
    text, _blank, hour = written.partition(" ")
    if not _DAY.fullmatch(text):
        return written
    day = date.fromisoformat(text)
    if _chinese(lang):
        return f"{day.year}年{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）{hour}"
    return f"{day.isoformat()} ({_WEEKDAYS[day.weekday()]}) {hour}".rstrip()
