"""Gaps in a template, which the meeting fills: `{会议时间}` or `{time}`.

Texts are in Chinese, the language of the papers, and so is what fills them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from committee.models import Committee, Meeting
from office.papers.wording import CHINESE, voice_of
from pages.models import TextTemplate

_GAP = re.compile(r"[{｛]\s*([^{}｛｝]*?)\s*[}｝]")


@dataclass(frozen=True)
class Gap:
    """A gap by its names in both languages, and what fills it."""

    name: str
    name_zh: str
    filled_with: str | Promise

    @property
    def written(self) -> str:
        """The gap as it is written in the reader's language."""
        chinese = (get_language() or "").startswith("zh")
        return f"{{{self.name_zh if chinese else self.name}}}"


_OF_MEETING = (
    Gap("number", "会议编号", _("the number of the meeting")),
    Gap("time", "会议时间", _("day and hour")),
    Gap("place", "会议地点", _("the place")),
    Gap("items", "会议议题", _("the items, one a line")),
)
_RECORD = Gap("record", "会议记录", _("the narrative as it is drawn from the record: in minutes alone"))

#: by kind of template; a place has none
GAPS: Mapping[str, tuple[Gap, ...]] = {
    TextTemplate.Kind.NOTICE: _OF_MEETING,
    TextTemplate.Kind.NARRATIVE: (*_OF_MEETING, _RECORD),
}


def unknown(kind: str, text: str) -> list[str]:
    """The gaps in the text that nothing fills, as they are written."""
    known = {name for gap in GAPS.get(kind, ()) for name in (gap.name, gap.name_zh)}
    return [found[0] for found in _GAP.finditer(text) if found[1] not in known]


def filled(template: TextTemplate, meeting: Meeting, *, record: str = "") -> str:
    """The text of the template with its gaps filled; the record follows where no gap is for it."""
    say = voice_of(meeting.committee, CHINESE)
    titles = meeting.items.filter(left_at=None).order_by("number", "pk").values_list("title", flat=True)
    values = {
        "number": meeting.written_number,
        "time": say.moment(meeting.at),
        "place": meeting.place,
        "items": "\n".join(say.item(number, title) for number, title in enumerate(titles, 1)),
        "record": record,
    }
    names = {name: gap.name for gap in (*_OF_MEETING, _RECORD) for name in (gap.name, gap.name_zh)}
    met = set()

    def value(found: re.Match[str]) -> str:
        name = names.get(found[1])
        met.add(name)
        return values[name] if name is not None else found[0]

    text = _GAP.sub(value, template.text)
    return text if "record" in met or not record else f"{text}\n\n{record}"


def templates_of(committee: Committee, kind: str) -> Iterable[TextTemplate]:
    """The committee's templates of this kind, by name."""
    return TextTemplate.objects.filter(committee=committee, kind=kind).order_by("name", "pk")
