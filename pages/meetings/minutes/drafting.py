"""The narrative as it is drawn from the record: what the liaison begins with, and words freely.

Figures stay in the record, from which the minutes show them; the narrative has none to be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override

from office.papers.wording import CHINESE, Voice
from web import labels


def drafted(record: Mapping[str, Any]) -> str:
    """A text in Chinese, the language of the paper: who was represented, and each item in its order."""
    with override(CHINESE):
        return "\n\n".join("\n".join(part) for part in _parts(record))


def _parts(record: Mapping[str, Any]) -> Iterator[list[str]]:
    proxies = [row for row in record["proxies"] if not row["revoked_at"]]
    if proxies:
        yield [_("%(principal)s (seat %(seat)s) was represented by %(holder)s.") % row for row in proxies]
    by_seat = {row["seat"]: row for row in proxies}
    for place, item in enumerate((each for each in record["items"] if each["taken_up_at"]), 1):
        yield [
            _("Item %(number)s: %(title)s (%(proposal)s, %(unit_name)s)")
            % {**item, "number": item["number"] or place},
            *_discussed(item, by_seat),
            *_consents(item),
            *_ended(item),
        ]


def _named(row: Mapping[str, Any], proxies: Mapping[int, Mapping[str, Any]]) -> str:
    """The person, and for whom the person spoke."""
    proxy = proxies.get(row["seat"])
    if proxy is None or proxy["holder"] != row["person"]:
        return str(row["person"])
    return _("%(holder)s (for %(principal)s)") % proxy


def _ended_text(text: str) -> str:
    """What somebody said or gave as reason, as a sentence of its own."""
    return Voice(CHINESE, ZoneInfo("UTC")).ended(text)


def _discussed(item: Mapping[str, Any], proxies: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    if item["observer"]:
        yield _("%(person)s attended for the handling institution, answered and withdrew.") % item["observer"]
    for row in item["questions"]:
        yield _("%(who)s asked: %(text)s") % {"who": _named(row, proxies), "text": _ended_text(row["text"])}
        if row["answer"]:
            yield _("%(person)s answered: %(text)s") % {
                **row["answer"],
                "text": _ended_text(row["answer"]["text"]),
            }
    for row in item["opinions"]:
        yield _("%(who)s: %(text)s") % {"who": _named(row, proxies), "text": _ended_text(row["text"])}


def _consents(item: Mapping[str, Any]) -> Iterator[str]:
    for row in item["conflicts"]:
        yield _("%(person)s has a conflict of interest and abstains: %(reason)s") % {
            **row,
            "reason": _ended_text(labels.ground(row["reason"])),
        }
    for row in ({**row, "reason": _ended_text(row["reason"])} for row in item["abstention_requests"]):
        if row["state"] == "granted":
            yield _("%(person)s asked to abstain, and it was consented to: %(reason)s") % row
        elif row["state"] == "refused":
            yield _("%(person)s asked to abstain, and it was not consented to: %(reason)s") % row


def _ended(item: Mapping[str, Any]) -> Iterator[str]:
    if any(vote["state"] == "closed" for vote in item["votes"]):
        yield _("The committee voted; figures, reasons and resolution are in the record.")
    elif any(vote["state"] == "cancelled" for vote in item["votes"]):
        yield _("The vote was cancelled; why is in the record.")
    else:
        yield _("The item was not voted on.")
