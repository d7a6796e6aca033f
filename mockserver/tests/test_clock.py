from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.behavior.clock import Clock
from mockserver.behavior.functions import epoch, moment

START = "2026-02-07T12:00:00Z"


class Wall:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def clock(wall: Wall) -> Clock:
    return Clock(START, wall)


class TestNow:
    def test_stands_still(self, clock: Clock, wall: Wall) -> None:
        """Stamps do not depend on how fast a test is, so answers can be repeated."""
        wall.seconds += 100
        assert clock.now == START

    def test_a_change_takes_a_second(self, clock: Clock) -> None:
        """What was changed later has a later time."""
        clock.step()
        clock.step()
        assert clock.now == "2026-02-07T12:00:02Z"

    def test_moved_by_hand(self, clock: Clock) -> None:
        """Back too; and it is remembered that somebody did, so rehearsals are over."""
        clock.step()
        clock.advance(86400)
        assert clock.now == "2026-02-08T12:00:01Z"
        clock.advance(-86400 - 1)
        assert (clock.now, clock.by_hand) == (START, True)


class TestInstant:
    def test_flows_with_the_wall(self, clock: Clock, wall: Wall) -> None:
        """What advances while one waits asks for it."""
        assert clock.instant == epoch(START)
        wall.seconds += 2.5
        assert clock.instant == epoch(START) + 2.5
        clock.step()
        assert clock.instant == epoch(START) + 3.5

    def test_frozen(self, clock: Clock, wall: Wall) -> None:
        """No time passes at all, not even with changes; it goes on from where it stopped."""
        wall.seconds += 5
        clock.freeze()
        wall.seconds += 100
        clock.step()
        clock.freeze()
        assert (clock.now, clock.instant) == (START, epoch(START) + 5)
        clock.run()
        clock.run()
        wall.seconds += 1
        assert clock.instant == epoch(START) + 6


class TestSet:
    @pytest.mark.parametrize("frozen", [False, True])
    def test_both_times_are_the_one_that_was_set(self, clock: Clock, wall: Wall, frozen: bool) -> None:
        """How long the server has run before does not show: the same is computed on every machine."""
        wall.seconds += 77.7
        clock.step()
        if frozen:
            clock.freeze()
        clock.set("2027-01-01T00:00:00Z")
        assert clock.now == "2027-01-01T00:00:00Z"
        assert clock.instant == epoch("2027-01-01T00:00:00Z")

    def test_a_time_without_a_zone_is_utc(self, clock: Clock) -> None:
        """It does not depend on where the server stands."""
        clock.set("2027-01-01T00:00:00")
        assert clock.now == "2027-01-01T00:00:00Z"
        clock.set("2027-01-01T00:00:00+02:00")
        assert clock.now == "2026-12-31T22:00:00Z"

    def test_what_is_no_time(self, clock: Clock) -> None:
        """Nothing has changed then."""
        with pytest.raises(ValueError):
            clock.set("soon")
        assert (clock.now, clock.by_hand) == (START, False)


class TestCopy:
    def test_goes_its_own_way(self, clock: Clock, wall: Wall) -> None:
        """A session's clock is not the default one's."""
        clock.step()
        other = clock.copy()
        other.advance(60)
        clock.freeze()
        assert (clock.now, other.now) == ("2026-02-07T12:00:01Z", "2026-02-07T12:01:01Z")
        wall.seconds += 1
        assert other.instant - clock.instant == 61


class TestAnyStory:
    @given(st.lists(st.sampled_from(["step", "freeze", "run", "wait"])))
    def test_time_never_runs_back_by_itself(self, story: list[str]) -> None:
        """Whatever happens, a later stamp is not earlier, and `now` never runs ahead of the instant."""
        wall = Wall()
        clock = Clock(START, wall)
        seen = [(clock.now, clock.instant)]
        for happens in story:
            if happens == "wait":
                wall.seconds += 0.75
            else:
                getattr(clock, happens)()
            seen.append((clock.now, clock.instant))
        assert seen == sorted(seen)
        assert all(now <= moment(instant) for now, instant in seen)
