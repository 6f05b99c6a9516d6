"""The one clock: real unless a rehearsal holds it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from audit import clock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def test_the_real_time_is_aware_and_in_utc():
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_frozen_clock_stands_until_it_travels():
    with clock.frozen(NOON):
        assert clock.now() == NOON
        assert clock.now().tzinfo is UTC
        clock.travel(NOON + timedelta(days=2))
        assert clock.now() == NOON + timedelta(days=2)
    assert clock.now() != NOON


def test_a_clock_frozen_within_another_gives_it_back_as_it_was():
    with clock.frozen(NOON):
        with clock.frozen(NOON - timedelta(days=1)):
            clock.travel(NOON - timedelta(days=2))
        assert clock.now() == NOON


def test_the_clock_goes_on_after_an_error():
    with pytest.raises(KeyError), clock.frozen(NOON):
        raise KeyError
    assert clock.now() != NOON


def test_nobody_sets_the_real_clock():
    with pytest.raises(RuntimeError):
        clock.travel(NOON)


def test_a_naive_moment_is_an_error():
    with pytest.raises(ValueError, match="time zone"), clock.frozen(NOON.replace(tzinfo=None)):
        pass
