"""The shape of the house: where code may lie and how much of it (architecture.md, "The tree")."""

from __future__ import annotations

import ast
import re
import subprocess
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import pytest
from radon.complexity import cc_visit
from radon.visitors import Function

from config.packages import PACKAGES
from tests.test_architecture import ROOT

MOST_LINES, MOST_MODULES = 500, 20
#: characters of a template's line; the formatter breaks at 120 where it may
WIDEST = 160
MOST_LINES_OF_A_FUNCTION, MOST_LINES_OF_AN_ACTION, MOST_COMPLEX = 60, 40, 10
#: modules that may be longer, each with its reason
LONG = {
    "audit/verify.py": "one file by contract: whoever checks an export takes it alone",
}
#: functions that may be more complex, each with its reason
COMPLEX = {
    "audit/checking/rows.py:Verifier._follow": "the loop over a log's rows: a call a row costs a tenth",
}
#: folders of which a docstring would say what their name says
PLAIN = {"actions", "commands", "management", "migrations", "models", "templatetags"}
#: imports inside functions, each with its reason on the line; the number is to fall
INLINE = 16


def modules(package: str) -> list[Path]:
    """The modules of a package, without its migrations."""
    return [path for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts]


EVERY = [path for package in PACKAGES for path in modules(package)]


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_package_has_more_than_a_third_of_the_code() -> None:
    written = {package: sum(map(lines, (ROOT / package).rglob("*.py"))) for package in PACKAGES}
    most = max(written, key=lambda package: written[package])
    assert written[most] * 3 <= sum(written.values()), (most, written)


def test_no_module_is_longer_than_one_reads() -> None:
    assert {named(path) for path in EVERY if lines(path) > MOST_LINES} == LONG.keys()


def test_no_line_of_a_template_is_longer_than_one_reads() -> None:
    templates = [path for path in (ROOT / "templates").rglob("*.*") if path.is_file()]
    wide = [
        f"{named(path)}:{number}"
        for path in templates
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > WIDEST
    ]
    assert templates
    assert wide == []


def test_no_folder_has_more_modules_than_one_overlooks() -> None:
    held = Counter(named(path.parent) for path in EVERY)
    assert {folder: number for folder, number in held.items() if number > MOST_MODULES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_folder_says_what_belongs_there(package: str) -> None:
    for path in modules(package):
        if path.name != "__init__.py" or path.parent.name in PLAIN:
            continue
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert said, named(path)


def inner_imports(path: Path) -> Iterator[ast.stmt]:
    """The imports that stand inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield inner


def test_imports_inside_functions_are_few_and_say_why() -> None:
    found = {(named(path), each.lineno) for path in EVERY for each in inner_imports(path)}
    for name, number in sorted(found):
        line = (ROOT / name).read_text(encoding="utf-8").splitlines()[number - 1]
        assert "#" in line, (name, number, line.strip())
    assert len(found) == INLINE


#: a comment that keeps a tool silent, with the codes of what it is silent about
SUPPRESSION = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w, -]+\]|nosec(?::?\s*B\d+)?)"
)
SUPPRESSES = re.compile(r"#\s*(?:noqa|type:\s*ignore|nosec)\b")


def suppressions(path: Path) -> Iterator[tuple[int, str]]:
    """The comments of a module that keep a tool silent, each with its line."""
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT and SUPPRESSES.search(token.string):
                yield token.start[0], token.string


def reason(comment: str) -> str:
    """What a suppression says beside its codes; one without codes says nothing."""
    rest = SUPPRESSION.sub("", comment)
    return "" if SUPPRESSES.search(rest) else rest.strip(" #-")


def test_what_keeps_a_tool_silent_says_of_what_and_why() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = [(name, *each) for name in listed.stdout.split() for each in suppressions(ROOT / name)]
    assert len(found) > 50
    assert [each for each in found if len(reason(each[2])) < 5] == []


def test_a_suppression_without_code_or_reason_is_found() -> None:
    assert reason("# noqa: S608 - placeholders only") == "placeholders only"
    assert reason("# type: ignore[attr-defined]  # noqa: SLF001  # kept with the row") == "kept with the row"
    for bare in ("# noqa", "# noqa: F811", "# type: ignore  # because", "# type: ignore[misc]  # noqa: F401"):
        assert reason(bare) == ""


# -- Functions --------------------------------------------------------------------------------------


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a module with their lengths, decorators left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{named(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_a_screen() -> None:
    written = dict(each for path in EVERY for each in functions(path))
    assert {name: length for name, length in written.items() if length > MOST_LINES_OF_A_FUNCTION} == {}


def test_nine_in_ten_actions_have_under_forty_lines() -> None:
    written = [length for path in EVERY if path.parent.name == "actions" for _, length in functions(path)]
    assert quantiles(written, n=10)[-1] < MOST_LINES_OF_AN_ACTION


def test_no_function_is_more_complex_than_one_follows() -> None:
    found = {
        f"{named(path)}:{block.fullname}": block.complexity
        for path in EVERY
        for block in cc_visit(path.read_text(encoding="utf-8"))
        if isinstance(block, Function) and block.complexity > MOST_COMPLEX
    }
    assert found.keys() == COMPLEX.keys(), found
