"""What is typed: every field of a form reads what a Chinese keyboard writes, and a line is one line."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin as django_admin
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import models, transaction
from django.test import RequestFactory

import accounts
import pages
import web
from accounts import admin
from api import json_input
from api.arguments import VALUES
from api.verbs import VERBS
from audit.recording import SYSTEM
from committee.actions import founding, people
from committee.acts import Kind
from committee.models import Person
from config.packages import PACKAGES
from pages.plans.editor import parts, steps
from proposals.plan.drafts import parse_draft
from proposals.plan.schema import LINES, PARTS
from regulation.refused import Refused
from web.forms import fields, kinds
from web.lists.filters import clean, numbered

OWN = {fields.Line, fields.Prose, fields.Whole, fields.Number, fields.Money, fields.Day, fields.Hour}
PLAIN = (forms.IntegerField, forms.DecimalField, forms.DateField, forms.TimeField)
SECRET = (forms.PasswordInput, forms.HiddenInput)
BREAKS = ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\v", "\f", "\t", "\x1b", "\x00"]
UNSEEN = ["\u200b", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u3164", "\ufe0f", "\u2800", "\U000e0041"]


def all_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form of the pages; those of the administration are made by it."""
    for package in (accounts, pages, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name or ".management" in module.name:
                continue
            for found in vars(importlib.import_module(module.name)).values():
                if isinstance(found, type) and issubclass(found, forms.BaseForm) and _is_a_pages(found):
                    yield found


def _is_a_pages(form: type[forms.BaseForm]) -> bool:
    package = form.__module__.partition(".")[0]
    return package in {"accounts", "pages", "web"} and not issubclass(form, admin.RefusableForm)


def all_fields() -> Iterator[tuple[str, forms.Field]]:
    for form in dict.fromkeys(all_forms()):
        for name, field in form.base_fields.items():
            yield f"{form.__name__}.{name}", field


def test_every_field_of_every_form_is_read_by_one_of_the_readers() -> None:
    seen = set()
    for name, field in all_fields():
        seen.add(type(field))
        if type(field) in OWN or isinstance(field.widget, SECRET):
            continue
        assert not isinstance(field, PLAIN), name
        # a login is folded, an address validated as such, a plan's field read by its kind
        assert type(field) is not forms.CharField, name
    assert seen >= OWN - {fields.Number}


def test_every_line_of_the_administration_is_a_line(db) -> None:
    seen = set()
    for model, shown in admin.site._registry.items():
        if not issubclass(model, models.Model) or not isinstance(shown, django_admin.ModelAdmin):
            continue
        request = RequestFactory().get("/")
        request.user = Person(is_superuser=True, is_staff=True)
        for name, field in shown.get_form(request).base_fields.items():
            assert type(field) is not forms.CharField or isinstance(field.widget, SECRET), name
            seen.add(type(field))
    assert fields.Line in seen


@pytest.mark.parametrize(
    ("field", "typed", "read"),
    [
        (fields.Money(), "９９９．９９", "999.99"),
        (fields.Money(), "￥１，２３４．５", "1234.50"),
        (fields.Money(), "12 500元", "12500.00"),
        (fields.Money(), "－５", "-5.00"),
        (fields.Money(), "−5\u200b", "-5.00"),
        (fields.Whole(), "１２", 12),
        (fields.Whole(), " \u200b7\u3000", 7),
        (fields.Number(), "１．５％", Decimal("1.5")),
        (fields.Day(), "2026年3月5日", date(2026, 3, 5)),
        (fields.Day(), "２０２６－０３－０５", date(2026, 3, 5)),
        (fields.Day(), "2026/3/5", date(2026, 3, 5)),
        (fields.Day(), "20260305", date(2026, 3, 5)),
        (fields.Day(), "2026.3.5", date(2026, 3, 5)),
        (fields.Hour(), "０９：００", time(9)),
        (fields.Hour(), "9时30分", time(9, 30)),
        (fields.Hour(), "9点", time(9)),
        (fields.Hour(), "14:30", time(14, 30)),
    ],
)
def test_digits_signs_and_dates_of_either_width_are_read(
    field: forms.Field, typed: str, read: object
) -> None:
    assert field.clean(typed) == read


@pytest.mark.parametrize("typed", ["2026年2月30日", "abc", "2026"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        fields.Day().clean(typed)


@pytest.mark.parametrize("typed", ["25:00", "9:61", "abc"])
def test_what_is_no_hour_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        fields.Hour().clean(typed)


@pytest.mark.parametrize("typed", ["1.234", "1e3", "abc", "1.2.3", "万"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        fields.Money().clean(typed)


@pytest.mark.parametrize("char", BREAKS)
def test_a_line_takes_no_line_break_and_no_control_character(char: str) -> None:
    with pytest.raises(forms.ValidationError):
        fields.Line().clean(f"A{char}STATUS:CANCELLED")
    with pytest.raises(json_input.Invalid):
        json_input.one_line(("place",), f"A{char}STATUS:CANCELLED")
    for key in LINES - {"kind"}:
        with pytest.raises(Refused) as refused:
            parse_draft(_stating(key, f"A{char}B"))
        assert refused.value.code == "plan/invalid", key


@pytest.mark.parametrize("char", UNSEEN)
def test_what_nobody_sees_is_left_out_of_a_line(char: str) -> None:
    typed = f"{char}三楼{char}会议室{char}"
    assert fields.Line().clean(typed) == "三楼会议室"
    assert json_input.one_line(("place",), typed) == "三楼会议室"
    assert kinds.LINE.read(typed) == "三楼会议室"
    for key in LINES - {"kind"}:
        assert parse_draft(_stating(key, typed)).document == _stating(key, "三楼会议室")


def _stating(key: str, text: str) -> dict[str, object]:
    """A draft that states one line."""
    places = {"title": "", "executor": "", "name": "borrower", "id_no": "borrower", "guarantor": "guarantees"}
    for row in ("contract_no", "lending_officer", "collection_officer"):
        places[row] = "loans"
    for row in ("title_no", "owner", "appraiser"):
        places[row] = "collateral"
    places["what"] = "milestones"
    place = places[key]
    if not place:
        return {key: text}
    return {place: {key: text} if place == "borrower" else [{key: text}]}


@pytest.mark.parametrize("char", ["\v", "\f", "\x85", "\x1b", "\x00", "\u202e", "\u2067"])
def test_prose_takes_no_control_character_but_breaks_and_tabs(char: str) -> None:
    with pytest.raises(forms.ValidationError):
        fields.Prose().clean(f"A{char}B")
    with pytest.raises(json_input.Invalid):
        json_input.a_text(("reason",), f"A{char}B")
    with pytest.raises(Refused):
        parse_draft({"borrower": {"cause": f"A{char}B"}})


def test_prose_keeps_its_lines() -> None:
    assert fields.Prose().clean("a\r\nb\tc\u2028d\u2029e") == "a\r\nb\tc\nd\ne"
    assert json_input.a_text(("reason",), "a\nb\tc𠮷") == "a\nb\tc𠮷"


def test_every_text_of_every_verb_is_read_as_a_line_or_as_prose() -> None:
    for name, verb in VERBS.items():
        for argument, kind in verb.payload_kinds.items():
            if kind in (Kind.TEXT, Kind.LINE):
                with pytest.raises(json_input.Invalid):
                    VALUES[kind].read((name, argument), "A\u202e\x07B")
    assert VERBS["convene"].takes["place"] == VERBS["change_meeting"].takes["place"] == Kind.LINE


def _leaves(found: Any) -> Iterator[Any]:
    """The fields of the parts of a step."""
    for part in found:
        if isinstance(part, parts.Leaf):
            yield part
        yield from _leaves(getattr(part, "parts", ()))


def test_every_line_of_the_editor_is_a_line_of_the_plan() -> None:
    texts = {name for part in PARTS for name, info in part.model_fields.items() if info.annotation is str}
    seen: set[str] = set()
    for leaf in (leaf for step in steps.STEPS for leaf in _leaves(step.parts)):
        if leaf.name in texts and leaf.kind.control != "choice":
            assert (leaf.kind.control in ("line", "suggestion")) is (leaf.name in LINES), leaf.name
            seen.add(leaf.name)
    assert seen >= LINES & texts


@pytest.mark.parametrize("typed", ["〔２０２６〕３号", "［2026］3", "(2026) 3号", "【2026】3号", "２０２６"])
def test_numbers_typed_into_a_search_are_read_in_either_width(typed: str) -> None:
    assert numbered(clean(typed)) is not None


#: what each column of text holds: a line that somebody states, prose, or what the site itself makes of a few
#: characters: choices, digests, keys, ids
LINE, PROSE, MADE, COPY = "line", "prose", "made", "copy of a line"
JUDGED = "line, judged with its plan or form"
#: the rules of a tape refuse a cell with a control character (`portfolio/tape.py`)
TAPED = "line, judged with its tape"
COLUMNS = {
    "accounts.Session": {"session_key": MADE, "session_data": MADE},
    "accounts.SignIn": {"login": MADE, "outcome": MADE, "asked": MADE, "device": MADE},
    "accounts.Tries": {"scope": MADE, "kind": MADE},
    "audit.Entry": {"stream": MADE, "actor": MADE, "action": MADE, "subject": MADE},
    "audit.Head": {"stream": MADE},
    "audit.Leaf": {"stream": MADE},
    "audit.Sealed": {"stream": MADE},
    "audit.Checkpoint": {"note": MADE},
    "audit.Examination": {"kind": MADE},
    "committee.AgendaItem": {"title": COPY, "digest": MADE, "left_why": MADE},
    "committee.Amendment": {"reason": PROSE},
    "committee.Answer": {"text": PROSE},
    "committee.Attendance": {"mode": MADE},
    "committee.Committee": {"name": LINE, "abbreviation": LINE, "timezone": MADE},
    "committee.Conflict": {"source": MADE, "reason": PROSE},
    "committee.Delivery": {"received_by": LINE, "handed_by": LINE},
    "committee.Interpretation": {"text_zh": PROSE, "text_en": PROSE},
    "committee.Meeting": {"place": LINE, "emergency_reason": PROSE, "cancel_reason": PROSE, "state": MADE},
    "committee.Message": {"kind": MADE, "about": MADE},
    "committee.Notice": {"place": COPY, "text": PROSE},
    "committee.NoticeItem": {"digest": MADE},
    "committee.Opinion": {"text": PROSE},
    "committee.OpinionDraft": {"text": PROSE},
    "committee.Person": {
        "password": MADE, "username": LINE, "staff_no": LINE, "login_key": MADE, "staff_key": MADE,
        "display_name": LINE, "email": JUDGED, "phone": LINE, "language": MADE,
    },
    "committee.Position": {"role": MADE},
    "committee.Proxy": {"document": PROSE, "ended_why": MADE},
    "committee.Question": {"text": PROSE},
    "committee.Reading": {"digest": MADE},
    "committee.Resolution": {"question": MADE, "digest": MADE},
    "committee.Seat": {"post": LINE},
    "committee.Series": {"kind": MADE},
    "committee.Unit": {"kind": MADE, "name": LINE},
    "office.ExceptionNote": {"of_kind": MADE, "matter": MADE, "kind": MADE, "text": PROSE},
    "office.ArchiveFile": {"digest": MADE},
    "office.Dispatch": {"key": MADE, "kind": MADE, "sha256": MADE, "cause": MADE, "failure": MADE},
    "office.FollowUp": {"text": PROSE},
    "office.FollowUpStep": {"kind": MADE, "text": PROSE},
    "office.MinutesFile": {"digest": MADE, "sha256": MADE},
    "office.MinutesSignature": {"field": MADE, "sha256": MADE},
    "office.Minutes": {"state": MADE, "narrative": PROSE, "digest": MADE},
    "office.MinutesRevision": {"narrative": PROSE, "digest": MADE},
    "office.Paper": {"kind": MADE, "language": MADE, "source": MADE, "template": MADE, "sha256": MADE},
    "office.Preparation": {"kind": MADE, "language": MADE, "key": MADE, "state": MADE},
    "office.SignerKey": {"kind": MADE, "fingerprint": MADE, "name": JUDGED, "issuer": JUDGED},
    "pages.Annotation": {"sha256": MADE, "place": MADE, "quote": PROSE, "text": PROSE},
    "pages.CalendarFeed": {"nonce": MADE, "digest": MADE},
    "pages.ColumnName": {"table": MADE, "head": JUDGED, "field": MADE},
    "pages.EntriesRead": {"stream": MADE},
    "pages.EntryText": {"words": MADE, "stream": MADE},
    "pages.Follow": {"state": MADE},
    "pages.MeetingText": {"words": MADE},
    "pages.MinutesText": {"words": MADE},
    "pages.Note": {"text": PROSE},
    "pages.NoticeSettings": {"mail": MADE},
    "pages.Opened": {"digest": MADE},
    "pages.PushSubscription": {"endpoint": JUDGED, "p256dh": JUDGED, "auth": JUDGED, "device": MADE},
    "pages.PushTold": {"about": MADE},
    "pages.TextTemplate": {"kind": MADE, "name": LINE, "text": PROSE},
    "pages.WorkingCopy": {"step": MADE},
    "portfolio.Accountability": {
        "kind": MADE, "staff_no": LINE, "state": MADE, "measures": PROSE, "document_no": LINE,
        "conclusion": PROSE,
    },
    "portfolio.Admonishment": {"state": MADE, "minutes": PROSE, "follow_up": PROSE},
    "portfolio.Arrival": {"sha256": MADE, "name": MADE, "stage": MADE},
    "portfolio.Assignment": {"kind": MADE, "staff_no": LINE, "staff_key": MADE, "reason": PROSE},
    "portfolio.Borrower": {
        "name": TAPED, "id_no": TAPED, "id_key": MADE, "kind": MADE, "insider": MADE, "employer": TAPED,
    },
    "portfolio.Cause": {"kind": MADE, "text": PROSE},
    "portfolio.DayFigure": {"cohort": MADE, "kind": MADE},
    "portfolio.Fall": {"staff_key": MADE},
    "portfolio.Finding": {"text": PROSE, "remedy": PROSE},
    "portfolio.Household": {"number": TAPED, "key": MADE},
    "portfolio.Institution": {"code": LINE, "code_key": MADE, "level": MADE},
    "portfolio.LeaderVerdict": {"post": LINE, "verdict": MADE, "grounds": PROSE},
    "portfolio.Loan": {
        "contract_no": TAPED, "contract_key": MADE, "note_no": TAPED, "product": TAPED, "purpose": TAPED,
        "origin": MADE, "guarantee": MADE, "agency": TAPED, "lending_staff_no": TAPED,
        "approver_staff_no": TAPED, "collection_staff_no": TAPED, "state": MADE,
    },
    "portfolio.PolicyVersion": {"reason": PROSE},
    "portfolio.Quota": {"post": LINE},
    "portfolio.Reply": {"reason": PROSE},
    "portfolio.RowFault": {"column": MADE, "value": TAPED, "code": MADE},
    "portfolio.Supervision": {"state": MADE, "purpose": PROSE, "suggestion": PROSE, "conclusion": PROSE},
    "portfolio.SupervisionMember": {"office": MADE},
    "portfolio.Tape": {"state": MADE, "sha256": MADE, "name": MADE, "reason": PROSE},
    "portfolio.Target": {"metric": MADE},
    "portfolio.TargetSet": {"state": MADE, "reason": PROSE},
    "portfolio.Task": {"state": MADE},
    "portfolio.Warning": {
        "trigger": MADE, "state": MADE, "reason": PROSE, "channel": MADE, "spoken_with": LINE, "said": PROSE,
        "document_no": LINE, "file_name": LINE, "sha256": MADE,
    },
    "proposals.Attachment": {"sha256": MADE, "media_type": MADE},
    "proposals.CreditDecision": {"reason": PROSE},
    "proposals.LedgerBasis": {"contract": COPY},
    "proposals.LiveContract": {"contract_no": COPY},
    "proposals.MonthFigure": {"kind": MADE},
    "proposals.PlanContract": {"contract_no": COPY},
    "proposals.PlanText": {"words": MADE},
    "proposals.PlanVersion": {"digest": MADE},
    "proposals.Proposal": {
        "title": JUDGED, "borrower": JUDGED, "state": MADE, "state_reason": PROSE, "ruling": PROSE,
    },
    "proposals.InstalmentReminder": {"when": MADE},
    "proposals.PlanComment": {"text": PROSE, "field": MADE, "side": MADE},
    "proposals.Receipt": {"reason": PROSE},
    "proposals.StateCount": {"state": MADE},
    "voting.AbstentionRequest": {"reason": PROSE, "state": MADE},
    "voting.Ballot": {"choice": MADE, "reason": PROSE, "commitment": MADE, "key": MADE},
    "voting.CancellationProposal": {"reason": PROSE},
    "voting.Vote": {"question": MADE, "cancel_reason": PROSE, "state": MADE},
    "voting.VoteSeat": {"post": COPY},
    "voting.RoomScreenLink": {"digest": MADE},
    "web.SavedFilter": {"listing": MADE, "name": LINE, "address": MADE, "every": MADE, "language": MADE},
    "web.Export": {"listing": MADE, "address": MADE, "language": MADE, "state": MADE},
    "web.Submission": {"led_to": MADE, "sent": MADE},
}  # fmt: skip


def _columns() -> Iterator[tuple[str, models.Field[Any, Any]]]:
    for model in apps.get_models():
        if model._meta.app_label in PACKAGES:
            for field in model._meta.local_concrete_fields:
                if isinstance(field, models.CharField | models.TextField):
                    yield model._meta.label, field


def test_every_column_of_text_is_known_as_a_line_or_as_prose() -> None:
    found: dict[str, set[str]] = {}
    for label, field in _columns():
        found.setdefault(label, set()).add(field.name)
    assert found == {label: set(columns) for label, columns in COLUMNS.items()}


@pytest.mark.parametrize("char", [*BREAKS, "\u202e", "\u2067"])
def test_a_column_of_one_line_refuses_a_break_whoever_writes_it(char: str) -> None:
    for label, field in _columns():
        if COLUMNS[label][field.name] == LINE:
            with pytest.raises(ValidationError):
                field.clean(f"A{char}B", None)
            row = apps.get_model(label)(**{field.name: f"A{char}B"})
            with pytest.raises(ValidationError):
                field.pre_save(row, add=True)
            assert field.pre_save(row, add=False) == f"A{char}B"  # what is stored is read and kept


@pytest.mark.parametrize("broken", ["username", "staff_no", "display_name"])
def test_an_administrator_made_by_command_has_names_of_one_line(broken: str, db) -> None:
    said = {"username": "root.user", "staff_no": "R1", "display_name": "Root"} | {broken: "A\nB"}
    with pytest.raises((CommandError, ValidationError)):
        call_command("createsuperuser", interactive=False, database="default", verbosity=0, **said)
    assert not Person.objects.filter(**{broken: "A\nB"}).exists()


def test_founding_and_changing_people_take_lines_alone(drafted) -> None:
    bank = drafted.committee.branch.bank
    branch, person = drafted.committee.branch, drafted["handler"]
    bad = "A\r\nB"
    with pytest.raises(ValidationError), transaction.atomic():
        founding.found_bank(by=SYSTEM, name=bad)
    with pytest.raises(ValidationError), transaction.atomic():
        founding.add_unit(by=SYSTEM, parent=branch, kind="sub_branch", name=bad)
    for name in ("username", "staff_no", "display_name", "phone"):
        said = {"username": "new", "staff_no": "N1", "display_name": "New", "unit": branch} | {name: bad}
        with pytest.raises(ValidationError), transaction.atomic():
            founding.employ(by=SYSTEM, bank=bank, people=[founding.Employee(**said)])
        with pytest.raises(ValidationError), transaction.atomic():
            people.change_person(person, by=SYSTEM, changes={name: bad})
    with pytest.raises(ValidationError), transaction.atomic():
        people.rename_unit(branch, by=SYSTEM, name=bad)
