"""The table of the regulation: found in small trees, the same for the same tree, with its faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import regulation_table
from regulation.articles import ARTICLES
from regulation.codes import CODES


def tree(root: Path, files: dict[str, str]) -> Path:
    """The folder with these files, by path."""
    (root / "docs").mkdir(exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def complete(root: Path) -> Path:
    """A tree in which each code is raised once and each row has a test."""
    raising = "".join(f"    yield Refused({code!r})\n" for code in CODES)
    testing = "".join(f"    {code!r},\n" for code in CODES)
    marks = ", ".join(repr(key) for key in regulation_table.ENFORCED if key not in CODES)
    return tree(
        root,
        {
            "voting/rules.py": f"def refuse():\n{raising}",
            "tests/test_all.py": (
                f"import pytest\nCODES = [\n{testing}]\n\n"
                f"@pytest.mark.article({marks})\n@pytest.mark.x('code', CODES)\ndef test_all(code): ...\n"
            ),
        },
    )


def test_every_code_and_every_article_has_a_row() -> None:
    assert set(CODES) <= set(regulation_table.ENFORCED)
    articles = {key.partition("/")[0].partition(".")[0] for key in regulation_table.ENFORCED}
    assert {str(number) for number in ARTICLES} <= articles
    assert all("|" not in text for text in regulation_table.ENFORCED.values())


def test_rows_stand_in_the_order_of_the_articles_and_general_codes_last() -> None:
    rows = regulation_table.rows()
    assert rows[0] == "1"
    assert rows.index("20/vote-not-open") < rows.index("20.1/no-seat") < rows.index("20.2")
    assert rows.index("20.2") < rows.index("20.4/reason-required") < rows.index("21/already-effective")
    assert rows.index("25/not-in-force") < rows.index("receipt/invalid") < rows.index("text/required")
    assert all(not row[0].isdigit() for row in rows[rows.index("receipt/invalid") :])


def test_a_code_is_raised_where_its_literal_stands_in_a_function(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "voting/actions/ballots.py": (
                '"""Art. 20(2), 20.3 and 17: nothing else."""\n'
                "def cast(vote):\n"
                '    """Casts. 20.4/reason-required when there is none."""\n'
                '    raise Refused("20.1/no-seat" if vote else "20/vote-not-open")\n'
                "class Vote:\n"
                "    def close(self):\n"
                '        if refused.code == "20.3/conflict":\n'
                '            return self.refuse("20.1/ballots-missing")\n'
            ),
            "voting/__init__.py": 'TABLE = {"voter": "20.1/no-seat"}\n',
            "regulation/codes.py": 'CODES = ["25/not-in-force"]\n',
        },
    )
    found = regulation_table.search(root)
    assert dict(found.raised) == {
        "20.1/no-seat": {"voting", "voting.actions.ballots:cast"},
        "20/vote-not-open": {"voting.actions.ballots:cast"},
        "20.1/ballots-missing": {"voting.actions.ballots:Vote.close"},
    }
    assert dict(found.cited) == {key: {"voting.actions.ballots"} for key in ("20.2", "20.3", "17")}


def test_a_test_reaches_the_codes_in_it_in_its_decorators_and_in_what_it_uses(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "tests/voting/test_ballots.py": (
                "import pytest\n"
                'TABLE = [("liaison", "12/only-liaison")]\n'
                'UNUSED = "25/not-in-force"\n'
                "def refused(code): ...\n"
                'def observer(): return refused("19/observer-present")\n'
                '@pytest.mark.parametrize("code", ["20.3/conflict"])\n'
                'def test_one(code): refused("20.1/no-seat")\n'
                '@pytest.mark.article("20.2")\n'
                "class TestTwo:\n"
                "    def test_two(self): return TABLE\n"
                "def test_three(observer): ...\n"
                "class Machine:\n"
                '    def rule(self): return "9/only-chair"\n'
                "TestMachine = Machine.TestCase\n"
            ),
            "tests/regulation/test_codes.py": 'def test_wording(): return "4/too-many-seats"\n',
        },
    )
    place = "tests/voting/test_ballots.py"
    assert dict(regulation_table.search(root).tests) == {
        "12/only-liaison": {f"{place}::TestTwo::test_two"},
        "20.2": {f"{place}::TestTwo::test_two"},
        "20.3/conflict": {f"{place}::test_one"},
        "20.1/no-seat": {f"{place}::test_one"},
        "19/observer-present": {f"{place}::test_three"},
        "9/only-chair": {f"{place}::TestMachine"},
    }


def test_a_module_marked_for_an_article_marks_its_tests(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "tests/test_tally.py": 'pytestmark = [pytest.mark.article("20.2")]\ndef test_six(): ...\n',
        },
    )
    assert dict(regulation_table.search(root).tests) == {"20.2": {"tests/test_tally.py::test_six"}}


def test_a_rehearsal_reaches_the_codes_that_it_expects(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "rehearsal/cases/a.json": '{"title": "9/x", "steps": [{"expect": "7/no-condition"}, {}]}',
            "tests/data.json": '["9/only-chair"]',
        },
    )
    assert dict(regulation_table.search(root).tests) == {"7/no-condition": {"rehearsal/cases/a.json"}}


def test_many_tests_of_a_row_are_counted() -> None:
    found = regulation_table.Found()
    found.tests["20.2"] = {f"tests/test_tally.py::test_{n}" for n in range(9)}
    line = next(
        line for line in regulation_table.table(found).splitlines() if line.startswith("| Art. 20(2) ")
    )
    assert "test_5`<br>and 3 more |" in line
    assert "test_6" not in line


def test_a_complete_tree_has_no_faults(tmp_path: Path) -> None:
    root = complete(tmp_path)
    found = regulation_table.search(root)
    assert regulation_table.faults(found) == []
    page = regulation_table.table(found)
    assert page == regulation_table.table(regulation_table.search(root))
    assert str(root) not in page
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert len(rows) == len(regulation_table.ENFORCED) + 1
    assert "| A ballot against states its reason | `20.4/reason-required` | `voting.rules:refuse` |" in page


@pytest.mark.parametrize(
    ("path", "removed", "fault"),
    [
        ("voting/rules.py", "'20.1/no-seat'", "20.1/no-seat: raised nowhere"),
        ("tests/test_all.py", "'20.1/no-seat',", "20.1/no-seat: reached by no test"),
        ("tests/test_all.py", "'20.2'", "20.2: reached by no test"),
    ],
)
def test_a_code_never_raised_or_a_row_never_tested_is_a_fault(
    tmp_path: Path, path: str, removed: str, fault: str
) -> None:
    root = complete(tmp_path)
    source = (root / path).read_text(encoding="utf-8")
    assert removed in source
    (root / path).write_text(source.replace(removed, ""), encoding="utf-8")
    assert regulation_table.faults(regulation_table.search(root)) == [fault]


def test_a_refusal_that_has_no_row_is_a_fault(tmp_path: Path) -> None:
    root = tree(complete(tmp_path), {"voting/x.py": 'def close(): raise Refused("20.1/no-such-code")\n'})
    fault = "20.1/no-such-code: raised in `voting.x:close`, but no row of regulation/texts/codes.toml"
    assert regulation_table.faults(regulation_table.search(root)) == [fault]


def test_a_mark_of_an_article_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    root = tree(complete(tmp_path), {"tests/test_x.py": '@pytest.mark.article("26")\ndef test_x(): ...\n'})
    assert "26: marked in a test, but no such article" in regulation_table.faults(
        regulation_table.search(root)
    )
