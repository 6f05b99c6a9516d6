"""A page as a browser reads it: a test is about what it says, not about the lines of its template."""

from __future__ import annotations

import re
from typing import Any

#: around these and inside them a browser shows no white space
_BLOCKS = (
    "html|head|body|title|meta|link|script|main|header|footer|nav|section|article|aside|div|p|h[1-6]|ul|ol|li|dl|dt|dd"
    "|table|caption|thead|tbody|tfoot|tr|th|td|form|fieldset|legend|details|summary|figure|figcaption|br|hr"
    "|select|option|optgroup|datalist|dialog|svg|text|desc"
)
_KEPT = re.compile(r"(<(textarea|pre|script)\b.*?</\2>)", re.DOTALL)
_TAG = re.compile(r"""<[a-zA-Z/](?:"[^"]*"|'[^']*'|[^>"'])*>""")
_AROUND = re.compile(rf"\s*(</?(?:{_BLOCKS})\b(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>)\s*")
_BUTTON = re.compile(r"""(<button\b(?:"[^"]*"|'[^']*'|[^>"'])*>)\s+|\s+(?=</button>)""")


def page_text(page: Any) -> str:
    """The text of a response; of an HTML page (or its text) without white space that does not show."""
    if not isinstance(page, str):
        text: str = page.content.decode()
        if not page.headers.get("Content-Type", "").startswith("text/html"):
            return text
        page = text
    parts = _KEPT.split(page)
    for at in range(0, len(parts), 3):
        parts[at] = _closed_up(parts[at])
    return "".join(part for at, part in enumerate(parts) if at % 3 != 2)


def _closed_up(html: str) -> str:
    html = _TAG.sub(lambda tag: _attributes(tag[0]), html)
    html = _AROUND.sub(r"\1", re.sub(r"\s+", " ", html))
    return _BUTTON.sub(lambda found: found[1] or "", html)


def _attributes(tag: str) -> str:
    tag = re.sub(r"\s+", " ", tag)
    tag = re.sub(r'class="\s*([^"]*?)\s*"', r'class="\1"', tag)
    return re.sub(r"(?<!/)\s+>$", ">", tag)
