"""Every form and verb that has a password field counts what is tried there, for itself."""

from __future__ import annotations

import json

import pytest
from django import forms
from django.conf import settings
from django.urls import reverse

from accounts.forms import PasswordForm, ProfileForm
from accounts.models import SignIn
from api.verbs import VERBS
from committee.models import Person
from config.packages import PACKAGES
from office.models import Minutes
from pages.meetings.minutes import page
from tests.accounts.test_account import RIGHT, WRONG, signed_in, try_in, with_password
from tests.page_text import page_text
from tests.pages.pages import PASSWORD, as_, give_password
from tests.stage import MEETING
from web.offers import _all_offers

NEW = "another password 2"


def has_password(form):
    """The PIN of a key is none: its wrong ones are counted for the key."""
    fields = {name: field for name, field in form.base_fields.items() if name != "pin"}
    return any(isinstance(field.widget, forms.PasswordInput) for field in fields.values())


def test_no_other_place_asks_for_a_password():
    """Those of `ASKING`, the login, and the administrator's form, which gives one and asks for none."""
    offers = {offer.verb for offer in _all_offers() if has_password(offer.form)}
    assert offers == {"sign_minutes", "sign_supplement", "sign_in_here"}
    assert {verb for verb in VERBS if VERBS[verb].confirmed} == {"sign_minutes", "sign_supplement"}
    assert has_password(PasswordForm)
    assert has_password(ProfileForm)
    for form in forms_of_the_site():
        assert not has_password(form) or form.__name__ in KNOWN, form


KNOWN = {"SignInForm", "PasswordForm", "ProfileForm", "SignForm", "SignInHereForm", "PersonForm"}


def forms_of_the_site(base=forms.BaseForm):
    for each in base.__subclasses__():
        if each.__module__.partition(".")[0] in PACKAGES and hasattr(each, "base_fields"):
            yield each
        yield from forms_of_the_site(each)


def of_the_password(client, stage, password):
    given = {"old_password": password, "new_password1": NEW, "new_password2": NEW}
    return client.post(reverse("password"), given)


def of_the_profile(client, stage, password):
    given = {"language": "en", "theme": "dark", "email": "a@new.example", "phone": "1", "password": password}
    return client.post(reverse("profile"), given)


def of_the_minutes(client, stage, password):
    address = reverse("meeting-act", args=[stage.meeting.pk, "sign_minutes"])
    return client.post(address, {"password": password, "digest": stage.digest})


def of_the_minutes_by_a_program(client, stage, password):
    body = {"meeting": stage.meeting.pk, "password": password}
    return client.post("/api/sign_minutes/", json.dumps(body), content_type="application/json")


ASKING = {
    "password": ("chair", of_the_password),
    "profile": ("chair", of_the_profile),
    "sign_minutes": ("chair", of_the_minutes),
    "api": ("chair", of_the_minutes_by_a_program),
}


@pytest.mark.parametrize("place", ASKING)
def test_after_five_wrong_ones_the_right_one_waits_there_and_nowhere_else(minuted, place):
    handle, send = ASKING[place]
    person = with_password(minuted[handle])
    minuted.digest = page.digest(Minutes.objects.get(meeting=minuted.meeting))
    client, other = signed_in(person), signed_in(person)
    refused = 403 if place == "api" else 422
    for _ in range(settings.SIGN_IN_ATTEMPTS - 1):
        assert send(client, minuted, WRONG).status_code == refused
    assert send(client, minuted, WRONG).status_code == 429
    response = send(client, minuted, RIGHT)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 900
    assert SignIn.objects.filter(person=person, asked="again", outcome="wrong").count() == 5
    if place == "api":
        assert response.json()["code"] == "request/locked"
    else:
        assert "Too many wrong passwords here." in page_text(response)
    assert try_in(person, RIGHT, address="10.0.0.7").status_code == 302
    assert send(other, minuted, RIGHT).status_code in (200, 302)


def test_at_the_liaisons_device_each_member_is_counted_alone_whatever_the_session(noticed):
    stage = noticed
    stage.travel(MEETING)
    for handle in ("seat2", "seat3"):
        give_password(stage, handle)
    address = reverse("meeting-act", args=[stage.meeting.pk, "sign_in_here"])

    def here(client, handle, password):
        given = {"person": stage[handle].pk, "password": password, "mode": "in_room"}
        return client.post(address, given)

    for number in range(settings.SIGN_IN_ATTEMPTS):
        response = here(as_(stage["liaison"]), "seat2", WRONG)
        assert response.status_code == (429 if number == settings.SIGN_IN_ATTEMPTS - 1 else 422)
    assert here(as_(stage["liaison"]), "seat2", PASSWORD).status_code == 429
    assert here(as_(stage["liaison"]), "seat3", PASSWORD).status_code == 302
    client = signed_in_with(stage["seat2"])
    assert client.get(reverse("desk")).status_code == 200
    assert SignIn.objects.filter(person=stage["seat2"], asked="device", outcome="wrong").count() == 5


def signed_in_with(person):
    from django.test import Client

    client = Client()
    given = {"username": person.username, "password": PASSWORD}
    assert client.post(reverse("login"), given, REMOTE_ADDR="10.0.0.1").status_code == 302
    return client


def test_a_password_given_by_the_administrator_signs_nobody_in_at_the_liaisons_device(noticed):
    stage = noticed
    stage.travel(MEETING)
    give_password(stage, "seat2")
    Person.objects.filter(pk=stage["seat2"].pk).update(password_given=True)
    address = reverse("meeting-act", args=[stage.meeting.pk, "sign_in_here"])
    given = {"person": stage["seat2"].pk, "password": PASSWORD, "mode": "in_room"}
    response = as_(stage["liaison"]).post(address, given)
    assert response.status_code == 422
    assert "it is changed first" in page_text(response)
