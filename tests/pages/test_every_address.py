"""Every address × every role × what is one's own and what is another bank's (rules.md, Roles).

`PAGES` says of each address what it is asked for, who sees that object, and who of these the page is for. An
address that stands in neither `PAGES` nor `OPEN` fails the first test.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from functools import cache
from typing import NamedTuple

import pytest
from django.db import connection
from django.urls import reverse

from audit import clock
from audit.models import Entry
from committee.models import Committee, Meeting, Message, Person, Resolution
from office.models import Copy, Dispatch, Minutes, Paper
from pages.inbox import digest, following, mailing
from pages.models import Follow
from pages.plans.annotations import keeping
from pages.plans.notes import saving
from pages.push import due
from proposals import storage
from proposals.attachments import StatedAttachment
from proposals.models import Attachment, Docket, Proposal
from tests.pages import files
from tests.pages.oversight import trees
from tests.pages.pages import EVERYBODY, as_, unrendered
from tests.pages.test_pages_access import names
from tests.stage import MEETING, START, Stage, plan, stages, today, undone
from voting.models import Ballot
from web.models import Export
from web.offers import LEDGER as LEDGER_KINDS
from web.offers import _all_offers

ALL = frozenset(EVERYBODY)
NOBODY: frozenset[str] = frozenset()
HANDLERS = {"handler"}
INSTITUTION = {"handler", "handler_head"}
SEATS = {"chair", "seat2", "seat3"}
#: whoever sees all that the committee does
COMMITTEE = SEATS | {"liaison", "risk", "head_office", "auditor"}
#: whoever has the ledger of loans among the places
LEDGER = INSTITUTION | {"other_handler", "other_head", "risk", "head_office", "auditor"}
LEDGER_LISTS = ("ledger", "loans", "duties", "tapes", "warnings", "ledger-supervision")
#: whoever an open committee's own pages are for; to others it is not there
BELONGS = SEATS | {"liaison", "handler", "other_handler", "risk", "credit", "head_office"}

#: object → whose it is to see; for everybody else nothing is there
SEES = {
    # a plan decided on, of the first institution
    "proposal": INSTITUTION | COMMITTEE | {"credit"},
    # a draft of the second institution
    "draft": {"other_handler", "other_head", "auditor"},
    # a plan of the first institution that is submitted and not filed
    "submitted": INSTITUTION | {"liaison", "chair", "risk", "auditor"},
    "meeting": COMMITTEE | {"credit"},
    "item": COMMITTEE | {"credit"},
    # of a draft; the credit department sees it once it is signed
    "supplement": COMMITTEE,
    # the minutes as a paper on file
    "document": COMMITTEE | {"credit"},
    "committee": BELONGS,
    "docket": COMMITTEE | INSTITUTION | {"credit"},
    # the institution's own copy
    "dispatch": INSTITUTION | {"liaison", "auditor"},
    "copy": INSTITUTION | {"liaison", "auditor"},
    "message": {"chair"},
    "ballot": {"chair"},
    "resolution": {"head_office", "auditor", "risk"},
    "export": {"chair"},
    "stream": {"auditor"},
    "meeting of the log": {"auditor"},
    "proposal of the log": {"auditor"},
    "roster": COMMITTEE | {"credit"},
    "": ALL,
}


class Page(NamedTuple):
    """Whose object it is about, who of those that see it gets the page, and the further arguments."""

    about: str = ""
    #: None: everybody who sees the object
    who: frozenset[str] | set[str] | None = None
    more: tuple[object, ...] = ()
    #: what others are told who see the object
    else_: int = 403
    #: it only takes forms
    post: bool = False
    #: what the address must ask for
    asked: str = ""


PDF = files.pdf()
SHA = hashlib.sha256(PDF).hexdigest()

PAGES: dict[str, tuple[Page, ...]] = {
    "desk": (Page(),),
    "profile": (Page(),),
    "password": (Page(),),
    "signing-key": (Page(),),
    "signing-key-withdraw": (Page(post=True),),
    "minutes-sign": (Page("meeting", SEATS | {"liaison"}),),
    "supplement-sign": (Page("meeting", SEATS | {"liaison"}),),
    "supplement": (Page("supplement"),),
    "session-extend": (Page(post=True),),
    "sessions-end": (Page(post=True),),
    "sign-ins": (Page("", {"auditor"}, else_=404),),
    "messages": (Page(),),
    "messages-read": (Page(post=True),),
    "message": (Page("message"),),
    "message-read": (Page("message", post=True),),
    "notices": (Page(),),
    "mail-before": (Page("meeting", {"liaison"}),),
    "follow": (Page("proposal"), Page("draft"), Page("submitted")),
    "push-subscribe": (Page(post=True),),
    "push-forget": (Page(post=True),),
    "help": (Page(),),
    "guide": (Page("", None, ("member",)),),
    "help-picture": (Page("", None, ("member-papers.png",)),),
    "tour-end": (Page(post=True),),
    "palette": (Page(),),
    "proposals": (Page(),),
    "proposal": (Page("proposal"), Page("draft"), Page("submitted")),
    "plan-beside": (Page("proposal"), Page("draft"), Page("submitted")),
    "plan-from-ledger": (Page("", {"handler", "other_handler"}),),
    "plan-copy": (Page("proposal", HANDLERS, post=True),),
    "note": (Page("proposal"), Page("draft"), Page("submitted")),
    "annotations": (Page("proposal"), Page("draft"), Page("submitted")),
    "annotations-mine": (Page(),),
    "annotations-export": (Page(),),
    **{
        name: (
            Page("proposal", HANDLERS, more),
            Page("draft", {"other_handler"}, more),
            Page("submitted", HANDLERS, more),
        )
        for name, more in {
            "plan": (),
            "plan-check": (),
            "plan-step": ("borrower",),
            "plan-generate": (),
            "plan-ledger": (),
            "plan-import": ("loans",),
            "plan-template": ("loans",),
        }.items()
    },
    "plan-keep": (Page("draft", {"other_handler"}, ("borrower",), post=True),),
    "plan-figures": (Page("draft", {"other_handler"}, ("borrower",), post=True),),
    "screening": (Page("", {"liaison"}, else_=404),),
    "credit": (Page("", {"credit"}, else_=404),),
    "board": (Page("", {"liaison", "chair", "risk", "head_office", "auditor"}, else_=404),),
    "dockets": (Page(),),
    "docket": (Page("docket"),),
    "attachments": (Page("proposal"), Page("draft"), Page("submitted")),
    "attachment": (Page("proposal", more=(SHA,)), Page("draft", more=(SHA,))),
    "attachment-leaves": (Page("proposal", more=(SHA,)), Page("draft", more=(SHA,))),
    "attachment-download": (Page("proposal", more=(SHA,)), Page("draft", more=(SHA,))),
    "attachment-page": (Page("proposal", more=(SHA, 1)), Page("draft", more=(SHA, 1))),
    "attachment-picture": (Page("proposal", more=(SHA, 1, 1000)), Page("draft", more=(SHA, 1, 1000))),
    "copy": (Page("copy"),),
    "dispatches": (Page(),),
    "outbox": (Page("", {"liaison", "auditor"}, else_=404),),
    "dispatch": (Page("dispatch"),),
    "dispatch-act": (
        Page("dispatch", INSTITUTION, ("receive_dispatch",)),
        Page("dispatch", INSTITUTION, ("acknowledge_dispatch",)),
        Page("dispatch", {"liaison"}, ("send_again",)),
    ),
    "follow-ups": (Page(),),
    "repayments": (Page("", {"handler", "other_handler"}),),
    "repayments-template": (Page("", {"handler", "other_handler"}),),
    "meetings": (Page(),),
    "my-meetings": (Page(),),
    "my-ballots": (Page(),),
    # each a ballot of the chair's own
    "my-ballot": (Page("ballot"),),
    "my-ballot-opened": (Page("ballot"),),
    "my-ballot-proof": (Page("ballot"),),
    "dossiers": (Page("", {"head_office", "auditor", "risk"}, else_=404),),
    **{
        name: (Page("resolution"),)
        for name in ("dossier", "dossier-pdf", "dossier-prepared", "dossier-proofs")
    },
    "dossier-proof": (Page("resolution", NOBODY, ("meeting:1", 1), else_=404),),
    "month": (Page(),),
    **{
        name: (Page("meeting"),)
        for name in (
            "meeting",
            "meeting-version",
            "meeting-parts",
            "papers",
            "invitation",
            "notice",
            "minutes",
            "report",
            "archive-file",
            "documents",
            "documents-pdf",
            "documents-zip",
        )
    },
    "documents-prepared": (Page("meeting", more=("copy",)), Page("meeting", more=("bundle",))),
    **{name: (Page("document"),) for name in ("document", "document-file", "document-word")},
    "minutes-revisions": (Page("meeting", {"liaison", "chair", "auditor"}, else_=404),),
    "room-screen-link": (Page("meeting", {"liaison", "chair"}),),
    "paper": (Page("item"),),
    "paper-whole": (Page("item"),),
    "authorise-proxy": (Page("meeting", SEATS),),
    "change-meeting": (Page("meeting", {"chair"}),),
    "meeting-period": (Page("meeting", {"chair"}),),
    "docket-new": (Page("committee", {"liaison"}),),
    "convene": (Page("committee", {"chair"}),),
    "text-templates": (Page("committee", {"liaison"}),),
    "convene-now": (Page("committee", {"chair", "liaison"}),),
    "period": (Page("committee", {"chair"}),),
    "calendar": (Page(),),
    "reports": (Page("", {"head_office", "auditor"}),),
    "figures": (Page("", {"head_office", "auditor", "risk"}),),
    "figure-trends": (Page("", {"head_office", "auditor", "risk"}),),
    "figure-seats": (Page("", {"head_office", "auditor", "risk"}),),
    "figure-cases": (Page("", {"head_office", "auditor", "risk"}, asked="?of=submitted"),),
    "saved-filters": (Page(more=("proposals",)),),
    "export": (Page(more=("proposals", "csv")), Page(more=("meetings", "xlsx"))),
    "export-progress": (Page("export"),),
    "export-file": (Page("export", NOBODY, else_=404),),  # it is not built yet
    "search": (Page(),),
    "regulation": (Page(),),
    "amend-regulation": (Page("roster", {"risk"}),),
    "roster": (Page("", COMMITTEE | {"credit"}, else_=404),),
    "roster-seat": (Page("roster", {"risk"}, (2,)),),
    "archive-package": (Page("meeting", {"liaison", "chair", "head_office", "auditor"}, else_=404),),
    "archives": (Page("", {"head_office", "auditor"}, else_=404),),
    "exceptions": (Page("", {"auditor"}, else_=404),),
    "entries": (Page("", {"auditor"}, else_=404),),
    "anomalies": (Page("", {"auditor"}, else_=404),),
    "checkpoints": (Page("", {"auditor"}, else_=404),),
    "checkpoint-differences": (Page("", {"auditor"}, else_=404, asked="?old=3&new=5"),),
    "checkpoint-file": (Page("", {"auditor"}, (5,), else_=404),),
    "checkpoint-consistency": (Page("", {"auditor"}, (3, 5), else_=404),),
    "entry": (Page("stream", more=(1,)),),
    "entry-proof": (Page("stream", more=(1,)),),
    "export-log": tuple(Page(f"{kind} of the log") for kind in ("meeting", "proposal")),
    "exceptions-file": tuple(Page("", {"auditor"}, (kind,), else_=404) for kind in ("csv", "xlsx")),
    "streams": (Page("", {"auditor"}, else_=404),),
    "verify": (Page("", {"auditor"}, else_=404, post=True),),
    "stream": (Page("stream"),),
    **{name: (Page("", LEDGER, else_=404),) for name in LEDGER_LISTS},
    "ledger-month": (Page("", LEDGER, (2026, 3), else_=404),),
    "tape-template": (Page("", LEDGER, else_=404),),
    "tape-new": (Page("", {"risk"}, else_=404),),
    "api": (Page(),),
    "api-openapi": (Page(),),
    "api-docs": (Page(),),
    "api-proposals": (Page(),),
    "api-proposal": (Page("proposal"), Page("draft"), Page("submitted")),
    "api-dispatches": (Page(),),
    "api-dispatch": (Page("dispatch"),),
    "api-meetings": (Page(),),
    "api-meeting": (Page("meeting"),),
}

#: tried elsewhere, or open to all
OPEN = {
    "login": "needs no login",
    "sign-in-unlock": "the administrator's: tests/pages/oversight/test_sign_ins.py",
    "logout": "only ends the session",
    "display": "needs no login; sets cookies",
    "manifest": "needs no login; the same for everybody: tests/pages/push/test_push.py",
    "worker": "as manifest",
    "offline": "as manifest",
    "verify-file": "needs no login; keeps nothing: tests/pages/signing/test_verify.py",
    "minutes-file": "there with electronic signatures: tests/pages/signing/test_signing_pages.py",
    "supplement-file": "as minutes-file",
    "calendar-feed": "its token is its key: tests/pages/calendar/test_invitations.py, and the leaks below",
    "room-screen": "its token is its key: tests/pages/room/test_room.py",
    "room-screen-version": "its token is its key: tests/pages/room/test_room.py",
    "so-far": "the liaison's, of a meeting in the room alone: tests/pages/room/test_room.py",
    "observed": "the observer's alone, of one item: tests/pages/room/test_room.py",
    "observed-version": "the observer's alone, of one item: tests/pages/room/test_room.py",
    "dispatch-package": "of what is sent: tests/office/test_dispatches.py",
    "archive": "of what was imported: tests/office/test_archive_files.py",
    "archive-part": "of what was imported: tests/office/test_archive_files.py",
    "proposal-act": "each act by its officer, below",
    "meeting-act": "each act by its officer, below",
    "committee-act": "each act by its officer, below",
    "exception": "the auditors', of what there is: tests/pages/oversight/test_exceptions.py",
    "amendment": "the Risk department's, of a draft: tests/pages/committee/test_rulebook.py",
    "api-act": "each verb by everybody: tests/api/test_api.py",
    # of the ledger's own rows
    **dict.fromkeys(
        (
            "institution", "institution-act", "household", "tape", "tape-act", "tape-faults", "tape-arrival",
            "hand-over", "warning", "warning-act", "ranking", "supervision", "supervision-act",
            "admonishment", "admonishment-act", "target-set", "target-set-act",
        ),
        "of the ledger: tests/pages/portfolio/test_ledger_access.py",
    ),
}  # fmt: skip

#: the officers as the tables of permissions name them; of a meeting that was proxied, also the proxy
OFFICERS = {
    "handler": {"handler"},
    "liaison": {"liaison"},
    "chair": {"chair"},
    "presiding": {"chair"},
    "seat": SEATS,
    "proxy": NOBODY,
    "speaker": SEATS,
    "observer": {"handler_head"},
    "risk": {"risk"},
    "credit": {"credit"},
    "head_office": {"head_office"},
    # of what is sent to the handling institution
    "addressee": INSTITUTION,
    # of a follow-up, of which there is none: tests/pages/plans/test_follow_up_pages.py
    "owner": NOBODY,
}

#: what somebody might send who knows the forms: more than any of them asks for
PLAUSIBLE = {
    "reason": "Reason given in writing", "text": "What was said", "ruling": "As ruled",
    "narrative": "Changed",
    "title": "Another title", "name": "Another name", "place": "Room 9", "date": "2026-03-30",
    "time": "10:00",
    "choice": "for", "seat": "2", "request": "2", "find": "outsider", "q": "outsider", "since": "2026-03-09",
    "until": "2026-03-20", "amount": "1.00", "received_on": "2026-03-05", "terms": "As resolved",
    "article": "14", "text_zh": "解释", "act": "vacate", "do": "replace", "step": "confirm", "number": "2",
    "seats": "3", "votes_to_pass": "3", "remove": SHA, "last": "9999999", "document": "Letter",
    "powers": "vote", "confirm": "on", "version": "1", "after": "0",
}  # fmt: skip


#: in everything that people of the other bank have written, and nowhere else
MARK = "Quagga-4711"
#: in the draft of the second institution, and in the plan that is not filed
DRAFTED, SUBMITTED = "Numbat-4712", "Bilby-4713"


#: of what people of the own bank have written, by the place where: the word in it, and who may read it
WRITTEN: dict[str, tuple[str, set[str]]] = {
    "place": ("Bandicoot-11", COMMITTEE | {"credit"}),
    "authorisation": ("Bandicoot-12", COMMITTEE | {"credit"}),
    "opinion": ("Bandicoot-13", COMMITTEE | {"credit"}),
    "request": ("Bandicoot-14", COMMITTEE | {"credit"}),
    "ballot": ("Bandicoot-15", COMMITTEE | INSTITUTION | {"credit"}),
    "narrative": ("Bandicoot-16", COMMITTEE | {"credit"}),
    "note": ("Bandicoot-17", {"seat2"}),
    "contract": ("Bandicoot-18", COMMITTEE | INSTITUTION | {"credit"}),
    "contract of the draft": ("Bandicoot-19", SEES["draft"]),
    "contract submitted": ("Bandicoot-20", SEES["submitted"]),
    "return": ("Bandicoot-21", SEES["submitted"]),
    "evidence": ("Bandicoot-22", SEES["submitted"]),
    "annotation": ("Bandicoot-23", {"seat2"}),
    "follow-up": ("Bandicoot-24", COMMITTEE | INSTITUTION | {"credit"}),
}
MARKS = (MARK, DRAFTED, SUBMITTED, *(word for word, _who in WRITTEN.values()))


def at_work(mark: str = "") -> Stage:
    """A bank with one object of each kind; all that is written there bears the mark."""
    stage, said = Stage(), {name: f"{word}{mark}" for name, (word, _who) in WRITTEN.items()}
    stage.plan = plan(said["contract"])
    stage.plan |= {"title": f"{mark} plan", "executor": f"{mark} executor"}
    stage.plan["borrower"]["name"] += mark
    attached = [StatedAttachment(f"{mark}a.pdf", "Appraisal", "application/pdf", len(PDF), 1, SHA).entry()]
    stage.plan |= {"attachments": attached}
    _held(stage.to("filed"), said)
    stage.submitted = stage.another(
        said["contract submitted"],
        to="submitted",
        title=f"{SUBMITTED}{mark}",
        conditions={"7.1": said["evidence"]},
    )
    stage.do("return", on=stage.submitted, reason=said["return"])
    stage.do("submit", on=stage.submitted)
    stage.draft = stage.do(
        "draft",
        "other_handler",
        plan=plan(said["contract of the draft"], title=f"{DRAFTED}{mark}", attachments=attached),
    )
    saving.write(stage.proposal, stage["seat2"], said["note"], after=0)
    keeping.write(stage.proposal, stage["seat2"], text=said["annotation"], quote=said["annotation"])
    for proposal in (stage.proposal, stage.draft):
        Attachment.objects.create(
            unit=proposal.unit, sha256=SHA, media_type="application/pdf", size=len(PDF), pages=1,
            added_by=proposal.drafted_by, added_at=START,
        )  # fmt: skip
    stage.export = Export.objects.create(person=stage["chair"], listing="proposals", language="en")
    return stage


def _held(stage: Stage, said: dict[str, str]) -> None:
    """The meeting on the case, to its archive, with something said wherever something can be."""
    stage.meeting = stage.do("convene", at=MEETING, place=said["place"], proposals=[stage.proposal])
    stage.step = "convened"
    stage.to("noticed").proxy(document=said["authorisation"])
    stage.to("taken_up")
    stage.do("record_opinion", "seat2", text=said["opinion"])
    stage.do("request_abstention", "seat3", reason=said["request"])
    stage.do("refuse_abstention", seat=3)
    stage.to("voting").cast("for", f"against:{said['ballot']}", "for")
    stage.step = "voted"
    stage.to("closed").do("draft_minutes", narrative=said["narrative"])
    stage.step = "minuted"
    stage.to("archived").do("draw_up_papers")
    stage.do("draft_supplement", narrative=said["narrative"])
    stage.do("assign_follow_up", text=said["follow-up"], owner=stage["handler"], due=today())


def two_banks() -> Stage:
    with storage.received([PDF]) as received:
        storage.keep(received)
    abroad = at_work(MARK)
    Person.objects.filter(bank=abroad.bank.unit).update(display_name=f"{MARK} somebody")
    clock.travel(START)
    stage = at_work()
    stage.abroad = abroad
    trees.seal()
    for size in (3, 5, Entry.objects.count()):
        trees.sign(size)
    return stage


banks = stages("banks", two_banks)


def at_vote() -> Stage:
    """A vote that is open, and what was sent of the meeting before."""
    stage = Stage().to("distributed")
    stage.sent = stage.dispatch
    stage.proposal, stage.step = stage.another("C-2"), "filed"
    moment = MEETING + timedelta(days=7)
    stage.meeting = stage.convene(stage.proposal, at=moment)
    stage.do("send_notice")
    stage.travel(moment)
    stage.sign_in()
    stage.do("open_meeting")
    stage.step = "in_session"
    return stage.to("voting")


def voting_twice() -> Stage:
    abroad = at_vote()
    clock.travel(START)
    stage = at_vote()
    stage.abroad = abroad
    return stage


votings = stages("votings", voting_twice)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def media(settings, folder):
    settings.MEDIA_ROOT = folder


@cache
def _arguments(stage) -> dict[str, tuple[object, ...]]:
    docket = Docket.objects.get(entries__proposal=stage.proposal)
    return {
        "": (),
        "proposal": (stage.proposal.pk,),
        "draft": (stage.draft.pk,),
        "submitted": (stage.submitted.pk,),
        "meeting": (stage.meeting.pk,),
        "item": (stage.meeting.pk, stage.now(stage.proposal).item_id),
        "supplement": (stage.meeting.pk, Minutes.objects.supplementary().get(meeting=stage.meeting).pk),
        "committee": (stage.committee.pk,),
        "roster": (stage.committee.pk,),
        "docket": (docket.pk,),
        "copy": (Copy.objects.get(full=False, minutes__meeting=stage.meeting).pk,),
        "document": (Paper.objects.get(kind="minutes", language="en", meeting=stage.meeting).pk,),
        "dispatch": (Dispatch.objects.get(copy__full=False, meeting=stage.meeting).pk,),
        "message": (Message.objects.filter(person=stage["chair"]).order_by("pk")[0].pk,),
        "export": (stage.export.pk,),
        "stream": (stage.meeting.stream,),
        "meeting of the log": ("meeting", stage.meeting.pk),
        "proposal of the log": ("proposal", stage.proposal.pk),
        "resolution": (Resolution.objects.get(item__meeting=stage.meeting).pk,),
        "ballot": (Ballot.objects.get(vote__meeting=stage.meeting, person=stage["chair"]).commitment,),
    }


def pages(stage):
    """Each address of the table with an object of this bank."""
    for name, asked in PAGES.items():
        for page in asked:
            address = reverse(name, args=(*_arguments(stage)[page.about], *page.more))
            yield name, page, address + page.asked


def marks():
    """What grows with anything that is done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM web_submission)")
        return cursor.fetchone()


def sent(client, address, body=None):
    """The status of sending this, or of asking for the page, and whether anything was done; it is undone."""
    with undone():
        before = marks() if body else None
        response = client.get(address) if body is None else client.post(address, body)
        if response.streaming:
            response.getvalue()
        assert "no-store" in response["Cache-Control"], address
        return response.status_code, body is not None and marks() != before


def test_every_address_is_tried_or_left_out_for_a_reason():
    tried = PAGES.keys() | OPEN.keys()
    assert {*names()} == tried, f"PAGES or OPEN above needs a row of {sorted({*names()} ^ tried)}"
    assert not PAGES.keys() & OPEN.keys()


def expected(page, handle, *, form=False):
    """What the table says that the person is answered; a page that takes no form says 405 to one."""
    if page.post and not form:
        return {405}
    more = {405} if form else set()
    if handle not in SEES[page.about]:
        return {404} | more
    if page.who is not None and handle not in page.who:
        return {page.else_} | more
    return {200, 302, 403, 409, 422} | more if form else {200, 302}


class Answer(NamedTuple):
    """What a page of the own bank answered: its status, and the marks to be read in it."""

    name: str
    page: Page
    address: str
    status: int
    marks: frozenset[str]


@pytest.fixture(scope="module")
def answers() -> dict[str, list[Answer]]:
    """What each person was answered, asked for once: two tests judge it."""
    return {}


def answered(answers, stage, handle):
    """The answer of each page of the own bank to the person; what was done by asking is undone."""
    if handle not in answers:
        client, answers[handle] = as_(stage[handle]), []
        for name, page, address in pages(stage):
            with undone():
                response = client.get(address)
                assert "no-store" in response["Cache-Control"], address
                shown = text_of(response)
            marks = frozenset(mark for mark in MARKS if mark in shown)
            answers[handle].append(Answer(name, page, address, response.status_code, marks))
    return answers[handle]


@pytest.fixture
def bare():
    """Of each answer only the status is made: what is in it, others look at."""
    with unrendered():
        yield


@pytest.mark.parametrize("handle", EVERYBODY)
def test_each_page_of_the_own_bank_is_for_whom_the_table_says(banks, answers, handle):
    wrong = {}
    for name, page, _address, got, _marks in answered(answers, banks, handle):
        if got not in expected(page, handle):
            wrong[name, page.about] = got
    assert not wrong


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("handle", EVERYBODY)
def test_no_form_is_taken_from_whom_its_page_is_not_for(banks, handle):
    client, wrong = as_(banks[handle]), {}
    for name, page, address in pages(banks):
        gets = handle in SEES[page.about] and (page.who is None or handle in page.who)
        got, done = sent(client, address, PLAUSIBLE)
        if got not in expected(page, handle, form=True) or (done and not gets):
            wrong[name, page.about] = got
        if name == "sessions-end":
            client = as_(banks[handle])
    assert not wrong


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("handle", EVERYBODY)
def test_nothing_of_another_bank_is_there_for_anybody(banks, handle):
    client, wrong = as_(banks[handle]), {}
    for name, page, address in pages(banks.abroad):
        if not page.about or (page.about != "proposal" and len(PAGES[name]) > 1):
            continue
        looked, (got, done) = sent(client, address)[0], sent(client, address, PLAUSIBLE)
        if looked != (405 if page.post else 404) or got not in {404, 405} or done:
            wrong[name, page.about] = looked, got
    assert not wrong


def text_of(response):
    """What is to be read in an answer, in a workbook too."""
    content = response.getvalue() if response.streaming else response.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    return content.decode(errors="replace")


@pytest.mark.parametrize("handle", EVERYBODY)
def test_nothing_of_what_is_not_seen_is_in_any_page_list_search_or_export(banks, answers, handle):
    """Asked for in small letters, which the search field repeats; what is found shows as it was written."""
    hidden = [MARK]
    hidden += [] if handle in SEES["draft"] else [DRAFTED]
    hidden += [] if handle in SEES["submitted"] else [SUBMITTED]
    hidden += [word for word, who in WRITTEN.values() if handle not in who]
    own = [answer for answer in answered(answers, banks, handle) if not answer.page.post]
    addresses = []
    found_by = [reverse("search"), reverse("proposals")]
    exported = [reverse("export", args=["proposals", kind]) for kind in ("csv", "xlsx")]
    for mark in hidden:  # what is written within is searched for, and all that is listed is exported above
        asked = found_by if mark.startswith("Bandicoot") else found_by + exported
        addresses += [f"{address}?q={mark.lower()}" for address in asked]
    foreign = ("proposal", "meeting", "docket", "paper", "copy")
    addresses += [
        address for name, _page, address in pages(banks.abroad) if name in foreign
    ]  # the page of 404
    client = as_(banks[handle])
    shown = {answer.address: answer.marks for answer in own}
    for address in addresses:
        text = text_of(client.get(address))
        shown[address] = frozenset(mark for mark in MARKS if mark in text)
    assert not {(address, mark) for address, marks in shown.items() for mark in marks & {*hidden}}
    read = {word for word, _who in WRITTEN.values()} & frozenset().union(*shown.values())
    # and what one may see is read somewhere: the bounds are those of the pages, not merely wide enough
    assert read == {word for word, who in WRITTEN.values() if handle in who}


def test_the_marks_are_there_for_whoever_may_see_them(banks):
    """Else the test above would find nothing whatever is shown."""
    for stage, handle, mark in (
        (banks.abroad, "liaison", MARK),
        (banks, "other_handler", DRAFTED),
        (banks, "liaison", SUBMITTED),
    ):
        client = as_(stage[handle])
        for name, more in (("proposals", ()), ("search", ()), ("export", ("proposals", "xlsx"))):
            assert mark in text_of(client.get(reverse(name, args=more), {"q": mark.lower()})), (name, mark)


def told(person):
    """All that is mailed and pushed to the person of all messages that there are, as it would be now."""
    rows = list(Message.objects.filter(person=person).select_related("person"))
    mails = [mailing.mail_of(row) for row in rows] + ([digest.mail_of(person, rows)] if rows else [])
    pushes = [f"{due.WORDS[each.kind]} {each.url}" for each in due.due_for(person)]
    # a cancelled invitation names the place that its reader was told when invited
    return [
        f"{each.subject}\n{each.body}\n"
        + "".join(str(file) for file in each.attachments if "METHOD:CANCEL" not in str(file))
        for each in mails
    ] + pushes


@pytest.mark.parametrize("handle", EVERYBODY)
def test_no_mail_digest_or_push_tells_what_its_reader_does_not_see(banks, handle):
    hidden = {MARK, *(word for word, who in WRITTEN.values() if handle not in who)}
    hidden |= {DRAFTED} - ({DRAFTED} if handle in SEES["draft"] else set())
    hidden |= {SUBMITTED} - ({SUBMITTED} if handle in SEES["submitted"] else set())
    for text in told(banks[handle]):
        assert not [mark for mark in hidden if mark in text], text


def test_what_a_reader_sees_is_told(banks):
    """Else the test above would find nothing whatever is told."""
    assert any(WRITTEN["follow-up"][0] in text for text in told(banks["handler"]))
    assert any(WRITTEN["return"][0] in text for text in told(banks["handler"]))
    assert any(MARK in text for text in told(banks.abroad["liaison"]))


def test_mails_digests_and_pushes_are_the_same_whatever_was_cast(voting):
    seen = []
    for handle in EVERYBODY:
        following.follow(voting.now(voting.proposal), voting[handle])
    Follow.objects.update(state="tabled")
    for choices in (["for", "for"], ["against:Bandicoot-99", "for"], ["for", "against:Bandicoot-99"]):
        with undone():
            voting.cast(*choices)
            following.tell_followers()
            seen.append({handle: told(voting[handle]) for handle in EVERYBODY})
    assert any(seen[0].values())
    assert seen[0] == seen[1] == seen[2]


#: the kinds of objects that are acted on, and whose they are to see while a vote is open
_SEES = {
    "proposal": INSTITUTION | COMMITTEE,
    "meeting": COMMITTEE,
    "committee": BELONGS,
    "dispatch": SEES["dispatch"],
}
_KINDS = {Proposal: "proposal", Meeting: "meeting", Committee: "committee", Dispatch: "dispatch"}


def acts(stage):
    """Each act without pages of its own: the offer, what it is on of this bank, the address."""
    # those on the ledger: tests/pages/portfolio/test_ledger_access.py
    for offer in (each for each in _all_offers() if each.on not in LEDGER_KINDS):
        kind = _KINDS[offer.on]
        if offer.page:
            continue
        subject = stage.sent if kind == "dispatch" else getattr(stage, kind)
        yield offer, kind, reverse(f"{kind}-act", args=[subject.pk, offer.verb])


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("handle", EVERYBODY)
def test_each_act_is_its_officers_and_to_others_not_there_or_denied(votings, handle):
    client, wrong = as_(votings[handle]), {}
    for offer, kind, address in acts(votings):
        officers = {each for office in offer.rule.office.each() for each in OFFICERS[office.key]} | (
            {"other_handler"} if offer.verb == "draft" else set()
        )
        got, done = sent(client, address, PLAUSIBLE)
        if handle not in _SEES[kind]:
            right = (got, done) == (404, False)
        elif handle not in officers:
            right = (got, done) == (403, False)
        else:
            right = got in {200, 302, 403, 409, 422} and sent(client, address)[0] in {200, 403, 409}
        if not right:
            wrong[offer.verb, kind] = got
    assert not wrong


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("handle", EVERYBODY)
def test_no_act_is_there_on_what_is_another_banks(votings, handle):
    client, wrong = as_(votings[handle]), {}
    for offer, kind, address in acts(votings.abroad):
        if sent(client, address, PLAUSIBLE) != (404, False):
            wrong[offer.verb, kind] = address
    assert not wrong
