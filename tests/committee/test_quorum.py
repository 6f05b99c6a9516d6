"""Who is represented, and how long a notice runs, as values (Art. 15, 20.1)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.period import last_day, long_enough
from committee.quorum import SeatPresence, missing

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.article("20.1")
@pytest.mark.parametrize(
    ("holder_in", "proxy_in", "represented"),
    [(True, False, True), (False, True, True), (True, True, True), (False, False, False)],
)
def test_a_seat_is_represented_in_person_or_by_proxy(holder_in, proxy_in, represented):
    assert SeatPresence(1, holder_in=holder_in, proxy_in=proxy_in).represented is represented


def test_nine_seats_with_nobody_missing():
    assert missing([SeatPresence(n, holder_in=True, proxy_in=False) for n in range(1, 10)], 9) == ()


def test_a_vacant_seat_is_missing():
    assert missing([SeatPresence(n, holder_in=True, proxy_in=False) for n in (1, 2, 4)], 5) == (3, 5)


@given(st.sets(st.integers(1, 12)), st.integers(1, 12))
def test_exactly_the_seats_without_anybody_are_missing(there, seats):
    roll = [SeatPresence(n, holder_in=n in there, proxy_in=False) for n in range(1, 13)]
    assert set(missing(roll, seats)) == set(range(1, seats + 1)) - there


@pytest.mark.article("15")
def test_the_last_day_of_notice_is_counted_in_the_committees_zone():
    at = datetime.fromisoformat("2026-03-04T16:30+00:00")  # half past midnight on the 5th in Shanghai
    assert last_day(at, 2, SHANGHAI) == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("now", "sent", "emergency", "enough"),
    [
        ("2026-03-03T23:59", [], False, True),
        ("2026-03-04T00:00", [], False, False),
        ("2026-03-04T00:00", ["2026-03-03T12:00"], False, True),
        ("2026-03-04T00:00", ["2026-03-04T00:00"], False, False),
        ("2026-03-05T08:59", [], True, True),
        ("2026-03-05T09:00", [], True, True),
        ("2026-03-05T09:01", [], True, False),
        ("2026-03-05T09:01", ["2026-03-05T08:00"], True, False),
        ("2026-03-05T09:01", ["2026-03-03T08:00"], False, False),
    ],
)
def test_a_notice_in_time_now_or_one_sent_in_time_is_long_enough(now, sent, emergency, enough):
    def moment(text):
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

    found = long_enough(
        moment("2026-03-05T09:00"), now=moment(now), notice_days=2, tz=SHANGHAI, emergency=emergency,
        sent=[moment(text) for text in sent],
    )  # fmt: skip
    assert found is enough


@given(st.integers(0, 30), st.integers(-40, 40))
def test_a_meeting_in_the_past_is_too_short_for_anyone(days, hours):
    now = datetime(2026, 3, 5, 9, tzinfo=SHANGHAI)
    at = now + timedelta(hours=hours)
    found = long_enough(at, now=now, notice_days=days, tz=SHANGHAI, emergency=True, sent=[])
    assert found is (hours >= 0)
