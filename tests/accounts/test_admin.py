"""The administrator's pages: people, units, positions and committees, through actions, and nothing else."""

import json
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils.html import strip_tags

from accounts.admin import site
from audit.models import Entry
from committee.actions import people
from committee.models import Committee, Person, Position, Seat, Unit
from regulation.refused import Refused
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_
from tests.stage import Stage, administrator, flagged, said, stages

MODELS = {Person, Unit, Position, Committee}
PASSWORD = "a long and uncommon one"


def ruled(step="founded", **numbers):
    """A stage whose bank has an administrator."""
    stage = Stage(**numbers).to(step)
    stage.admin = administrator(
        f"admin{stage.bank.unit.pk}",
        PASSWORD,
        bank=stage.bank.unit,
        unit=stage.bank.unit,
        display_name="管理员",
    )
    return stage


administered = stages("administered", ruled)
voting_administered = stages("voting_administered", lambda: ruled("voting"))


def addresses():
    """Every address of the admin, with names."""
    (admin,) = [each for each in get_resolver().url_patterns if getattr(each, "namespace", "") == "admin"]

    def walk(entries, route):
        for entry in entries:
            here = route + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, here)
            else:
                yield entry.name, here

    return list(walk(admin.url_patterns, "/admin/"))


def last(stage):
    """The last entry of the bank's stream, and what it says."""
    entry = Entry.objects.filter(stream=f"office:{stage.bank.unit.pk}").order_by("-seq")[0]
    return entry, said(entry)


def posted(stage, name, /, *args, **given):
    response = as_(stage.admin).post(reverse(f"admin:{name}", args=args), given)
    assert response.status_code in (200, 302)
    return response


def choices_of(person, **changed):
    given = {
        "username": person.username, "staff_no": person.staff_no, "display_name": person.display_name,
        "unit": person.unit_id, "email": person.email, "phone": person.phone, "new_password": "",
    }  # fmt: skip
    return given | ({"is_active": "on"} if person.is_active else {}) | changed


# -- What is there, and for whom ---------------------------------------------------------------------


def test_nothing_else_is_registered():
    assert set(site._registry) == MODELS
    allowed = {model._meta.model_name for model in MODELS}
    for _name, route in addresses():
        inner = re.match(r"/admin/committee/(\w+)/", route)
        assert inner is None or inner[1] in allowed, route
        assert not re.match(r"/admin/(voting|proposals|office|audit|auth|guardian|procrastinate)/", route)


def test_the_cut_is_really_cut():
    names = {name for name, _route in addresses()}
    assert not names & {"login", "password_change", "autocomplete", "view_on_site"}
    assert "committee_person_change" in names


@pytest.mark.parametrize("address", ["", "committee/person/", "committee/position/add/", "jsi18n/"])
def test_it_is_there_for_administrators_alone(administered, address):
    for handle in EVERYBODY:
        assert as_(administered[handle]).get(f"/admin/{address}").status_code == 404, handle
    response = Client().get(f"/admin/{address}")
    assert response["Location"].startswith(reverse("login"))
    assert as_(administered.admin).get(f"/admin/{address}").status_code == 200


def test_no_page_links_to_it(administered):
    for handle in EVERYBODY:
        assert "/admin/" not in page_text(as_(administered[handle]).get("/"))


def test_neither_staff_nor_superuser_alone_is_an_administrator(administered):
    for staff in (True, False):
        person = flagged(administered.now(administered["outsider"]), staff=staff, superuser=not staff)
        assert as_(person).get("/admin/").status_code == 404


def test_another_banks_people_are_not_there(administered):
    stranger = Stage()["outsider"]
    html = page_text(as_(administered.admin).get("/admin/committee/person/"))
    assert stranger.username not in html
    address = reverse("admin:committee_person_change", args=[stranger.pk])
    assert as_(administered.admin).get(address).status_code == 302  # back to the index: not there
    assert as_(administered.admin).post(address, choices_of(stranger, display_name="X")).status_code == 302
    assert Person.objects.get(pk=stranger.pk).display_name != "X"


def test_an_administrator_sees_nothing_of_a_vote(voting_administered):
    stage = voting_administered
    stage.do("cast", "seat2", choice="against", reason="Never to be read before the closing")
    client = as_(stage.admin)
    for _name, route in addresses():
        response = client.get(re.sub(r"<[^>]+>", "1", route).replace("^", "").replace("$", ""), follow=True)
        assert "Never to be read" not in page_text(response)
    assert client.get(reverse("proposal", args=[stage.proposal.pk])).status_code == 404
    assert client.get(reverse("meeting", args=[stage.meeting.pk])).status_code == 404


def test_strictly_nothing_is_inline(administered):
    for address in ("", "committee/person/", "committee/person/add/", "committee/committee/add/"):
        response = as_(administered.admin).get(f"/admin/{address}")
        html = page_text(response)
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*json)|<style|\sstyle=|\son\w+=", html), address
        assert "unsafe" not in response["Content-Security-Policy"]


def test_each_list_says_of_a_row_what_tells_it_from_others(administered):
    person, committee = administered["risk"], administered.committee
    position = person.positions.get()
    said = {
        "person": (person.display_name, person.staff_no, person.username, person.unit),
        "unit": (committee.branch, committee.branch.get_kind_display(), committee.branch.parent),
        "position": (person, position.get_role_display(), position.unit),
        "committee": (committee, committee.branch, committee.liaison),
    }
    for name, cells in said.items():
        html = page_text(as_(administered.admin).get(reverse(f"admin:committee_{name}_changelist")))
        rows = [
            {strip_tags(cell).strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)}
            for row in html.split("<tr")
        ]
        assert any(set(map(str, cells)) <= row for row in rows), name


def test_each_list_is_searched_by_what_its_rows_are_called(administered):
    person, committee = administered["risk"], administered.committee
    position = person.positions.get()
    called = {
        "person": (person, (person.display_name, person.staff_no, person.username)),
        "unit": (committee.branch, (committee.branch.name,)),
        "position": (position, (person.display_name, person.staff_no, position.unit.name)),
        "committee": (committee, (committee.name, committee.branch.name)),
    }
    for name, (row, texts) in called.items():
        address = reverse(f"admin:committee_{name}_changelist")
        for text in texts:
            found = as_(administered.admin).get(address, {"q": text}).context["cl"].result_list
            assert row in found, (name, text)
        assert not as_(administered.admin).get(address, {"q": "nothing so called"}).context["cl"].result_list


# -- What is changed, and its entries ----------------------------------------------------------------


def test_somebody_is_employed_with_a_password(administered):
    unit = administered.committee.branch
    given = {
        "username": "fresh", "staff_no": "N-1", "display_name": "新人", "unit": unit.pk, "email": "",
        "phone": "", "new_password": PASSWORD,
    }  # fmt: skip
    posted(administered, "committee_person_add", **given)
    made = Person.objects.get(username="fresh")
    assert (made.bank, made.unit) == (administered.bank.unit, unit)
    assert made.check_password(PASSWORD)
    entry, said = last(administered)
    assert (entry.action, entry.actor) == ("give_password", str(administered.admin.pk))
    assert PASSWORD not in json.dumps(said)
    assert Entry.objects.filter(stream=entry.stream, seq=entry.seq - 1, action="employ").exists()


@pytest.mark.parametrize("spelling", ["ＦＲＥＳＨ", "fre\u200bsh", "Fresh\u3000", "f resh", "fr\u00adesh"])
@pytest.mark.parametrize("field", ["username", "staff_no"])
def test_two_people_cannot_have_a_login_or_staff_number_that_looks_alike(administered, field, spelling):
    unit = administered.committee.branch
    given = {
        "username": "fresh", "staff_no": "Fresh", "display_name": "新人", "unit": unit.pk, "email": "",
        "phone": "", "new_password": "",
    }  # fmt: skip
    posted(administered, "committee_person_add", **given)
    another = given | {"username": "another", "staff_no": "N-2", field: spelling}
    response = as_(administered.admin).post(reverse("admin:committee_person_add"), another)
    assert set(response.context["adminform"].form.errors) == {field}
    assert not Person.objects.filter(display_name="新人").exclude(username="fresh").exists()


def test_a_person_is_changed_and_the_log_says_what(administered):
    person = administered["outsider"]
    posted(administered, "committee_person_change", person.pk, **choices_of(person, display_name="新名"))
    assert administered.now(person).display_name == "新名"
    entry, said = last(administered)
    assert (entry.action, entry.subject, said) == (
        "change_person", f"person:{person.pk}", {"display_name": "新名"},
    )  # fmt: skip


def test_somebody_made_inactive_is_out_at_once(administered):
    person = administered["seat2"]
    client = as_(person)
    given = choices_of(person)
    del given["is_active"]
    response = as_(administered.admin).post(
        reverse("admin:committee_person_change", args=[person.pk]), given, follow=True
    )
    assert client.get("/").status_code == 302
    assert last(administered)[1] == {"is_active": False}
    held = f"Still held, for the Risk department to fill anew: {Seat.objects.get(holder=person)}"
    assert held in unescape(page_text(response))


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"staff_no": None}, "has this staff number"), ({"new_password": "short"}, "too short"),
     ({"unit": ""}, "belongs to a unit")],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_its_field(administered, changed, said):
    person = administered["outsider"]
    if "staff_no" in changed:
        changed = {"staff_no": administered["chair"].staff_no}
    before = Entry.objects.count()
    response = posted(administered, "committee_person_change", person.pk, **choices_of(person, **changed))
    assert response.status_code == 200
    assert said in page_text(response)
    assert Entry.objects.count() == before


def test_a_position_is_given_and_ended_with_its_group(administered):
    person, unit = administered["outsider"], administered["handler"].positions.get().unit
    posted(administered, "committee_position_add", person=person.pk, role="handler", unit=unit.pk)
    position = Position.objects.get(person=person)
    assert unit.handlers in person.groups.all()
    assert last(administered)[0].action == "give_position"
    posted(administered, "committee_position_delete", position.pk, post="yes")
    assert not Position.objects.filter(pk=position.pk).exists()
    assert unit.handlers not in person.groups.all()
    assert last(administered)[0].action == "end_position"


def test_a_role_is_for_a_unit_of_its_kind_and_of_the_bank(administered):
    person = administered["outsider"]
    for unit in (administered.committee.branch, Stage()["handler"].positions.get().unit):
        response = posted(
            administered, "committee_position_add", person=person.pk, role="handler", unit=unit.pk
        )
        assert response.status_code == 200
        assert not Position.objects.filter(person=person).exists()


def test_a_position_is_never_changed_in_place(administered):
    position = administered["risk"].positions.get()
    address = reverse("admin:committee_position_change", args=[position.pk])
    assert as_(administered.admin).post(address, {"role": "auditor"}).status_code == 403
    assert administered.now(position).role == "risk"


def test_a_unit_is_added_and_renamed(administered):
    branch = administered.committee.branch
    posted(administered, "committee_unit_add", parent=branch.pk, kind="sub_branch", name="新支行")
    unit = Unit.objects.get(name="新支行")
    assert unit.handlers is not None
    assert last(administered)[0].action == "add_unit"
    posted(administered, "committee_unit_change", unit.pk, name="更名支行")
    assert administered.now(unit).name == "更名支行"
    assert last(administered)[1] == {"name": "更名支行", "former": "新支行"}


def test_a_committee_is_founded_and_then_the_risk_departments(administered):
    given = {
        "branch": administered.committee.branch_id, "name": "第二委员会", "abbreviation": "乙",
        "timezone": "Asia/Shanghai", "liaison": administered["outsider"].pk, "posts": "主任委员\n委员\n委员",
        "effective_from": "2026-03-02",
    }  # fmt: skip
    posted(administered, "committee_committee_add", **given)
    made = Committee.objects.get(name="第二委员会")
    assert made.seats.count() == 3
    address = reverse("admin:committee_committee_change", args=[made.pk])
    assert as_(administered.admin).post(address, given | {"name": "x"}).status_code == 403
    too_many = given | {"name": "第三委员会", "posts": "委员\n" * 10}
    response = as_(administered.admin).post(reverse("admin:committee_committee_add"), too_many, follow=True)
    assert "no such seat" in page_text(response)
    assert not Committee.objects.filter(name="第三委员会").exists()


@pytest.mark.parametrize("model", ["person", "unit", "committee"])
def test_nothing_is_deleted(administered, model):
    row = {"person": administered["outsider"], "unit": administered.committee.branch,
           "committee": administered.committee}[model]  # fmt: skip
    address = reverse(f"admin:committee_{model}_delete", args=[row.pk])
    assert as_(administered.admin).post(address, {"post": "yes"}).status_code == 403
    assert administered.now(row) == row


# -- The actions behind ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "given"),
    [(people.change_person, {"changes": {"display_name": "x"}}), (people.give_password, {"password": "x"}),
     (people.give_position, {"role": "auditor"})],
)  # fmt: skip
def test_only_the_banks_administrator_changes_people(administered, act, given):
    stranger = ruled().admin
    if "role" in given:
        given = given | {"unit": administered.bank.unit}
    for by in (*(administered[handle] for handle in EVERYBODY), stranger):
        with pytest.raises(Refused) as caught:
            act(administered["outsider"], by=by, **given)
        assert caught.value.code == "access/denied"


def test_nor_does_anybody_else_end_a_position_or_rename_a_unit(administered):
    for by in (administered["risk"], administered["head_office"], ruled().admin):
        with pytest.raises(Refused):
            people.end_position(administered["risk"].positions.get(), by=by)
        with pytest.raises(Refused):
            people.rename_unit(administered.committee.branch, by=by, name="x")


def test_no_other_value_of_a_person_is_changed(administered):
    with pytest.raises(Refused):
        people.change_person(administered["outsider"], by=administered.admin, changes={"is_superuser": True})
