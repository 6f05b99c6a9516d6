"""What is not a rehearsal is told with the place where it is not one, before anything is run."""

import json
import os
from datetime import date, datetime, timedelta, timezone

import pytest

from rehearsal.schema import MAX_BYTES, MAX_STEPS, load, read
from rehearsal.times import ZONE
from rehearsal.verbs import VERBS
from tests.rehearsal.conftest import CASES, DEMO, ROOT, encoded
from web.problems import Invalid

TODAY = date(2026, 3, 2)
DRAFT = {"do": "draft", "by": "handler", "proposal": "P1"}
CONVENE = {
    "do": "convene",
    "by": "chair",
    "meeting": "M1",
    "at": "2026-03-05T09:00",
    "place": "Room 3",
    "proposals": ["P1"],
}
CAST = {"do": "cast", "by": "seat2", "proposal": "P1", "choice": "for"}
PROXY = {
    "do": "authorise_proxy",
    "by": "seat9",
    "meeting": "M1",
    "holder": "deputy9",
    "proposals": ["P1"],
    "powers": ["vote"],
    "document": "Signed",
}
AMENDMENT = {"do": "amend_regulation", "by": "risk", "changes": {}, "effective_from": "2026-04-01"}
RECEIPT = {
    "do": "record_receipt",
    "by": "handler",
    "proposal": "P1",
    "amount": "1.00",
    "received_on": "2026-03-02",
}


def without(step, *names):
    return {name: value for name, value in step.items() if name not in names}


BAD_TOPS = {
    "no title": ({"title": None}, "$.title"),
    "title of two lines": ({"title": "a\nb"}, "$.title"),
    "blank title": ({"title": " "}, "$.title"),
    "title with a separator of lines": ({"title": "a\u2028b"}, "$.title"),
    "title that no paper can show": ({"title": "a😀"}, "$.title"),
    "title with NUL": ({"title": "a\0b"}, "$.title"),
    "half a surrogate pair": ({"title": "a\ud800b"}, "$.title"),
    "start without a time": ({"start": "2026-03-02"}, "$.start"),
    "start that is no day": ({"start": "2026-02-30T09:00"}, "$.start"),
    "start relative to today": ({"start": "-12d 09:00"}, "$.start"),
    "start in the year 9999": ({"start": "9999-12-31T23:59"}, "$.start"),
    "start that is a number": ({"start": 20260302}, "$.start"),
    "unknown key": ({"speed": 2}, "$.speed"),
    "bank of two lines": ({"bank": "a\r\nb"}, "$.bank"),
    "plans in a list": ({"proposals": []}, "$.proposals"),
    "blank handle": ({"proposals": {"": {}}}, "$.proposals['']"),
    "steps in an object": ({"steps": {}}, "$.steps"),
    "too many steps": ({"steps": [{"clock": "+1m"}] * (MAX_STEPS + 1)}, "$.steps"),
    "regulation in a list": ({"regulation": []}, "$.regulation"),
    "unknown number of the regulation": ({"regulation": {"quorum": 5}}, "$.regulation.quorum"),
    "number of the regulation as text": ({"regulation": {"seats": "9"}}, "$.regulation.seats"),
    "fewer seats than the default of votes": ({"regulation": {"seats": 5}}, "$.regulation.votes_to_pass"),
    "half of the seats to pass": ({"regulation": {"votes_to_pass": 4}}, "$.regulation.votes_to_pass"),
    "two seats": ({"regulation": {"seats": 2, "votes_to_pass": 2}}, "$.regulation.seats"),
    "negative notice": ({"regulation": {"notice_days": -1}}, "$.regulation.notice_days"),
    "outcome in a list": ({"outcome": []}, "$.outcome"),
    "outcome of an unknown handle": ({"outcome": {"P9": {}}}, "$.outcome.P9"),
    "unknown field of an outcome": ({"outcome": {"P1": {"votes": 1}}}, "$.outcome.P1.votes"),
    "outcome that is no object": ({"outcome": {"P1": "filed"}}, "$.outcome.P1"),
    "state that is no text": ({"outcome": {"P1": {"state": 1}}}, "$.outcome.P1.state"),
    "count that is no number": ({"outcome": {"P1": {"for": "6"}}}, "$.outcome.P1.for"),
    "count that is true": ({"outcome": {"P1": {"rounds": True}}}, "$.outcome.P1.rounds"),
}

#: the steps before, the bad one, and the path below it
BAD_STEPS = {
    "no object": ([], 5, ""),
    "empty": ([], {}, ".do"),
    "only a note": ([], {"note": "x"}, ".do"),
    "unknown verb": ([], DRAFT | {"do": "vote"}, ".do"),
    "verb that is no text": ([], DRAFT | {"do": ["draft"]}, ".do"),
    "nobody": ([], without(DRAFT, "by"), ".by"),
    "unknown person": ([], DRAFT | {"by": "president"}, ".by"),
    "seat beyond the regulation": ([], DRAFT | {"by": "seat10"}, ".by"),
    "the chair by number": ([], DRAFT | {"by": "seat1"}, ".by"),
    "unknown person in a list": ([], DRAFT | {"by": ["handler", "seats"]}, ".by[1]"),
    "person that is null": ([], DRAFT | {"by": None}, ".by"),
    "missing argument": ([], without(DRAFT, "proposal"), ".proposal"),
    "further argument": ([], DRAFT | {"reason": "x"}, ".reason"),
    "argument of the clock alone": ([], {"clock": "+1d", "by": "handler"}, ".do"),
    "expectation of the clock alone": ([], {"clock": "+1d", "expect": "plan/invalid"}, ".do"),
    "unknown code": ([], DRAFT | {"expect": "20/vote-open"}, ".expect"),
    "code that is null": ([], DRAFT | {"expect": None}, ".expect"),
    "expecting acceptance": ([], DRAFT | {"expect": "accepted"}, ".expect"),
    "note that is a number": ([], DRAFT | {"note": 1}, ".note"),
    "unknown plan": ([], DRAFT | {"proposal": "P2"}, ".proposal"),
    "unknown proposal": ([], {"do": "submit", "by": "handler", "proposal": "P2"}, ".proposal"),
    "unknown proposal in a list": ([], CONVENE | {"proposals": ["P1", "P2"]}, ".proposals[1]"),
    "proposals not in a list": ([], CONVENE | {"proposals": "P1"}, ".proposals"),
    "meeting not convened yet": ([], {"do": "sign_in", "by": "chair", "meeting": "M1"}, ".meeting"),
    "meeting convened before": ([CONVENE], CONVENE, ".meeting"),
    "handle of a plan for a meeting": ([], CONVENE | {"meeting": "P1"}, ".meeting"),
    "revised under the old handle": (
        [],
        {"do": "revise", "by": "handler", "proposal": "P1", "of": "P1", "changes": {}},
        ".proposal",
    ),
    "revision of itself": (
        [],
        {"do": "revise", "by": "handler", "proposal": "P2", "of": "P2", "changes": {}},
        ".of",
    ),
    "draft of a revision": (
        [{"do": "revise", "by": "handler", "proposal": "P2", "of": "P1", "changes": {}}],
        DRAFT | {"proposal": "P2"},
        ".proposal",
    ),
    "time that is none": ([], CONVENE | {"at": "tomorrow"}, ".at"),
    "time relative to the clock": ([], CONVENE | {"at": "+3d"}, ".at"),
    "place that is null": ([], CONVENE | {"place": None}, ".place"),
    "place with NUL": ([], CONVENE | {"place": "Room\0"}, ".place"),
    "place that no paper can show": ([], CONVENE | {"place": "Room 😀"}, ".place"),
    "emergency that is a text": ([], CONVENE | {"emergency": "yes"}, ".emergency"),
    "emergency that is a number": ([], CONVENE | {"emergency": 1}, ".emergency"),
    "change of nothing": ([CONVENE], {"do": "change_meeting", "by": "chair", "meeting": "M1"}, ""),
    "paper that is no list": (
        [CONVENE],
        {"do": "send_notice", "by": "liaison", "meeting": "M1", "paper": "seat7"},
        ".paper",
    ),
    "paper for no seat": (
        [CONVENE],
        {"do": "send_notice", "by": "liaison", "meeting": "M1", "paper": ["liaison"]},
        ".paper[0]",
    ),
    "unknown holder": ([CONVENE], PROXY | {"holder": "friend"}, ".holder"),
    "powers that are no list": ([CONVENE], PROXY | {"powers": "vote"}, ".powers"),
    "power that is no text": ([CONVENE], PROXY | {"powers": [1]}, ".powers[0]"),
    "unknown mode": (
        [CONVENE],
        {"do": "sign_in", "by": "chair", "meeting": "M1", "mode": "phone"},
        ".mode",
    ),
    "unknown question": (
        [],
        {"do": "open_vote", "by": "chair", "proposal": "P1", "question": "amendment"},
        ".question",
    ),
    "unknown observer": (
        [],
        {"do": "admit_observer", "by": "chair", "proposal": "P1", "observer": "visitor"},
        ".observer",
    ),
    "choice that is no text": ([], CAST | {"choice": ["for"]}, ".choice"),
    "reason that is null": ([], CAST | {"reason": None}, ".reason"),
    "seat that is a person without one": (
        [],
        {"do": "vacate_seat", "by": "risk", "seat": "deputy2"},
        ".seat",
    ),
    "seat number nought": ([], {"do": "vacate_seat", "by": "risk", "seat": "seat0"}, ".seat"),
    "seat number of four digits": ([], {"do": "vacate_seat", "by": "risk", "seat": "seat1000"}, ".seat"),
    "changes that are no object": (
        [],
        {"do": "amend", "by": "handler", "proposal": "P1", "changes": []},
        ".changes",
    ),
    "terms that are null": (
        [],
        {"do": "approve_credit", "by": "credit", "proposal": "P1", "terms": None},
        ".terms",
    ),
    "numbers that are no object": ([], AMENDMENT | {"changes": 7}, ".changes"),
    "date with a time": ([], AMENDMENT | {"effective_from": "2026-04-01T00:00"}, ".effective_from"),
    "date that is none": ([], RECEIPT | {"received_on": "2026-02-29"}, ".received_on"),
    "date relative to today": ([], RECEIPT | {"received_on": "-3d"}, ".received_on"),
    "amount that is a number": ([], RECEIPT | {"amount": 1.5}, ".amount"),
    "receipt reversed without a reason": ([], RECEIPT | {"do": "reverse_receipt"}, ".reason"),
    "clock that goes back": ([{"clock": "2026-03-03T09:00"}], {"clock": "2026-03-03T08:59"}, ".clock"),
    "clock before the start": ([], DRAFT | {"clock": "2026-03-01T09:00"}, ".clock"),
    "clock that goes back after a relative one": (
        [{"clock": "+2d"}],
        {"clock": "2026-03-04T08:00:00+08:00"},
        ".clock",
    ),
    "clock back by days": ([], {"clock": "-2d"}, ".clock"),
    "clock by weeks": ([], {"clock": "+2w"}, ".clock"),
    "clock by nothing": ([], {"clock": "+"}, ".clock"),
    "clock beyond all calendars": ([], {"clock": "+999999d"}, ".clock"),
    "clock by digits of another script": ([], {"clock": "+٣d"}, ".clock"),
}


@pytest.mark.parametrize(("changes", "path"), BAD_TOPS.values(), ids=BAD_TOPS)
def test_the_place_of_a_fault_at_the_top_is_told(case, changes, path):
    with pytest.raises(Invalid) as caught:
        read(encoded(case | changes))
    assert caught.value.path == path


@pytest.mark.parametrize("name", ["title", "start", "proposals", "steps"])
def test_a_missing_key_is_told(case, name):
    with pytest.raises(Invalid) as caught:
        read(encoded(without(case, name)))
    assert (caught.value.path, "missing" in caught.value.expected) == (f"$.{name}", True)


@pytest.mark.parametrize(("before", "step", "path"), BAD_STEPS.values(), ids=BAD_STEPS)
def test_the_place_of_a_fault_in_a_step_is_told(case, before, step, path):
    case["steps"] = [*before, step]
    with pytest.raises(Invalid) as caught:
        read(encoded(case))
    assert caught.value.path == f"$.steps[{len(before)}]{path}"
    assert caught.value.expected.startswith(("expects ", "at "))


@pytest.mark.parametrize(
    ("content", "path", "word"),
    [
        (b"", "$", "JSON"),
        (b"{", "$", "line 1, column 2"),
        (b"[]", "$", "an object"),
        (b"null", "$", "an object"),
        (b'{"title": "\xff"}', "$", "UTF-8"),
        ("{}".encode("utf-16"), "$", "UTF-8"),
        (b'{"title": NaN}', "$", "NaN"),
        (b'{"title": 1' + b"0" * 5000 + b"}", "$", "JSON"),
        (b"[" * 200_000, "$", "nesting"),
        (b'{"a": ' * 80 + b"1" + b"}" * 80, "$.a.a.a", "nesting"),
        (b'{"title": "a", "title": "b"}', "$.title", "once"),
        (b'{"proposals": {"P1": {"loans": [{"rate": "1", "rate": "1"}]}}}', None, "once"),
        (b'{"title": "a" "start"}', "$", "column"),
    ],
    ids=range(13),
)
def test_what_is_no_json_is_told(content, path, word):
    with pytest.raises(Invalid) as caught:
        read(content)
    assert caught.value.path == (path or "$.proposals.P1.loans[0].rate")
    assert word in caught.value.expected


def test_files_that_cannot_be_read_are_told(tmp_path):
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    loop = tmp_path / "loop.json"
    loop.symlink_to(loop)
    for path in (large, pipe, loop, tmp_path, tmp_path / "none.json", tmp_path / ("x" * 300)):
        with pytest.raises(Invalid) as caught:
            load(path)
        assert caught.value.path == "$"


# -- What is one ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_bundled_files_are_valid(path):
    assert load(path).steps


def test_a_mark_of_the_byte_order_is_no_fault(case):
    assert read(b"\xef\xbb\xbf" + encoded(case)).title == "A case"


@pytest.mark.parametrize(
    "step",
    [
        CAST | {"choice": "yes\0"},
        PROXY | {"powers": ["veto"]},
        PROXY | {"powers": [], "proposals": [], "document": ""},
        AMENDMENT | {"changes": {"quorum": None}},
        RECEIPT | {"amount": "-1"},
        {"do": "amend", "by": "handler", "proposal": "P1", "changes": {"loans": 5, "title": "\0"}},
        {"do": "fill_seat", "by": "risk", "seat": "seat99", "holder": "outsider"},
        {"do": "vacate_seat", "by": "risk", "seat": 9},
        {"do": "vacate_seat", "by": "risk", "seat": "chair"},
        {"do": "vacate_seat", "by": [], "seat": "chair"},
        {"do": "file_docket", "by": "liaison", "proposals": []},
    ],
    ids=range(11),
)
def test_what_the_engine_judges_is_valid(case, step):
    case["steps"] = [CONVENE, step]
    assert len(read(encoded(case)).steps) == 2


@pytest.mark.parametrize(
    "plan", [5, None, [], {}, {"loans": [5, {"lending_officer": 7}]}, {"title": "\ud800"}]
)
def test_a_plan_of_any_shape_is_the_engines_to_judge(case, plan):
    case["proposals"]["P1"] = plan
    assert read(encoded(case)).plans["P1"] == plan


def test_seats_are_as_many_as_the_regulation_has(case):
    case |= {
        "regulation": {"seats": 11, "votes_to_pass": 8},
        "steps": [DRAFT | {"by": ["seat11", "deputy11"]}],
    }
    assert read(encoded(case)).steps[0].by == ("seat11", "deputy11")


def test_the_optional_arguments_are_those_of_the_specification():
    optional = {(name, verb) for verb, row in VERBS.items() for name in row.optional}
    assert optional == {
        ("ruling", "shortlist"),
        ("emergency", "convene"),
        ("reason", "convene"),
        ("reason", "cast"),
        ("minutes", "convene"),
        ("minutes", "change_meeting"),
        ("text", "send_notice"),
        ("paper", "send_notice"),
        ("posted", "send_notice"),
        ("received_at", "deliver_notice"),
        ("handed_by", "deliver_notice"),
        ("minutes", "give_floor"),
        ("done", "report_follow_up"),
        ("due", "return_follow_up"),
        ("owner", "return_follow_up"),
        ("text_en", "publish_interpretation"),
        ("replaces", "publish_interpretation"),
        ("mode", "sign_in"),
        ("question", "open_vote"),
        ("terms", "approve_credit"),
        ("at", "change_meeting"),
        ("place", "change_meeting"),
        ("proposals", "change_meeting"),
        ("over", "amend_minutes"),
        ("over", "draft_supplement"),
        # of the ledger of loans
        ("contracts", "draft"),
        ("contracts", "amend"),
        ("name", "hand_in_tape"),
        *(
            (name, "issue_warning")
            for name in ("spoken_with", "spoken_at", "said", "document_no", "file_name", "file")
        ),
        ("places", "freeze_ranking"),
        ("ranked", "plan_supervision"),
        ("quotas", "draft_targets"),
    }


# -- Times ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02T09:00", datetime(2026, 3, 2, 9, tzinfo=ZONE)),
        ("2026-03-02T09:00:30", datetime(2026, 3, 2, 9, 0, 30, tzinfo=ZONE)),
        ("2026-03-02T09:00:00.5Z", datetime(2026, 3, 2, 17, 0, 0, 500_000, tzinfo=ZONE)),
        ("2026-03-02T09:00:00-05:00", datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=-5)))),
    ],
)
def test_times_are_shanghais_unless_they_say_otherwise(case, written, meant):
    assert read(encoded(case | {"start": written})).start == meant


def test_when_it_is_kept_times_and_dates_may_be_relative_to_today(case):
    case |= {
        "start": "-12d 09:00",
        "steps": [
            {"clock": "-2d 10:00"},
            {"clock": "+3h"},
            {"clock": "0d 08:30"},
            CONVENE | {"at": "+4d 14:00"},
            RECEIPT | {"received_on": "-1d"},
        ],
    }
    case["proposals"]["P1"] |= {"base_date": "-13d", "title": "-13d"}
    found = read(encoded(case), today=TODAY)
    assert found.start == datetime(2026, 2, 18, 9, tzinfo=ZONE)
    assert [step.at for step in found.steps[:3]] == [
        datetime(2026, 2, 28, 10, tzinfo=ZONE),
        datetime(2026, 2, 28, 13, tzinfo=ZONE),
        datetime(2026, 3, 2, 8, 30, tzinfo=ZONE),
    ]
    assert found.steps[3].arguments["at"] == datetime(2026, 3, 6, 14, tzinfo=ZONE)
    assert found.steps[4].arguments["received_on"] == date(2026, 3, 1)
    assert (found.plans["P1"]["base_date"], found.plans["P1"]["title"]) == ("2026-02-17", "-13d")


@pytest.mark.parametrize("day", ["-99999d", "+99999d"])
def test_dates_relative_to_today_stay_within_the_calendar(case, day):
    case["proposals"]["P1"]["base_date"] = day
    with pytest.raises(Invalid) as caught:
        read(encoded(case), today=TODAY)
    assert caught.value.path == "$.proposals.P1"


def test_demo_files_are_rehearsals_only_when_they_are_kept():
    paths = sorted(DEMO.glob("*.json"))
    assert paths
    for path in paths:
        assert load(path, today=TODAY).bank == json.loads(path.read_text())["bank"]
        with pytest.raises(Invalid):
            load(path)


# -- The manual ----------------------------------------------------------------------------------------------


def test_the_manual_has_every_verb_with_its_arguments():
    manual = (ROOT / "docs" / "rehearsals.md").read_text()
    for do, verb in VERBS.items():
        words = (f"[`{name}`]" if name in verb.optional else f"`{name}`" for name in verb.arguments)
        assert f"| `{do}` | {', '.join(words)} |" in manual
