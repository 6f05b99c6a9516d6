"""A session names its person; what the person holds is read with it, and as of now."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.urls import reverse

from accounts.models import Session
from accounts.sessions import SessionStore, digest
from committee.models import Position
from tests.pages.pages import as_
from tests.stage import as_owner

DESK = reverse("desk")


def row_of(client):
    return Session.objects.get(session_key=digest(client.cookies["sessionid"].value))


def test_the_row_names_whoever_signed_in(founded, client):
    person = founded["seat2"]
    client.force_login(person, "accounts.sign_ins.Gate")
    assert row_of(client).person == person
    client.force_login(founded["chair"], "accounts.sign_ins.Gate")
    assert row_of(client).person == founded["chair"]
    client.post(reverse("logout"))
    assert not Session.objects.filter(person=person).exists()


def test_a_session_of_nobody_names_nobody(founded, client):
    client.get(DESK)  # what was asked for is kept for after the login
    session = SessionStore()
    session["language"] = "en"
    session.save()
    assert Session.objects.get(session_key=session.stored_key).person is None


def test_the_row_s_person_alone_signs_nobody_in(founded):
    """The signed data say who it is; a row that names somebody else gives nothing."""
    client = as_(founded["seat2"])
    Session.objects.filter(session_key=digest(client.cookies["sessionid"].value)).update(
        person=founded["chair"]
    )
    html = client.get(DESK).content.decode()
    assert founded["seat2"].display_name in html
    assert f"<summary>{founded['chair'].display_name}" not in html
    Session.objects.update(person=None)
    assert client.get(DESK).status_code == 200


@pytest.mark.parametrize("change", [
    {"is_active": False}, {"session_epoch": 7}, {"password": "another"},
])  # fmt: skip
def test_a_session_ends_with_the_next_request_after_a_change_of_the_person(founded, change):
    client = as_(founded["seat2"])
    assert client.get(DESK).status_code == 200
    type(founded["seat2"]).objects.filter(pk=founded["seat2"].pk).update(**change)
    assert client.get(DESK).status_code == 302


def test_an_office_that_is_taken_away_is_gone_with_the_next_request(filed):
    client, page = as_(filed["risk"]), reverse("proposal", args=[filed.proposal.pk])
    assert client.get(page).status_code == 200
    as_owner("DELETE FROM committee_position WHERE person_id = {}", filed["risk"].pk)
    assert not Position.objects.filter(person=filed["risk"]).exists()
    assert client.get(page).status_code == 404


def test_sessions_that_run_are_taken_over_by_the_migration(founded):
    migration = import_module("accounts.migrations.0003_session")
    client = as_(founded["seat2"])
    cookie = client.cookies["sessionid"].value
    as_owner("CREATE TABLE django_session (session_key text, session_data text, expire_date timestamptz)")
    as_owner("INSERT INTO django_session SELECT session_key, session_data, expire_date FROM accounts_session")
    as_owner(
        "INSERT INTO django_session SELECT 'gone', session_data, now() - interval '1 day'"
        " FROM accounts_session"
    )
    as_owner("GRANT ALL ON django_session TO PUBLIC")
    Session.objects.all().delete()
    migration.copied(apps, connection.schema_editor())
    row = Session.objects.get()
    assert (row.session_key, row.person) == (digest(cookie), founded["seat2"])
    assert SessionStore(cookie)[SESSION_KEY] == str(founded["seat2"].pk)
    assert client.get(DESK).status_code == 200
