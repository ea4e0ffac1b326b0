"""Every fault of Spotify becomes one of our two errors, in time, and keeps calls away as it should."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
import spotipy  # at the top: its slow import must not eat into the short waits of these tests

from errors import ProviderBlockedError, ProviderError
from recommendations import ForgetfulMemory, SpotifyProvider, Track, plan_for
from tests.fakes.clock import FakeClock
from tests.fakes.spotify_server import CLIENT_ID, CLIENT_SECRET, FakeSpotify

Build = Callable[..., SpotifyProvider]


@pytest.fixture
def fake() -> Iterator[FakeSpotify]:
    with FakeSpotify() as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def build(fake: FakeSpotify, clock: FakeClock) -> Iterator[Build]:
    built: list[SpotifyProvider] = []

    def make(secret: str = CLIENT_SECRET, memory: ForgetfulMemory | None = None) -> SpotifyProvider:
        built.append(SpotifyProvider(CLIENT_ID, secret, memory=memory, wire=fake.wire(1.2, 0.5, clock)))
        return built[-1]

    yield make
    for provider in built:
        provider.close()


def ask(provider: SpotifyProvider, emotion: str = "sad") -> tuple[Track, ...]:
    return provider.tracks(plan_for(emotion, "lift", 10), 10)


def failure(provider: SpotifyProvider, emotion: str = "sad") -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(provider, emotion)
    return caught.value


@dataclass(frozen=True)
class Row:
    """One row of the error map: the fault, the searches that it costs, the block in s, the words."""

    fault: str
    searches: int
    seconds: float
    words: str


ERROR_MAP = [
    Row("premium", 1, 3600, "while its owner has Premium"),
    Row("premium in plain text", 1, 3600, "while its owner has Premium"),
    Row("not registered", 1, 3600, "up to 5 people under User Management"),
    Row("forbidden", 1, 3600, "no longer lets this app search"),
    Row("not found", 1, 3600, "no longer lets this app search"),
    Row("quota", 1, 48925, "daily allowance for this app is used up until"),
    Row("rate", 1, 30, "too many searches from this app"),
    Row("rate without a time", 1, 30, "too many searches from this app"),
    Row("server error", 3, 30, "can't be reached"),
    Row("unavailable", 3, 30, "can't be reached"),
    Row("teapot", 1, 30, "can't be reached"),
    Row("unauthorized", 2, 30, "does not accept its own token"),
    Row("slow", 1, 30, "can't be reached"),
    Row("cut off", 1, 30, "can't be reached"),
    Row("drip", 1, 30, "too slow"),
]
EVERY_ROW = pytest.mark.parametrize("row", ERROR_MAP, ids=lambda row: row.fault)


@EVERY_ROW
def test_a_fault_is_explained_and_costs_no_more_calls_than_it_must(fake: FakeSpotify, build: Build, row: Row) -> None:
    provider, fake.fault = build(), row.fault
    error = failure(provider)
    assert isinstance(error, ProviderBlockedError)
    assert row.words in str(error)
    assert (error.seconds, fake.searches) == (row.seconds, row.searches)
    assert (provider.health().state, provider.health().reason) == ("failing", str(error))


@EVERY_ROW
def test_a_fault_keeps_calls_away_for_its_time_and_no_longer(
    fake: FakeSpotify, clock: FakeClock, build: Build, row: Row
) -> None:
    provider, fake.fault = build(), row.fault
    failure(provider)
    fake.fault = ""
    clock.advance(row.seconds - 1)
    assert row.words in str(failure(provider))
    assert fake.searches == row.searches
    clock.advance(1)
    assert len(ask(provider)) == 10
    assert provider.health().state == "ok"


@pytest.mark.parametrize("fault", ["slow", "drip"])
def test_nobody_waits_longer_than_agreed_and_no_thread_hangs(fake: FakeSpotify, build: Build, fault: str) -> None:
    provider, fake.fault = build(), fault
    start = time.monotonic()
    failure(provider)
    provider.close()
    assert time.monotonic() - start < 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("spotify")]


@pytest.mark.parametrize("fault", ["no json", "null", "null items", "empty", "odd shapes"])
def test_an_empty_or_senseless_answer_is_no_track_and_is_not_kept(fake: FakeSpotify, build: Build, fault: str) -> None:
    provider, fake.fault = build(), fault
    assert ask(provider) == ()
    fake.fault = ""
    assert len(ask(provider)) == 10


def test_a_misunderstood_search_is_no_reason_to_stay_away(fake: FakeSpotify, build: Build) -> None:
    provider, fake.fault = build(), "bad request"
    assert not isinstance(failure(provider), ProviderBlockedError)
    fake.fault = ""
    assert ask(provider)


def test_an_expired_token_is_replaced_without_a_word(fake: FakeSpotify, build: Build) -> None:
    provider = build()
    ask(provider, "sad")
    fake.tokens.clear()
    assert len(ask(provider, "happy")) == 10
    assert fake.token_requests == 2


def test_a_wrong_secret_switches_off_until_restart_with_a_hint(
    fake: FakeSpotify, clock: FakeClock, build: Build
) -> None:
    provider = build(secret="not-it")
    error = failure(provider)
    assert isinstance(error, ProviderBlockedError)
    assert "developer dashboard into the settings and restart" in str(error)
    assert error.seconds == math.inf
    clock.advance(1e8)
    failure(provider)
    assert (fake.token_requests, fake.searches, provider.health().state) == (1, 0, "off")


@pytest.mark.parametrize(
    ("fault", "seconds"), [("unavailable", 30), ("quota", 48925), ("no json", 30), ("null", 30), ("empty", 30)]
)
def test_a_fault_of_the_token_endpoint_is_a_fault_like_others(
    fake: FakeSpotify, build: Build, fault: str, seconds: float
) -> None:
    provider, fake.token_fault = build(), fault
    error = failure(provider)
    assert isinstance(error, ProviderBlockedError)
    assert (error.seconds, fake.searches) == (seconds, 0)


def test_a_spotify_that_is_not_there_is_an_outage(clock: FakeClock) -> None:
    with FakeSpotify() as gone:
        provider = SpotifyProvider(CLIENT_ID, CLIENT_SECRET, wire=gone.wire(2.0, 0.5, clock))
    assert "can't be reached" in str(failure(provider))
    provider.close()


def test_a_quota_block_survives_a_restart_and_an_outage_does_not(fake: FakeSpotify, build: Build) -> None:
    memory = ForgetfulMemory()
    fake.fault = "unavailable"
    failure(build(memory=memory))
    fake.fault = "quota"
    failure(build(memory=memory))
    fake.fault, calls = "", fake.searches
    assert "asked for a rest until" in str(failure(build(memory=memory)))
    assert fake.searches == calls


def test_what_is_cached_is_played_while_spotify_is_blocked(fake: FakeSpotify, build: Build) -> None:
    provider = build()
    ask(provider, "sad")
    fake.fault = "quota"
    failure(provider, "happy")
    calls = fake.searches
    assert ask(provider, "sad")
    assert fake.searches == calls


def test_a_fault_half_way_leaves_no_half_list_behind(fake: FakeSpotify, build: Build) -> None:
    provider, plan = build(), plan_for("sad", "lift", 9)
    assert provider.tracks(replace(plan, steps=plan.steps[1:2]), 1)  # now the first of the three searches is known
    fake.fault = "quota"
    with pytest.raises(ProviderError, match="daily allowance"):
        provider.tracks(plan, 9)


def test_foreign_errors_stay_the_cause(fake: FakeSpotify, build: Build) -> None:
    provider, fake.fault = build(), "not found"
    assert isinstance(failure(provider).__cause__, spotipy.SpotifyException)
