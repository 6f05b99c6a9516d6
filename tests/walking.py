"""The site's pages, found by following links as somebody: one address of each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import ResolverMatch, resolve

from committee.models import Meeting, Person
from proposals.models import Proposal

LINK = re.compile(r'href="(/[^"#]*)')
#: a page more of the same kind would show nothing else
SAME = ("pk", "item", "number", "sha256", "stream", "seq", "page", "digest", "receipt", "object_id")
#: one of these shows what all of them do, whatever is in their addresses
ALIKE = ("exception", "export-log")
#: from each of these other acts lead on, by its state
CROSSINGS = {"proposal": Proposal, "meeting": Meeting}
#: what each role finds the others from; any other kind leads on alike, whoever looked at it first
HUBS = ("desk", "proposals", "meetings", "roster", "regulation", *CROSSINGS)


def pages(person: Person, known: set[Any], *, by_state: bool = False) -> Iterator[tuple[str, str]]:
    """Name and address of each kind of page that links lead the person to and that is not known yet.

    Of plans and meetings one is a kind, or by `by_state` one in each state.
    """
    client = Client(SERVER_NAME="127.0.0.1")
    person.refresh_from_db()  # somebody may have given everybody a password
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    waiting, seen = ["/"], set()
    while waiting:
        address = waiting.pop(0)
        path = address.partition("?")[0]
        if path.startswith("/static/"):
            continue
        match = resolve(path)
        name, kind = match.url_name or "", _kind(match)
        if (path if name in CROSSINGS else kind) in seen:
            continue
        seen.add(path if name in CROSSINGS else kind)
        if by_state and name in CROSSINGS:
            kind = (
                name,
                state := CROSSINGS[name].objects.values_list("state", flat=True).get(**match.kwargs),
            )
            name = f"{name}-{state}"
        if kind in known and match.url_name not in HUBS:
            continue
        response = client.get(address)
        if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
            continue
        waiting += [each.replace("&amp;", "&") for each in LINK.findall(response.content.decode())]
        if kind not in known:
            known.add(kind)
            yield name, address


def _kind(match: ResolverMatch) -> tuple[str, ...]:
    """What one page is of, by its name and those arguments that make another page of it."""
    if match.url_name in ALIKE:
        return (match.url_name,)
    return (match.url_name or "", *(f"{k}={v}" for k, v in match.kwargs.items() if k not in SAME))
