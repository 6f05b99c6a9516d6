"""Why an act is not possible now, and who leads out of it: what `state/not-allowed` says.

By verb and state for an act that belongs to another state; by its own name for a cause that no state tells
(a second receipt, a vote that is open). The wordings, in English and
Chinese, are in `texts/causes.toml`; square brackets as in `codes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from regulation import texts


@dataclass(frozen=True, slots=True)
class Cause:
    """The reason why an act is not possible, and who can change that."""

    message_en: str
    remedy_en: str
    message_zh: str
    remedy_zh: str


_TEXTS = texts.read("causes")


def _causes(name: str) -> Mapping[str, Cause]:
    return MappingProxyType({key: Cause(**told) for key, told in _TEXTS[name].items()})


#: state of a plan or a meeting → its description, and who acts next
STANDING: Mapping[str, Cause] = _causes("standing")
#: cause that does not follow from a state, by its name
CAUSES: Mapping[str, Cause] = _causes("causes")
#: the states of each kind of object, in order
_ORDERS: Sequence[Sequence[str]] = _TEXTS["orders"]
#: verb → the place of the act, the first half of a sentence
_PLACES: Mapping[str, tuple[str, str]] = {
    verb: (told["en"], told["zh"]) for verb, told in _TEXTS["places"].items()
}
#: verb and state → the remedy, where that of the state does not apply
_WAYS: Mapping[tuple[str, str], tuple[str, str]] = {
    (way["verb"], way["state"]): (way["en"], way["zh"]) for way in _TEXTS["ways"]
}
_PAST = (_TEXTS["past"]["en"], _TEXTS["past"]["zh"])


def cause_of(verb: str, state: str, states: Sequence[str] = ()) -> Cause | None:
    """What `state/not-allowed` says of the verb in this state of its object; None where there is no word.

    ``states`` are those in which the act has its place: where all of them lie before, it is told to be past.
    """
    standing, place = STANDING.get(state), _PLACES.get(verb)
    if standing is None or place is None:
        return None
    order = next(order for order in _ORDERS if state in order)
    known = [order.index(name) for name in states if name in order]
    # an act on an item, in the state of its meeting: it is possible in the session only
    last = max(known) if known else order.index("in_session") if "in_session" in order else len(order)
    past = _PAST if last < order.index(state) else ("", "")
    way = _WAYS.get((verb, state), (standing.remedy_en, standing.remedy_zh))
    return Cause(
        f"{place[0]}; {standing.message_en}.",
        past[0] + way[0],
        f"{place[1]}；{standing.message_zh}。",
        past[1] + way[1],
    )
