"""The table docs/regulation.md: article, what is enforced, refusal, where it is raised, tests that reach it.

Nothing that is searched is imported: sources are read as syntax trees. A code is raised where its literal
stands in the packages, other than in a comparison. A test reaches a code when the literal stands in it, in
its decorators, or in a helper or table of its module that it uses; or when a rehearsal expects it. A test
reaches an article when it is marked ``@pytest.mark.article("20.1")``.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regulation.articles import ARTICLES, citation
from regulation.codes import CODES

PACKAGES = (
    "regulation",
    "audit",
    "documents",
    "committee",
    "proposals",
    "voting",
    "sheets",
    "office",
    "web",
    "accounts",
    "api",
    "pages",
    "rehearsal",
    "config",
)
#: What tests the wordings and this table, and so names codes without reaching the rules behind them.
ABOUT_CODES = frozenset({"tests/regulation/test_codes.py", "tests/regulation/test_regulation_table.py"})
#: So many tests are named in a row; the others are counted.
NAMED = 6

#: What is enforced, in short: by code, and by article for what has no refusal of its own.
ENFORCED: Mapping[str, str] = {
    "1": "Days since submission, total recovery and net present value are shown against each alternative",
    "2": "Screening, collective resolution, credit approval: there is no way around any of the three",
    "3": "A committee has `seats` seats, one of them the chair's",
    "4/too-many-seats": "No seat beyond `seats`",
    "4/one-seat-per-person": "One person holds at most one seat",
    "5/liaison-may-not-sit": "The one active liaison holds no seat and no proxy",
    "6/not-non-performing": "Every loan is substandard, doubtful or loss",
    "7/no-condition": "At least one of the six conditions is claimed",
    "7/evidence-required": "Each condition claimed has its evidence",
    "7.6/not-recognised": "Special circumstances alone are recognised in a vote of their own first",
    "8": "The interest kept and the value of the plan are shown beside each alternative",
    "9/only-chair": "Convening, presiding, opening and cancelling votes, granting, signing are the chair's",
    "9/chair-absent": "Whoever presides is signed in",
    "10/not-present": "Opinions, requests and ballots are those of people present",
    "10.5/unclear-choice": "A choice is for, against or abstain",
    "11/document-required": "A proxy has a written authorisation",
    "11/scope-required": "The authorisation names items and powers",
    "11/holder-not-eligible": "A holder is no member, liaison or of the handling institution, with at most "
    "`proxies_per_holder`",
    "11/out-of-scope": "A proxy acts within the items and powers given",
    "11/after-vote-opened": "No proxy is given or revoked once a vote on a covered item has opened",
    "11/principal-present": "A principal who has come acts; the holder does not",
    "12/only-liaison": "Screening, filing, notifying, counting, reporting, archiving are the liaison's",
    "12.6/archive-incomplete": "An archive has every paper from docket to report",
    "13/not-handling-institution": "A plan is a matter of the handlers of its institution",
    "13/already-submitted": "A contract stands in one live plan of the bank",
    "13/reason-required": "Withdrawing a plan and reversing a receipt have a reason",
    "14/reason-required": "Returning, screening out and terminating have a reason",
    "14/not-shortlisted": "Only shortlisted plans go on the docket",
    "14/not-filed": "Only plans on a filed docket go on an agenda",
    "15/no-items": "A meeting has an item",
    "15/notice-too-short": "`notice_days` calendar days lie between notice and meeting",
    "15/emergency-reason-required": "An emergency meeting has its reason",
    "15/reason-required": "Cancelling a meeting has a reason",
    "16/no-notice": "A meeting opens on a notice delivered to every filled seat",
    "16/notice-superseded": "A changed meeting needs a new notice",
    "16/materials-changed": "The plan voted on is, by digest, the plan delivered",
    "17": "The desk shows how long each filed plan has waited",
    "18/not-deliberated": "An item is taken up before opinions, requests and the vote",
    "19/not-handling-head": "The observer is the head of the handling institution",
    "19/observer-present": "No opinion and no vote while the observer is in the room",
    "20/vote-not-open": "Ballots are cast in an open vote, and only an open vote is closed",
    "20.1/not-all-present": "Every seat is represented at opening, at a vote's opening and at each ballot",
    "20.1/no-seat": "A seat's acts are its holder's or its proxy's",
    "20.1/already-voted": "One seat, one ballot for each vote",
    "20.1/ballots-missing": "A vote closes when every seat has voted",
    "20.2": "Carried when the votes for are at least `votes_to_pass`, never rescaled",
    "20.3/reason-required": "Abstention requests, conflicts and cancellations have a reason",
    "20.3/consent-required": "Abstaining takes consent given before",
    "20.3/no-request": "Only a pending request is decided",
    "20.3/own-request": "Nobody decides a request of their own",
    "20.3/conflict": "A conflicted seat only abstains",
    "20.4/reason-required": "A ballot against states its reason",
    "21/minutes-not-signed": "Minutes are distributed, reported and archived once signed",
    "21/already-effective": "Signed minutes never change",
    "22/only-credit-department": "Credit approval is the credit approval department's",
    "22/no-effective-resolution": "Credit approval rests on a resolution in effect",
    "22/terms-deviate": "The terms approved are the terms resolved",
    "22/reason-required": "Declining has a reason",
    "23/no-substantive-change": "A resubmission differs in substance from each rejected plan of a contract",
    "23/ruling-required": "Shortlisting a resubmission takes the liaison's ruling",
    "24/only-risk-department": "The risk department alone interprets and amends",
    "24/invalid-regulation": "Each version is a valid set of numbers, effective from today or later",
    "25/not-in-force": "Nothing is convened before the first version is in force",
    "access/not-found": "What a person may not see does not exist for that person",
    "access/denied": "What a role may not do is refused",
    "state/not-allowed": "An act fits the state of its object",
    "plan/incomplete": "A plan submitted is complete",
    "plan/unbalanced": "A plan's figures agree",
    "plan/invalid": "A plan has known keys and sound values, and its dates run forward",
    "receipt/invalid": "A receipt is an amount above zero, not of the future; a reversal matches one",
}


@dataclass
class Found:
    """What the search of a tree found, each place as text in order of its name."""

    raised: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    cited: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    tests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def search(root: Path) -> Found:
    """Where under ``root`` each code is raised, each article cited in a docstring, and either tested."""
    found = Found()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if path.name != "codes.py" or package != "regulation":
                _search_source(path, path.relative_to(root), found)
    for path in sorted((root / "tests").rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        if relative not in ABOUT_CODES:
            _search_tests(ast.parse(path.read_text(encoding="utf-8")), relative, found)
    for folder in ("rehearsal/cases", "tests"):
        for path in sorted((root / folder).rglob("*.json")):
            for code in _expected(path):
                found.tests[code].add(path.relative_to(root).as_posix())
    return found


def _search_source(path: Path, relative: Path, found: Found) -> None:
    module = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")

    def visit(node: ast.AST, place: str) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            separator = "." if ":" in place else ":"
            place = f"{place}{separator}{node.name}"
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)):
            for article in _cited(ast.get_docstring(node) or ""):
                found.cited[article].add(place)
        if isinstance(node, (ast.Compare, ast.MatchValue)):
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in CODES:
            found.raised[node.value].add(place)
        for child in ast.iter_child_nodes(node):
            visit(child, place)

    visit(ast.parse(path.read_text(encoding="utf-8")), module)


def _cited(docstring: str) -> Iterator[str]:
    """The articles that "Art. 3, 4", "Art. 20(2)" and "Art. 20.2" cite: "3", "4", "20.2"."""
    one = r"\d+(?:\(\d\)|\.\d)?"
    for run in re.findall(rf"\bArt\. ?({one}(?:(?:, | and ){one})*)", docstring):
        for number, item in re.findall(r"(\d+)(?:[(.](\d)\)?)?", run):
            yield f"{number}.{item}" if item else number


def _search_tests(tree: ast.Module, relative: str, found: Found) -> None:
    helpers = _helpers(tree)
    module_marks = {mark for node in tree.body if _assigns(node, "pytestmark") for mark in _marks([node])}

    def enter(body: Iterable[ast.stmt], place: str, marks: frozenset[str]) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                enter(node.body, f"{place}::{node.name}", marks | set(_marks(node.decorator_list)))
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
                for key in _reached(node, helpers) | marks | set(_marks(node.decorator_list)):
                    found.tests[key].add(f"{place}::{node.name}")
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                for name in _state_machine_tests(node):
                    for key in _reached(node, helpers) | marks:
                        found.tests[key].add(f"{place}::{name}")

    enter(tree.body, relative, frozenset(module_marks))


def _state_machine_tests(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    """The name TestX of "TestX = Machine.TestCase", hypothesis' way to make a state machine a test."""
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Name) and target.id.startswith("Test"):
            yield target.id


def _assigns(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == name for target in node.targets
    )


def _helpers(tree: ast.Module) -> dict[str, ast.stmt]:
    """The module's own functions, classes, fixtures and tables by name, other than its tests."""
    helpers: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if not node.name.lower().startswith("test"):
                helpers[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    helpers[target.id] = node
    return helpers


def _reached(test: ast.stmt, helpers: Mapping[str, ast.stmt]) -> set[str]:
    """The codes whose literal stands in the test, or in what it uses of its module, however far."""
    codes: set[str] = set()
    waiting, seen = [test], {id(test)}
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in CODES:
                codes.add(node.value)
            name = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else None
            helper = helpers.get(name) if name else None
            if helper is not None and id(helper) not in seen:
                seen.add(id(helper))
                waiting.append(helper)
    return codes


def _marks(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The articles of pytest.mark.article("20.1", …) among these nodes."""
    for root in nodes:
        for node in ast.walk(root):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "article"
            ):
                yield from (
                    str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)
                )


def _expected(path: Path) -> set[str]:
    """The codes that a rehearsal expects; none for another JSON file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    steps = document.get("steps") if isinstance(document, dict) else None
    if not isinstance(steps, list):
        return set()
    return {step["expect"] for step in steps if isinstance(step, dict) and step.get("expect") in CODES}


def rows() -> list[str]:
    """The keys of the table in order of the articles, the general codes last."""

    def order(key: str) -> tuple[int, int, int]:
        article = key.partition("/")[0]
        number, _, item = article.partition(".")
        position = list(ENFORCED).index(key)
        return (
            (int(number), int(item or 0), position) if number.isdigit() else (len(ARTICLES) + 1, 0, position)
        )

    return sorted(ENFORCED, key=order)


def table(found: Found) -> str:
    """The page, the same bytes for the same tree."""
    lines = [
        "# The regulation and the code",
        "",
        "Generated by `python -m docs.generate`; do not edit. For each article: what is enforced,",
        "the code of the refusal, where it is raised (for what has no refusal: where the article is cited),",
        "and the tests that reach it. The articles, printed and translated, are in `regulation/articles.py`;",
        "the wordings of the refusals, in `regulation/codes.py`.",
        "",
        "| Article | What is enforced | Refusal | Where | Tests |",
        "|---|---|---|---|---|",
    ]
    for key in rows():
        article = key.partition("/")[0]
        named = citation(article) if article[0].isdigit() else "general"
        refusal = f"`{key}`" if key in CODES else "none"
        where = found.raised[key] if key in CODES else found.cited[key]
        tests = found.tests[key]
        lines.append(
            f"| {named} | {ENFORCED[key]} | {refusal} | {_places(where)} | {_places(tests, NAMED)} |"
        )
    return "\n".join(lines) + "\n"


def _places(places: Iterable[str], most: int | None = None) -> str:
    ordered = sorted(places)
    shown = "<br>".join(f"`{place}`" for place in ordered[:most])
    more = len(ordered) - len(ordered[:most])
    return (shown or "none") + (f"<br>and {more} more" if more else "")


def faults(found: Found) -> list[str]:
    """What must not be: a code raised nowhere, a row without a test, a mark of an article there is not."""
    missing = [f"{code}: raised nowhere" for code in rows() if code in CODES and not found.raised[code]]
    missing += [f"{key}: reached by no test" for key in rows() if not found.tests[key]]
    known = set(ENFORCED) | {code.partition("/")[0] for code in CODES} | {str(number) for number in ARTICLES}
    return missing + [
        f"{mark}: marked in a test, but no such article" for mark in sorted(set(found.tests) - known)
    ]
