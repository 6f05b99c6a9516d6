"""What the system enforces for each article, in both languages, with settlements of ambiguities marked.

A settlement is a choice of the operator where the text is silent; an interpretation by the risk department
(Art. 24) overrides it. Numbers are named by their field; their values are those of the version in force. The
texts are in `texts/enforced.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from regulation import texts


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is enforced; ``settled`` if it is a settlement and not the article's own wording."""

    en: str
    zh: str
    settled: bool = False


#: article, or item of an article ("20.4") → what is enforced
ENFORCED: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {article: tuple(Rule(**row) for row in rules) for article, rules in texts.read("enforced").items()}
)

#: number of a version → the article that it belongs to
SETTINGS: Mapping[str, int] = MappingProxyType(
    {
        "seats": 3,
        "proxies_per_holder": 11,
        "notice_days": 15,
        "votes_to_pass": 20,
        "minutes_due_days": 21,
        "material_change_pct": 23,
    }
)
