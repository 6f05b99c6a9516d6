"""Whether the page of an archive that somebody brings is text, links to its files, and nothing else.

What is not known to be harmless is refused: a browser runs far more than scripts. So is every way of writing
that `documents.archive.page` does not use, for then browsers and this reader may differ on what is a tag.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from html import unescape
from urllib.parse import unquote

_TOKEN = re.compile(
    r"(?P<text>[^<]+)|<!doctype html>|</(?P<closed>[a-z0-9]+)>"
    r'|<(?P<opened>[a-z0-9]+)(?P<stated>(?: [a-z]+=(?:"[^"<>]*"|[a-z]+))*)>'
)
_STATED = re.compile(r' ([a-z]+)=(?:"([^"<>]*)"|([a-z]+))')
_ELEMENTS = {
    *("html", "meta", "title", "style", "h1", "h2", "p", "br", "dl", "dt", "dd", "ul", "li", "a", "code"),
    *("span", "small", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"lang", "charset", "name", "content", "scope", "class", "href"}
#: what a style may not have: it would fetch something, or hide such a word
_FETCHING = re.compile(r"\\|@import|url|src|image|expression|binding", re.IGNORECASE)


def is_plain(page: bytes, names: Container[str]) -> bool:
    """Whether the page does nothing but show text, and links only to files with these names."""
    try:
        text = page.decode()
    except UnicodeDecodeError:
        return False
    place, style = 0, False
    for token in _TOKEN.finditer(text):
        if token.start() != place or not _harmless(token, names, style=style):
            return False
        place = token.end()
        style = token["opened"] == "style" or (style and token["text"] is not None)
    return place == len(text) and not style


def _harmless(token: re.Match[str], names: Container[str], *, style: bool) -> bool:
    """Whether the token may stand there; in a style only its text and its end."""
    if style:
        return token["closed"] == "style" or (
            token["text"] is not None and not _FETCHING.search(token["text"])
        )
    if token["opened"] is None:
        return token["closed"] is None or token["closed"] in _ELEMENTS
    stated = ((name, quoted or bare) for name, quoted, bare in _STATED.findall(token["stated"]))
    return token["opened"] in _ELEMENTS and _leads_nowhere(stated, names)


def _leads_nowhere(stated: Iterable[tuple[str, str]], names: Container[str]) -> bool:
    """Whether attributes are of those that only describe, and links lead to the files."""
    for name, value in stated:
        if name not in _ATTRIBUTES or (name == "charset" and value != "utf-8"):
            return False
        if name == "href" and unquote(unescape(value)) not in names:
            return False
    return True
