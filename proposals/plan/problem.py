"""What may be wrong with a plan: the place, as a JSONPath (RFC 9535), and the wording in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from proposals.plan.limits import (
    FIRST_YEAR,
    LAST_YEAR,
    MAX_BYTES,
    MAX_COUNT,
    MAX_KEYS,
    MAX_PARTS,
    MAX_ROWS,
    MAX_TEXT,
)
from regulation.refused import Refused

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# What may be wrong at a place, in English and in Chinese. The keys of INCOMPLETE are no fault of a draft.
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
    "glyph": (
        "papers cannot show {characters}: take these characters out, or write them otherwise",
        "公文字库无法显示{characters}，请删去或改写这些字符",
    ),
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
        "预计收回金额 {got} 元；全部欠款、新增资金与还款计划利息合计为 {limit} 元",
    ),
    "performing": ("the loan is classified {en}", "该贷款分类为“{zh}”"),
    "not-in-ledger": (
        "the ledger has no such loan in the tape of {as_of}",
        "{as_of} 的数据文件中没有该合同编号的贷款",
    ),
    "ledger-class": (
        "the plan states {stated}; on {on} the ledger has it as {en}",
        "方案填列为“{stated_zh}”，台账 {on} 的分类为“{zh}”",
    ),
    "performing-now": (
        "the tape of {as_of} classifies the loan {en}",
        "{as_of} 的数据文件中该贷款分类为“{zh}”",
    ),
    "no-condition": ("no condition of Art. 7 is claimed", "未主张第七条的任何条件"),
    "evidence": ("the condition is claimed without evidence", "所主张的条件没有依据"),
}
INCOMPLETE: Final = frozenset({"missing", "blank", "none", "no-enforcement"})


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
        """The refusal with this code whose context carries ``path`` and ``why`` (in both languages).

        Characters that no paper can show are `document/no-glyph`, whatever the code.
        """
        if self.key == "glyph":
            return Refused("document/no-glyph", characters=self.values["characters"], path=self.path)
        return Refused(
            code, path=self.path, why={"en": self.message("en"), "zh-hans": self.message("zh-hans")}
        )


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
