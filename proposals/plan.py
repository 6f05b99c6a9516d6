"""The workout and recovery plan: its shape, its completeness, its balance, and the terms resolved.

One schema serves forms, rehearsals and imports. A draft may leave keys out; whatever it states must have the
right shape. A plan is complete when nothing is missing any more, and only then has typed ``terms``.

Money is yuan with two decimals, a rate per cent a year, haircut and probability per cent; all are strings in
the document and Decimal in the terms, never a float. Paths are JSONPath (RFC 9535).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from regulation.refused import Refused
from regulation.text import folded_identifier, is_line, is_prose, says_something, without_invisible

MEASURES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {row["code"]: row for row in json.loads(Path(__file__).with_name("measures.json").read_text("utf-8"))}
)
"""The catalogue of measures by code: ``zh``, ``en``, ``source`` and ``family`` of each."""

NON_PERFORMING: Final = frozenset({"substandard", "doubtful", "loss"})
_PERFORMING: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"normal": {"en": "normal", "zh": "正常"}, "special_mention": {"en": "special mention", "zh": "关注"}}
)
SPECIAL_CIRCUMSTANCES: Final = "7.6"
ENFORCEMENT: Final = "enforcement"

# A plan beyond these is an accident or an attack; the largest real ones stay far below.
MAX_TEXT: Final = 200_000
MAX_ROWS: Final = 2_000
MAX_KEYS: Final = 100
#: rows of all lists, and objects, of one plan together
MAX_PARTS: Final = 40_000
MAX_COUNT: Final = 999_999
MAX_BYTES: Final = 4_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: what lies deeper is in no place of a plan: alternatives[0].flows[0].on
_DEPTH: Final = 5

# [0-9], since \d takes the digits of every script; no leading zero, so that an amount has one spelling.
_MONEY = re.compile(r"(?:0|[1-9][0-9]{0,14})\.[0-9]{2}")
_PERCENT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")
_NOT_STORED = re.compile("[\0\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# What may be wrong at a place, in English and in Chinese. The keys of _INCOMPLETE are no fault of a draft.
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("it is missing", "缺少此项"),
    "blank": ("it is blank", "内容为空"),
    "none": ("at least one is needed", "至少需要一项"),
    "no-enforcement": (
        "one alternative must be named `enforcement`",
        "比较方案中须有一项名为 enforcement（强制执行）",
    ),
    "object": ("expects an object", "应为对象"),
    "list": ("expects a list", "应为列表"),
    "text": ("expects a text", "应为文本"),
    "count": (
        f"expects a whole number from {{least}} to {MAX_COUNT}",
        f"应为 {{least}} 至 {MAX_COUNT} 的整数",
    ),
    "unknown-key": ("is no key of a plan", "方案中没有此项"),
    "code": ("expects one of: {codes}", "应为下列之一：{codes}"),
    "measure": ("expects a code of the catalogue of measures", "应为清收措施目录中的代码"),
    "money": (
        'expects yuan as a text with two decimals and no sign, such as "1200.00"',
        '应为不带正负号、保留两位小数的金额文本（元），例如 "1200.00"',
    ),
    "rate": (
        'expects per cent a year as a text without a sign, such as "8.40"',
        '应为不带正负号的年利率文本（%），例如 "8.40"',
    ),
    "percent": ('expects per cent as a text from "0" to "100"', '应为 "0" 至 "100" 的百分比文本'),
    "date": (
        f"expects a date from {FIRST_YEAR} to {LAST_YEAR} as YYYY-MM-DD",
        f"应为 {FIRST_YEAR} 年至 {LAST_YEAR} 年的日期，格式 YYYY-MM-DD",
    ),
    "line": ("expects one line of text", "应为单行文本"),
    "character": ("holds a character that cannot be stored or seen", "含有无法保存或看不见的字符"),
    "long": (f"expects at most {MAX_TEXT} characters", f"不得超过 {MAX_TEXT} 个字符"),
    "rows": (f"expects at most {MAX_ROWS} entries", f"不得超过 {MAX_ROWS} 项"),
    "keys": (f"expects at most {MAX_KEYS} keys", f"不得超过 {MAX_KEYS} 个键"),
    "parts": (f"the plan has more than {MAX_PARTS} rows in all", f"方案各列表合计不得超过 {MAX_PARTS} 项"),
    "bytes": (f"the plan exceeds {MAX_BYTES} bytes", f"方案不得超过 {MAX_BYTES} 字节"),
    "after-submission": ("it is after the submission on {limit}", "晚于提交日期 {limit}"),
    "not-before-due": (
        "the loan must be issued before it is due on {limit}",
        "贷款发放日须早于到期日 {limit}",
    ),
    "descending": ("it is before the date above it, {limit}", "早于前一项的日期 {limit}"),
    "before-base": ("it is before the base date {limit}", "早于基准日 {limit}"),
    "twin": (
        "rows {first} and {row} are one loan: the same contract, dates and principal",
        "第 {first} 行与第 {row} 行为同一笔贷款（合同编号、日期、本金均相同）",
    ),
    "principal": (
        "{got} yuan of principal are scheduled; principal less its waiver plus new money is {limit} yuan",
        "还款计划本金合计 {got} 元；贷款本金减去减免本金加新增资金为 {limit} 元",
    ),
    "waiver": ("{got} yuan are waived, {limit} yuan are owed", "减免 {got} 元，所欠为 {limit} 元"),
    "recovery": (
        "{got} yuan are expected; everything owed, the new money and the interest scheduled are {limit} yuan",
        "预计收回 {got} 元；全部欠款、新增资金与还款计划利息合计为 {limit} 元",
    ),
    "performing": ("the loan is classified {en}", "该贷款分类为“{zh}”"),
    "no-condition": ("no condition of Art. 7 is claimed", "未主张第七条的任何条件"),
    "evidence": ("the condition is claimed without evidence", "所主张的条件没有依据"),
}
_INCOMPLETE: Final = frozenset({"missing", "blank", "none", "no-enforcement"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a plan, and where: a JSON path, a stable key and the wording."""

    path: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str = "en") -> str:
        """What is wrong at the path, in Chinese for a language tag that begins with "zh", else in English."""
        return _WORDS[self.key][lang.lower().startswith("zh")].format_map(self.values)

    def refusal(self, code: str) -> Refused:
        """The refusal with this code whose context carries ``path`` and ``why`` (in both languages)."""
        return Refused(
            code, path=self.path, why={"en": self.message("en"), "zh-hans": self.message("zh-hans")}
        )


# -- The parts of the schema -----------------------------------------------------------------------


def _wrong(key: str, **values: object) -> PydanticCustomError:
    return PydanticCustomError("plan", "plan", {"key": key, "values": values})


def _decimal(pattern: re.Pattern[str], key: str, most: Decimal | None = None) -> Callable[[object], Decimal]:
    def read(value: object) -> Decimal:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _wrong(key)
        number = Decimal(value)
        if most is not None and number > most:
            raise _wrong(key)
        return number

    return read


def _new_rate(value: object) -> Decimal | None:
    return None if value is None else _decimal(_PERCENT, "rate")(value)


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _wrong("date")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _wrong("date") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _wrong("date")
    return day


def _count(least: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MAX_COUNT:
            raise _wrong("count", least=least)
        return value

    return read


def _characters(value: str) -> str:
    """The text; NUL and lone surrogates are refused, which no PostgreSQL text or jsonb can hold."""
    if len(value) > MAX_TEXT:
        raise _wrong("long")
    if _NOT_STORED.search(value):
        raise _wrong("character")
    return value


def _filled(value: str, info: ValidationInfo) -> str:
    if info.context == _DUE and not without_invisible(value).strip():
        raise _wrong("blank")
    return value


# A plan that was given before these two were refused is read as it is.
def _prose(value: str, info: ValidationInfo) -> str:
    if info.context == _GIVEN and not is_prose(value):
        raise _wrong("character")
    return value


def _one_line(value: str, info: ValidationInfo) -> str:
    if info.context == _GIVEN and value.strip() and not is_line(without_invisible(value)):
        raise _wrong("line")
    return value


def _measure(value: object) -> str:
    if not isinstance(value, str) or value not in MEASURES:
        raise _wrong("measure")
    return value


def _rows(value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise _wrong("list")
    if len(value) > MAX_ROWS:
        raise _wrong("rows")
    return tuple(value)


_T = TypeVar("_T")


def _at_least_one(value: tuple[_T, ...], info: ValidationInfo) -> tuple[_T, ...]:
    if info.context == _DUE and not value:
        raise _wrong("none")
    return value


def _with_enforcement(value: tuple[Alternative, ...], info: ValidationInfo) -> tuple[Alternative, ...]:
    if info.context == _DUE and all(alternative.name != ENFORCEMENT for alternative in value):
        raise _wrong("no-enforcement")
    return value


# The contexts of validation: at submission, when nothing may be missing any more, and when a plan is given.
_DUE: Final = "due"
_GIVEN: Final = "given"

Evidence = Annotated[str, AfterValidator(_characters), AfterValidator(_prose)]
Text = Annotated[str, AfterValidator(_characters), AfterValidator(_prose), AfterValidator(_filled)]
Line = Annotated[str, AfterValidator(_characters), AfterValidator(_one_line), AfterValidator(_filled)]
Money = Annotated[Decimal, PlainValidator(_decimal(_MONEY, "money"))]
Rate = Annotated[Decimal, PlainValidator(_decimal(_PERCENT, "rate"))]
NewRate = Annotated[Decimal | None, PlainValidator(_new_rate)]
Percent = Annotated[Decimal, PlainValidator(_decimal(_PERCENT, "percent", Decimal(100)))]
Day = Annotated[date, PlainValidator(_day)]
Count = Annotated[int, PlainValidator(_count(0))]
Rank = Annotated[int, PlainValidator(_count(1))]
Measure = Annotated[str, PlainValidator(_measure)]
Rows = Annotated[tuple[_T, ...], BeforeValidator(_rows)]
SomeRows = Annotated[tuple[_T, ...], BeforeValidator(_rows), AfterValidator(_at_least_one)]

BorrowerKind = Literal["enterprise", "household", "village_collective", "public_employee", "employee"]
Operating = Literal["normal", "reduced", "stopped"]
Classification = Literal["normal", "special_mention", "substandard", "doubtful", "loss"]
Recoverability = Literal["recoverable", "recoverable_with_effort", "temporarily_unrecoverable"]
Condition = Literal["7.1", "7.2", "7.3", "7.4", "7.5", "7.6"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Borrower(_Part):
    """Who owes."""

    name: Line
    id_no: Line
    kind: BorrowerKind
    operating: Operating
    cause: Text


class Loan(_Part):
    """One loan contract: what is owed on it at the base date (yuan), its rate, dates and officers."""

    contract_no: Line
    principal: Money
    interest_on_balance: Money
    interest_off_balance: Money
    penalty: Money
    rate: Rate
    issued_on: Day
    due_on: Day
    days_past_due: Count
    classification: Classification
    lending_officer: Line
    collection_officer: Line


class Guarantee(_Part):
    """Who guarantees, how much (yuan), and what the guarantor is good for."""

    guarantor: Line
    amount: Money
    capacity: Text


class Collateral(_Part):
    """One title, its valuation (yuan) and the haircut on it (per cent)."""

    kind: Line
    title_no: Line
    owner: Line
    value: Money
    valued_on: Day
    appraiser: Line
    rank: Rank
    haircut: Percent


class Investigation(_Part):
    """The five findings of the investigation."""

    relationship: Text
    willingness: Text
    assets: Text
    feasibility: Text
    accountability: Text


class Concessions(_Part):
    """What the bank gives: waivers and new money (yuan), an extension (months), a new rate."""

    interest_waived: Money
    penalty_waived: Money
    principal_waived: Money
    new_money: Money
    extension_months: Count
    new_rate: NewRate


class Source(_Part):
    """One source of repayment (yuan)."""

    kind: Line
    amount: Money
    description: Text


class Instalment(_Part):
    """What is due on a day (yuan)."""

    due_on: Day
    principal: Money
    interest: Money


class Flow(_Part):
    """What an alternative brings on a day (yuan), and how likely (per cent)."""

    on: Day
    amount: Money
    probability: Percent


class Alternative(_Part):
    """Another way to recover, with its cost (yuan) and expected flows."""

    name: Line
    cost: Money
    flows: Rows[Flow]


class Milestone(_Part):
    """What should have happened by a day."""

    on: Day
    what: Line


class Attachment(_Part):
    """A paper that goes with the plan."""

    name: Line
    text: Text


class Terms(_Part):
    """A plan with nothing missing, typed."""

    title: Line
    borrower: Borrower
    base_date: Day
    loans: SomeRows[Loan]
    guarantees: Rows[Guarantee]
    collateral: Rows[Collateral]
    conditions: dict[Condition, Evidence]
    investigation: Investigation
    recoverability: Recoverability
    measures: SomeRows[Measure]
    concessions: Concessions
    sources: SomeRows[Source]
    schedule: SomeRows[Instalment]
    discount_rate: Rate
    alternatives: Annotated[SomeRows[Alternative], AfterValidator(_with_enforcement)]
    expected_recovery: Money
    executor: Line
    milestones: Rows[Milestone]
    attachments: Rows[Attachment]


PARTS: Final[tuple[type[BaseModel], ...]] = (
    Terms, Borrower, Loan, Guarantee, Collateral, Investigation, Concessions, Source, Instalment, Alternative,
    Flow, Milestone, Attachment,
)  # fmt: skip
NUMERIC: Final = frozenset(
    name
    for part in PARTS
    for name, info in part.model_fields.items()
    if info.annotation in (Decimal, Decimal | None)
)
"""The keys whose texts are numbers: money, rates and per cents. No key is one here and a text elsewhere."""
LINES: Final = frozenset(
    name
    for part in PARTS
    for name, info in part.model_fields.items()
    if any(getattr(rule, "func", None) is _one_line for rule in info.metadata)
)
"""The keys whose texts are one line: names and identifiers. No key is one here and prose elsewhere."""


# -- Reading a document ----------------------------------------------------------------------------


def canonical(document: Mapping[str, Any]) -> str:
    """The one spelling of a plan: keys sorted, no white space, nothing escaped that need not be.

    For what a plan may hold (objects, lists, texts, null and whole numbers below 2**53) this is the JSON
    Canonicalization Scheme, RFC 8785, so that anyone can recompute a digest with another program.
    """
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical JSON in UTF-8, hexadecimal; the order of keys does not matter."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


@dataclass(frozen=True)
class Plan:
    """An immutable plan of the right shape, complete or not; made by ``parse_draft``."""

    canonical: str = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """The document as given, in plain JSON; a fresh copy each time, so that nothing changes the plan."""
        document: dict[str, Any] = json.loads(self.canonical)
        return document

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical JSON, hexadecimal."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def complete(self) -> bool:
        """True when nothing is missing, blank or empty that is due at submission."""
        return not _read(self.document, _DUE)[1]

    @cached_property
    def terms(self) -> Terms:
        """The typed plan; plan/incomplete while a key is missing (blank texts and empty lists pass)."""
        terms, found = _read(self.document, None)
        if terms is None:
            raise found[0].refusal("plan/incomplete")
        return terms


def parse_draft(document: object) -> Plan:
    """The plan that the document states; keys may be missing, lists empty, texts blank.

    Refuses plan/invalid, with the JSON path, at the first unknown key or code, wrong type, malformed or
    negative money, and anything beyond the limits of this module. What nobody sees is left out of lines.
    """
    found = problems(document)
    if found:
        raise found[0].refusal("plan/invalid")
    plan = Plan(canonical(cast("dict[str, Any]", _as_seen(document))))
    if len(plan.canonical.encode()) > MAX_BYTES:
        raise Problem("$", "bytes").refusal("plan/invalid")
    return plan


def stored_plan(document: Mapping[str, Any]) -> Plan:
    """The plan that was given and stored; its text is as it was given, whatever is refused since.

    Refuses plan/invalid where it has not the shape of a plan.
    """
    for problem in _read(document, None)[1]:
        if problem.key not in _INCOMPLETE:
            raise problem.refusal("plan/invalid")
    return Plan(canonical(document))


def problems(document: object) -> list[Problem]:
    """Everything that is wrong with the shape of a draft, in the order of the schema; not what is missing."""
    return [problem for problem in _read(document, _GIVEN)[1] if problem.key not in _INCOMPLETE]


def _as_seen(value: object, key: str = "") -> object:
    """The document without the characters in its lines that nobody sees."""
    if isinstance(value, Mapping):
        return {name: _as_seen(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_seen(inner) for inner in value]
    return without_invisible(value) if isinstance(value, str) and key in LINES else value


def incomplete(plan: Plan) -> list[Problem]:
    """Everything that is still missing, blank or empty, in the order of the schema; empty when complete."""
    return _read(plan.document, _DUE)[1]


def _read(document: object, context: str | None) -> tuple[Terms | None, list[Problem]]:
    if not isinstance(document, Mapping):
        return None, [Problem("$", "object")]
    too_much = _too_much(document)
    if too_much is not None:
        return None, [too_much]
    try:
        return Terms.model_validate(dict(document), context=context), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    return None, [_problem(detail) for detail in details]


def _too_much(document: Mapping[Any, Any]) -> Problem | None:
    """The first list or object that is longer than any plan's; its entries are not looked at.

    What is beyond the limits would otherwise have a problem for each of its entries.
    """
    left = MAX_PARTS
    waiting: deque[tuple[tuple[str | int, ...], Any]] = deque([((), document)])
    while waiting:
        place, value = waiting.popleft()
        if isinstance(value, Mapping) and len(value) > MAX_KEYS:
            return Problem(json_path(place), "keys")
        if isinstance(value, list) and len(value) > MAX_ROWS:
            return Problem(json_path(place), "rows")
        left -= len(value) if isinstance(value, list) else 1
        if left < 0:
            return Problem("$", "parts")
        if len(place) < _DEPTH:
            inside = enumerate(value) if isinstance(value, list) else value.items()
            waiting += [((*place, key), each) for key, each in inside if isinstance(each, Mapping | list)]
    return None


_BY_TYPE: Final[Mapping[str, str]] = {
    "missing": "missing",
    "extra_forbidden": "unknown-key",
    "invalid_key": "unknown-key",
    "literal_error": "code",
    "model_type": "object",
    "dict_type": "object",
    "string_type": "text",
    "string_unicode": "character",
}


def _problem(detail: ErrorDetails) -> Problem:
    path = json_path(detail["loc"])
    if detail["type"] == "plan":
        return Problem(path, detail["ctx"]["key"], detail["ctx"]["values"])
    key = _BY_TYPE[detail["type"]]
    if key == "code":
        expected = detail["ctx"]["expected"]  # "'a', 'b' or 'c'"
        return Problem(path, key, {"codes": expected.replace(" or ", ", ").replace("'", "")})
    return Problem(path, key)


def json_path(location: Iterable[str | int]) -> str:
    """The JSONPath (RFC 9535) of a place given by its keys and indexes, such as ``$.conditions['7.1']``."""
    return "$" + "".join(_segment(step) for step in location if step != "[key]")


#: one step of the paths that `json_path` writes for what the schema knows
SEGMENT: Final = re.compile(r"\.(?P<key>\w+)|\[(?P<index>[0-9]+)\]|\['(?P<quoted>[^']*)'\]")


def _segment(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _NAME.fullmatch(step):
        return f".{step}"
    return f"[{quoted(step[:60])}]"


def quoted(text: str) -> str:
    """The text as a string of a JSONPath (RFC 9535), in single quotes, with controls escaped."""
    escaped = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{escaped.encode(errors='backslashreplace').decode()}'"


# -- What must hold at submission ------------------------------------------------------------------


def check_submission(plan: Plan, *, submitted_on: date) -> None:
    """Nothing; the plan may be submitted on that day as far as the plan alone can tell.

    Refuses, in this order: plan/incomplete (missing, blank, empty), plan/invalid (dates, then loans alike),
    plan/unbalanced (yuan, to the fen), 6/not-non-performing, 7/no-condition, 7/evidence-required. Art. 6, 7.
    """
    for problem in incomplete(plan):
        raise problem.refusal("plan/incomplete")
    for problem in problems(plan.document):
        raise problem.refusal("plan/invalid")
    for code, problem in faults(plan.terms, submitted_on=submitted_on):
        raise problem.refusal(code)


def faults(terms: Terms, *, submitted_on: date) -> Iterator[tuple[str, Problem]]:
    """All that forbids submitting these terms on that day, with its code, in the order of the checks."""
    rules: Sequence[tuple[str, Iterator[Problem]]] = (
        ("plan/invalid", _date_problems(terms, submitted_on)),
        ("plan/invalid", _twin_loans(terms)),
        ("plan/unbalanced", _balance_problems(terms)),
        ("6/not-non-performing", _performing_loans(terms)),
        ("7/no-condition", _missing_conditions(terms)),
        ("7/evidence-required", _missing_evidence(terms)),
    )
    for code, found in rules:
        for problem in found:
            yield code, problem


def _date_problems(terms: Terms, submitted_on: date) -> Iterator[Problem]:
    if terms.base_date > submitted_on:
        yield Problem("$.base_date", "after-submission", {"limit": submitted_on})
    for index, title in enumerate(terms.collateral):
        if title.valued_on > submitted_on:
            yield Problem(f"$.collateral[{index}].valued_on", "after-submission", {"limit": submitted_on})
    for index, loan in enumerate(terms.loans):
        if loan.issued_on >= loan.due_on:
            yield Problem(f"$.loans[{index}].issued_on", "not-before-due", {"limit": loan.due_on})
    yield from _descending("$.schedule[{}].due_on", [instalment.due_on for instalment in terms.schedule])
    if terms.schedule[0].due_on < terms.base_date:
        yield Problem("$.schedule[0].due_on", "before-base", {"limit": terms.base_date})
    yield from _descending("$.milestones[{}].on", [milestone.on for milestone in terms.milestones])
    for index, alternative in enumerate(terms.alternatives):
        yield from _descending(
            f"$.alternatives[{index}].flows[{{}}].on", [flow.on for flow in alternative.flows]
        )


def _twin_loans(terms: Terms) -> Iterator[Problem]:
    """Each loan that is alike to an earlier one in contract, dates and principal; rows count from 1."""
    seen: dict[tuple[object, ...], int] = {}
    for row, loan in enumerate(terms.loans, start=1):
        first = seen.setdefault(
            (folded_identifier(loan.contract_no), loan.issued_on, loan.due_on, loan.principal), row
        )
        if first < row:
            yield Problem(f"$.loans[{row - 1}].contract_no", "twin", {"first": first, "row": row})


def _descending(path: str, days: Sequence[date]) -> Iterator[Problem]:
    for index, (earlier, later) in enumerate(pairwise(days), start=1):
        if later < earlier:
            yield Problem(path.format(index), "descending", {"limit": earlier})


def _balance_problems(terms: Terms) -> Iterator[Problem]:
    given = terms.concessions
    principal = sum((loan.principal for loan in terms.loans), Decimal("0.00"))
    interest = sum(
        (loan.interest_on_balance + loan.interest_off_balance for loan in terms.loans), Decimal("0.00")
    )
    penalty = sum((loan.penalty for loan in terms.loans), Decimal("0.00"))
    for kind, waived, owed in (
        ("interest_waived", given.interest_waived, interest),
        ("penalty_waived", given.penalty_waived, penalty),
        ("principal_waived", given.principal_waived, principal),
    ):
        if waived > owed:
            yield Problem(f"$.concessions.{kind}", "waiver", {"got": waived, "limit": owed})
    scheduled = sum((instalment.principal for instalment in terms.schedule), Decimal("0.00"))
    to_repay = principal - given.principal_waived + given.new_money
    if scheduled != to_repay:
        yield Problem("$.schedule", "principal", {"got": scheduled, "limit": to_repay})
    most = receivable(terms)
    if terms.expected_recovery > most:
        yield Problem("$.expected_recovery", "recovery", {"got": terms.expected_recovery, "limit": most})


def _performing_loans(terms: Terms) -> Iterator[Problem]:
    for index, loan in enumerate(terms.loans):
        if loan.classification not in NON_PERFORMING:
            yield Problem(f"$.loans[{index}].classification", "performing", _PERFORMING[loan.classification])


def _missing_conditions(terms: Terms) -> Iterator[Problem]:
    if not terms.conditions:
        yield Problem("$.conditions", "no-condition")


def _missing_evidence(terms: Terms) -> Iterator[Problem]:
    for condition, evidence in terms.conditions.items():
        if not says_something(evidence):
            yield Problem(json_path(("conditions", condition)), "evidence")


def receivable(terms: Terms) -> Decimal:
    """The most that can come in, in yuan: everything owed, the new money and the interest scheduled."""
    owed = sum(
        (
            loan.principal + loan.interest_on_balance + loan.interest_off_balance + loan.penalty
            for loan in terms.loans
        ),
        Decimal("0.00"),
    )
    interest = sum((instalment.interest for instalment in terms.schedule), Decimal("0.00"))
    return owed + terms.concessions.new_money + interest


# -- Questions that also a draft answers -----------------------------------------------------------


def contracts(plan: Plan) -> tuple[str, ...]:
    """The distinct contract numbers that the plan covers, sorted, each as ``folded_identifier`` spells it.

    So neither a blank, a dash, a letter's width nor a character that nobody sees is a way around Art. 13 and
    23. Contracts not yet stated are left out.
    """
    stated = (folded_identifier(loan.get("contract_no", "")) for loan in plan.document.get("loans", ()))
    return tuple(sorted({contract for contract in stated if contract}))


def only_special_circumstances(plan: Plan) -> bool:
    """True when 7.6 is the only condition claimed, so that the committee first votes on it (Art. 7)."""
    return set(plan.document.get("conditions", ())) == {SPECIAL_CIRCUMSTANCES}


def officers(plan: Plan) -> frozenset[str]:
    """The lending and collection officers that the plan names, each as folded (Art. 20(3))."""
    roles = ("lending_officer", "collection_officer")
    named = (
        folded_identifier(loan.get(role, "")) for loan in plan.document.get("loans", ()) for role in roles
    )
    return frozenset(name for name in named if name)


# -- The terms resolved (Art. 22) ------------------------------------------------------------------


def matches_terms(document: Mapping[str, Any], terms: object) -> str | None:
    """None when the terms state nothing that the document does not; else the first JSON path that deviates.

    Any part may be stated; an unknown key deviates, and so does a list of another length or order. Money,
    rates and per cents are compared as numbers ("6" is "6.00"), lines without what nobody sees, all else
    exactly, types included. Art. 22.
    """
    return _deviation((), document, terms)


def _deviation(place: tuple[str | int, ...], resolved: object, stated: object) -> str | None:
    if isinstance(resolved, Mapping) and isinstance(stated, Mapping):
        return _deviation_of_keys(place, resolved, stated)
    if isinstance(resolved, list) and isinstance(stated, list) and len(resolved) == len(stated):
        pairs = enumerate(zip(resolved, stated, strict=True))
        found = (_deviation((*place, index), ours, theirs) for index, (ours, theirs) in pairs)
        return next(filter(None, found), None)
    equal = type(resolved) is type(stated) and (resolved == stated or _equal_as_read(place, resolved, stated))
    return None if equal else json_path(place)


def _deviation_of_keys(
    place: tuple[str | int, ...], resolved: Mapping[str, object], stated: Mapping[object, object]
) -> str | None:
    for key, value in stated.items():
        if not isinstance(key, str) or key not in resolved:
            return json_path((*place, str(key)))
        found = _deviation((*place, key), resolved[key], value)
        if found is not None:
            return found
    return None


def _equal_as_read(place: tuple[str | int, ...], resolved: object, stated: object) -> bool:
    if place and place[-1] in LINES:
        return without_invisible(str(resolved)) == without_invisible(str(stated))
    if not place or place[-1] not in NUMERIC:
        return False
    texts = (str(resolved), str(stated))
    return all(_NUMBER.fullmatch(text) for text in texts) and Decimal(texts[0]) == Decimal(texts[1])
