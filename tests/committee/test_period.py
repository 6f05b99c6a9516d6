"""The period of notice, as values (Art. 15)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from committee.period import last_day, long_enough

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)


def enough(now, *, days=2, emergency=False, sent=()):
    return long_enough(AT, now=now, notice_days=days, tz=SHANGHAI, emergency=emergency, sent=sent)


def test_the_last_day_is_the_meetings_date_less_the_days_of_notice():
    assert last_day(AT, 2, SHANGHAI) == date(2026, 3, 3)
    assert last_day(AT, 0, SHANGHAI) == date(2026, 3, 5)


def test_days_are_those_of_the_committees_zone():
    assert last_day(datetime(2026, 3, 4, 17, 0, tzinfo=UTC), 2, SHANGHAI) == date(2026, 3, 3)
    assert enough(datetime(2026, 3, 3, 15, 59, tzinfo=UTC))
    assert not enough(datetime(2026, 3, 3, 16, 0, tzinfo=UTC))
    early = datetime(2026, 3, 5, 7, 0, tzinfo=SHANGHAI)
    noon = datetime(2026, 3, 3, 12, 0, tzinfo=SHANGHAI)
    assert long_enough(early, now=noon, notice_days=2, tz=SHANGHAI, emergency=False, sent=())


def test_the_last_minute_of_the_last_day_is_in_time_and_the_next_is_not():
    assert enough(datetime(2026, 3, 3, 23, 59, tzinfo=SHANGHAI))
    assert not enough(datetime(2026, 3, 4, 0, 0, tzinfo=SHANGHAI))


def test_a_notice_sent_in_time_keeps_the_period():
    late = datetime(2026, 3, 5, 8, 0, tzinfo=SHANGHAI)
    assert enough(late, sent=[datetime(2026, 3, 3, 12, 0, tzinfo=SHANGHAI)])
    assert not enough(late, sent=[datetime(2026, 3, 4, 12, 0, tzinfo=SHANGHAI)])
    assert not enough(late)


def test_an_emergency_waives_the_period():
    assert enough(datetime(2026, 3, 5, 8, 59, tzinfo=SHANGHAI), emergency=True)


@pytest.mark.parametrize("emergency", [False, True])
def test_a_time_in_the_past_is_too_short_for_anyone(emergency):
    sent = [datetime(2026, 3, 1, 9, 0, tzinfo=SHANGHAI)]
    assert enough(AT, days=0, emergency=emergency, sent=sent)
    assert not enough(AT + timedelta(microseconds=1), days=0, emergency=emergency, sent=sent)
