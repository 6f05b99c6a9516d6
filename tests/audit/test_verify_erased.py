"""The verifier of exports: an erasure by law takes no proof away, and what was erased is not missed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from audit.canonical import payload_bytes
from tests.audit.exports import Exports, rows
from tests.audit.test_verify_told import Case, Log, said, tell


@pytest.fixture
def log(exports: Exports, tmp_path: Path) -> Log:
    return Log(exports.copy("all", tmp_path))


def erase(log: Log, *entries: dict[str, Any]) -> None:
    """The payloads are gone, and entries at the end of their streams say so, as `audit_erase` writes them."""
    for each in entries:
        seq = sum(
            1 for other in log.entries[: log.entries.index(each) + 1] if other["stream"] == each["stream"]
        )
        del each["payload"], each["salt"]
        log.entries.append(
            dict(
                log.entries[-1],
                stream=each["stream"],
                actor="",
                action="audit.erased",
                subject=f"entry:{seq}",
                payload=payload_bytes({"reason": "by law", "seq": seq}).decode(),
                salt=os.urandom(16).hex(),
            )
        )


def acts(folder: Path) -> list[tuple[str, str]]:
    """The kinds of streams with the acts that their entries tell of."""
    return sorted({(each["stream"].partition(":")[0], each["action"]) for each in rows(folder)})


def test_the_payload_of_any_entry_may_be_erased(exports: Exports, tmp_path: Path) -> None:
    """The first and the last of each kind and act, each in a log of its own, cosigned afterwards."""
    for kind, act in acts(exports.folder / "all"):
        for number in (0, -1):
            log = Log(exports.copy("all", tmp_path))
            erase(log, [each for each in log.entries if is_of(each, kind, act)][number])
            assert "1 payloads were erased by law" in log.holds(), (kind, act, number)
            shutil.rmtree(log.folder)


def is_of(entry: dict[str, Any], kind: str, act: str) -> bool:
    return bool(entry["action"] == act and entry["stream"].startswith(f"{kind}:"))


def test_all_payloads_of_an_act_may_be_erased(exports: Exports, tmp_path: Path) -> None:
    for kind, act in acts(exports.folder / "all"):
        log = Log(exports.copy("all", tmp_path))
        erase(log, *[each for each in log.entries if is_of(each, kind, act)])
        log.holds()
        shutil.rmtree(log.folder)


def test_what_cannot_be_compared_any_more_is_said(log: Log) -> None:
    case = Case(log, "vote:2")
    erase(log, case.casts[0])
    assert "1 ballots cannot be compared with those cast" in log.holds()
    erase(log, case.closed)
    assert "1 votes cannot be followed to their end" in log.holds()


# -- an erasure excuses nothing but what it has taken -----------------------------------------------------


def test_another_ballot_is_still_compared(log: Log) -> None:
    case = Case(log, "vote:2")
    erase(log, case.casts[0])
    seat = said(case.casts[1])["seat"]
    tell(case.casts[1], commitment="0" * 64)
    log.refused(f"the ballot of seat {seat} that vote:2 reveals is not the one that was cast")


def test_a_ballot_more_than_those_erased_is_told(log: Log) -> None:
    case = Case(log, "vote:2")
    erase(log, case.casts[0])
    log.remove(case.casts[1])
    log.refused("vote:2 is closed with the ballots of seats")


def test_another_votes_half_is_still_missed(log: Log) -> None:
    case, other = Case(log, "vote:2"), Case(log, "vote:3")
    erase(log, case.plan_closed)
    log.remove(other.plan_closed)
    log.refused("tells of the close_vote of vote:3, and the plan's stream does not")


def test_a_miscount_beside_an_erasure_is_still_told(log: Log) -> None:
    case = Case(log, "vote:2")
    erase(log, case.casts[0], log.at("take_up", stream=case.closed["stream"]))
    for each in (case.closed, case.plan_closed):
        tell(each, **{"for": said(each)["for"] + 1})
    log.refused("vote:2 is said to be", "the ballots make", at=case.closed)
