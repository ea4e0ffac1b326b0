"""The front door: providers in order, one per list, and never nothing."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import spotipy  # noqa: F401 - its slow import must not eat into the short waits of these tests

from emotions.labels import EMOTIONS
from errors import BadInputError, ProviderError
from health import Health
from recommendations import (
    CuratedProvider,
    Plan,
    Recommender,
    SpotifyProvider,
    Track,
)
from tests.fakes.spotify_server import CLIENT_ID, CLIENT_SECRET, FAULTS, FakeSpotify

WIRE_FAULTS = ["slow", "drip", "cut off"]


@dataclass
class FakeProvider:
    """A provider that gives what it is told to, or raises it."""

    name: str
    gives: tuple[Track, ...] | Exception = ()
    closed: bool = field(default=False, init=False)

    def tracks(self, plan: Plan, limit: int) -> tuple[Track, ...]:
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives[:limit]

    def health(self) -> Health:
        return Health("ok")

    def close(self) -> None:
        self.closed = True


SONG = Track("Song", "Singer", "first", "https://example.org/song")


@pytest.fixture
def fake() -> Iterator[FakeSpotify]:
    with FakeSpotify() as server:
        yield server


@pytest.fixture
def recommender(fake: FakeSpotify) -> Iterator[Recommender]:
    spotify = SpotifyProvider(CLIENT_ID, CLIENT_SECRET, wire=fake.wire(1.0, 0.5))
    with_spotify = Recommender([spotify, CuratedProvider()])
    yield with_spotify
    with_spotify.close()


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_without_spotify_the_catalogue_is_normal_not_degraded(emotion: str) -> None:
    answer = Recommender([CuratedProvider()]).recommend(emotion)
    assert len(answer.tracks) == 10
    assert (answer.source, answer.degraded, answer.reason) == ("curated", False, "")


def test_with_spotify_all_tracks_are_spotify_s(recommender: Recommender) -> None:
    answer = recommender.recommend("happy", None, 20)
    assert {track.provider for track in answer.tracks} == {"spotify"}
    assert (len(answer.tracks), answer.source, answer.degraded, answer.reason) == (20, "spotify", False, "")


@pytest.mark.parametrize("fault", [*FAULTS, *WIRE_FAULTS])
def test_no_fault_of_spotify_empties_the_list(fake: FakeSpotify, recommender: Recommender, fault: str) -> None:
    fake.fault = fault
    answer = recommender.recommend("sad", "lift", 10)
    assert {track.provider for track in answer.tracks} == {"curated"}
    assert (len(answer.tracks), answer.source, answer.degraded) == (10, "curated", True)
    assert answer.reason.startswith("Spotify")


def test_the_wish_is_chosen_by_the_mood_when_there_is_none() -> None:
    recommender = Recommender([CuratedProvider()])
    assert recommender.recommend("sad").plan.wish == "lift"
    assert recommender.recommend("happy").plan.wish == "match"
    assert recommender.recommend("sad", "match").plan.wish == "match"


def test_the_first_provider_with_tracks_answers() -> None:
    providers = [
        FakeProvider("first", ProviderError("It sleeps.")),
        FakeProvider("second"),
        FakeProvider("third", (SONG,)),
    ]
    answer = Recommender(providers).recommend("happy")
    assert (answer.tracks, answer.source, answer.degraded) == ((SONG,), "third", True)
    assert answer.reason == "It sleeps. Second found nothing for this mood."


def test_a_provider_s_own_mistake_is_logged_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    answer = Recommender([FakeProvider("first", ZeroDivisionError()), CuratedProvider()]).recommend("happy")
    assert (answer.source, answer.reason) == ("curated", "First had an unexpected problem.")
    assert "broke its promise" in caplog.text


def test_when_all_fail_the_answer_is_empty_and_says_why() -> None:
    answer = Recommender([FakeProvider("first", ProviderError("It sleeps."))]).recommend("happy")
    assert (answer.tracks, answer.source, answer.degraded, answer.reason) == ((), "", True, "It sleeps.")


@pytest.mark.parametrize("limit", [0, -1, 21])
def test_a_strange_length_is_refused(limit: int) -> None:
    with pytest.raises(BadInputError, match="1 to 20"):
        Recommender([CuratedProvider()]).recommend("happy", None, limit)


@pytest.mark.parametrize(("emotion", "wish"), [("bored", None), ("unknown", "match"), ("happy", "")])
def test_a_strange_mood_or_wish_is_refused(emotion: str, wish: str | None) -> None:
    with pytest.raises(BadInputError, match="Choose one of"):
        Recommender([CuratedProvider()]).recommend(emotion, wish)


def test_health_lists_the_providers(fake: FakeSpotify, recommender: Recommender) -> None:
    fake.fault = "quota"
    recommender.recommend("happy")
    health = recommender.health()
    assert (health["spotify"].state, health["curated"].state) == ("failing", "ok")
    assert "daily allowance" in health["spotify"].reason


def test_closing_closes_every_provider() -> None:
    providers = [FakeProvider("first"), FakeProvider("second")]
    Recommender(providers).close()
    assert all(provider.closed for provider in providers)


@pytest.mark.parametrize("names", [[], ["same", "same"]])
def test_providers_need_names_of_their_own(names: list[str]) -> None:
    with pytest.raises(BadInputError, match="name of its own"):
        Recommender([FakeProvider(name) for name in names])
