"""Every refusal of the engine, by its code: the article, the HTTP status, what is wrong and the remedy.

The wordings, in English and Chinese, are in `texts/codes.toml`. A part in square brackets is shown only when
the context of the refusal gives every {placeholder} in it; outside brackets there are none: each wording
stands without context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from regulation import texts


@dataclass(frozen=True, slots=True)
class Code:
    """One refusal; ``article`` is "20" or "20.4", None for the general codes, which rest on no single one."""

    code: str
    article: str | None
    status: int
    message_en: str
    remedy_en: str
    message_zh: str
    remedy_zh: str
    #: the rule that it holds to, in short
    rule_en: str
    rule_zh: str


DENIED, NOT_FOUND, WRONG_STATE, RULE = 403, 404, 409, 422


def _code(code: str, entry: Mapping[str, str | int]) -> Code:
    article = code.partition("/")[0]
    return Code(code, article if article[0].isdigit() else None, **entry)  # type: ignore[arg-type]  # a file's values


CODES: Mapping[str, Code] = MappingProxyType(
    {code: _code(code, entry) for code, entry in texts.read("codes").items()}
)
