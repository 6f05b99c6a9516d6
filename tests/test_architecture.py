"""What holds across the whole: a test a promise (architecture.md, style.md)."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from audit import clock
from audit.models import Entry
from audit.recording import SYSTEM
from committee.models import Meeting, OpinionDraft, Question
from config.packages import PACKAGES
from office.actions.dispatches import send_dispatch
from proposals.models import Proposal
from regulation.codes import CODES
from tests.stage import ACTIONS, MEETING, START, Stage, head, plan, today, undone
from web.acts import ACTS as EVERY_ACT

ROOT = Path(__file__).resolve().parent.parent
#: from the lowest app with models to the highest
APPS = ("committee", "proposals", "voting", "office", "web", "accounts", "pages")
_TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
PURE: list[str] = next(
    each["source_modules"]
    for each in _TOOLS["importlinter"]["contracts"]
    if each["name"] == "The rules are plain Python"
)


def sources(package: str, *, with_word: str = "") -> Iterator[tuple[str, ast.Module]]:
    """The modules of a package in which the word stands, by name, as syntax trees, without its migrations."""
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if ".migrations" not in name and with_word in (text := path.read_text(encoding="utf-8")):
            yield name, ast.parse(text)


@cache
def modules() -> Mapping[str, ast.Module]:
    """All modules by name, as syntax trees."""
    return {name: tree for package in PACKAGES for name, tree in sources(package)}


# --- entries ---

WHY = {"reason": "Because"}
#: verb → where it is accepted, what it is given, and the entries that it leaves, by kind of stream
MOVES: Mapping[str, tuple[str, Callable[[Stage], dict[str, Any]], dict[str, int]]] = {
    "draft": ("founded", lambda stage: {"plan": plan()}, {"proposal": 1}),
    "amend": ("drafted", lambda stage: {"changes": {"title": "Anew"}}, {"proposal": 1}),
    "submit": ("drafted", lambda stage: {}, {"proposal": 1}),
    "withdraw": ("noticed", lambda stage: WHY, {"proposal": 1, "meeting": 1}),
    "return": ("submitted", lambda stage: WHY, {"proposal": 1}),
    "comment": (
        "submitted", lambda stage: {"field": "$.loans[0].principal", "text": "As of when?"}, {"proposal": 1},
    ),
    "screen_out": ("submitted", lambda stage: WHY, {"proposal": 1}),
    "shortlist": ("submitted", lambda stage: {}, {"proposal": 1}),
    "file_docket": (
        "shortlisted", lambda stage: {"proposals": [stage.proposal]}, {"proposal": 1, "committee": 1},
    ),
    "convene": (
        "filed", lambda stage: {"at": MEETING, "place": "Room 3", "proposals": [stage.proposal]},
        {"proposal": 1, "meeting": 1},
    ),
    "change_meeting": ("noticed", lambda stage: {"place": "Room 4"}, {"meeting": 1}),
    "cancel_meeting": ("noticed", lambda stage: WHY, {"proposal": 1, "meeting": 1}),
    "send_notice": ("convened", lambda stage: {}, {"meeting": 1}),
    "remind_members": ("noticed", lambda stage: {}, {"meeting": 1}),
    "acknowledge": ("noticed", lambda stage: {}, {"meeting": 1}),
    "authorise_proxy": (
        "noticed",
        lambda stage: {
            "holder": stage["deputy2"], "proposals": [stage.proposal], "powers": ["vote"],
            "document": "Signed",
        },
        {"meeting": 1},
    ),
    "sign_in": ("noticed", lambda stage: {}, {"meeting": 1}),
    "sign_out": ("seated", lambda stage: {}, {"meeting": 1}),
    "open_meeting": ("seated", lambda stage: {}, {"meeting": 1}),
    "close_meeting": ("in_session", lambda stage: {}, {"meeting": 1, "proposal": 1}),
    "appoint_acting_chair": ("noticed", lambda stage: {"seat": 2}, {"meeting": 1}),
    "take_up": ("in_session", lambda stage: {}, {"meeting": 1}),
    "admit_observer": ("taken_up", lambda stage: {"observer": stage["handler_head"]}, {"meeting": 1}),
    "read_materials": ("noticed", lambda stage: {}, {"meeting": 1}),
    "record_opinion": ("taken_up", lambda stage: {"text": "Sound"}, {"meeting": 1}),
    "ask_to_speak": ("taken_up", lambda stage: {}, {"meeting": 1}),
    "take_down_opinion": ("taken_up", lambda stage: {"seat": 2, "text": "Sound"}, {"meeting": 1}),
    "declare_conflict": ("noticed", lambda stage: WHY, {"meeting": 1}),
    "request_abstention": ("taken_up", lambda stage: WHY, {"meeting": 1}),
    "propose_cancellation": ("voting", lambda stage: WHY, {"meeting": 1}),
    "open_vote": ("taken_up", lambda stage: {}, {"meeting": 1, "proposal": 1}),
    "cast": ("voting", lambda stage: {"choice": "for"}, {"meeting": 1}),
    "close_vote": ("voted", lambda stage: {}, {"meeting": 1, "proposal": 1}),
    "cancel_vote": ("voting", lambda stage: WHY, {"meeting": 1, "proposal": 1}),
    "open_wall": ("seated", lambda stage: {}, {"meeting": 1}),
    "draft_minutes": ("closed", lambda stage: {"narrative": "Said."}, {"meeting": 1}),
    "amend_minutes": ("minuted", lambda stage: {"narrative": "Said."}, {"meeting": 1}),
    "sign_minutes": ("minuted", lambda stage: {}, {"meeting": 1}),
    "draft_supplement": ("signed", lambda stage: {"narrative": "Read five."}, {"meeting": 1}),
    "distribute": ("signed", lambda stage: {}, {"meeting": 1}),
    "report_decisions": ("signed", lambda stage: {}, {"meeting": 1}),
    "receive_report": ("reported", lambda stage: {}, {"meeting": 1}),
    "draw_up_papers": ("signed", lambda stage: {}, {"meeting": 1}),
    "receive_dispatch": ("distributed", lambda stage: {}, {"meeting": 1}),
    "send_again": ("distributed", lambda stage: {}, {"meeting": 1}),
    "archive": ("reported", lambda stage: {}, {"meeting": 1}),
    "approve_credit": ("signed", lambda stage: {}, {"proposal": 1}),
    "decline_credit": ("signed", lambda stage: WHY, {"proposal": 1}),
    "record_receipt": (
        "credit_approved", lambda stage: {"amount": "5.00", "received_on": today()}, {"proposal": 1},
    ),
    "reverse_receipt": (
        "executing", lambda stage: {"amount": "600.00", "received_on": today(), **WHY}, {"proposal": 1},
    ),
    "terminate": ("executing", lambda stage: WHY, {"proposal": 1}),
    "assign_follow_up": (
        "signed", lambda stage: {"text": "Register the mortgage", "owner": stage["handler"], "due": today()},
        {"proposal": 1},
    ),
    "amend_regulation": (
        "founded", lambda stage: {"changes": {"notice_days": 3}, "effective_from": today()}, {"committee": 1},
    ),
    "publish_interpretation": (
        "founded", lambda stage: {"article": 20, "text_zh": "第二十条按全体席位计算。"}, {"committee": 1},
    ),
    "appoint_liaison": ("noticed", lambda stage: {"person": stage["outsider"]}, {"committee": 1}),
    "appoint_stand_in": (
        "noticed", lambda stage: {"person": stage["outsider"], "since": today(), "until": today()},
        {"committee": 1},
    ),
    "vacate_seat": ("noticed", lambda stage: {"seat": 2}, {"committee": 1, "meeting": 1}),
    "replace_holder": (
        "noticed", lambda stage: {"seat": 2, "holder": stage["outsider"]}, {"committee": 1, "meeting": 1},
    ),
}  # fmt: skip
#: the same for verbs that need another before: that one, and what it is given
AFTER: Mapping[str, tuple[str, str, dict[str, Any], Callable[[Stage], dict[str, Any]], dict[str, int]]] = {
    "deliver_notice": (
        "convened", "send_notice", {"posted": [2]}, lambda stage: {"seat": 2, "received_by": "Office"},
        {"meeting": 1},
    ),
    "revoke_proxy": ("noticed", "authorise_proxy", {}, lambda stage: {}, {"meeting": 1}),
    "withdraw_observer": ("taken_up", "admit_observer", {}, lambda stage: {}, {"meeting": 1}),
    "take_back_wish": ("taken_up", "ask_to_speak", {}, lambda stage: {}, {"meeting": 1}),
    "give_floor": ("taken_up", "ask_to_speak", {}, lambda stage: {"seat": 2}, {"meeting": 1}),
    "end_speech": ("taken_up", "give_floor", {}, lambda stage: {}, {"meeting": 1}),
    "ask_observer": ("taken_up", "admit_observer", {}, lambda stage: {"text": "Why?"}, {"meeting": 1}),
    "answer_question": (
        "taken_up", "ask_observer", {},
        lambda stage: {"question": Question.objects.latest("pk"), "text": "Therefore"}, {"meeting": 1},
    ),
    **{
        verb: (
            "taken_up", "take_down_opinion", {},
            lambda stage: {"draft": OpinionDraft.objects.latest("pk")}, {"meeting": 1},
        )
        for verb in ("confirm_opinion", "decline_opinion")
    },
    "acknowledge_dispatch": ("distributed", "receive_dispatch", {}, lambda stage: {}, {"meeting": 1}),
    "report_follow_up": (
        "signed", "assign_follow_up", {},
        lambda stage: {"follow_up": 1, "text": "Registered, No. 7", "done": True}, {"proposal": 1},
    ),
    "confirm_follow_up": (
        "signed", "report_follow_up", {}, lambda stage: {"follow_up": 1}, {"proposal": 1},
    ),
    "return_follow_up": (
        "signed", "report_follow_up", {}, lambda stage: {"follow_up": 1, **WHY}, {"proposal": 1},
    ),
    "close_wall": ("seated", "open_wall", {}, lambda stage: {}, {"meeting": 1}),
    "grant_abstention": ("taken_up", "request_abstention", {}, lambda stage: {"seat": 2}, {"meeting": 1}),
    "refuse_abstention": ("taken_up", "request_abstention", {}, lambda stage: {"seat": 2}, {"meeting": 1}),
    "sign_supplement": ("signed", "draft_supplement", {}, lambda stage: {}, {"meeting": 1}),
    "end_stand_in": ("noticed", "appoint_stand_in", {}, lambda stage: {}, {"committee": 1}),
    "fill_seat": (
        "noticed", "vacate_seat", {}, lambda stage: {"seat": 2, "holder": stage["outsider"]},
        {"committee": 1, "meeting": 1},
    ),
    "revise": ("voting", "reject", {}, lambda stage: {"changes": {"title": "Anew"}}, {"proposal": 1}),
}  # fmt: skip


def states() -> dict[str, str]:
    """The state of every proposal and meeting, by its stream."""
    rows = [*Proposal.objects.all(), *Meeting.objects.all()]
    return {row.stream: row.state for row in rows}


def prepare(stage: Stage, verb: str) -> None:
    """What the verb needs is done before, and what that needs before it; what is sent has been sent."""
    if ACTIONS[verb][0] == "dispatch" and stage.dispatch.sent_at is None:
        send_dispatch(stage.dispatch, by=SYSTEM)
    if verb in AFTER:
        before = AFTER[verb][1]
        prepare(stage, before)
        given = (MOVES[before][1] if before in MOVES else AFTER[before][3])(stage)
        stage.do(before, **given | AFTER[verb][2])


@pytest.mark.parametrize("verb", [*MOVES, *AFTER])
def test_an_accepted_action_leaves_one_entry_for_each_object_that_it_moves(ground, verb):
    step, given, moved = MOVES[verb] if verb in MOVES else (AFTER[verb][0], *AFTER[verb][3:])
    stage = ground.stage(step, lambda: Stage().to(step))
    with clock.frozen(stage.clock), undone():
        if verb == "revise":
            stage.cast("against:No", "against:No", "for")
            stage.do("close_vote")
        else:
            prepare(stage, verb)
        known, counts = states(), Counter(Entry.objects.values_list("stream", flat=True))
        stage.do(verb, **given(stage))
        added = Counter(Entry.objects.values_list("stream", flat=True)) - counts
        assert Counter(stream.partition(":")[0] for stream in added) == moved
        assert set(added.values()) == {1}
        changed = {stream for stream, state in states().items() if known.get(stream) != state}
        assert changed <= set(added)
        assert set(Entry.objects.filter(stream__in=added).values_list("actor", flat=True)) <= {
            "system", *(str(person.pk) for person in stage.people.values()),
        }  # fmt: skip


def test_every_verb_is_among_them():
    tried = set(MOVES) | set(AFTER)
    assert tried == set(ACTIONS), f"MOVES or AFTER above needs a row of {sorted(set(ACTIONS) ^ tried)}"


def test_a_refused_action_leaves_a_line_in_the_log_of_refusals_and_nothing_else(filed, caplog):
    before = head(filed.proposal.stream)
    filed.refused("9/only-chair", "convene", "liaison", at=MEETING, place="x", proposals=[filed.proposal])
    assert head(filed.proposal.stream) == before
    (line,) = [row for row in caplog.records if row.name == "lianxi.refused"]
    assert line.getMessage().startswith("9/only-chair: proposals.actions.agenda.convene by person")
    assert str(filed["liaison"].pk) in line.getMessage()


# --- transitions ---

VARIABLES = {
    "proposal": "Proposal", "meeting": "Meeting", "vote": "Vote", "minutes": "Minutes", "tape": "Tape",
    "warning": "Warning", "supervision": "Supervision", "admonishment": "Admonishment",
    "target_set": "TargetSet", "task": "Task", "accountability": "Accountability",
}  # fmt: skip
#: withdrawing the last plan of a convened meeting cancels it (Art. 13), beside the chair's own cancelling
SHARED = {"Meeting.cancel": {"proposals.actions.agenda", "proposals.actions.plans"}}


def transitions() -> set[str]:
    """Every transition declared on a model."""
    return {
        f"{node.name}.{method.name}"
        for name, tree in modules().items()
        if ".models" in name
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and any(
            isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "transition"
            for mark in method.decorator_list
        )
    }


def test_each_transition_is_made_by_one_module_of_actions():
    declared, used = transitions(), defaultdict(set)
    for name, tree in modules().items():
        if ".models" not in name:
            for made in _made(tree):
                used[made].add(name)
    assert {made for made in used if made in declared} == declared
    assert len(declared) > 25
    for made in declared:
        places = used[made]
        assert all(".actions." in place for place in places), (made, places)
        assert places == SHARED.get(made, places), (made, places)
        assert len(places) == 1 or made in SHARED, (made, places)


def _made(tree: ast.AST) -> Iterator[str]:
    """What is called on a variable named as its model, and what `transition_all` calls on each."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{VARIABLES.get(node.value.id)}.{node.attr}"
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "transition_all"
        ):
            told = node.args[1]
            yield f"Proposal.{told.value if isinstance(told, ast.Constant) else told}"


def test_a_state_is_written_by_transitions_alone():
    """No action assigns `.state` of a protected model, or updates it in a query."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    parts = target.elts if isinstance(target, ast.Tuple) else [target]
                    written = {
                        part.value.id
                        for part in parts
                        if isinstance(part, ast.Attribute)
                        and part.attr == "state"
                        and isinstance(part.value, ast.Name)
                    }
                    assert not written & VARIABLES.keys(), name


# --- directions ---


def test_no_lower_app_uses_a_reverse_accessor_of_an_upper_one():
    """import-linter cannot see `item.proposal`, so the names hung on lower models are looked for."""
    for number, app in enumerate(APPS):
        names = {
            relation.name
            for model in apps.get_app_config(app).get_models()
            for relation in model._meta.related_objects
            if relation.related_model._meta.app_label in APPS[number + 1 :] and not relation.hidden
        }
        own = {
            field.name
            for model in apps.get_app_config(app).get_models()
            for field in model._meta.get_fields()
            if field.concrete or not field.auto_created
        }
        for module, tree in modules().items():
            if module.split(".")[0] not in APPS[: number + 1]:
                continue
            used = {found for found in _mentions(tree) if found in names - own}
            assert used == set(), (module, used)


def _mentions(tree: ast.AST) -> Iterator[str]:
    """The attributes of rows, and the first and inner steps of lookups."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _is_module(node.value):
            yield node.attr
        if isinstance(node, ast.keyword) and node.arg and "__" in node.arg:
            yield from node.arg.split("__")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "__" in node.value:
            yield from node.value.split("__")


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in {"models", "_S", "_M", "self"}


def test_the_rules_are_plain_python():
    """Neither they nor what they import of ours imports Django, the driver or what sits on them."""
    waiting = [
        name for name in modules() if any(name == pure or name.startswith(f"{pure}.") for pure in PURE)
    ]
    seen = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for imported in _imports(modules()[name]):
            top = imported.split(".")[0]
            assert top not in {"django", "psycopg", "guardian", "django_fsm", "procrastinate"}, (
                name,
                imported,
            )
            if top in PACKAGES:
                waiting += [
                    module for module in (imported, imported.rpartition(".")[0]) if module in modules()
                ]
    assert {"regulation.codes", "proposals.plan", "voting.tally"} <= seen


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# --- actions ---


def decorated() -> list[tuple[str, ast.FunctionDef]]:
    return [
        (f"{name}.{node.name}", node)
        for package in PACKAGES
        for name, tree in sources(package, with_word="@action")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "action" for mark in node.decorator_list)
    ]


@pytest.mark.parametrize(
    ("name", "node"), decorated(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_action_takes_by_as_a_keyword_and_names_known_codes(name, node):
    keywords = {
        argument.arg: default
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    }
    assert "by" in keywords
    assert keywords["by"] is None  # no default: somebody always acts
    assert len(node.args.args) <= 1
    said = ast.get_docstring(node) or ("" if node.name.startswith("_") else None)
    assert said is not None, name
    codes = set(re.findall(r"`([a-z0-9.]+/[a-z-]+)`", said))
    assert codes <= set(CODES), (name, codes - set(CODES))


@pytest.mark.parametrize("verb", ACTIONS)
def test_the_docstring_of_a_verb_names_its_officers_refusal(verb):
    from tests.test_permissions import ACTS

    assert f"`{ACTS[verb].code}`" in (inspect.getdoc(ACTIONS[verb][2]) or ""), verb


#: modules of actions that no officer of a committee does: what the administrator sets up, what needs a
#: person's own key, and what auditors note
SET_UP = {"exceptions", "founding", "people", "disposal", "exporting", "signing", "keys"}
#: actions that are no officer's, and a verb in parts, which the worker does for whoever asked for the whole
BY_THE_SYSTEM = {
    "committee.actions.liaison.switch_liaison",
    "office.actions.dispatches.send_dispatch",
    "office.actions.papers.draw_up_some",
}
#: how the pages come to a verb, `amend_regulation`: by two officers (tests/committee/test_amendments.py)
BEFORE_A_VERB = {f"committee.actions.regulation.{act}_amendment" for act in ("draft", "publish", "discard")}


def test_the_verbs_of_the_stage_are_all_the_actions_of_the_engine():
    played = {act.do.__wrapped__.__code__ for act in EVERY_ACT.values()}
    for app in APPS:
        for name, _ in decorated():
            if (
                not name.startswith(f"{app}.actions.")
                or name.split(".")[2] in SET_UP
                or name in BY_THE_SYSTEM | BEFORE_A_VERB
            ):
                continue
            module, _, function = name.rpartition(".")
            found = getattr(__import__(module, fromlist=[function]), function)
            assert found.__wrapped__.__code__ in played, name


# --- addresses ---

#: pages without a login
OPEN = {
    "login", "display", "calendar-feed", "room-screen", "room-screen-version", "verify-file", "manifest",
    "worker", "offline",
}  # fmt: skip


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str | None, str]]:
    """Every pattern's name and an address that fits it."""
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, route)
        elif isinstance(entry, URLPattern):
            route = re.sub(r"\(\?P<\w+>(\w+)\)", r"\1", route)
            route = re.sub(r"\(\?P<\w+>\[0-9\][^)]*\)", "1", route)
            route = re.sub(r"\(\?P<\w+>\[[a-z_-]+\]\+\)", "word", route)
            route = re.sub(r"\(\?P<\w+>[^)]*\)", "proposal:1", route).replace("^", "").replace("$", "")
            yield entry.name, "/" + re.sub(r"<(?:\w+:)?\w+>", "1", route)


def test_every_address_needs_a_login_or_is_on_the_list(db):
    found = dict(addresses(get_resolver()))
    assert set(found) >= OPEN
    assert len(found) > 5
    for name, address in found.items():
        response = Client().get(address)
        asked = response.status_code == 302 and response["Location"].startswith("/login/?next=")
        asked = asked or (response.status_code == 401 and address.startswith("/api/"))
        assert asked is (name not in OPEN), name


# --- queries ---


def queries(stage: Stage, verb: str, by: str | None = None, on: Any = None, **given: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        stage.do(verb, by, on, **given)
    return len(captured)


def with_items(count: int) -> tuple[Stage, list[Proposal]]:
    """A stage with so many filed plans."""
    stage = Stage().to("filed")
    return stage, [stage.proposal, *(stage.another(f"C-{number + 2}") for number in range(count - 1))]


def life_of_a_meeting(count: int) -> dict[str, int]:
    """The statements of each verb on a meeting with so many items."""
    found = {}
    with clock.frozen(START), undone():
        stage = Stage().to("shortlisted")
        cases = [stage.proposal, *(stage.another(f"C-{n + 2}", to="shortlisted") for n in range(count - 1))]
        extra = [stage.another(f"X-{n}") for n in range(count)]
        found["file_docket"] = queries(stage, "file_docket", proposals=cases)
        found["convene"] = queries(stage, "convene", at=MEETING, place="Room 3", proposals=cases)
        stage.meeting = Meeting.objects.get(committee=stage.committee)
        found["change_meeting, more"] = queries(stage, "change_meeting", proposals=[*cases, *extra])
        found["change_meeting, fewer"] = queries(stage, "change_meeting", proposals=cases)
        found["send_notice"] = queries(stage, "send_notice")
        given = {"proposals": cases, "powers": ["vote"], "document": "Signed"}
        found["authorise_proxy"] = queries(
            stage, "authorise_proxy", "seat3", holder=stage["deputy3"], **given
        )
        found["revoke_proxy"] = queries(stage, "revoke_proxy", "seat3")
        stage.do("authorise_proxy", "seat3", holder=stage["deputy3"], **given)
        stage.travel(MEETING)
        stage.sign_in("chair", "seat2", "deputy3")
        found["sign_in of the principal"] = queries(stage, "sign_in", "seat3")
        found["open_meeting"] = queries(stage, "open_meeting")
        for case in cases[1:]:
            stage.do("take_up", on=case)
            stage.do("open_vote", on=case)
            for handle in stage.seats:
                stage.do("cast", handle, on=case, choice="against", reason="No")
            stage.do("close_vote", on=case)
        found["take_up"] = queries(stage, "take_up")
        found["vacate_seat"] = queries(stage, "vacate_seat", seat=2)
        found["close_meeting"] = queries(stage, "close_meeting")
        found["draft_minutes"] = queries(stage, "draft_minutes", narrative="Said.")
        found["sign_minutes"] = queries(stage, "sign_minutes")
        found["distribute"] = queries(stage, "distribute")
        found["report_decisions"] = queries(stage, "report_decisions")
        found["archive"] = queries(stage, "archive")
    return found


def test_the_statements_of_an_action_do_not_grow_with_the_items(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        assert life_of_a_meeting(3) == life_of_a_meeting(1)


def without_a_vote(count: int) -> dict[str, int]:
    """The statements of ending a meeting with so many items that were not voted on."""
    found = {}
    with clock.frozen(START), undone():
        stage, cases = with_items(count)
        stage.meeting = stage.convene(*cases)
        found["cancel_meeting"] = queries(stage, "cancel_meeting", reason="Ill")
        stage.meeting = stage.convene(*cases, at=START + timedelta(days=4))
        stage.do("send_notice")
        stage.travel(START + timedelta(days=4))
        stage.sign_in()
        stage.do("open_meeting")
        found["close_meeting"] = queries(stage, "close_meeting")
    return found


def test_nor_does_ending_a_meeting_without_a_vote(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        assert without_a_vote(3) == without_a_vote(1)


def with_seats(seats: int) -> dict[str, int]:
    """The statements of the verbs of a vote with so many seats, but two of them by proxies without `vote`."""
    found = {}
    with clock.frozen(START), undone():
        stage = Stage(seats=seats, votes_to_pass=3).to("convened")
        found["send_notice"] = queries(stage, "send_notice")
        given = {"proposals": [stage.proposal], "powers": ["attend"], "document": "Signed"}
        away = stage.seats[2:]
        for handle in away:
            deputy = handle.replace("seat", "deputy")
            stage.do("authorise_proxy", handle, holder=stage[deputy], **given)
        stage.travel(MEETING)
        stage.sign_in("chair", "seat2", *(handle.replace("seat", "deputy") for handle in away))
        found["open_meeting"] = queries(stage, "open_meeting")
        found["take_up"] = queries(stage, "take_up")
        found["open_vote"] = queries(stage, "open_vote")
        found["cast"] = queries(stage, "cast", "chair", choice="for")
        with undone():
            found["cancel_vote"] = queries(stage, "cancel_vote", reason="Papers missing")
        stage.do("cast", "seat2", choice="for")
        found["close_vote"] = queries(stage, "close_vote")
        stage.do("close_meeting")
        found["draft_minutes"] = queries(stage, "draft_minutes", narrative="Said.")
    return found


def test_the_statements_of_a_vote_do_not_grow_with_the_seats(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        assert with_seats(5) == with_seats(3)


def contracts(count: int) -> dict[str, int]:
    """The statements of the verbs on a plan of so many loans, resubmitted after as many rejections."""
    found = {}
    with clock.frozen(START), undone():
        stage = Stage()
        document = plan(*(f"C-{number}" for number in range(count)))
        found["draft"] = queries(stage, "draft", plan=document)
        stage.proposal = Proposal.objects.get(committee=stage.committee)
        found["amend"] = queries(stage, "amend", changes={"title": "Anew"})
        found["submit"] = queries(stage, "submit")
        found["withdraw"] = queries(stage, "withdraw", reason="Paid")
    return found


def test_nor_those_of_a_plan_with_its_loans(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        assert contracts(3) == contracts(1)


def test_a_ballot_takes_at_most_twelve_statements(voting):
    voting.do("cast", "chair", choice="for")  # what Django caches for good is cached now
    with CaptureQueriesContext(connection) as captured:
        voting.do("cast", "seat2", choice="for", key="k-1")
    statements = [row["sql"] for row in captured if not re.match("SAVEPOINT|RELEASE", row["sql"])]
    assert len(statements) <= 12, "\n".join(statements)
