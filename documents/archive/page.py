"""The index of an archive as a page that needs nothing but a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape, unescape
from typing import Any
from urllib.parse import quote, unquote

_STYLE = (
    "body{font:16px/1.6 serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
    "h1{font-size:1.5rem;margin:0}table{border-collapse:collapse;width:100%;font-size:.875rem}"
    "th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left;vertical-align:top}"
    "th span,dt span{display:block;font-weight:normal}"
    "dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 1rem}"
    "dd{margin:0;overflow-wrap:anywhere}code{font-size:.75rem;overflow-wrap:anywhere}small{display:block;color:#555;font-weight:normal}"
    "td:nth-child(4){min-width:14rem}h2{font-size:1.125rem;margin:1.5rem 0 .5rem}h2 small{font-size:.875rem}"
    "@media(max-width:44rem){thead{display:none}table,tbody,tr,td{display:block;border:0;padding:.125rem 0}"
    "tr{border-top:1px solid #999;padding:.5rem 0}td.n{text-align:left}"
    "dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:.5rem}}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}"
)
_HEADS = (
    ("序号", "No."),
    ("文号", "Number"),
    ("责任者", "Author"),
    ("题名", "Title"),
    ("日期", "Date"),
    ("页数", "Pages"),
    ("校验值", "SHA-256"),
)
_FACTS = (
    ("立档单位", "Bank", "bank"),
    ("委员会", "Committee", "committee"),
    ("会议", "Meeting", "number"),
    ("会议时间", "Time of the meeting", "at"),
    ("发往", "Sent to", "to"),
    ("形成时间", "Made up at", "archived_at"),
    ("经办人", "Made up by", "archived_by"),
    ("保管期限至", "Kept until", "kept_until"),
    ("案卷摘要值", "Digest of the file", "digest"),
)


def page(index: Mapping[str, Any]) -> bytes:
    """The index as HTML, without script; every text of it is escaped."""
    facts = "".join(
        f"<dt>{zh}<span>{en}</span></dt><dd>{escape(_shown(key, str(index[key])))}</dd>"
        for zh, en, key in _FACTS
        if index.get(key)
    )
    title, title_zh = escape(index["title"]), escape(index["title_zh"])
    heads = "".join(f"<th scope=col>{zh}<span>{en}</span></th>" for zh, en in _HEADS)
    rows = "".join(_row(number, file) for number, file in enumerate(index["files"], 1))
    return (
        '<!doctype html>\n<html lang="zh-Hans">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title_zh} · {escape(index['number'])}</title>\n<style>{_STYLE}</style>\n"
        f"<h1>{title_zh}</h1>\n<p>{title}</p>\n<dl>{facts}</dl>\n"
        f"{_missing(index.get('missing', ()))}<table>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
        "<p>核对方法：在本文件夹内运行 <code>sha256sum --check SHA256SUMS</code>。<br>"
        "To check: run <code>sha256sum --check SHA256SUMS</code> in this folder.</p>\n</html>\n"
    ).encode()


def agrees(written: bytes, index: Mapping[str, Any]) -> bool:
    """Whether the page of an archive that somebody brings lists what its index does.

    Each file in its place, by the same number, author, title, date and checksum; the facts of the whole; and
    what is missing.

    The layout may be that of another version.
    """
    try:
        text = written.decode()
    except UnicodeDecodeError:
        return False
    rows = [row for row in _ROW.findall(text) if "href=" in row]
    if len(rows) != len(index["files"]) or not all(map(_says, rows, index["files"])):
        return False
    words = _words(text)
    return all(_plain(told) in words for told in _whole(index))


def _whole(index: Mapping[str, Any]) -> Iterator[str]:
    """What the page says of the archive as a whole."""
    yield index["number"]
    yield from (_shown(key, str(index.get(key, ""))) for _zh, _en, key in _FACTS)
    yield from (each[name] for each in index.get("missing", ()) for name in ("text", "text_zh"))


_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_HREF = re.compile(r'href="([^"]*)"')
_TOLD = ("number", "by", "title", "title_zh", "date", "sha256")


def _says(row: str, file: Mapping[str, Any]) -> bool:
    """Whether a row of the page is that of the file."""
    named = [unquote(unescape(each)) for each in _HREF.findall(row)]
    return named == [file["name"]] and all(_plain(file[key]) in _words(row) for key in _TOLD)


def _words(marked_up: str) -> str:
    """The text of a part of a page, without its marks."""
    return _plain(unescape(re.sub(r"<[^>]*>", " ", marked_up)))


def _plain(text: str) -> str:
    return " ".join(str(text).split())


def _shown(key: str, value: str) -> str:
    """Times without seconds, in their own zone; what is no time stays as it is."""
    if key not in ("at", "archived_at"):
        return value
    try:
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M (UTC%z)}"
    except ValueError:
        return value


def _missing(missing: Sequence[Mapping[str, str]]) -> str:
    """What it lacks, as a list; empty when nothing is."""
    rows = "".join(
        f"<li>{escape(each['text_zh'])}<small>{escape(each['text'])}</small></li>" for each in missing
    )
    return f"<h2>本卷缺少<small>Not in this file</small></h2>\n<ul>{rows}</ul>\n" if rows else ""


def _row(number: int, file: Mapping[str, Any]) -> str:
    link = (
        f'<a href="{escape(quote(file["name"]))}">{escape(file["title_zh"])}'
        f"<small>{escape(file['title'])}</small></a>"
    )
    cells = (escape(file["number"]), escape(file["by"]), link, escape(file["date"]))
    pages = "" if file["pages"] is None else str(file["pages"])
    return (
        f"<tr><td class=n>{number}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}"
        f"<td class=n>{pages}</td><td><code>{escape(file['sha256'])}</code></td></tr>\n"
    )
