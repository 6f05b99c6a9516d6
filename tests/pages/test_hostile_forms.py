"""Every form of every page, filled in with what no field is made for: it is refused, and no error."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from committee.models import Person
from tests import walking
from tests.journeys.test_accessibility import ROLES, everything
from tests.page_text import page_text
from tests.pages.pages import as_
from tests.stage import stages, undone

#: nothing is acted on by them, and they stand on every page
_EVERYWHERE = ("/display/", "/logout/", "/session/")
HOSTILE = ("a\0b", "9" * 40, "²")

bank_of_forms = stages("bank_of_forms", everything)


class Forms(HTMLParser):
    """The forms of a page that are sent by POST: where to, and the values of their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], set[str]]] = []
        self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._within = given.get("method", "").lower() == "post"
            if self._within:
                self.found.append((given.get("action", ""), {}, set()))
        elif self._within and tag in ("input", "select", "textarea", "button") and given.get("name"):
            _action, fields, hidden = self.found[-1]
            fields.setdefault(given["name"], given.get("value", ""))
            if given.get("type") == "hidden" or tag == "button":
                hidden.add(given["name"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._within = False


def forms(client: Any, address: str) -> Iterator[tuple[str, dict[str, str], set[str]]]:
    """Where each form of the page goes, its fields, and those that nobody types."""
    parser = Forms()
    parser.feed(page_text(client.get(address)))
    for action, fields, hidden in parser.found:
        for name in ("csrfmiddlewaretoken", "once"):
            fields.pop(name, None)
        to = urljoin(address, action)
        if fields and not to.startswith(_EVERYWHERE):
            yield to, fields, hidden - {"csrfmiddlewaretoken", "once"}


def sent(fields: dict[str, str], hidden: set[str]) -> Iterator[dict[str, str]]:
    """The form with something hostile in all that is typed, and in each hidden field."""
    for hostile in HOSTILE:
        yield {name: value if name in hidden else hostile for name, value in fields.items()}
    for name in hidden:
        yield {**fields, name: HOSTILE[0]}


def test_no_form_breaks_the_site_whatever_is_in_it(bank_of_forms: Any) -> None:
    broken, tried, known, done = [], 0, set(), set()
    for handle in ROLES:
        person = Person.objects.get(pk=bank_of_forms[handle].pk)
        client = as_(person)
        client.raise_request_exception = False
        for _name, address in list(walking.pages(person, known, by_state=True)):
            for to, fields, hidden in forms(client, address):
                if (key := (to, frozenset(fields))) in done:
                    continue
                done.add(key)
                for given in sent(fields, hidden):
                    with undone():
                        status = client.post(to, given).status_code
                    tried += 1
                    if status >= 500:
                        wrong = {name: value[:20] for name, value in given.items() if value in HOSTILE}
                        broken.append(f"{handle} {to} of {address}: {status} {wrong}")
    assert not broken, "\n".join(broken)
    assert tried > 200
