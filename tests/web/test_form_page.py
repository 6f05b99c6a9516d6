"""The page of a form: shown, refused beside what was typed, done once."""

from types import SimpleNamespace

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.test import RequestFactory

from regulation.refused import Refused
from tests.stage import *  # noqa: F403  # the fixtures
from web import idempotent_forms
from web.forms import ActForm
from web.forms.page import form_page


class Wish(ActForm):
    beside = {"22/reason-required": "words"}
    words = forms.CharField()


@pytest.fixture
def asked(drafted):
    """Ask for the page as the handler; what was shown and done is kept on the function."""
    person = drafted["handler"]
    who = SimpleNamespace(person=person)

    def ask(data=None, *, act=lambda form: "/done/", saved=None, **more):
        make = RequestFactory()
        request = make.get("/wish/") if data is None else make.post("/wish/", data)
        request.user, request.session = person, {}
        if saved is not None:
            kept = QueryDict(mutable=True)
            kept.update(saved)
            request.session["kept"] = {"path": "/wish/", "person": person.pk, "sent": kept.urlencode()}

        def page(shown):
            ask.shown = shown
            return HttpResponse(status=shown.status)

        return form_page(
            request,
            form=lambda given: Wish(given.data, subject=None, who=who),
            act=act,
            page=page,
            **more,
        )

    ask.person = person
    return ask


def refusing(_form):
    raise Refused("22/reason-required")


def test_it_is_shown_empty_or_with_what_was_typed_before_the_session_ended(asked):
    assert asked().status_code == 200
    assert not asked.shown.form.is_bound
    assert not asked.shown.kept
    assert asked(saved={"words": "once typed"}).status_code == 200
    assert asked.shown.form["words"].value() == "once typed"
    assert asked.shown.kept


def test_what_is_sent_acts_and_leads_on(asked):
    told = []
    answer = asked({"words": "please"}, act=lambda form: told.append(form.cleaned_data["words"]) or "/done/")
    assert (answer.status_code, answer["Location"], told) == (302, "/done/", ["please"])


def test_sent_twice_it_acts_once(asked):
    told = []
    sent = {"words": "please", idempotent_forms.FIELD: idempotent_forms.form_token(asked.person)}
    answers = [asked(sent, act=lambda form: told.append(form) or "/done/") for _ in range(2)]
    assert [answer["Location"] for answer in answers] == ["/done/", "/done/"]
    assert len(told) == 1


def test_a_form_with_errors_does_nothing(asked):
    assert asked({"words": ""}, act=refusing).status_code == 422
    assert asked.shown.form.errors


def test_a_refusal_stands_beside_its_field_with_what_was_typed(asked):
    refused = Refused("22/reason-required")
    assert asked({"words": "because"}, act=refusing).status_code == refused.status
    assert asked.shown.form.refusal.code == refused.code
    assert asked.shown.form.refused_field == "words"
    assert asked.shown.form["words"].value() == "because"


def test_what_was_refused_may_be_sent_again(asked):
    sent = {"words": "please", idempotent_forms.FIELD: idempotent_forms.form_token(asked.person)}
    asked(sent, act=refusing)
    assert asked(sent).status_code == 302


def test_choices_that_have_changed_meanwhile_are_a_conflict(asked):
    def changed(_form):
        raise ValidationError("It is no longer so.")

    assert asked({"words": "please"}, act=changed).status_code == 409
    assert asked.shown.form.non_field_errors() == ["It is no longer so."]


def test_a_step_that_only_looks_ahead_does_nothing(asked):
    assert asked({"words": "please"}, act=refusing, ready=lambda form: False).status_code == 200
