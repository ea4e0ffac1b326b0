"""Breaker, budget and cache, by a clock that is turned by hand."""

import math

import pytest

from errors import ProviderBlockedError
from recommendations.fences import Breaker, Budget, Cache, ForgetfulMemory
from tests.fakes.clock import FakeClock


def blocked(reason: str, seconds: float) -> ProviderBlockedError:
    return ProviderBlockedError(reason, seconds)


def test_a_breaker_keeps_calls_away_until_its_time_is_over() -> None:
    clock = FakeClock()
    breaker = Breaker("spotify", ForgetfulMemory(), clock)
    breaker.block(blocked("too much", 30))
    with pytest.raises(ProviderBlockedError, match="too much") as caught:
        breaker.check()
    assert caught.value.seconds == 30
    clock.advance(30)
    breaker.check()
    assert breaker.health().state == "ok"


def test_a_short_block_does_not_shorten_a_long_one() -> None:
    clock = FakeClock()
    breaker = Breaker("spotify", ForgetfulMemory(), clock)
    breaker.block(blocked("long", 3600))
    breaker.block(blocked("short", 30))
    assert breaker.health().reason == "long"


def test_only_a_lasting_block_survives_a_restart() -> None:
    clock, memory = FakeClock(), ForgetfulMemory()
    Breaker("spotify", memory, clock).block(blocked("outage", 3600))
    Breaker("spotify", memory, clock).check()
    Breaker("spotify", memory, clock).block(blocked("quota", 3600), lasting=True)
    with pytest.raises(ProviderBlockedError, match=r"Spotify asked for a rest until \d\d:\d\d"):
        Breaker("spotify", memory, clock).check()


def test_a_block_without_an_end_switches_off() -> None:
    breaker = Breaker("spotify", ForgetfulMemory(), FakeClock())
    breaker.block(blocked("wrong secret", math.inf))
    assert (breaker.health().state, breaker.health().reason) == ("off", "wrong secret")


def test_a_budget_limits_a_minute() -> None:
    clock = FakeClock()
    budget = Budget(per_minute=3, per_day=100, clock=clock)
    for _ in range(3):
        budget.spend()
        clock.advance(10)
    with pytest.raises(ProviderBlockedError) as caught:
        budget.spend()
    assert caught.value.seconds == 30
    clock.advance(30)
    budget.spend()


def test_a_budget_limits_any_24_hours() -> None:
    clock = FakeClock()
    budget = Budget(per_minute=3, per_day=5, clock=clock)
    for _ in range(5):
        budget.spend()
        clock.advance(3600)
    with pytest.raises(ProviderBlockedError):
        budget.spend()
    clock.advance(19 * 3600)
    budget.spend()


def test_a_cache_forgets_what_is_old() -> None:
    clock = FakeClock()
    cache: Cache[str] = Cache(2, 100.0, clock)
    cache.put("a", "one")
    assert cache.get("a", "") == "one"
    clock.advance(100)
    assert cache.get("a", "") == ""


def test_a_full_cache_drops_what_was_unused_for_longest() -> None:
    cache: Cache[str] = Cache(2, 100.0, FakeClock())
    cache.put("a", "one")
    cache.put("b", "two")
    cache.get("a", "")
    cache.put("c", "three")
    assert [cache.get(key, "") for key in "abc"] == ["one", "", "three"]
