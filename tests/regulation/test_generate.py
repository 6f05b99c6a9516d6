"""The generated pages: written whole, and strict when checked."""

from __future__ import annotations

from pathlib import Path
from shutil import copy

import pytest

from docs import actions_table, generate, regulation_table, verifier_table
from docs.verifier_table import MODELS
from regulation.codes import CODES

ACTION = '''
@action
def cast(vote, *, by):
    """The seat has voted | once.

    More.
    """


def helper(): ...
'''

TABLE = """
ACTS = table(
    "voting",
    {"cast": Act(Proposal, SEAT | HEAD_OFFICE, "access/denied", "ballots.cast", (_S.VOTING,))},
)
"""

MANUAL = """# Cases

| `other` | before |

| do | arguments |
|---|---|
{rows}
After it.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree without faults."""
    raising = "".join(f"    yield Refused({code!r})\n" for code in CODES)
    marks = ", ".join(repr(key) for key in regulation_table.ENFORCED if key not in CODES)
    files = {
        "voting/rules.py": f"def refuse():\n{raising}",
        "voting/actions/ballots.py": ACTION,
        "voting/permissions.py": TABLE,
        "tests/test_all.py": f"@pytest.mark.article({marks})\ndef test_all(): return {list(CODES)!r}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/rehearsals.md").write_text(MANUAL.format(rows=""), encoding="utf-8")
    # the tables of the verifier are made from these; they stand in it as they are in the tree of the project
    for name in (verifier_table.VERIFIER, "regulation/numbers.py", *(path for path, _ in MODELS.values())):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy(generate.ROOT / name, tmp_path / name)
    return tmp_path


def run(root: Path, *arguments: str) -> int:
    return generate.main(["--root", str(root), *arguments])


def test_what_was_just_written_passes_the_check(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root) == 0
    assert run(root, "--check") == 0
    assert capsys.readouterr() == ("", "")


def test_the_check_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "--check") == 1
    assert list((root / "docs").iterdir()) == [root / "docs/rehearsals.md"]
    assert capsys.readouterr().err.splitlines() == [
        "docs/regulation.md is stale: run python -m docs.generate",
        "docs/actions.md is stale: run python -m docs.generate",
        "docs/rehearsals.md is stale: run python -m docs.generate",
        "audit/verify.py is stale: run python -m docs.generate",
    ]


def test_a_page_that_the_code_has_left_behind_fails_the_check(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(root)
    (root / "voting/more.py").write_text('def more(): raise Refused("20.1/no-seat")\n', encoding="utf-8")
    assert run(root, "--check") == 1
    assert capsys.readouterr().err == "docs/regulation.md is stale: run python -m docs.generate\n"


def test_faults_are_named_when_writing_and_fail_the_check(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "voting/rules.py").unlink()
    assert run(root) == 0
    assert "20.1/no-seat: raised nowhere\n" in capsys.readouterr().err
    assert run(root, "--check") == 1


def test_every_action_stands_with_its_app_and_what_it_does(root: Path) -> None:
    actions = actions_table.search(root)
    assert [(action.app, action.name, action.place) for action in actions] == [
        ("voting", "cast", "voting.actions.ballots")
    ]
    assert (
        "| `cast` | proposal | seat or head office | `access/denied` | voting "
        "| `voting.actions.ballots.cast` | The seat has voted \\| once. |"
        in actions_table.table(actions, actions_table.acts(root))
    )


def test_an_action_that_says_nothing_or_stands_twice_is_a_fault(root: Path) -> None:
    (root / "office").mkdir()
    (root / "office/more.py").write_text("@action\ndef cast(): ...\n", encoding="utf-8")
    assert actions_table.faults(actions_table.search(root), actions_table.acts(root)) == [
        "office.more.cast: no docstring",
        "cast: an action of more than one module",
        "office.more.cast: in no table of acts",
    ]


def test_an_action_without_a_row_and_a_row_without_an_action_are_faults(root: Path) -> None:
    table = root / "voting/permissions.py"
    table.write_text(TABLE.replace("ballots.cast", "ballots.throw"), encoding="utf-8")
    assert actions_table.faults(actions_table.search(root), actions_table.acts(root)) == [
        "voting.actions.ballots.cast: in no table of acts",
        "cast: no action voting.actions.ballots.throw",
    ]


def test_the_manual_of_rehearsals_has_the_verbs_and_no_others(root: Path) -> None:
    manual = root / "docs/rehearsals.md"
    manual.write_text(MANUAL.format(rows="| `dance` | |\n"), encoding="utf-8")
    assert run(root) == 0
    assert manual.read_text(encoding="utf-8") == MANUAL.format(rows="| `cast` | `proposal` |\n")


def test_a_manual_without_its_table_of_verbs_is_a_fault(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "docs/rehearsals.md").write_text("# Cases\n", encoding="utf-8")
    assert run(root, "--check") == 1
    assert "docs/rehearsals.md: no table of verbs\n" in capsys.readouterr().err
