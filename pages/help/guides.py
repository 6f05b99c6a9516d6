"""The guides as pages: which are the reader's, and their text in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

from committee.offices import (
    AUDITOR,
    CHAIR,
    COLLECTOR,
    CREDIT,
    HANDLER,
    HEAD,
    HEAD_OFFICE,
    LEDGER_OFFICE,
    LIAISON,
    PROXY,
    RISK,
    SEAT,
    Office,
)
from web import labels
from web.viewer import Viewer

FOLDER: Path = settings.BASE_DIR / "docs" / "guides"
#: guide → its title, and whose it is
GUIDES: Mapping[str, tuple[str | Promise, frozenset[Office]]] = {
    "handler": (_("Handler and head of the handling institution"), frozenset({HANDLER, HEAD})),
    "liaison": (_("Liaison"), frozenset({LIAISON})),
    "chair": (_("Chair"), frozenset({CHAIR})),
    "member": (_("Member and proxy"), frozenset({SEAT, PROXY})),
    "credit": (_("Credit officer"), frozenset({CREDIT})),
    "head-office": (_("Head office"), frozenset({HEAD_OFFICE})),
    "risk": (_("Risk department"), frozenset({RISK})),
    "auditor": (_("Auditor"), frozenset({AUDITOR})),
    "collector": (_("Collector"), frozenset({COLLECTOR})),
    "office": (_("Supervising office"), frozenset({LEDGER_OFFICE})),
    "administrator": (_("Administrator"), frozenset()),
}
_SHOWN = re.compile(r'<img src="[^"]*/([a-z0-9-]+\.png)"')
_PICTURE = re.compile(r"images/([a-z0-9-]+\.png)")


def own(who: Viewer) -> list[str]:
    """The guides of the reader's roles."""
    found = [name for name, (_title, offices) in GUIDES.items() if offices & who.offices]
    return [*found, "administrator"] if who.administers else found


def text(name: str) -> SafeString:
    """The guide in the reader's language, as HTML."""
    return _rendered(name, chinese=labels.chinese())


def picture(name: str) -> Path | None:
    """The file of a picture of the guides; None without one."""
    path = FOLDER / "images" / name
    return path if path.parent == FOLDER / "images" and path.is_file() else None


@cache
def _rendered(name: str, *, chinese: bool) -> SafeString:
    """The half of the file in one language; the Chinese stands first, each below a title of its own."""
    source = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    first, second = re.split(r"^# ", source, flags=re.MULTILINE)[1:3]
    half = (first if chinese else second).partition("\n")[2]
    address = reverse("help-picture", args=["PICTURE.png"])
    half = _PICTURE.sub(lambda found: address.replace("PICTURE.png", found[1]), half)
    half = half.replace("](README.md)", f"]({reverse('help')})")
    # the guides are files of the product, and markdown-it leaves no HTML of theirs as it is
    html: str = MarkdownIt("commonmark", {"html": False}).render(half)
    return SafeString(_SHOWN.sub(_sized, html))


def _sized(shown: re.Match[str]) -> str:
    """The picture with its size, so that its place is kept until it is there."""
    head = (FOLDER / "images" / shown[1]).read_bytes()[:24]
    width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))  # IHDR of a PNG
    return f'{shown[0]} width="{width}" height="{height}"'
