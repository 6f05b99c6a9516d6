"""The list of the log's entries: whose, by which filters, in which order; what an erasure leaves in it."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.http import QueryDict
from django.urls import reverse

from audit.models import Entry
from pages.models import EntriesRead, EntryText
from pages.oversight.log.indexing import read_entries
from pages.oversight.log.listing import Entries
from tests.pages.pages import as_, look, queries
from tests.stage import Stage, as_owner, stages
from web.viewer import viewer_for

OPINION = "订单真实，回款周期与还款计划相符。"
REASON = "Too long a term for hens"


def two_banks() -> Stage:
    other = Stage().to("filed")
    stage = Stage().to("taken_up")
    stage.do("record_opinion", "seat2", text=OPINION)
    stage.to("voting").cast("for", f"against:{REASON}", "for")
    stage.step = "voted"
    stage.to("signed")
    stage.abroad = other
    read_entries()
    return stage


log = stages("log", two_banks)


def found(stage: Stage, handle: str = "auditor", **asked: str) -> list[Entry]:
    """All entries of the list with these filters, page by page."""
    rows: list[Entry] = []
    query = QueryDict(mutable=True)
    query.update(asked)
    while True:
        listing = Entries(viewer_for(stage[handle]), query)
        listing.per_page = 7
        rows += listing.page.rows
        if not listing.page.next:
            return rows
        query = QueryDict(listing.page.next.removeprefix("?"))


def names(rows: list[Entry]) -> set[str]:
    return {str(row) for row in rows}


def mine(stage: Stage) -> set[str]:
    """The entries of the stage's own bank, told from the other's by their streams."""
    bank = stage.committee.branch.bank_id
    streams = {f"office:{bank}", stage.committee.stream, stage.meeting.stream, stage.proposal.stream}
    return {str(row) for row in Entry.objects.all() if row.stream in streams}


def test_an_auditor_reads_the_entries_of_the_bank_and_nobody_else_any(log: Stage) -> None:
    assert names(found(log)) == mine(log)
    assert names(found(log.abroad)).isdisjoint(mine(log))
    assert found(log, "chair") == []
    assert as_(log["chair"]).get(reverse("entries")).status_code == 404
    assert as_(log["chair"]).get(reverse("export", args=["entries", "csv"])).status_code == 404


def test_pages_follow_one_another_without_gap_or_double_the_latest_first(log: Stage) -> None:
    for asked in ({}, {"sort": "at"}, {"stream": log.meeting.stream}, {"action": "cast"}):
        rows = found(log, **asked)
        assert len(names(rows)) == len(rows)
        keys = [(row.at, row.stream, row.seq) if "stream" not in asked else (row.seq,) for row in rows]
        assert keys == sorted(keys, reverse=asked.get("sort") != "at")


def test_each_filter_leaves_what_it_says(log: Stage) -> None:
    every = [row for row in Entry.objects.all() if str(row) in mine(log)]
    chair = log["chair"]
    day = log.now(log.meeting).at.date().isoformat()
    cases = (
        ({"stream": log.meeting.stream}, lambda row: row.stream == log.meeting.stream),
        ({"stream": log.now(log.proposal).written_number}, lambda row: row.stream == log.proposal.stream),
        ({"stream": log.now(log.meeting).written_number}, lambda row: row.stream == log.meeting.stream),
        ({"kind": "proposal"}, lambda row: row.stream.startswith("proposal:")),
        ({"person": chair.username}, lambda row: row.actor == str(chair.pk)),
        ({"person": "system"}, lambda row: row.actor == "system"),
        ({"action": "cast"}, lambda row: row.action == "cast"),
        ({"at_from": day}, lambda row: row.at >= log.meeting.at.replace(hour=0)),
        ({"at_to": "2026-03-02"}, lambda row: row.at.date().isoformat() <= "2026-03-02"),
        (
            {"person": chair.username, "action": "cast"},
            lambda row: (row.actor, row.action) == (str(chair.pk), "cast"),
        ),
    )
    for asked, fits in cases:
        wanted = {str(row) for row in every if fits(row)}
        assert names(found(log, **asked)) == wanted, asked
        assert wanted or asked == {"person": "system"}, asked
    assert found(log, stream=log.abroad.proposal.stream) == []
    assert found(log, person=log.abroad["chair"].username) == []


def test_words_are_found_in_what_an_entry_says_by_two_characters(log: Stage) -> None:
    for words, action in (("真实", "record_opinion"), ("hens", "close_vote"), ("HENS long", "close_vote")):
        assert {row.action for row in found(log, q=words)} == {action}, words
    assert found(log, q="真实 hens") == []
    assert found(log, q="no such words") == []


def test_common_words_are_found_too(log: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    rare = names(found(log, q="真实"))
    monkeypatch.setattr("pages.oversight.log.listing._RARE", 0)
    assert names(found(log, q="真实")) == rare != set()


def test_what_was_erased_is_found_no_more(log: Stage) -> None:
    (row,) = found(log, q="真实")
    as_owner("SELECT audit_erase({}, {}, {})", row.stream, row.seq, "the person's own request")
    assert not EntryText.objects.filter(stream=row.stream, seq=row.seq).exists()
    assert found(log, q="真实") == []
    assert read_entries() == 1  # the entry of the erasure
    assert found(log, q="真实") == []
    assert [each.action for each in found(log, q="own request")] == ["audit.erased"]


def test_reading_begins_where_it_ended_and_leaves_nothing_out(log: Stage) -> None:
    whole = set(EntryText.objects.values_list("stream", "seq", "words"))
    as_owner("DELETE FROM pages_entrytext")
    as_owner("DELETE FROM pages_entriesread")
    assert read_entries(batch=10) == Entry.objects.count()
    assert read_entries() == 0
    assert set(EntryText.objects.values_list("stream", "seq", "words")) == whole
    heads = dict(EntriesRead.objects.values_list("stream", "seq"))
    assert heads == {row.stream: row.seq for row in Entry.objects.order_by("stream", "seq")}


def test_salts_digests_and_ids_are_no_words(log: Stage) -> None:
    words = "\n".join(EntryText.objects.values_list("words", flat=True)).split("\n")
    assert not [word for word in words if len(word) == 64 or word.isdecimal()]
    assert REASON in words


def test_the_page_and_its_file_have_the_same_entries(log: Stage) -> None:
    page = look(log["auditor"], "entries", action="cast")
    assert page.count("Ballot cast") >= 3
    assert "Meeting" in page
    text = as_(log["auditor"]).get(reverse("export", args=["entries", "csv"]), {"action": "cast"}).getvalue()
    lines = list(csv.reader(StringIO(text.decode("utf-8-sig"))))
    assert lines[0][:3] == ["Time", "Written by the database at", "Action"]
    assert [line[3] for line in lines[1:]] == ["cast"] * 3
    assert {line[6] for line in lines[1:]} == {log.meeting.stream}


def test_a_page_takes_as_many_statements_however_many_entries_there_are(log: Stage) -> None:
    assert len(queries(log["auditor"], "entries")) <= 8


@pytest.mark.parametrize("place", ["x", "meeting:1", "meeting:1.x", "meeting:99999999999.1", "a.b.c"])
def test_a_place_that_is_none_is_the_first_page(log: Stage, place: str) -> None:
    query = QueryDict(mutable=True)
    query["after"] = place
    assert Entries(viewer_for(log["auditor"]), query).page.rows[0] == found(log)[0]
