"""Labels of stored codes: acts, the parts of a plan, the outcome of a vote.

Texts are lazy, so that a page shows them in its reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting, Resolution
from proposals.labels import CODES, FIELDS, Words
from proposals.models import Proposal
from proposals.plan.measures import MEANINGS, MEASURES
from proposals.plan.schema import NUMERIC
from regulation.articles import ARTICLES
from regulation.refused import Refused

_S, _M = Proposal.State, Meeting.State

#: the tone of a state, one of four; the label always stands beside the colour
TONES: Mapping[str, str] = {
    _S.DRAFT: "plain",
    _S.SUBMITTED: "waiting",
    _S.RETURNED: "waiting",
    _S.SCREENED_OUT: "stopped",
    _S.SHORTLISTED: "waiting",
    _S.FILED: "waiting",
    _S.TABLED: "information",
    _S.VOTING: "information",
    _S.CARRIED: "good",
    _S.REJECTED: "stopped",
    _S.CREDIT_APPROVED: "good",
    _S.CREDIT_DECLINED: "stopped",
    _S.EXECUTING: "information",
    _S.COMPLETED: "good",
    _S.TERMINATED: "stopped",
    _S.WITHDRAWN: "plain",
    _M.CONVENED: "waiting",
    _M.IN_SESSION: "information",
    _M.CLOSED: "waiting",
    _M.MINUTED: "waiting",
    _M.SIGNED: "good",
    _M.ARCHIVED: "good",
    _M.CANCELLED: "stopped",
    "open": "information",
    "pending": "waiting",
    "granted": "good",
    "refused": "stopped",
}


@dataclass(frozen=True)
class Refusal:
    """A refusal as shown on a page: what is wrong, the remedy, the article in both languages."""

    code: str
    message: str
    remedy: str
    citation: str
    #: (language tag, heading, text), in the reader's language first
    texts: tuple[tuple[str, str, str], ...]
    #: the number of the article in the rulebook; None for the general refusals
    article: int | None = None


def refusal(refused: Refused) -> Refusal:
    """The refusal in the reader's language."""
    language = get_language() or "en"
    tags = ("zh-Hans", "en") if chinese() else ("en", "zh-Hans")
    return Refusal(
        refused.code,
        refused.message(language),
        refused.remedy(language),
        refused.citation(language),
        tuple((tag, refused.citation(tag), refused.article_text(tag)) for tag in tags if refused.article),
        int(refused.article.partition(".")[0]) if refused.article else None,
    )


#: act as recorded → label

#: kind of object in the audit log → label
THINGS: Words = {
    "meeting": _("Meeting"),
    "proposal": _("Proposal"),
    "committee": _("Committee"),
    "office": _("Office"),
    "item": _("Agenda item"),
    "vote": _("Vote"),
    "minutes": _("Minutes"),
    "seat": _("Seat"),
    "docket": _("Docket"),
    "regulation": _("Regulation"),
    "interpretation": _("Interpretation"),
    "person": _("Person"),
    "unit": _("Unit"),
    "dispatch": _("Dispatch"),
    "follow-up": _("Follow-up"),
    "key": _("Key for signing"),
    "entry": _("Entry"),
    "system": _("The database itself"),
}

#: number of the regulation → label
NUMBERS: Words = {
    "seats": _("Seats"),
    "votes_to_pass": _("Votes to pass"),
    "notice_days": _("Days of notice"),
    "proxies_per_holder": _("Proxies a holder"),
    "material_change_pct": _("Change that is substantive"),
    "minutes_due_days": _("Days for the minutes"),
}

#: part of the archive → label
PARTS: Words = {
    "docket": _("Docket"),
    "notice": _("Notice with receipts"),
    "materials": _("Materials"),
    "record": _("Record of proceedings"),
    "minutes": _("Signed minutes"),
    "distribution": _("Distribution"),
    "report": _("Report to head office"),
}

#: the order in which parts of a row are shown; the database keeps none
_PLACES = {name: place for place, name in enumerate(FIELDS)}
_PERCENT = frozenset({"rate", "new_rate", "discount_rate", "haircut", "probability"})
_DATES = frozenset({"base_date", "issued_on", "due_on", "valued_on", "on", "final_due_on"})
_ROW = re.compile(r"(?P<list>\w*)\[\?@(?:\.(?P<key>\w+))?=='(?P<name>(?:[^'\\]|\\.)*)'\]")
#: looks like a code
_CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


def chinese() -> bool:
    """Whether the page is in Chinese."""
    return (get_language() or "").startswith("zh")


def archived_parts(contents: Iterable[Mapping[str, str]]) -> list[tuple[str | Promise, str]]:
    """The labels of the parts of an archived file, each with its digest."""
    return [(PARTS.get(row["part"], row["part"]), row["digest"]) for row in contents]


def gap(mark: str = "") -> str:
    """The separator of two sentences, or with the mark of their parts; Chinese has no space there."""
    return {":": "：", "": ""}[mark] if chinese() else f"{mark} "


def measure(code: str) -> str:
    """The label of the measure, from the catalogue of measures."""
    row = MEASURES.get(code)
    if row is None:
        return code
    return row["zh"] if chinese() else row["en"][:1].upper() + row["en"][1:]


def measure_meaning(code: str) -> str:
    """What the measure means; empty for one that the catalogue does not have."""
    row = MEANINGS.get(code)
    return "" if row is None else row["zh" if chinese() else "en"]


def condition(code: str) -> str:
    """The condition of Art. 7 in the regulation's words, for "7.3" the third."""
    article, number = ARTICLES[7], int(code.partition(".")[2])
    return (article.items_zh if chinese() else article.items_en)[number - 1].rstrip(";；.。")


def code(value: Any, family: str) -> str:
    """The label of the code; any other text unchanged.

    A text that looks like a code and is unknown is at least made readable: `raw_silk` becomes "Raw silk".
    """
    text = str(value)
    if text in CODES[family] or not _CODE.fullmatch(text):
        return typed(text, family)
    plain = text.replace("_", " ").strip()
    return gettext("Other: %(name)s") % {"name": plain} if chinese() else plain[:1].upper() + plain[1:]


#: recorded reason of a conflict or an abstention, in both languages → label
_FOUND: Words = {
    "经办机构负责人 / head of the handling institution": _("head of the handling institution"),
    "台账所载放贷或清收责任人 / lending or collection officer by the ledger": _(
        "lending or collection officer by the ledger"
    ),
    "方案所列放贷或清收责任人 / lending or collection officer named in the plan": _(
        "lending or collection officer named in the plan"
    ),
    "代理人未获表决授权 / the proxy does not give the power to vote": _(
        "the proxy does not give the power to vote"
    ),
}


def ground(reason: str) -> str:
    """The reason of a conflict or of the abstention that follows; a text written by a person is unchanged."""
    return str(_FOUND.get(reason, reason))


def in_words(text: str) -> str:
    """The label of a code of any family; any other text unchanged."""
    return next((str(family[text]) for family in CODES.values() if text in family), text)


def typed(value: Any, family: str) -> str:
    """The label of the code, or the text as typed, for the field in which it is entered."""
    return str(CODES[family].get(str(value), value))


def money(value: Decimal | str | float) -> str:
    """Yuan with thousands separators and two decimals."""
    return f"{Decimal(value):,.2f}"


def field(name: str) -> str:
    """A plan's field as a text: "Loans · Principal" for "loans.principal"."""
    return " · ".join(str(FIELDS.get(part, part)) for part in name.split("."))


def place(location: Iterable[str | int]) -> str:
    """A place in a plan as a text, its rows counted from 1: "Loans 1 · Principal"."""
    found: list[str] = []
    for part in location:
        if isinstance(part, int):
            found[-1] = f"{found[-1]} {part + 1}"
        else:
            found.append(str(FIELDS.get(part, part)))
    return " · ".join(found)


def row(path: str) -> str:
    """The rows that a JSON path selects, by their keys; empty for none."""
    names = [(family, name.replace("\\'", "'").replace("\\\\", "\\")) for family, name in _rows(path)]
    return " · ".join(code(name, family) if family in CODES else name for family, name in names)


def _rows(path: str) -> Iterator[tuple[str, str]]:
    """For each list that the path selects from, its name, the key and the key's value."""
    for found in _ROW.finditer(path):
        yield f"{found['list']}.{found['key']}", found["name"]


def value(field_name: str, stored: Any) -> str:
    """A value of a plan's document for readers; a dash for none."""
    key = field_name.rpartition(".")[2]
    if stored in (None, "", [], {}):
        return "—"
    if isinstance(stored, dict):
        return gettext("; ").join(
            gettext("%(name)s: %(value)s")
            % {"name": FIELDS.get(name, name), "value": value(f"{field_name}.{name}", part)}
            for name, part in sorted(stored.items(), key=lambda each: _PLACES.get(each[0], 0))
        )
    if isinstance(stored, list):
        return gettext(", ").join(value(field_name, part) for part in stored)
    text = str(stored)
    if field_name == "measures":
        return measure(text)
    for family in CODES:
        if field_name.endswith(family):
            return code(text, family)
    return _number(field_name, key, text)


def _number(field_name: str, key: str, text: str) -> str:
    if key in _PERCENT:
        return f"{text} %"
    summed = field_name.startswith("schedule.") or key == "valuation"
    if key in NUMERIC or (summed and key not in _DATES):
        try:
            return money(text)
        except ArithmeticError:
            return text
    return text


def resolved(resolution: Resolution) -> str:
    """The resolution as a text: "Carried: 7 for, 2 against (6 needed)"."""
    counts = [
        ngettext("%(count)d for", "%(count)d for", resolution.for_count) % {"count": resolution.for_count}
    ]
    if resolution.against_count:
        counts.append(
            ngettext("%(count)d against", "%(count)d against", resolution.against_count)
            % {"count": resolution.against_count}
        )
    if resolution.abstained_count:
        counts.append(
            ngettext("%(count)d abstaining", "%(count)d abstaining", resolution.abstained_count)
            % {"count": resolution.abstained_count}
        )
    carried = {
        (Resolution.Question.PLAN, True): gettext("Carried: %(counts)s (%(needed)d needed)"),
        (Resolution.Question.PLAN, False): gettext("Not carried: %(counts)s (%(needed)d needed)"),
        (Resolution.Question.SPECIAL, True): gettext("Recognised: %(counts)s (%(needed)d needed)"),
        (Resolution.Question.SPECIAL, False): gettext("Not recognised: %(counts)s (%(needed)d needed)"),
    }
    label = carried[Resolution.Question(resolution.question), resolution.carried]
    return label % {"counts": gettext(", ").join(counts), "needed": resolution.votes_to_pass}


def outcome(resolution: Resolution) -> str:
    """The outcome as a word, without its counts."""
    found = {
        (Resolution.Question.PLAN, True): pgettext("outcome", "Carried"),
        (Resolution.Question.PLAN, False): pgettext("outcome", "Not carried"),
        (Resolution.Question.SPECIAL, True): pgettext("outcome", "Recognised"),
        (Resolution.Question.SPECIAL, False): pgettext("outcome", "Not recognised"),
    }
    return found[Resolution.Question(resolution.question), resolution.carried]


def question(vote: Any) -> str:
    """What is voted on, with the number of the round from the second on."""
    special = vote.question == Resolution.Question.SPECIAL
    words = gettext("Vote on special circumstances") if special else gettext("Vote on the plan")
    return (
        words
        if vote.round == 1
        else gettext("%(vote)s, round %(round)s") % {"vote": words, "round": vote.round}
    )


def in_conflict(resolution: Resolution) -> str:
    """The number of abstentions for a conflict of interest as a text; empty for none."""
    if not resolution.conflicted_count:
        return ""
    return ngettext(
        "%(count)d abstention is a recusal (conflict of interest)",
        "%(count)d abstentions are recusals (conflict of interest)",
        resolution.conflicted_count,
    ) % {"count": resolution.conflicted_count}


def days(since: date, until: date) -> str:
    """A waiting time in whole days as a text."""
    count = max((until - since).days, 0)
    if count == 0:
        return gettext("since today")
    return ngettext("for %(count)d day", "for %(count)d days", count) % {"count": count}


def stream_label(name: str) -> str:
    """A stream or subject of the audit log as a text: "Meeting 12" for "meeting:12"."""
    kind, _colon, number = name.partition(":")
    return f"{THINGS.get(kind, kind)} {number}".strip()
