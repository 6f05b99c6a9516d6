"""One's own ballot by its receipt: before the closing that it is in, afterwards where in the sealed log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from audit.proofs import making
from audit.proofs.file import Proof
from tests.office.dossier.decided import carried_case
from tests.office.dossier.sealing import LOG, WITNESS, seal_all, written_anew
from tests.office.dossier.test_articles import tampered
from tests.pages.pages import EVERYBODY, as_
from tests.stage import Stage, stages
from voting import sealing
from voting.models import Ballot


def open_case() -> Stage:
    """Two of three ballots are in; the second is by proxy."""
    stage = Stage().to("noticed")
    stage.proxy()
    stage.travel("2026-03-05T14:00+08:00")
    stage.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        stage.do(verb)
    stage.do("cast", "seat2", choice="against", reason="Quokka grounds")
    stage.do("cast", "deputy3", choice="for")
    return stage


opened = stages("opened", open_case)
carried = stages("carried", carried_case)
NAMES = ("my-ballot", "my-ballot-proof", "my-ballot-opened")


def receipt(stage: Stage, handle: str) -> str:
    return Ballot.objects.get(person=stage[handle]).commitment


def got(stage: Stage, handle: str, name: str, of: str, language: str = "en") -> Any:
    return as_(stage[handle], language).get(reverse(name, args=[receipt(stage, of)]))


@pytest.fixture
def witnessed(settings: Any) -> None:
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = "http://127.0.0.1:9", str(WITNESS.key)


@pytest.mark.parametrize("handle", ["seat2", "deputy3"])
def test_before_the_closing_only_that_it_is_in(opened, handle):
    seal_all()
    page = got(opened, handle, "my-ballot", handle)
    text = page.content.decode()
    assert "Your ballot is in" in text
    for word in ("Quokka", "Against", "leaf", "Checkpoint", "tlog-proof"):
        assert word not in text
    for name in NAMES[1:]:
        assert got(opened, handle, name, handle).status_code == 404
    assert "Quokka" not in as_(opened[handle]).get(reverse("my-ballots")).content.decode()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("handle", sorted({*EVERYBODY} - {"seat2"}))
def test_nobody_finds_anothers(carried, handle, name):
    seal_all()
    assert got(carried, handle, name, "seat2").status_code == 404
    typed = as_(carried[handle]).get(reverse("my-ballots"), {"receipt": receipt(carried, "seat2")})
    assert typed.status_code == 200
    assert "No ballot of yours has this receipt" in typed.content.decode()


def test_the_principal_does_not_find_the_proxys(carried):
    """The ballot is the seat's; its receipt is held by whoever cast it."""
    assert got(carried, "seat3", "my-ballot", "deputy3").status_code == 404
    assert got(carried, "deputy3", "my-ballot", "deputy3").status_code == 200


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_afterwards_it_is_counted_as_cast_with_path_checkpoint_and_cosignature(carried, witnessed, language):
    size = seal_all(cosigned=True)
    page = got(carried, "seat2", "my-ballot", "seat2", language)
    shown = page.context
    assert shown["own"].counted_as_cast
    assert shown["checkpoint"].size == size
    assert shown["path"]
    text = page.content.decode()
    for words in (receipt(carried, "seat2"), "Too long", shown["root"], *shown["path"], WITNESS.key.name):
        assert words in text
    assert ("Your ballot is counted as cast" in text) == (language == "en")


def test_its_proof_is_checked_elsewhere(carried, witnessed):
    seal_all(cosigned=True)
    answer = got(carried, "seat2", "my-ballot-proof", "seat2")
    assert answer["Content-Disposition"].endswith('.tlog-proof"')
    shown = making.check(Proof.parse(answer.content), [LOG.key], [WITNESS.key])
    assert (shown.entry["action"], shown.entry["actor"]) == ("cast", str(carried["seat2"].pk))
    assert [name for name, _ in shown.cosigned] == [WITNESS.key.name]


def test_the_ballot_opened_makes_the_receipt_and_its_entry_has_it(carried):
    seal_all()
    told = json.loads(got(carried, "seat2", "my-ballot-opened", "seat2").content)
    assert sealing.check_receipt(told["receipt"], **told["ballot"])
    assert told["entry"]["payload"]["commitment"] == told["receipt"]


def test_without_a_seal_it_says_so(carried):
    text = got(carried, "seat2", "my-ballot", "seat2").content.decode()
    assert "not sealed yet" in text
    assert "none covers it yet" in text
    assert got(carried, "seat2", "my-ballot-proof", "seat2").status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE voting_ballot SET choice = 'for' WHERE choice = 'against'",
        "UPDATE committee_resolution SET ballots = '[]'",
    ],
)
def test_a_ballot_that_was_not_counted_as_cast_is_said(carried, statement):
    tampered(statement)
    assert (
        "Your ballot is not counted as cast" in got(carried, "seat2", "my-ballot", "seat2").content.decode()
    )


def test_a_receipt_leads_to_its_ballot_however_it_is_typed(carried):
    own = receipt(carried, "seat2")
    page = as_(carried["seat2"]).get(reverse("my-ballots"), {"receipt": f" {own[:32].upper()} {own[32:]}\n"})
    assert page["Location"] == reverse("my-ballot", args=[own])


def test_a_cancelled_votes_ballots_stay_closed(opened):
    opened.do("cancel_vote", reason="A paper is missing")
    text = got(opened, "seat2", "my-ballot", "seat2").content.decode()
    assert "never opened" in text
    assert "Quokka" not in text
    assert got(opened, "seat2", "my-ballot-opened", "seat2").status_code == 404


def test_whoever_no_longer_sees_the_meeting_is_told_no_more_than_that_it_counts(carried):
    """A proxy's sight ends with the meeting (rules.md, Roles); the receipt stays the proxy's."""
    text = got(carried, "deputy3", "my-ballot", "deputy3").content.decode()
    assert "Your ballot is counted as cast" in text
    assert carried.plan["title"] not in text
    assert got(carried, "deputy3", "my-ballot-opened", "deputy3").status_code == 404


def test_the_room_leads_to_it(opened):
    page = as_(opened["seat2"]).get(reverse("meeting", args=[opened.meeting.pk]))
    assert reverse("my-ballot", args=[receipt(opened, "seat2")]) in page.content.decode()


@pytest.mark.parametrize("action", ["cast", "close_vote"])
def test_a_ballot_whose_entry_is_not_the_one_sealed_is_not_counted_as_cast(carried, action):
    seal_all()
    assert "Your ballot is counted as cast" in got(carried, "seat5", "my-ballot", "seat5").content.decode()
    written_anew(carried.meeting.stream, action)  # seat 5 has cast last
    page = got(carried, "seat5", "my-ballot", "seat5")
    assert "Your ballot is not counted as cast" in page.content.decode()
