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

from config.packages import PACKAGES
from regulation import enforcement
from regulation.articles import ARTICLES, citation
from regulation.codes import CODES

#: What tests the wordings and this table, and so names codes without reaching the rules behind them.
ABOUT_CODES = frozenset({"tests/regulation/test_codes.py", "tests/regulation/test_regulation_table.py"})
#: So many tests are named in a row; the others are counted.
NAMED = 6

#: Articles, and items of articles, that are enforced without a refusal of their own.
WITHOUT_REFUSAL = ("1", "2", "3", "8", "17", "20.2")
#: What is enforced, in short: by code, and by article for what has no refusal of its own.
ENFORCED: Mapping[str, str] = {key: enforcement.ENFORCED[key][0].en for key in WITHOUT_REFUSAL} | {
    code: told.rule_en for code, told in CODES.items()
}


@dataclass
class Found:
    """What the search of a tree found, each place as text in order of its name."""

    raised: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    cited: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    tests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: the refusals that have no row, with their places
    unknown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


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
        if (code := _refused(node)) and code not in CODES:
            found.unknown[code].add(place)
        for child in ast.iter_child_nodes(node):
            visit(child, place)

    visit(ast.parse(path.read_text(encoding="utf-8")), module)


def _refused(node: ast.AST) -> str:
    """The code of `Refused("9/only-chair")`; empty where it is no such call."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
        code = node.args[0] if node.args else None
        return code.value if isinstance(code, ast.Constant) and isinstance(code.value, str) else ""
    return ""


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
        "and the tests that reach it. The articles, printed and translated, are in",
        "`regulation/texts/articles.toml`; the wordings of the refusals, in `regulation/texts/codes.toml`.",
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
    """What must not be: a code raised nowhere, a refusal of no code, a row without a test, a mark of an
    article there is not.
    """
    missing = [f"{code}: raised nowhere" for code in rows() if code in CODES and not found.raised[code]]
    missing += [
        f"{code}: raised in {_places(places)}, but no row of regulation/texts/codes.toml"
        for code, places in sorted(found.unknown.items())
    ]
    missing += [f"{key}: reached by no test" for key in rows() if not found.tests[key]]
    known = set(ENFORCED) | {code.partition("/")[0] for code in CODES} | {str(number) for number in ARTICLES}
    return missing + [
        f"{mark}: marked in a test, but no such article" for mark in sorted(set(found.tests) - known)
    ]
