"""Laws of the clock: ours stands still, goes forward and never back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from mqk.clock import VirtualClock, system_clock

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))]))


def test_a_virtual_clock_stands_where_it_was_put() -> None:
    clock = VirtualClock(NOON)
    assert [clock() for _ in range(3)] == [NOON] * 3


def test_a_virtual_clock_goes_forward_by_a_moment_and_not_back_by_one() -> None:
    clock = VirtualClock(NOON)
    for to, then in ((NOON - MOMENT, NOON), (NOON, NOON), (NOON + MOMENT, NOON + MOMENT)):
        clock.move_to(to)
        assert clock() == then


@settings(deadline=None)
@given(start=MOMENTS, moves=st.lists(MOMENTS))
def test_a_virtual_clock_never_goes_back(start: datetime, moves: list[datetime]) -> None:
    clock, seen = VirtualClock(start), [start]
    for at in moves:
        clock.move_to(at)
        seen.append(clock())
        assert clock() == max(seen[-2], at)
    assert seen == sorted(seen)


def test_two_virtual_clocks_do_not_move_each_other() -> None:
    one, other = VirtualClock(NOON), VirtualClock(NOON)
    one.move_to(NOON + MOMENT)
    assert other() == NOON


def test_the_system_clock_is_in_utc() -> None:
    assert system_clock().utcoffset() == timedelta(0)
