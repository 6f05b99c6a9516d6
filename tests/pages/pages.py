"""Looking at pages as somebody: what every test of the pages needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.sessions import SessionStore
from tests.page_text import page_text
from web import failures, shell

#: the tokens of forms, and how long the session still lasts
PASSING = re.compile(
    r'name="(?:csrfmiddlewaretoken|once)" value="[^"]+"|session-left="\d+"|(?<=<p class="menu-until">)[^<]+'
)

PASSWORD = "a password for signing"

#: every role of the cast, one handle each
EVERYBODY = (
    "chair", "seat2", "seat3", "deputy3", "liaison", "handler", "handler_head", "other_handler", "other_head",
    "credit", "head_office", "risk", "auditor", "outsider",
)  # fmt: skip


def as_(person, language="en"):
    """A browser signed in as the person: of signing in, the session alone."""
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
    )
    session.create_model_instance(dict(session.items())).save(force_insert=True)
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    client.cookies["django_language"] = language
    return client


def give_password(stage, handle):
    """The person signs with the password PASSWORD."""
    person = stage.now(stage[handle])
    person.set_password(PASSWORD)
    person.save()
    stage.people = {**stage.people, handle: person}


@contextmanager
def unrendered() -> Iterator[None]:
    """Of each page only the status is made: for whom it is there, not what is in it."""

    def answered(_request: HttpRequest, *_given: object, status: int) -> HttpResponse:
        return HttpResponse(status=status)

    def failed(request: HttpRequest, _template: str, status: int) -> HttpResponse:
        return answered(request, status=status)

    with mock.patch.object(shell, "render", answered), mock.patch.object(failures, "_answered", failed):
        yield


def status(person, name, *args):
    """The status of the page for the person."""
    with unrendered():
        response = as_(person).get(reverse(name, args=args))
    if response.streaming:
        response.getvalue()
    return response.status_code


def look(person, name, *args, language="en", **query):
    """The page as the person sees it, without what differs from one look to the next."""
    response = as_(person, language).get(reverse(name, args=args), query)
    assert response.status_code == 200, (person, name, args, response.status_code)
    return PASSING.sub("", page_text(response))


def queries(person, name, *args):
    """How many statements the page takes."""
    client = as_(person)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(name, args=args)).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def seeing(stage, name, *args):
    """The handles of those who see the page; everybody else gets 404, as for a page that is not there."""
    found = {handle: status(stage[handle], name, *args) for handle in EVERYBODY}
    assert set(found.values()) <= {200, 404}, found
    return {handle for handle, got in found.items() if got == 200}
