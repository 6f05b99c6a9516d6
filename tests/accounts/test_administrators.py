"""An administrator is made by the owner of the database: by the command, and by nobody else."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from audit.watching import stored
from committee.models import Person
from rehearsal.bank import make_administrator
from tests.page_text import page_text
from tests.pages.pages import as_

PASSWORD = "a long and uncommon one"


def test_the_command_makes_one_whom_the_log_vouches_for(fresh_db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser", username="root", staff_no="1", display_name="Root", interactive=False, verbosity=0
    )
    made = Person.objects.get(username="root")
    assert made.check_password(PASSWORD)
    assert "Root" in page_text(as_(made).get("/admin/committee/person/?all="))
    assert list(stored(None)) == []


def test_the_demos_is_made_by_the_owner_too(fresh_db):
    person = Person.objects.create_user("root", staff_no="1", display_name="Root")
    make_administrator(person)
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (True, True)
    assert list(stored(None)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_the_applications_role_makes_none(flag):
    with pytest.raises(DatabaseError, match="only the owner"), transaction.atomic():
        Person.objects.create_user("root", staff_no="1", display_name="Root", **{flag: True})
    person = Person.objects.create_user("root", staff_no="1", display_name="Root")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(**{flag: True})
    with pytest.raises(DatabaseError), transaction.atomic():
        Person.objects.filter(pk=person.pk)._raw_delete("default")
