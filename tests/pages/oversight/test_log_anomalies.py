"""What is odd stands on one page, with its entry: clocks, hours, refusals, seal, faults found at night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import SignIn
from audit import clock
from audit.checking.verification import odd_times
from audit.models import Entry, Examination
from committee.models import Meeting
from pages.oversight.log.anomalies import MANY, working_hours
from tests.pages.oversight.trees import LOG, WITNESS, seal, sign
from tests.pages.pages import look, queries, seeing
from tests.stage import Stage, as_owner, stages

PERIOD = {"from": "2026-03-01", "to": "2026-03-31"}


def on_a_sunday() -> Stage:
    stage = Stage().to("in_session")
    stage.travel("2026-03-08T14:00+08:00")  # a Sunday
    stage.do("take_up")
    stage.travel("2026-03-09T22:30+08:00")  # a Monday night
    stage.do("record_opinion", "seat2", text="At night.")
    return stage


odd = stages("odd", on_a_sunday)


def page(stage: Stage, **asked: str) -> str:
    return look(stage["auditor"], "anomalies", **(asked or PERIOD))


def link(row: Entry) -> str:
    return reverse("entry", args=[row.stream, row.seq])


def part(text: str, name: str) -> str:
    """A part of the page."""
    return text.partition(f'id="{name}"')[2].partition("</section>")[0]


def entry(stage: Stage, action: str) -> Entry:
    return Entry.objects.filter(stream=stage.meeting.stream, action=action).latest("seq")


def test_it_is_the_auditors(odd: Stage) -> None:
    assert seeing(odd, "anomalies") == {"auditor"}


def test_acts_at_night_and_on_a_day_off_are_told_and_others_not(odd: Stage) -> None:
    hours = part(page(odd), "hours")
    assert link(entry(odd, "take_up")) in hours
    assert link(entry(odd, "record_opinion")) in hours
    assert link(entry(odd, "open_meeting")) not in hours
    assert "07:30" in hours
    assert link(entry(odd, "take_up")) not in part(
        page(odd, **{"from": "2026-03-09", "to": "2026-03-09"}), "hours"
    )


def test_a_clock_apart_and_one_gone_back_are_told(odd: Stage) -> None:
    today = {"from": timezone.localdate().isoformat(), "to": timezone.localdate().isoformat()}
    stream = odd.meeting.stream
    # the stage's own clock stands in March, far from the database's
    assert {each.seq for each in odd_times([stream])} == set(
        Entry.objects.filter(stream=stream).values_list("seq", flat=True)
    )
    assert not any(each.is_back for each in odd_times([stream]))
    with clock.frozen(clock.now() - timedelta(days=3)):
        odd.do("record_opinion", "seat3", text="Earlier.")
    back = [each for each in odd_times([stream]) if each.is_back]
    assert [each.seq for each in back] == [entry(odd, "record_opinion").seq]
    text = part(page(odd, **today), "times")
    assert link(entry(odd, "record_opinion")) in text
    assert text.count("clock gone back") == 1
    assert link(entry(odd, "open_meeting")) not in part(page(odd), "times")  # written today, not in March


def test_many_refused_sign_ins_are_told_with_the_way_to_them(odd: Stage) -> None:
    person = odd["seat2"]
    for number in range(MANY - 1):
        SignIn.objects.create(
            person=person, outcome="wrong", asked="login", at=odd.clock + timedelta(minutes=number)
        )
    assert person.username not in part(page(odd), "refusals")
    SignIn.objects.create(person=person, outcome="wrong", asked="login", at=odd.clock)
    refusals = part(page(odd), "refusals")
    assert f"{reverse('sign-ins')}?q={person.username}&amp;refused=1" in refusals
    assert f">{MANY}<" in refusals


def test_entries_ahead_of_the_seal_are_told_where_the_log_is_sealed(odd: Stage, settings: Any) -> None:
    assert "does not seal its log" in part(page(odd), "seal")
    settings.LOG_KEY = LOG.written()
    assert link(Entry.objects.get(stream=odd.meeting.stream, seq=1)) not in part(page(odd), "seal")
    later = timezone.now() + timedelta(minutes=6)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pages.oversight.log.anomalies.timezone.now", lambda: later)
        assert link(Entry.objects.get(stream=odd.meeting.stream, seq=1)) in part(page(odd), "seal")
        seal()
        assert "all sealed" in part(page(odd), "seal")


def test_what_the_night_found_is_told_of_ones_own_streams(odd: Stage) -> None:
    assert "manage.py audit verify" in page(odd)
    row = entry(odd, "open_meeting")
    faults = [
        [row.stream, row.seq, "led meeting 1 to in_session, and it is closed", {}],
        ["meeting:999999", 1, "of another bank", {}],
        ["committee_seat", 7, "is a row that no entry tells of", {}],
    ]
    now = timezone.now()
    Examination.objects.create(kind="entries", began_at=now, ended_at=now, entries=12, faults=faults)
    Examination.objects.create(
        kind="tree",
        began_at=now,
        ended_at=now,
        entries=12,
        faults=[["", 0, "tile 0 of level 0 is missing", {}]],
    )
    text = page(odd)
    assert link(row) in part(text, "entries")
    assert "led meeting 1 to in_session" in text
    assert "committee_seat 7: is a row that no entry tells of" in text
    assert "of another bank" not in text
    assert "tile 0 of level 0 is missing" in part(text, "tree")
    Examination.objects.create(
        kind="entries", began_at=now + timedelta(1), ended_at=now, entries=13, faults=[]
    )
    assert "led meeting 1" not in page(odd)


def test_the_page_takes_few_statements(odd: Stage) -> None:
    assert len(queries(odd["auditor"], "anomalies")) <= 26


def test_where_the_databases_clock_went_back_is_told(odd: Stage) -> None:
    row, before = entry(odd, "record_opinion"), entry(odd, "take_up")
    day = timezone.localdate().isoformat()
    today = {"from": day, "to": day}
    assert "none in this period" in part(page(odd, **today), "database-clock")
    as_owner("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    as_owner(
        "UPDATE audit_entry SET recorded_at = recorded_at - interval '400 days'"
        " WHERE stream = {} AND seq = {}",
        row.stream,
        row.seq,
    )
    for period in (today, {"from": "2020-01-01", "to": day}):
        text = part(page(odd, **period), "database-clock")
        assert link(row) in text
        assert text.count("clock gone back") == 1
        assert link(before) not in text
    assert "none in this period" in part(page(odd), "database-clock")
    assert "数据库时钟倒退" in look(odd["auditor"], "anomalies", language="zh-hans", **today)


def test_checkpoints_of_an_odd_time_are_told(odd: Stage, settings: Any) -> None:
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = "http://127.0.0.1:9", str(WITNESS.key)
    size = seal(most=3)
    first = sign(size)
    second = sign(seal())
    as_owner("ALTER TABLE audit_checkpoint DISABLE TRIGGER USER")
    day = timezone.localdate().isoformat()
    today = {"from": day, "to": day}
    assert "none in this period" in part(page(odd, **today), "database-clock")
    ahead = "UPDATE audit_checkpoint SET made_at = made_at + interval '2 hours' WHERE size = {}"
    as_owner(ahead, first.size)
    text = part(page(odd, **today), "database-clock")
    assert reverse("checkpoint-file", args=[second.size]) in text
    assert reverse("checkpoint-file", args=[first.size]) not in text
    as_owner("DELETE FROM audit_checkpoint")
    as_owner("ALTER TABLE audit_checkpoint ENABLE TRIGGER USER")
    third = sign(second.size, cosigned=True)  # long ago, by the witness's clock
    text = part(page(odd, **today), "database-clock")
    assert reverse("checkpoint-file", args=[third.size]) in text
    assert "cosigned before it was made" in text


def test_what_the_night_found_is_told_in_the_readers_language(odd: Stage) -> None:
    row = entry(odd, "open_meeting")
    values = {"kind": "meeting", "number": 7, "states": ["in_session", "closed"], "state": "archived"}
    led = "led %(kind)s %(number)s to %(states)s, and it is %(state)s"
    odd_one = "the ballot of seat %(seat)s is gone (%(vote)s)"
    faults = [
        [row.stream, row.seq, led, values],
        [row.stream, row.seq, odd_one, {"seat": 3, "vote": "vote:5"}],
        [row.stream, row.seq, "a text that was kept before", {}],
        [row.stream, row.seq, led, {"state": "x"}],
    ]
    now = timezone.now()
    last = Examination.objects.create(kind="entries", began_at=now, ended_at=now, entries=9, faults=faults)
    assert last.told[0].endswith("led meeting 7 to in_session or closed, and it is archived")
    english = part(page(odd), "entries")
    assert "led Meeting 7 to In session or Closed, and it is Archived" in english
    chinese = part(look(odd["auditor"], "anomalies", language="zh-hans", **PERIOD), "entries")
    with override("zh-hans"):
        during, closed, archived = (
            str(Meeting.State(each).label) for each in ("in_session", "closed", "archived")
        )
    assert f"应使会议7的状态变为“{during}或{closed}”，实为“{archived}”" in chinese
    assert "3号席位的表决票已不存在（表决 5）" in chinese
    assert "a text that was kept before" in chinese


@pytest.mark.parametrize("written", ["", "7-20", "07:30", "20:00-07:30", "07:30-20:00-21:00"])
def test_hours_that_are_none_are_refused(settings: Any, written: str) -> None:
    settings.WORKING_HOURS = written
    with pytest.raises(ImproperlyConfigured, match="WORKING_HOURS"):
        working_hours()
