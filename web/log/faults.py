"""Faults of the log in the reader's language, as they are found or were kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from audit.checking.rows import Fault, told
from committee.models import Meeting
from office.models import Minutes
from proposals.models import Proposal
from voting.models import Vote
from web import labels

#: kind of object → the labels of its states; a vote's too
_STATES: Mapping[str, Mapping[str, Any]] = {
    "meeting": dict(Meeting.State.choices),
    "proposal": dict(Proposal.State.choices),
    "minutes": dict(Minutes.State.choices),
    "": dict(Vote.State.choices),
}
#: values that name an object as the log does: "vote:12"
_THINGS = frozenset({"thing", "vote", "meeting"})


def in_words(fault: Fault) -> str:
    """What is wrong, in the reader's language."""
    values = fault.values
    states = _STATES.get(str(values.get("kind", "")), {})
    return told(gettext(fault.code), {name: _said(name, value, states) for name, value in values.items()})


def _said(name: str, value: Any, states: Mapping[str, Any]) -> Any:
    if name in _THINGS:
        return labels.stream_label(str(value))
    if name == "kind":
        return labels.THINGS.get(str(value), value)
    if name == "state":
        return states.get(str(value), value)
    if name == "states" and isinstance(value, list):
        return gettext(" or ").join(str(states.get(str(each), each)) for each in value)
    return value
