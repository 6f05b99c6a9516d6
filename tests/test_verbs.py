"""The tables of acts are the one truth of verbs: pages, programs, rehearsals and documents have each."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import resolve, reverse

from api.verbs import VERBS
from committee import permissions as of_committee
from office import permissions as of_office
from office.labels import ACTIONS
from portfolio import permissions as of_portfolio
from proposals import permissions as of_proposals
from rehearsal.verbs import VERBS as REHEARSED
from voting import permissions as of_voting
from web import offers
from web.acts import ACTS

ROOT = Path(__file__).resolve().parent.parent
TABLES = (of_committee.ACTS, of_portfolio.ACTS, of_proposals.ACTS, of_voting.ACTS, of_office.ACTS)

#: the verbs that stand among no buttons, and the page on which each is done
ON_PAGES = {
    "file_docket": ("docket-new", [1]),
    "vacate_seat": ("roster-seat", [1, 1]),
    "fill_seat": ("roster-seat", [1, 1]),
    "replace_holder": ("roster-seat", [1, 1]),
    "close_wall": ("room-screen-link", [1]),
}
#: acts on the ledger that are done on a page of its own, or by programs alone
LEDGER_APART = {
    "hand_in_tape": "the page of tapes takes a file: pages/portfolio/tapes",
    "assign_duty": "the pages of duties: pages/portfolio/duties",
    "hand_over_loans": "the pages of duties",
    "correct_duty": "the pages of duties",
    "assign_task": "by programs and rehearsals: it has no page yet",
    "list_for_review": "by programs and rehearsals: reviews have no page yet",
    "serve_review": "as list_for_review",
    "set_recovery_limit": "as list_for_review",
    "confirm_recovery": "as list_for_review",
    "record_measures": "as list_for_review",
    "close_review": "as list_for_review",
}
#: the verbs that two people do on pages: on this one, by this function
BY_TWO = {"amend_regulation": ("amendment", "publish_amendment")}
#: the verbs that are done with a key where minutes are signed electronically: on this page, by this function
WITH_A_KEY = {
    "sign_minutes": ("minutes-sign", "sign_electronically"),
    "sign_supplement": ("supplement-sign", "sign_supplement_electronically"),
}
#: what a program names by a number within the object, and the action takes as a row
BY_NUMBER = {"confirm_opinion": {"seat": "draft"}, "decline_opinion": {"seat": "draft"}}


def test_no_verb_is_in_two_tables():
    assert len(ACTS) == sum(len(table) for table in TABLES)


@pytest.mark.parametrize("verb", ACTS)
def test_an_action_takes_what_the_table_says(verb):
    act = ACTS[verb]
    _subject, *parameters = inspect.signature(act.do).parameters.values()
    named = BY_NUMBER.get(verb, {})
    needed = {each.name for each in parameters if each.default is each.empty} - {"by"}
    assert {named.get(name, name) for name in act.takes} == needed
    assert {named.get(name, name) for name in act.optional} <= {each.name for each in parameters} - needed


def lacking(verbs: set[str]) -> dict[str, set[str]]:
    """Where some of the verbs are missing, or others are."""
    shown = (
        {offer.act or offer.verb for offer in offers._all_offers()}
        | ON_PAGES.keys()
        | BY_TWO.keys()
        | LEDGER_APART.keys()
    )
    manual = (ROOT / "docs" / "rehearsals.md").read_text(encoding="utf-8").partition("| do | arguments |")[2]
    told = re.findall(r"^\| `(\w+)` \|", manual, re.MULTILINE)
    places = {"pages": shown, "api": set(VERBS), "rehearsals": set(REHEARSED), "documentation": set(told)}
    places["log"] = verbs & ACTIONS.keys()
    return {place: verbs ^ there for place, there in places.items() if verbs ^ there}


def test_every_verb_is_on_pages_in_the_api_in_rehearsals_and_in_the_documentation():
    assert lacking(set(ACTS)) == {}, "docs/where.md says where a verb stands"


def test_a_verb_that_only_the_table_has_is_found_lacking_everywhere():
    assert lacking({*ACTS, "dance"}).keys() == {"pages", "api", "rehearsals", "documentation", "log"}


def test_no_program_is_asked_for_a_pin():
    """A PIN has no place in a request or a file: docs/decisions.md, "Signed minutes"."""
    asked = {verb for verb, act in ACTS.items() if {"pin", "key"} & {*act.takes, *act.optional}}
    assert asked == set()
    refused = {verb for verb, act in ACTS.items() if "document/pin-required" in inspect.getsource(act.do)}
    assert refused == WITH_A_KEY.keys()


@pytest.mark.parametrize("verb", WITH_A_KEY)
def test_what_is_done_with_a_key_is_done_on_its_page(verb):
    page, does = WITH_A_KEY[verb]
    view: Any = inspect.unwrap(resolve(reverse(page, args=[1])).func)
    assert f"{does}(" in inspect.getsource(inspect.getmodule(view))


@pytest.mark.parametrize("verb", BY_TWO)
def test_what_two_people_do_is_done_on_its_page(verb):
    page, does = BY_TWO[verb]
    view: Any = inspect.unwrap(resolve(reverse(page, args=[1, 1])).func)
    assert f"{does}(" in inspect.getsource(inspect.getmodule(view))


@pytest.mark.parametrize("verb", ON_PAGES)
def test_a_verb_without_a_button_is_done_on_its_page(verb):
    page, arguments = ON_PAGES[verb]
    view: Any = inspect.unwrap(resolve(reverse(page, args=arguments)).func)
    assert f"{ACTS[verb].do.__name__}(" in inspect.getsource(inspect.getmodule(view))


REMOVED = "shortlist"
#: what each of those that read the tables says when a verb is gone
WITHOUT = """
import os, sys
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from docs import actions_table, generate
from rehearsal.files import load
from web import offers
from web.problems import Invalid
failed = []
try:
    list(offers._all_offers())
except KeyError as error:
    failed.append(f"pages: {error.args[0]}")
from api.verbs import VERBS
if sys.argv[1] not in VERBS:
    failed.append("api: unknown")
try:
    load(Path("rehearsal/cases/01-lanshan-instalments.json"))
except Invalid as fault:
    failed.append(f"rehearsals: {fault.path}")
rows = actions_table.acts(Path())
failed += actions_table.faults(actions_table.search(Path()), rows)
failed += generate.stale(Path(), {"docs/rehearsals.md": actions_table.rehearsed(Path(), rows)[0]})
print(*failed, sep="\\n")
"""


def test_without_its_row_a_verb_is_missed_by_pages_api_rehearsals_and_documentation(tmp_path):
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "var", "tests", "locale", "static"))
    table = tree / "proposals/permissions.py"
    table.write_text(without(table.read_text(encoding="utf-8"), REMOVED), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, REMOVED], cwd=tree, capture_output=True, text=True, check=False
    )
    assert ran.stdout.splitlines() == [
        f"pages: {REMOVED}",
        "api: unknown",
        "rehearsals: $.steps[2].do",
        f"proposals.actions.screening.{REMOVED}: in no table of acts",
        "docs/rehearsals.md is stale: run python -m docs.generate",
    ], ran.stderr


def without(source: str, verb: str) -> str:
    """The source of a table without the row of the verb."""
    lines = source.splitlines(keepends=True)
    (key, row) = next(
        (key, row)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Dict)
        for key, row in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == verb
    )
    return "".join(lines[: key.lineno - 1] + lines[row.end_lineno :])


# --- what an action begins with ---

#: what `committee/beginning.py` and `proposals/beginning.py` do, in their order
STEPS = {
    "lock_committee", "lock_meeting", "lock_proposal", "lock_proposals", "lock_tabled",
    "require_visible", "require_officer", "permit",
}  # fmt: skip
#: the functions of actions that take some of these steps themselves; each says why
THEIR_OWN = {
    "cast": {"lock_tabled", "lock_proposal"},
    "_require_seat": {"require_visible"},
    "_acting": {"require_visible"},
    "_begin_to_change": {"lock_proposals", "require_visible", "permit"},
    "switch_liaison": {"lock_committee"},
    "_locked": {"lock_meeting"},
    "attach": {"lock_proposal"},
    "detach": {"lock_proposal"},
    "export_archive": {"lock_meeting"},
    # the ledger's, whose officers are told by the place of their institution in the tree
    "_permit": {"permit"},
    "amend_policy": {"permit"},
}
#: the verbs that do not begin as the others
APART = {"cast", "draft", "change_meeting"}
#: those on tapes and duties, which lock the bank's ledger before any row
LOCK_THE_BANK = {
    "hand_in_tape", "release_tape", "discard_tape", "assign_duty", "hand_over_loans", "correct_duty",
}  # fmt: skip


def functions(path: Path) -> dict[str, set[str]]:
    """Each function of the module, with the names that it calls."""
    return {
        node.name: {
            called.func.id
            for called in ast.walk(node)
            if isinstance(called, ast.Call) and isinstance(called.func, ast.Name)
        }
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def test_what_actions_begin_with_stands_in_the_beginnings_alone():
    own = {
        name: called & STEPS
        for path in sorted(ROOT.glob("*/actions/*.py"))
        for name, called in functions(path).items()
        if called & STEPS
    }
    assert own == THEIR_OWN


@pytest.mark.parametrize("verb", sorted(ACTS.keys() - APART - LOCK_THE_BANK))
def test_an_action_begins_in_one_call(verb):
    action: Callable[..., Any] = ACTS[verb].do
    called = functions(Path(inspect.getfile(inspect.unwrap(action))))
    seen, waiting = set[str](), {action.__name__}
    while waiting:
        seen |= waiting
        waiting = {name for each in waiting for name in called.get(each, ())} - seen
    assert len({name for name in seen - ACTS.keys() if name.startswith("begin_")}) == 1, seen
