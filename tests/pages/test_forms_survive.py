"""Forms survive being sent twice, the browser's back button, a second tab and the end of the session.

`FORMS` has every form of the product in which something is done: an act, a page of its own, the
administrator's. The first tests fail for one that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import URLPattern, reverse
from django.utils.html import escape

from accounts.admin import site
from audit.models import Entry
from audit.recording import SYSTEM
from committee.models import Committee, Meeting, OpinionDraft, Person, Position, Question
from office.actions.dispatches import send_dispatch
from office.models import Dispatch
from pages.models import Annotation, CalendarFeed, TextTemplate
from portfolio.permissions import ACTS as LEDGER
from proposals.models import Proposal, Receipt
from tests.addresses import patterns
from tests.page_text import page_text
from tests.pages import files
from tests.pages.pages import as_
from tests.pages.test_pages_access import names
from tests.stage import MEETING, Stage, administrator, plan, today
from web import idempotent_forms
from web.lists import paging
from web.models import Export, Submission
from web.offers import _all_offers, offer_for

TYPED = "Typed at length, in writing"
PASSWORD, ANOTHER = "a password for forms", "another password for forms"
ONCE = re.compile(r'name="once" value="([^"]+)"')
FORM = re.compile(r'(?s)<form\b([^>]*method="post"[^>]*)>(.*?)</form>')
#: what a button says, or a page shows in another way once it is sent; passwords never come back
NOT_FIELDS = {"act", "do", "step", "number", "sure"}


class Form(NamedTuple):
    """A form on a stage: whose it is, what is typed, and what had to be done before."""

    step: str
    by: str
    given: dict[str, Any] = {}
    first: Callable[[Stage], Any] = lambda stage: None
    #: the name of its page and the further arguments; by default the act's own page
    page: str = ""
    more: tuple[Any, ...] = ()
    #: what is looked at before it is done: the second sending then does nothing either
    looks: bool = False


def wish(stage: Stage) -> None:
    stage.do("ask_to_speak", "seat2")


def speech(stage: Stage) -> None:
    wish(stage)
    stage.do("give_floor", seat=2)


def request(stage: Stage) -> None:
    stage.do("request_abstention", "seat2", reason="A cousin owes")


def observed(stage: Stage) -> None:
    stage.do("admit_observer", observer=stage["handler_head"])


def asked(stage: Stage) -> None:
    observed(stage)
    stage.do("ask_observer", "seat2", text="Why so late?")


def taken_down(stage: Stage) -> None:
    stage.do("take_down_opinion", seat=2, text="As spoken")


def supplement(stage: Stage) -> None:
    stage.do("draft_supplement", narrative="Five abstained, not four.")


def not_carried(stage: Stage) -> None:
    stage.cast(*["against:No"] * 3)
    stage.do("close_vote")


def stand_in(stage: Stage) -> None:
    stage.do("appoint_stand_in", person=stage["outsider"], since=today(), until=today())


def sent_away(stage: Stage) -> None:
    send_dispatch(stage.dispatch, by=SYSTEM)


def received(stage: Stage) -> None:
    sent_away(stage)
    stage.do("receive_dispatch")


def followed(stage: Stage) -> None:
    given = {"text": "Register the mortgage", "owner": stage["handler"], "due": today()}
    stage.do("assign_follow_up", **given)


def reported_done(stage: Stage) -> None:
    followed(stage)
    stage.do("report_follow_up", follow_up=1, text="Registered, No. 7", done=True)


_DAYS = {"since": "2026-03-09", "until": "2026-03-10"}
_AGENDA = {"date": "2026-03-09", "time": "10:00", "place": TYPED, "item": "{proposal}"}
_REASON = {"reason": TYPED}
_LETTER = {
    "holder": "{deputy3}", "items": "{tabling}", "powers": "vote", "document": TYPED, "step": "sign",
}  # fmt: skip

_PLAN = plan()
_TERMS = {
    name: str(value)
    for name, value in (_PLAN["concessions"] | {"expected_recovery": _PLAN["expected_recovery"]}).items()
    if value is not None
}

#: the acts by their verbs, then the pages of their own by their names
FORMS = {
    "shortlist": Form("submitted", "liaison"),
    "return": Form("submitted", "liaison", _REASON),
    "screen_out": Form("submitted", "liaison", _REASON),
    "comment": Form("submitted", "liaison", {"field": "$.executor", "text": TYPED}),
    "send_notice": Form("convened", "liaison", {"paper": "2"}),
    "deliver_notice": Form(
        "convened", "liaison",
        {"seat": "2", "received_by": TYPED, "date": "2026-03-02", "time": "09:00", "handed_by": TYPED},
        lambda stage: stage.do("send_notice", posted=[2]),
    ),
    "remind_members": Form("noticed", "liaison"),
    "cancel_meeting": Form("convened", "chair", _REASON),
    "appoint_acting_chair": Form("convened", "head_office", {"seat": "2"}),
    "sign_in": Form("noticed", "seat2", {"mode": "video"}, lambda stage: stage.travel(MEETING)),
    "sign_in_here": Form(
        "noticed", "liaison", {"person": "{seat2}", "password": PASSWORD, "mode": "video"},
        lambda stage: stage.travel(MEETING),
    ),
    "open_meeting": Form("seated", "chair"),
    "close_meeting": Form("in_session", "chair"),
    "sign_out": Form("in_session", "seat2"),
    "cast": Form("voting", "seat2", {"choice": "against", "reason": TYPED, "sure": "on"}),
    "take_up": Form("in_session", "chair"),
    "close_vote": Form("voted", "liaison"),
    "grant_abstention": Form("taken_up", "chair", {"seat": "2"}, request),
    "refuse_abstention": Form("taken_up", "chair", {"seat": "2"}, request),
    "withdraw_observer": Form("taken_up", "liaison", first=observed),
    "open_vote": Form("taken_up", "chair"),
    "give_floor": Form("taken_up", "chair", {"seat": "2", "minutes": "5"}, wish),
    "end_speech": Form("taken_up", "seat2", first=speech),
    "record_opinion": Form("taken_up", "seat2", {"text": TYPED}),
    "ask_to_speak": Form("taken_up", "seat2"),
    "ask_observer": Form("taken_up", "seat2", {"text": TYPED}, observed),
    "answer_question": Form("taken_up", "handler_head", {"question": "{question}", "text": TYPED}, asked),
    "take_down_opinion": Form("taken_up", "liaison", {"seat": "2", "text": TYPED}),
    "confirm_opinion": Form("taken_up", "seat2", {"draft": "{draft}"}, taken_down),
    "decline_opinion": Form("taken_up", "seat2", {"draft": "{draft}"}, taken_down),
    "take_back_wish": Form("taken_up", "seat2", first=wish),
    "admit_observer": Form("taken_up", "chair", {"observer": "{handler_head}"}),
    "request_abstention": Form("taken_up", "seat2", _REASON),
    "propose_cancellation": Form("voting", "seat2", _REASON),
    "cancel_vote": Form("voting", "chair", _REASON),
    "draft_minutes": Form("closed", "liaison", {"narrative": TYPED}),
    "amend_minutes": Form("minuted", "liaison", {"narrative": TYPED}),
    "sign_minutes": Form("minuted", "chair", {"password": PASSWORD}),
    "draft_supplement": Form("signed", "liaison", {"narrative": TYPED}),
    "sign_supplement": Form("signed", "chair", {"password": PASSWORD}, supplement),
    "distribute": Form("signed", "liaison"),
    "report_decisions": Form("distributed", "liaison"),
    "draw_up_papers": Form("signed", "liaison"),
    "archive": Form("reported", "liaison", first=lambda stage: stage.do("draw_up_papers")),
    "receive_report": Form("reported", "head_office"),
    "receive_dispatch": Form("distributed", "handler", first=sent_away),
    "acknowledge_dispatch": Form("distributed", "handler", first=received),
    "send_again": Form("distributed", "liaison", first=sent_away),
    "assign_follow_up": Form(
        "signed", "liaison", {"text": TYPED, "owner": "{handler}", "due": "2026-03-09"}
    ),
    "report_follow_up": Form("signed", "handler", {"follow_up": "1", "text": TYPED, "done": "on"}, followed),
    "return_follow_up": Form(
        "signed", "liaison", {"follow_up": "1", "reason": TYPED, "owner": "{seat2}", "due": "2026-03-09"},
        reported_done,
    ),
    "confirm_follow_up": Form("signed", "liaison", {"follow_up": "1"}, reported_done),
    "draft": Form("founded", "handler", {"title": TYPED, "name": "王某"}),
    "submit": Form("drafted", "handler"),
    "revise": Form("voting", "handler", first=not_carried),
    "withdraw": Form("submitted", "handler", _REASON),
    "discard": Form("drafted", "handler"),
    "approve_credit": Form("signed", "credit", _TERMS),
    "decline_credit": Form("signed", "credit", _REASON),
    "acknowledge": Form("noticed", "seat2"),
    "read_materials": Form("noticed", "seat2"),
    "revoke_proxy": Form("noticed", "seat3", first=lambda stage: stage.proxy()),
    "declare_conflict": Form("taken_up", "seat2", _REASON),
    "record_receipt": Form("credit_approved", "handler", {"amount": "1.25", "received_on": "2026-03-05"}),
    "reverse_receipt": Form("executing", "handler", {"receipt": "{receipt}", "reason": TYPED}),
    "terminate": Form("executing", "liaison", _REASON),
    "publish_interpretation": Form("founded", "risk", {"article": "14", "text_zh": TYPED, "text_en": "So"}),
    "appoint_liaison": Form("founded", "risk", {"find": "{outsider_no}"}),
    "appoint_stand_in": Form("founded", "risk", {"find": "{outsider_no}", **_DAYS}),
    "end_stand_in": Form("founded", "risk", first=stand_in),
    "convene": Form("filed", "chair", _AGENDA, page="convene"),
    "convene-now": Form("filed", "chair", _AGENDA | {"reason": TYPED}, page="convene-now"),
    "change-meeting": Form("convened", "chair", _AGENDA, page="change-meeting"),
    "authorise-proxy": Form("noticed", "seat3", _LETTER, page="authorise-proxy"),
    "docket-new": Form("shortlisted", "liaison", {"plan": "{proposal}"}, page="docket-new"),
    "vacate": Form("founded", "risk", {"act": "vacate"}, page="roster-seat", more=(2,)),
    "fill": Form(
        "founded", "risk", {"act": "fill", "find": "{outsider_no}"},
        lambda stage: stage.do("vacate_seat", seat=2), page="roster-seat", more=(2,),
    ),
    "replace": Form(
        "founded", "risk", {"act": "replace", "find": "{outsider_no}"}, page="roster-seat", more=(2,)
    ),
    "amend-regulation": Form(
        "founded", "risk",
        {
            "seats": "3", "votes_to_pass": "3", "notice_days": "2", "proxies_per_holder": "1",
            "material_change_pct": "10", "minutes_due_days": "5", "effective_from": "2026-04-01",
            "step": "confirm", "number": "2", "reason": TYPED,
        },
        page="amend-regulation",
    ),
    "plan-step": Form("drafted", "handler", {"executor": TYPED}, page="plan-step", more=("execution",)),
    "repayments": Form(
        "credit_approved", "handler",
        {"text": "合同号\t金额\t日期\nC-1\t77.00\t2026-03-05\n", "do": "record"}, page="repayments",
    ),
    "plan-import": Form(
        "drafted", "handler", {"text": "到期日\t本金\t利息\n2026-06-30\t77.00\t0\n", "do": "replace"},
        page="plan-import", more=("schedule",),
    ),
    "plan-generate": Form(
        "drafted", "handler",
        {
            "method": "fixed", "principal": "1,300.00", "rate": "3", "drawn_on": "2026-03-02",
            "payment": "200.00", "basis": "30/360", "number": "9", "every": "3",
        },
        page="plan-generate", looks=True,
    ),
    "attachments": Form("drafted", "handler", {"file": "{file}", "text": TYPED}, page="attachments"),
    "text-templates": Form(
        "founded", "liaison", {"kind": "notice", "name": TYPED, "text": TYPED}, page="text-templates"
    ),
    "note": Form("filed", "seat2", {"text": TYPED}, page="note"),
    "annotations": Form("filed", "seat2", {"text": TYPED}, page="annotations"),
    "screening": Form("submitted", "liaison", {"plan": "{proposal}"}, page="screening"),
    "profile": Form(
        "founded", "seat2",
        {
            "language": "zh-hans", "theme": "dark", "email": "seat2@example.com", "phone": "0471 55",
            "password": PASSWORD,
        },
        page="profile",
    ),
    "password": Form(
        "founded", "seat2",
        {"old_password": PASSWORD, "new_password1": ANOTHER, "new_password2": ANOTHER}, page="password",
    ),
    "calendar": Form("founded", "seat2", {"act": "make"}, page="calendar"),
    "export": Form("submitted", "liaison", page="export", more=("proposals", "xlsx")),
    "admin:committee_person_add": Form(
        "founded", "admin",
        {"username": "newcomer", "staff_no": "N-77", "display_name": TYPED, "unit": "{unit}",
         "new_password": PASSWORD},
        page="admin:committee_person_add",
    ),
    "admin:committee_person_change": Form(
        "founded", "admin",
        {"username": "seat2.renamed", "staff_no": "N-78", "display_name": TYPED, "unit": "{unit}"},
        page="admin:committee_person_change", more=("{seat2}",),
    ),
    "admin:committee_unit_add": Form(
        "founded", "admin", {"parent": "{bank}", "kind": "branch", "name": TYPED},
        page="admin:committee_unit_add",
    ),
    "admin:committee_unit_change": Form(
        "founded", "admin", {"name": TYPED}, page="admin:committee_unit_change", more=("{unit}",)
    ),
    "admin:committee_position_add": Form(
        "founded", "admin", {"person": "{outsider}", "role": "handler", "unit": "{handling}"},
        page="admin:committee_position_add",
    ),
    "admin:committee_committee_add": Form(
        "founded", "admin",
        {"branch": "{unit}", "name": TYPED, "abbreviation": "新联", "timezone": "Asia/Shanghai",
         "liaison": "{outsider}", "posts": "主任委员\n委员\n委员", "effective_from": "2026-04-01"},
        page="admin:committee_committee_add",
    ),
}  # fmt: skip

#: addresses that take a form and do nothing that sending twice would do twice, and where nothing is typed
PLAIN = {
    "login": "the way in",
    "logout": "only ends the session",
    "display": "sets cookies",
    "session-extend": "the session ends later",
    "sessions-end": "all sessions have ended",
    "messages-read": "marks as read up to the newest that was shown",
    "verify": "reads",
    **dict.fromkeys(
        (
            "admonishment-act",
            "hand-over",
            "household",
            "institution-act",
            "supervision-act",
            "tape-act",
            "tape-new",
            "target-set-act",
            "warning-act",
        ),
        "of the ledger, which has a bank of its own: tests/pages/portfolio",
    ),
    "verify-file": "reads",
    "minutes-sign": "asks for the PIN of a key: tests/pages/signing/test_signing_pages.py",
    "supplement-sign": "as minutes-sign",
    "documents-prepared": "asks the worker once: tests/office/test_preparing.py",
    "dossier-prepared": "as documents-prepared",
    "export-log": "asks the worker, each time anew: tests/pages/oversight/test_log_exports.py",
    "signing-key": "asks for a key and its PIN: tests/pages/signing/test_signing_pages.py",
    "signing-key-withdraw": "a second time there is no key to withdraw",
    "room-screen-link": "leads to an address that lies nowhere: tests/pages/room/test_room.py",
    "plan-keep": "keeps what is typed, by a script: tests/pages/plans/test_editor.py",
    "plan-figures": "reads",
    "plan-copy": "a button, pressed twice in tests/pages/plans/test_drafts.py",
    "plan-ledger": "boxes alone, sent twice in tests/pages/plans/test_ledger_pages.py",
    "plan-from-ledger": "as plan-ledger",
    "annotations-mine": "a second time there is nothing to erase",
    "sign-in-unlock": "a button of the list, pressed twice in tests/pages/oversight/test_sign_ins.py",
    "amendment": "a second time it does not wait: tests/committee/test_amendments.py",
    "exception": "a note more is on record: tests/pages/oversight/test_exceptions.py",
    "saved-filters": "the same name is replaced: tests/web/test_saved_filters.py",
    "follow": "twice is followed once: tests/pages/inbox/test_notices.py",
    "message-read": "marks as read",
    "notices": "what is chosen replaces what was",
    "push-subscribe": "by a script: tests/pages/push/test_push.py",
    "push-forget": "a second time there is nothing to forget",
    "tour-end": "sets a cookie",
    "admin:logout": "only ends the session",
    "api-act": "takes no form; a program has a key of its own: tests/api/test_api.py",
}
ACTS = {"proposal-act", "meeting-act", "committee-act", "dispatch-act"}


def everywhere() -> set[str]:
    """The names of our own addresses that take forms."""
    return {each.name for each in patterns() if takes_forms(each)}


def takes_forms(pattern: URLPattern) -> bool:
    """Whether the view says so, asked in a way that it knows not."""
    if hasattr(pattern.callback, "view_class"):
        return hasattr(pattern.callback.view_class, "post")
    request = RequestFactory().generic("PATCH", "/")
    request.user = Person()
    arguments = dict.fromkeys(pattern.pattern.converters or pattern.pattern.regex.groupindex, 1)
    return "POST" in pattern.callback(request, **arguments).headers["Allow"]


def test_every_act_is_tried():
    """A form on pages of its own is tried under their name."""
    acts = {offer.verb for offer in _all_offers() if not offer.page} - LEDGER.keys()
    tried = {name for name, form in FORMS.items() if not form.page}
    acts -= {"authorise_proxy"}
    assert tried == acts, f"FORMS above needs a row of {sorted(tried ^ acts)}"


def test_every_address_that_takes_a_form_is_tried():
    assert {*names()} > everywhere() > ACTS
    forms = {form.page for form in FORMS.values() if ":" not in form.page} - {""}
    tried = ACTS | forms | PLAIN.keys() - {"admin:logout"}
    assert everywhere() == tried, f"FORMS or PLAIN above needs a row of {sorted(everywhere() ^ tried)}"


def test_every_form_of_the_administrator_is_tried():
    request = RequestFactory().get("/")
    request.user = Person(is_superuser=True, is_staff=True)
    made = {
        f"admin:committee_{model._meta.model_name}_{what}"
        for model, admin in site._registry.items()
        for what, allowed in (
            ("add", admin.has_add_permission(request)), ("change", admin.has_change_permission(request)),
        )
        if allowed
    }  # fmt: skip
    assert made == {form for form in FORMS if form.startswith("admin:")}


def test_every_form_in_the_templates_has_the_token_or_needs_none():
    bare = {}
    for template in (Path(django_settings.BASE_DIR) / "templates").rglob("*.html"):
        for tag, body in re.findall(
            r'(?s)<form\b([^>]*method="post"[^>]*)>(.*?)</form>', template.read_text()
        ):
            action = re.search(r"{% url '([a-z:-]+)'", tag)
            if "{% form_token %}" not in body and (action is None or action[1] not in PLAIN):
                bare[template.name] = tag
    assert bare.keys() == {"login.html", "link.html"}


class Controls(HTMLParser):
    """The names and values that a page would send, of all its forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.hidden: dict[str, str] = {}
        self.select = self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given:
            self.found.append((self.select, given["value"]))
        elif tag == "textarea":
            self.text = name
            self.found.append((name, ""))
        elif tag == "input" and (kind not in ("radio", "checkbox") or "checked" in given):
            self.found.append((name, given.get("value", "on")))
            if kind == "hidden":
                self.hidden.setdefault(name, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.text:
            self.found[-1] = (self.text, self.found[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # a line feed first in a text is not of it
            self.found[-1], self.text = (self.text, self.found[-1][1].removeprefix("\n")), ""


def opened(request, name):
    """The stage with what had to be done, whose form it is, its address and what is typed there."""
    form = FORMS[name]
    stage = request.getfixturevalue(form.step)
    form.first(stage)
    Person.objects.filter(bank=stage.bank.unit).update(password=make_password(PASSWORD))
    stage.people = {handle: stage.now(person) for handle, person in stage.people.items()}
    stage.people["admin"] = administrator(
        "administrator", PASSWORD, bank=stage.bank.unit, unit=stage.bank.unit, display_name="管理员"
    )
    values = {handle: person.pk for handle, person in stage.people.items()}
    values |= {
        "proposal": stage.proposal and stage.proposal.pk,
        "tabling": stage.proposal and stage.proposal.tablings.values_list("pk", flat=True).last(),
        "receipt": Receipt.objects.filter(proposal=stage.proposal).values_list("pk", flat=True).first(),
        "question": Question.objects.values_list("pk", flat=True).last(),
        "draft": OpinionDraft.objects.values_list("pk", flat=True).last(),
        "outsider_no": stage["outsider"].staff_no,
        "unit": stage.committee.branch_id,
        "bank": stage.bank.unit.pk,
        "handling": Position.objects.get(person=stage["handler"]).unit_id,
    }
    filled = {
        key: SimpleUploadedFile("a.pdf", files.pdf()) if value == "{file}" else value.format(**values)
        for key, value in form.given.items()
    }
    return stage, form, address(stage, name, form, values), filled


def address(stage, name, form, values):
    """Where the form is: the act's own page on its object, or the page of that name."""
    if not form.page:
        sent = offer_for(Dispatch, name)
        if sent is not None:
            return sent.address(stage.dispatch)
        for kind, subject in ((Proposal, stage.proposal), (Meeting, stage.meeting), (Committee, None)):
            offer = offer_for(kind, name)
            if offer is not None:
                return offer.address(subject or stage.committee)
    more = [str(each).format(**values) for each in form.more]
    if form.page in (
        "export",
        "profile",
        "password",
        "calendar",
        "screening",
        "repayments",
    ) or form.page.startswith("admin:"):
        return reverse(form.page, args=more)
    about = {"change-meeting": stage.meeting, "authorise-proxy": stage.meeting, "note": stage.proposal}
    about["annotations"] = stage.proposal
    subject = about.get(form.page) or (
        stage.proposal if form.page.startswith(("plan-", "attachments")) else stage.committee
    )
    return reverse(form.page, args=[subject.pk, *more])


def shown(client, address, given):
    """What is sent from the form as it is shown: its hidden fields, what is typed, and a token."""
    page = client.get(address)
    token = ONCE.search(page_text(page))
    controls = Controls(page_text(page))
    hidden = dict(controls.found) if "/amend/execution/" in address else controls.hidden
    for name in ("csrfmiddlewaretoken", "next", "remove", "item", "row"):
        hidden.pop(name, None)
    return (
        hidden | given | {"once": token[1] if token else idempotent_forms.form_token(page.wsgi_request.user)}
    )


def again(sent):
    """The same once more: a file is read from its beginning."""
    for value in sent.values():
        if hasattr(value, "seek"):
            value.seek(0)
    return sent


def done():
    """What the acts leave behind."""
    feeds = CalendarFeed.objects.values_list("digest", flat=True)
    counted = (Entry, Export, Person, Annotation, TextTemplate)
    return [model.objects.count() for model in counted], [*feeds]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    """Files go where nothing is, and a list of one row is too long for a workbook at once."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(paging, "COUNTED", 0)


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if not form.looks])
def test_sent_twice_it_acts_once_and_leads_to_the_same_place(request, name):
    stage, form, address, given = opened(request, name)
    client, before = as_(stage[form.by]), done()
    sent = shown(client, address, given)
    first = client.post(address, sent)
    assert first.status_code == 302, page_text(first)
    entries = done()
    assert entries != before or name == "note"  # it leaves no entry
    again_ = client.post(address, again(sent))  # an impatient hand, or the form again after the button Back
    assert (again_.status_code, again_["Location"]) == (302, first["Location"])
    assert done() == entries


OTHERWISE = "Typed again, and otherwise"
#: acts that are past: their form is no more, and what was typed stands on a page of its own; of drafted
#: minutes it leads on to amending them
PAST = {
    "answer_question", "request_abstention", "cancel_vote", "declare_conflict", "reverse_receipt",
    "draft_minutes", "amend-regulation",
}  # fmt: skip
#: what is typed over a version of the text, and shown beside the newer one
NEWER = {"plan-step", "note"}


def otherwise(form: Form, sent: dict[str, Any]) -> dict[str, Any]:
    """The same form with another text where one is typed, another file, else one more field."""
    changed = {key: OTHERWISE if value == TYPED else value for key, value in sent.items()}
    for key, value in sent.items():
        if isinstance(value, SimpleUploadedFile):
            changed[key] = SimpleUploadedFile("a.pdf", files.pdf(pages=2))
    if changed == sent:
        changed["remark"] = OTHERWISE
    return changed


@pytest.mark.parametrize("by_script", [False, True])
@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if not form.looks])
def test_sent_again_with_other_contents_it_does_nothing_and_loses_nothing(request, name, by_script):
    """409, in both languages: that it was done before and where that led, and that what was sent now was not
    done; what was typed is there. A ballot is asked by its key, and leads to where it led.
    """
    stage, form, address, given = opened(request, name)
    client = as_(stage[form.by])
    sent = shown(client, address, given)
    first = client.post(address, again(sent))
    assert first.status_code == 302, page_text(first)
    entries = done()
    headers = {"X-Requested-With": "fetch"} if by_script else {}
    for language, told in (("en", "sent before"), ("zh-hans", "曾提交过")):
        client.cookies["django_language"] = language
        second = client.post(address, again(otherwise(form, sent)), headers=headers)
        if name == "cast":
            assert (second.status_code, second["Location"]) == (302, first["Location"])
            assert not Submission.objects.exclude(sent="").exists()
            continue
        if by_script and second.status_code != 302:
            continue  # what the view says first stands beside what is typed
        page = page_text(second)
        assert second.status_code == 409, page[:2000]
        if name in NEWER:
            assert OTHERWISE in page
            continue
        assert told in page
        assert f'href="{escape(first["Location"])}"' in page
        if TYPED in form.given.values():
            assert OTHERWISE in page
            in_form = OTHERWISE in [value for _name, value in Controls(page).found]
            assert by_script or in_form is (name not in PAST)
        assert done() == entries


@pytest.mark.parametrize("name", FORMS)
def test_when_the_session_has_ended_what_was_typed_comes_back_to_the_same_person_alone(request, name):
    stage, form, address, given = opened(request, name)
    typed = {
        (key, value) for key, value in given.items()
        if key not in NOT_FIELDS and "password" not in key and isinstance(value, str)
    }  # fmt: skip
    for back in (form.by, "auditor"):
        client, before = as_(stage[form.by]), done()
        sent = shown(client, address, given)
        client.logout()
        answer = client.post(address, again(sent))
        assert answer["Location"] == f"{reverse('login')}?next={address}"
        assert PASSWORD not in str(dict(client.session)).replace("+", " ")
        client.force_login(stage[back], backend="django.contrib.auth.backends.ModelBackend")
        page = page_text(client.get(address))
        found = {(key, value.replace("\r\n", "\n").strip()) for key, value in Controls(page).found}
        lost = {(key, value) for key, value in typed if (key, value.strip()) not in found}
        if back != form.by or name == "cast":  # a ballot lies nowhere before it is sealed
            assert TYPED not in page
        else:
            assert not lost
            assert not typed or "session had ended" in page or "not saved in the plan" in page
        assert done() == before


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if TYPED in form.given.values()])
def test_in_a_second_tab_what_was_done_in_the_first_is_refused_or_done_with_its_own_form(request, name):
    """Nothing that was typed is dropped without a word: it is done, or it stands there with the refusal."""
    stage, form, address, given = opened(request, name)
    client = as_(stage[form.by])
    tabs = [shown(client, address, given) for _tab in range(2)]
    client.post(address, tabs[0])
    second = client.post(address, again(tabs[1]))
    assert second.status_code in (200, 302, 403, 409, 422)
    if second.status_code in (200, 409, 422):
        assert TYPED in page_text(second)


def test_what_was_typed_before_the_session_ended_is_there_when_the_act_is_past_too(minuted):
    client = as_(minuted["liaison"])
    address = reverse("meeting-act", args=[minuted.meeting.pk, "amend_minutes"])
    sent = shown(client, address, {"narrative": TYPED})
    client.logout()
    client.post(address, again(sent))
    minuted.do("sign_minutes")
    client.force_login(minuted["liaison"], backend="django.contrib.auth.backends.ModelBackend")
    page = page_text(client.get(address))
    assert TYPED in page
    assert "Save the narrative" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["messages-read", "verify", "session-extend", "sessions-end"])
def test_a_button_pressed_after_the_session_leads_by_the_login_to_a_page_that_is_there(client, name):
    assert client.post(reverse(name))["Location"] == f"{reverse('login')}?next={reverse('desk')}"
