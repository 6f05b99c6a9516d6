"""The voice of papers: sentences in their language, dates, sums and lists as official papers write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from django.utils.translation import override

from committee.models import Committee
from documents.content import Block, Content, Heading, Issued, Signed, Text
from proposals.labels import CODES, FIELDS
from proposals.plan.measures import MEASURES
from regulation.articles import ARTICLES

Language = Literal["zh-hans", "en"]
CHINESE: Language = "zh-hans"
ENGLISH: Language = "en"
LANGUAGES: tuple[Language, ...] = (CHINESE, ENGLISH)

_WEEKDAYS = "一二三四五六日"
_DIGITS = "零一二三四五六七八九"
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
#: what ends a sentence, and what may stand behind it
_ENDS, _CLOSING = "。！？…；：.!?;:", "”’」』）》〉\"')]"
#: reasons that the engine finds itself are stored in both languages, with this between them
_BOTH = " / "


@dataclass(frozen=True, slots=True)
class Voice:
    """The language of a paper and the committee's time zone."""

    language: Language
    zone: ZoneInfo

    def __call__(self, english: str, chinese: str, **given: object) -> str:
        """The sentence in the paper's language, with its gaps filled."""
        return (chinese if self.chinese else english).format(**given)

    @property
    def chinese(self) -> bool:
        """Whether the paper is in Chinese."""
        return self.language == CHINESE

    def day(self, value: date | datetime | str) -> str:
        """2026年3月5日, or 5 March 2026."""
        day = self._local(value)
        if self.chinese:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def weekday(self, value: date | datetime | str) -> str:
        """2026年3月5日（星期四）, or Thursday, 5 March 2026."""
        day = self._local(value)
        if self.chinese:
            return f"{self.day(value)}（星期{_WEEKDAYS[day.weekday()]}）"
        return f"{_ENGLISH_DAYS[day.weekday()]}, {self.day(value)}"

    def moment(self, value: datetime | str) -> str:
        """2026年3月5日（星期四）14:00."""
        return f"{self.weekday(value)}{'' if self.chinese else ', '}{self.hour(value)}"

    def hour(self, value: datetime | str | None) -> str:
        """14:00; empty for none."""
        return f"{self._local(value):%H:%M}" if value else ""

    def _local(self, value: Any) -> Any:
        if isinstance(value, str):
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        return value.astimezone(self.zone) if isinstance(value, datetime) else value

    def joined(self, parts: Iterable[str], mark: str = "、") -> str:
        """A list: 甲、乙, or a, b; with ； or a semicolon for long parts."""
        english = {"、": ", ", "；": "; ", "，": ", "}[mark]
        return (mark if self.chinese else english).join(part for part in parts if part)

    def money(self, value: Decimal | str | None) -> str:
        """1,576,147.51元, or CNY 1,576,147.51."""
        amount = amount_of(value)
        return f"{amount}元" if self.chinese else f"CNY {amount}"

    def heading(self, number: int, english: str, chinese: str) -> Heading:
        """The heading of a part: 一、会议议题, or 1. Agenda."""
        return Heading(text=f"{numeral(number)}、{chinese}" if self.chinese else f"{number}. {english}")

    def subheading(self, number: int, text: str) -> Heading:
        """The heading of an item: （一）…, or (1) …"""
        return Heading(text=f"（{numeral(number)}）{text}" if self.chinese else f"({number}) {text}", level=2)

    def item(self, number: int, text: str) -> str:
        """An item of a list: （一）…, or (1) …"""
        return f"（{numeral(number)}）{text}" if self.chinese else f"({number}) {text}"

    def label(self, family: Mapping[str, Any], key: str) -> str:
        """A label of the project's tables in the paper's language; the key where there is none."""
        with override(self.language):
            return str(family.get(key, key))

    def field(self, key: str) -> str:
        """The name of a key of a plan."""
        return self.label(FIELDS, key)

    def code(self, family: str, value: str) -> str:
        """The name of a code of a plan."""
        return self.label(CODES[family], value)

    def choices(self, enum: Any, value: str) -> str:
        """The name of a model's choice."""
        if not value:
            return ""
        with override(self.language):
            return str(enum(value).label)

    def measure(self, code: str) -> str:
        """The name of a measure, from the catalogue."""
        row = MEASURES.get(code)
        return code if row is None else row["zh"] if self.chinese else row["en"]

    def condition(self, code: str) -> str:
        """A condition of Art. 7 in the regulation's words."""
        article, number = ARTICLES[7], int(code.partition(".")[2])
        return (article.items_zh if self.chinese else article.items_en)[number - 1].rstrip(";；.。")

    def ground(self, reason: str) -> str:
        """A reason; of one that the engine found, the half in the paper's language."""
        chinese, both, english = reason.partition(_BOTH)
        return (chinese if self.chinese else english) if both and not chinese.isascii() else reason

    def ended(self, text: str) -> str:
        """What somebody wrote as a sentence: with a full stop, unless it ends with one or another end."""
        written = text.rstrip()
        bare = written.rstrip(_CLOSING)
        if not bare or bare[-1] in _ENDS:
            return written
        return f"{written}{'。' if self.chinese else '.'}"

    def seat(self, number: int, post: str = "") -> str:
        """3号席位（风险管理部）, or seat 3 (Risk department)."""
        if self.chinese:
            return f"{number}号席位（{post}）" if post else f"{number}号席位"
        return f"seat {number} ({post})" if post else f"seat {number}"


def amount_of(value: Decimal | str | None) -> str:
    """1,576,147.51; a dash for none."""
    return "—" if value in (None, "") else f"{Decimal(str(value)):,.2f}"


def numeral(number: int) -> str:
    """一, 十二, 二十 up to 99; digits beyond."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def voice_of(committee: Committee, language: str) -> Voice:
    """The voice for papers of the committee."""
    return Voice(CHINESE if language == CHINESE else ENGLISH, committee.tz)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A paper being worded: its head and foot, which all kinds have alike."""

    kind: str
    say: Voice
    committee: Committee
    number: str
    at: datetime

    @property
    def office(self) -> str:
        """The committee's office."""
        return self.say("Office of the {name}", "{name}办公室", name=self.committee.name)

    def signature(self, *lines: str, on: datetime | date | None = None) -> Signed:
        """Who issues the paper, and when."""
        return Signed(lines=list(lines), date=self.say.day(on or self.at))

    def issued(self, on: datetime | None = None) -> Issued | None:
        """The last line of the foot; what is issued is the Chinese paper."""
        if not self.say.chinese:
            return None
        day = self.say.day(on or self.at)
        return Issued(by=self.office, on=f"{day}印发")

    def content(self, title: str, blocks: Iterable[Block], **more: Any) -> Content:
        """The paper."""
        organ = more.pop("organ", self.committee.name)
        return Content(
            kind=cast(Any, self.kind),
            language=self.say.language,
            number=self.number,
            organ=organ,
            title=title,
            blocks=list(blocks),
            at=self.at.isoformat(),
            **more,
        )


def texts(*lines: str) -> list[Block]:
    """Paragraphs; empty ones are left out."""
    return [Text(text=line) for line in lines if line]
