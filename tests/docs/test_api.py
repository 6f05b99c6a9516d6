"""docs/api.md has what a program must know: every problem that is found before the engine is asked."""

from __future__ import annotations

import re

from tests.test_architecture import ROOT
from web.problems import REQUESTS

ROW = re.compile(r"^\| `((?:request|site)/[a-z-]+)` \| (\d{3}) \| (.+) \|$", re.MULTILINE)


def test_every_problem_of_a_request_has_its_row_with_its_status() -> None:
    rows = ROW.findall((ROOT / "docs" / "api.md").read_text(encoding="utf-8"))
    assert len(rows) == len(REQUESTS)
    assert {code: int(status) for code, status, _when in rows} == {
        code: status for code, (status, _title, _remedy) in REQUESTS.items()
    }
