"""Papers with every kind of block, for tests of their layout."""

from __future__ import annotations

from typing import Any

from documents.content import (
    Bar,
    Bars,
    Block,
    Choice,
    Choices,
    Column,
    Content,
    Fields,
    Heading,
    Issued,
    Line,
    Note,
    SignatureLine,
    Signatures,
    Signed,
    Table,
    Text,
)

AT = "2026-03-05T09:00:00+08:00"


def blocks(text: str) -> list[Block]:
    """One of each kind, with this text wherever something typed may stand: the names of columns are ours."""
    return [
        Text(text=text, lead=text),
        Line(text=text),
        Heading(text=text),
        Heading(text=text, level=2),
        Table(
            title=text,
            columns=[Column(name="号", width=0), Column(name="甲", align="right"), Column(name="乙")],
            rows=[["1", text, text]] * 3,
        ),
        Table(columns=[Column(name="甲"), Column(name="乙")], rows=[["1", text]], tall=True),
        Fields(head=["甲", "乙"], rows=[[text, text]]),
        Choices(choices=[Choice(label=text, chosen=True), Choice(label=text)]),
        Bars(
            title=text,
            bars=[
                Bar(name=text, amount="2", permille=1000, own=True),
                Bar(name=text, amount="1", permille=0),
            ],
        ),
        Signatures(rows=[SignatureLine(label=text), SignatureLine(label=text, name=text)]),
        Note(text=text),
    ]


def paper(kind: str = "notice", language: str = "zh-hans", **changes: Any) -> Content:
    """A paper with every block."""
    given: dict[str, Any] = {
        "kind": kind,
        "language": language,
        "number": "呼联通〔2026〕3号",
        "organ": "分行联席会议" if language == "zh-hans" else "Joint committee of the branch",
        "title": "关于召开会议的通知" if language == "zh-hans" else "Notice of a meeting",
        "to": "各委员：",
        "blocks": blocks("测试文本" if language == "zh-hans" else "Text for a test"),
        "attachments": ["甲", "乙"],
        "signature": Signed(lines=["联席会议办公室"], date="2026年3月5日"),
        "copies_to": "抄送：各部门。",
        "issued": Issued(by="联席会议办公室", on="2026年3月5日印发"),
        "at": AT,
    }
    return Content(**(given | changes))
