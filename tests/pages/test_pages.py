"""The pages themselves: every state in both languages, nothing inline, no statement for each row."""

import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify

from audit import clock
from audit.models import Entry
from committee import workdays
from office import overdue
from office.labels import ACTIONS
from proposals.labels import NEXT
from tests.page_text import page_text
from tests.pages.pages import as_, look, queries
from tests.stage import MEETING, START, STEPS, Stage, plan, stages
from web import labels
from web.templatetags import lianxi

MOST = 25
SHEET = Path(settings.BASE_DIR) / "static" / "lianxi.css"


@pytest.fixture(autouse=True)
def english():
    """Looking at a page in Chinese leaves the language behind; each test begins in English."""
    with translation.override("en"):
        yield


class Checked(HTMLParser):
    """Collects what a strict policy forbids, and what a reader without eyes needs."""

    VOID = {"meta", "link", "input", "br", "img", "rect", "path", "hr", "circle"}

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.ids, self.anchors, self.headings = [], [], [], [], 0
        self.feed(html)
        self.faults += [f"not closed: {self.open}"] if self.open else []
        self.faults += [f"no target: {name}" for name in self.anchors if name not in self.ids]
        self.faults += [f"twice: {name}" for name in {*self.ids} if self.ids.count(name) > 1]
        self.faults += [] if self.headings == 1 else [f"{self.headings} first headings"]

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        ours = tag == "script" and given.get("src", "").startswith("/static/")
        inline = tag in {"script", "style"} and not ours
        if inline or "style" in given or any(name.startswith(("on", "hx-on")) for name in given):
            self.faults.append(f"inline: <{tag} {given}>")
        self.headings += tag == "h1"
        if "id" in given:
            self.ids.append(given["id"])
        if given.get("href", "").startswith("#"):
            self.anchors.append(given["href"][1:])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        if "style" in dict(attrs):
            self.faults.append(f"inline: <{tag}>")

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> where it does not belong")
            self.open.clear()


def check(stage, handle, name, *args, language="en"):
    response = as_(stage[handle], language).get(reverse(name, args=args))
    assert response.status_code == 200
    html = page_text(response)
    assert Checked(html).faults == []
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    return html


# -- Every state, both languages --------------------------------------------------------------------

#: the way of a proposal; for each step and end of a case the station that it has come to
WAY = (
    "Drafted", "Submitted", "Shortlisted", "Filed", "On the agenda", "Vote", "Credit approval", "Execution",
    "Completed",
)  # fmt: skip
COME_TO = {
    "drafted": "Drafted", "submitted": "Submitted", "shortlisted": "Shortlisted", "filed": "Filed",
    **dict.fromkeys(STEPS[STEPS.index("convened") : STEPS.index("voting")], "On the agenda"),
    "voting": "Vote", "voted": "Vote",
    **dict.fromkeys(STEPS[STEPS.index("carried") : STEPS.index("credit_approved")], "Credit approval"),
    "credit_approved": "Execution", "executing": "Execution", "completed": "Completed",
    "returned": "Submitted", "screened_out": "Shortlisted", "withdrawn": "Filed", "rejected": "Vote",
    "credit_declined": "Credit approval", "terminated": "Execution",
}  # fmt: skip


def way(html):
    """What is said of each station, in order."""
    found = re.findall(
        r'<li class="station station-(\w+)"( aria-current="step")?><span class="station-name">([^<]+)</span>',
        html,
    )
    assert tuple(name for _said, _current, name in found) == WAY
    assert [bool(current) for _said, current, _name in found] == [
        said in ("now", "stopped") for said, _current, _name in found
    ]
    return [said for said, _current, _name in found]


def come_to(station, said):
    """What is behind the station, it itself, what lies ahead."""
    place = WAY.index(station)
    return ["done"] * place + [said] + ["ahead"] * (len(WAY) - place - 1)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("step", STEPS[1:])
def test_a_case_is_shown_at_every_step(request, step, language):
    stage = request.getfixturevalue(step)
    proposal = stage.now(stage.proposal)
    with translation.override(language):
        state = str(proposal.get_state_display())
        after = str(NEXT.get(proposal.state, ""))
    html = check(stage, "handler", "proposal", proposal.pk, language=language)
    assert f">{state}</span>" in html
    assert after in html or step in STEPS[STEPS.index("signed") :]
    if language == "en":
        assert way(html) == come_to(COME_TO[step], "done" if step == "completed" else "now")
    check(stage, "auditor", "desk", language=language)
    if stage.meeting is not None:
        meeting = stage.now(stage.meeting)
        with translation.override(language):
            state = str(meeting.get_state_display())
        assert f">{state}</span>" in check(stage, "chair", "meeting", meeting.pk, language=language)


def _ended(verb, at, **given):
    def build():
        stage = Stage().to(at)
        stage.do(verb, **given)
        return stage

    return build


def _not_carried():
    stage = Stage().to("voting")
    stage.cast("for", "against:Too long", "against:Too long")
    stage.do("close_vote")
    return stage


ENDS = {
    "returned": _ended("return", "submitted", reason="Evidence is missing"),
    "screened_out": _ended("screen_out", "submitted", reason="Not ours"),
    "withdrawn": _ended("withdraw", "convened", reason="Paid in full"),
    "rejected": _not_carried,
    "credit_declined": _ended("decline_credit", "archived", reason="Collateral sold"),
    "terminated": _ended("terminate", "executing", reason="Borrower died"),
    "filed": _ended("cancel_vote", "voting", reason="Papers are missing"),
}
for _name, _build in ENDS.items():
    globals()[f"end_{_name}"] = stages(f"end_{_name}", _build)


@pytest.mark.parametrize("state", ENDS)
def test_a_case_that_ends_otherwise_is_shown_with_its_reason(request, state):
    stage = request.getfixturevalue(f"end_{state}")
    proposal = stage.now(stage.proposal)
    assert proposal.state == state
    for language in ("en", "zh-hans"):
        html = check(stage, "handler", "proposal", proposal.pk, language=language)
        assert not proposal.state_reason or proposal.state_reason in html
        if language == "en":
            assert way(html) == come_to(COME_TO[state], "now" if state == "filed" else "stopped")
    if state in {"withdrawn", "filed", "rejected"}:
        check(stage, "liaison", "meeting", stage.meeting.pk, language="zh-hans")


def test_an_empty_draft_says_what_is_missing(founded):
    founded.proposal = founded.do("draft", plan={})
    html = check(founded, "handler", "proposal", founded.proposal.pk)
    assert "Without a title yet" in html
    loans = reverse("plan-step", args=[founded.proposal.pk, "loans"])
    assert f'<a href="{loans}' in html
    assert "缺少此项" in check(founded, "handler", "proposal", founded.proposal.pk, language="zh-hans")
    check(founded, "handler", "proposals")


@pytest.mark.parametrize("name", ["desk", "proposals", "meetings", "regulation", "streams"])
@pytest.mark.parametrize("step", ["founded", "archived"])
def test_lists_are_shown_full_and_empty(request, step, name):
    for language in ("en", "zh-hans"):
        check(request.getfixturevalue(step), "auditor", name, language=language)


def test_somebody_without_an_office_is_told_so(founded):
    assert "You hold no office" in check(founded, "outsider", "desk")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_login_and_errors_keep_the_policy(language):
    client = Client(headers={"Accept-Language": language})
    for response in (client.get(reverse("login")), client.post(reverse("login"), {"username": "x"})):
        assert Checked(page_text(response)).faults == []
        assert "default-src 'none'" in response["Content-Security-Policy"]


def test_what_is_not_there_is_said_in_the_frame(founded):
    response = as_(founded["chair"], "zh-hans").get("/proposals/999999/")
    assert response.status_code == 404
    assert "未找到此页面" in page_text(response)
    assert Checked(page_text(response)).faults == []
    assert as_(founded["chair"]).get("/nowhere/").status_code == 404


def test_one_language_a_page(archived):
    """In Chinese nothing of the interface stays English; what people wrote stays as they wrote it."""
    html = look(archived["chair"], "meeting", archived.meeting.pk, language="zh-hans")
    text = re.sub(r"<[^>]+>|&\w+;", " ", html.partition("<main")[2].partition(">")[2])
    written = {"Room", "What", "was", "said"} | {*plan()["title"].split()}
    english = {word for word in re.findall(r"[A-Za-z]{3,}", text) if not re.fullmatch(r"[0-9a-f]+", word)}
    assert english - written == set()


# -- Figures and words ------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_plan(submitted):
    html = look(submitted["liaison"], "proposal", submitted.proposal.pk)
    assert "<dd>1,100.00</dd>" in html
    assert "This plan" in html
    assert "Enforcement" in html


@pytest.mark.parametrize(
    ("new_money", "cost", "widths"),
    [("0.00", "0.00", ["100", "26"]), ("5000.00", "0.00", ["0", "100"]), ("5000.00", "9000.00", ["0", "0"])],
)
def test_the_bars_of_a_plan_and_its_alternatives_start_at_zero_and_a_loss_has_none(
    drafted, new_money, cost, widths
):
    given = drafted.plan
    changes = {
        "concessions": given["concessions"] | {"new_money": new_money},
        "alternatives": [given["alternatives"][0] | {"cost": cost}],
    }
    drafted.do("amend", changes=changes)
    html = look(drafted["handler"], "proposal", drafted.proposal.pk)
    figures = html.split('id="figures"')[1].split("</section>")[0]
    assert re.findall(r'class="bar-fill" width="(\d+)"', figures) == widths


def test_the_differences_of_versions_are_listed_field_by_field(submitted):
    submitted.do("return", reason="Evidence is missing")
    submitted.do("amend", changes={"executor": "The head of the sub-branch", "expected_recovery": "900.00"})
    html = look(submitted["handler"], "proposal", submitted.proposal.pk)
    assert "Carried out by" in html
    assert "<ins>The head of the sub-branch</ins>" in html
    assert "<ins>900.00</ins>" in html


def test_a_resubmission_shows_what_counts_and_the_ruling(end_rejected):
    stage = end_rejected
    stage.proposal = stage.do(
        "revise", on=stage.proposal, changes={"measures": ["litigation"], "executor": "Another"}
    )
    stage.do("submit")
    stage.do("shortlist", ruling="Litigation instead of instalments")
    html = look(stage["liaison"], "proposal", stage.proposal.pk)
    assert "another set of measures" in html
    assert "Litigation instead of instalments" in html
    assert "Revises" in html


@pytest.mark.parametrize(
    ("choices", "outcome", "chinese"),
    [
        (("for", "for", "against:No"), "Carried: 2 for, 1 against (2 needed)",
         "通过：同意 2 票、反对 1 票（须 2 票同意）"),
        (("for", "against:No", "against:No"), "Not carried: 1 for, 2 against (2 needed)",
         "未通过：同意 1 票、反对 2 票（须 2 票同意）"),
    ],
)  # fmt: skip
def test_the_resolution_is_told_in_words(voting, choices, outcome, chinese):
    voting.cast(*choices)
    voting.do("close_vote")
    assert outcome in look(voting["seat2"], "meeting", voting.meeting.pk)
    assert chinese in look(voting["seat2"], "meeting", voting.meeting.pk, language="zh-hans")


def test_dates_money_and_ratios_are_written_one_way(founded):
    assert "2026-03-05 Thu 14:00" in lianxi.moment(MEETING)
    with translation.override("zh-hans"):
        assert "2026-03-05 周四 14:00" in lianxi.moment(MEETING)
        assert "2026-03-05 周四" in lianxi.day("2026-03-05")
    assert "just now" in lianxi.ago(START)
    assert lianxi.yuan("1234567.5") == "1,234,567.50"
    assert lianxi.ratio(Decimal("0.3333")) == "33.3 %"
    assert (lianxi.yuan(None), lianxi.moment(None), lianxi.ratio(None)) == ("—", "—", "—")


@pytest.mark.parametrize(
    ("field", "stored", "shown"),
    [
        ("concessions.new_money", "1000.00", "1,000.00"),
        ("loans.rate", "8.40", "8.40 %"),
        ("loans.classification", "doubtful", "Doubtful"),
        ("measures", "instalments", "Instalment agreement"),
        ("schedule.principal.2027", "5000.00", "5,000.00"),
        ("schedule.final_due_on", "2027-06-30", "2027-06-30"),
        ("collateral.valuation", "42000.00", "42,000.00"),
        ("sources", {"kind": "wages", "amount": "10.00"}, "Kind: Wages; Amount: 10.00"),
        ("measures", ["instalments", "litigation"], "Instalment agreement, Litigation"),
        ("guarantees", None, "—"),
    ],
)
def test_a_value_of_a_plan_is_told_in_words(field, stored, shown):
    assert labels.value(field, stored) == shown


def test_a_row_is_named_by_its_key():
    assert labels.row("$.loans[?@.contract_no=='A-1'].principal") == "A-1"
    assert labels.row("$.title") == ""


def test_every_action_in_the_log_has_words(executing):
    written = {*Entry.objects.values_list("action", flat=True)}
    named = re.compile(r"""record\(\s*[\w.()\[\]]+,\s*["'](\w+)["']""")
    for source in Path(settings.BASE_DIR).glob("*/actions/*.py"):
        written |= {*named.findall(source.read_text("utf-8"))}
    written |= {*named.findall((Path(settings.BASE_DIR) / "rehearsal" / "bank.py").read_text("utf-8"))}
    wordless = written - {*ACTIONS}
    assert wordless == set(), f"ACTIONS in office/labels.py needs a row of {sorted(wordless)}"


# -- The minutes' due date --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "days", "due"),
    [
        (date(2026, 3, 5), 2, date(2026, 3, 9)),  # Thursday; Friday, Monday
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # the Saturday is worked, then the Spring Festival
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the National Day
        (date(2026, 3, 7), 0, date(2026, 3, 7)),
    ],
)
def test_minutes_are_due_after_working_days(held, days, due):
    assert workdays.after(held, days) == due


def test_the_desk_says_when_minutes_are_overdue(closed):
    assert overdue.minutes_due(closed.now(closed.meeting)) == date(2026, 3, 9)
    assert "due on 2026-03-09" in look(closed["liaison"], "desk")
    closed.travel("2026-03-10T09:00+08:00")
    assert "overdue since 2026-03-09" in look(closed["liaison"], "desk")


DESKS = {
    "drafted": {"handler": "Drafts"},
    "submitted": {"liaison": "To screen"},
    "shortlisted": {"liaison": "To file with head office"},
    "filed": {
        "liaison": "Filed, waiting for a meeting",
        "chair": "Filed plans waiting for a meeting",
        "head_office": "Recent dockets",
    },
    "convened": {"liaison": "Meetings that need a notice", "seat2": "Meetings to come"},
    "noticed": {"seat2": "Notices to acknowledge", "chair": "Meetings to open"},
    "voting": {"seat2": "Ballots to cast"},
    "voted": {"liaison": "Votes ready to be closed"},
    "closed": {"liaison": "Minutes: to be drafted or signed"},
    "minuted": {"chair": "Minutes to sign", "liaison": "Minutes: to be drafted or signed"},
    "signed": {"liaison": "To distribute, report and archive", "credit": "Carried plans to decide on"},
    "reported": {"head_office": "Reports to receive"},
    "executing": {"handler": "In execution", "handler_head": "In execution"},
}


@pytest.mark.parametrize("step", DESKS)
def test_the_desk_has_what_waits_for_each(request, step):
    stage = request.getfixturevalue(step)
    for handle, section in DESKS[step].items():
        page = look(stage[handle], "desk", kind=slugify(section)).partition("<main")[2]
        assert re.search(rf'<span\s+class="slip-number"\s*>{section}', page), handle


def test_risk_sees_vacant_seats_and_versions(founded):
    founded.do("vacate_seat", seat=3)
    html = look(founded["risk"], "desk")
    assert "Vacant seats" in html
    assert "Version 1" in html


# -- As many statements for three rows as for one ---------------------------------------------------


def one() -> Stage:
    return Stage().to("voting")


def three() -> Stage:
    """Three of everything that one() has one of, in the same states."""
    contracts = ("C-1", "C-2", "C-3")
    stage = Stage()
    stage.plan = plan(*contracts)
    stage.to("filed")
    others = [stage.another(f"D-{number}") for number in range(2)]
    for number in range(2):
        later = stage.another(f"E-{number}")
        stage.convene(later, at=MEETING.replace(day=9 + number))
    stage.meeting = stage.convene(stage.proposal, *others)
    stage.step = "convened"
    stage.to("taken_up")
    for seat in ("chair", "seat2", "seat3"):
        stage.do("record_opinion", seat, text="An opinion")
    stage.to("voting")
    return stage


def both() -> Stage:
    stage = one()
    with clock.frozen(START):
        stage.fuller = three()
    return stage


one_and_three = stages("one_and_three", both)
READERS = ("chair", "seat2", "liaison", "head_office", "risk", "auditor", "handler")


PAGES = ("desk", "proposals", "meetings", "regulation", "proposal", "meeting", "streams", "stream")


@pytest.mark.parametrize("name", PAGES)
def test_statements_do_not_grow_with_rows(one_and_three, name):
    taken = []
    for stage in (one_and_three, one_and_three.fuller):
        args = {
            "proposal": [stage.proposal.pk],
            "meeting": [stage.meeting.pk],
            "stream": [stage.meeting.stream],
        }
        readers = {"meeting": READERS[:-1], "streams": ["auditor"], "stream": ["auditor"]}.get(name, READERS)
        taken.append({handle: queries(stage[handle], name, *args.get(name, [])) for handle in readers})
    few, many = taken
    for handle, statements in few.items():
        assert len(statements) <= MOST, (handle, len(statements))
        assert len(many[handle]) == len(statements), (handle, "\n".join(many[handle]))


@pytest.mark.parametrize("step", ["archived", "executing"])
def test_the_fullest_pages_stay_below_the_limit(request, step):
    stage = request.getfixturevalue(step)
    for handle in ("liaison", "chair", "auditor", "credit"):
        assert len(queries(stage[handle], "meeting", stage.meeting.pk)) <= MOST
        assert len(queries(stage[handle], "proposal", stage.proposal.pk)) <= MOST


# -- The sheet --------------------------------------------------------------------------------------


def test_the_sheet_is_one_and_short():
    sheet = SHEET.read_text("utf-8")
    assert len(sheet.splitlines()) < 1250
    assert {path.name for path in SHEET.parent.glob("*.css")} == {"lianxi.css", "administration.css"}
    assert "administration.css" not in (SHEET.parents[1] / "templates" / "base.html").read_text("utf-8")
    assert not re.search(r"url\(|@import|gradient|!important", sheet)


def _contrast(one, other):
    def light(colour):
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_contrast_is_enough_light_and_dark(theme):
    block = re.findall(r":root[^{]*\{\s*color-scheme[^}]*\}", SHEET.read_text("utf-8"))[theme]
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    assert _contrast(tokens["ink"], tokens["paper"]) >= 7
    for name in ("waiting", "good", "stopped", "information"):
        assert _contrast(tokens[name], tokens[f"{name}-sheet"]) >= 4.5, name
        assert _contrast(tokens[name], tokens["paper"]) >= 4.5, name
    for ground in ("paper", "sheet", "sunk"):
        assert _contrast(tokens["muted"], tokens[ground]) >= 4.5, ground
    assert _contrast(tokens["red"], tokens["paper"]) >= 4.5
