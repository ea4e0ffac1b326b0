"""The Spotify provider against a Spotify on a real socket, as long as all goes well."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import spotipy  # noqa: F401 - its slow import must not eat into the short waits of these tests

from errors import BadInputError, ProviderBlockedError
from recommendations import SpotifyProvider, Step, Track, plan_for
from recommendations.spotify_tracks import arrange, hits_in, searches_for
from recommendations.values import Plan
from tests.fakes.clock import FakeClock
from tests.fakes.spotify_server import CLIENT_ID, CLIENT_SECRET, FakeSpotify, found


@pytest.fixture
def fake() -> Iterator[FakeSpotify]:
    with FakeSpotify() as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def provider(fake: FakeSpotify, clock: FakeClock) -> Iterator[SpotifyProvider]:
    spotify = SpotifyProvider(CLIENT_ID, CLIENT_SECRET, market="DE", wire=fake.wire(4.0, clock=clock))
    yield spotify
    spotify.close()


def plan_of(*words: str) -> Plan:
    return Plan("happy", "match", tuple(Step(word, 0.5, 0.2) for word in words))


def ask(provider: SpotifyProvider, emotion: str = "sad", limit: int = 10) -> tuple[Track, ...]:
    return provider.tracks(plan_for(emotion, "lift", limit), limit)


@pytest.mark.parametrize("limit", [1, 2, 10, 20])
def test_a_mood_takes_at_most_three_searches_and_one_token(
    fake: FakeSpotify, provider: SpotifyProvider, limit: int
) -> None:
    assert len(ask(provider, limit=limit)) == limit
    assert fake.searches == min(limit, 3)
    assert fake.token_requests == 1


def test_a_list_follows_the_order_of_its_plan(fake: FakeSpotify, provider: SpotifyProvider) -> None:
    words = [track.title.split()[0] for track in ask(provider, "sad", 9)]
    assert words == ["sad"] * 3 + ["nostalgic"] * 3 + ["uplifting"] * 3
    assert fake.queries == ["sad acoustic", "nostalgic acoustic", "uplifting acoustic"]


def test_a_track_has_links_a_cover_a_year_and_a_mark(fake: FakeSpotify, provider: SpotifyProvider) -> None:
    key = "4uLU6hMCjMI75M1A2tKUQC"
    fake.items = [found(1, id=key, name="Song", artists=[{"name": "One"}, {"name": "Two"}], explicit=True)]
    (track,) = provider.tracks(plan_of("fun"), 1)
    assert track == Track(
        "Song",
        "One, Two",
        "spotify",
        f"https://open.spotify.com/track/{key}",
        id=key,
        year=1999,
        embed_url=f"https://open.spotify.com/embed/track/{key}",
        artwork_url="https://i.scdn.co/image/1",
        explicit=True,
    )


@pytest.mark.parametrize(
    "changes",
    [{"album": None}, {"album": {"release_date": "0000", "images": [{"url": "http://plain/"}, None]}}],
)
def test_missing_details_stay_empty(changes: dict[str, object]) -> None:
    (hit,) = hits_in({"tracks": {"items": [found(1, **changes)]}})
    assert (hit.track.year, hit.track.artwork_url) == (None, "")


@pytest.mark.parametrize(
    "changes",
    [{"id": "short"}, {"id": "0" * 21 + "/"}, {"id": None}, {"name": " "}, {"artists": []}, {"artists": None}],
)
def test_a_track_without_its_essentials_is_left_out(changes: dict[str, object]) -> None:
    assert hits_in({"tracks": {"items": [found(1, **changes), found(2)]}}) == hits_in({"tracks": {"items": [found(2)]}})


@pytest.mark.parametrize("answer", [None, [], "text", {}, {"tracks": None}, {"tracks": {"items": {}}}])
def test_an_answer_of_another_shape_holds_nothing(answer: object) -> None:
    assert hits_in(answer) == ()


def test_one_recording_comes_once(fake: FakeSpotify, provider: SpotifyProvider) -> None:
    same_name = {"name": "Same", "artists": [{"name": "One"}]}
    isrc = {"external_ids": {"isrc": "SAME"}}
    fake.items = [found(1, **same_name), found(2, **same_name), found(3, **isrc), found(4, **isrc), None]
    ids = {track.id[-1] for track in provider.tracks(plan_of("fun"), 4)}
    assert len(ids & {"1", "2"}) == len(ids & {"3", "4"}) == 1


def test_no_artist_comes_twice_in_a_row_if_it_can_be() -> None:
    artists = ["A", "A", "A", "B", "C"]
    items = [found(i, artists=[{"name": artist}]) for i, artist in enumerate(artists)]
    (search,) = searches_for(plan_of("fun", "fun", "fun", "fun", "fun"), 5, 1)
    tracks = arrange([(search, hits_in({"tracks": {"items": items}}))], 5)
    assert [track.artist for track in tracks] == ["A", "B", "A", "C", "A"]


def test_the_same_mood_again_asks_nobody_for_a_day(
    fake: FakeSpotify, provider: SpotifyProvider, clock: FakeClock
) -> None:
    lists = {ask(provider)}
    clock.advance(23 * 3600)
    lists |= {ask(provider) for _ in range(5)}
    assert fake.searches == 3
    assert len(lists) > 1, "another list is in another order"
    clock.advance(2 * 3600)
    ask(provider)
    assert fake.searches == 6


def test_visitors_who_ask_the_same_at_once_share_one_search(fake: FakeSpotify, provider: SpotifyProvider) -> None:
    fake.fault = "slow"
    with ThreadPoolExecutor(4) as visitors:
        asks = [visitors.submit(provider.tracks, plan_of("fun"), 1) for _ in range(4)]
        threading.Timer(0.3, fake.released.set).start()
        assert all(ask.result() for ask in asks)
    assert fake.searches == 1


def test_no_more_than_twenty_searches_a_minute(fake: FakeSpotify, provider: SpotifyProvider, clock: FakeClock) -> None:
    for number in range(20):
        provider.tracks(plan_of(f"word{number}"), 1)
    with pytest.raises(ProviderBlockedError, match="Our own limit"):
        provider.tracks(plan_of("one more"), 1)
    assert fake.searches == 20
    clock.advance(61)
    assert provider.tracks(plan_of("one more"), 1)


def test_no_secret_is_logged_or_shown(
    fake: FakeSpotify, provider: SpotifyProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(provider)
    fake.fault = "unavailable"
    with pytest.raises(ProviderBlockedError) as caught:
        ask(provider, "happy")
    shown = caplog.text + repr(caught.value) + repr(provider) + str(provider.health())
    assert "Bearer" not in shown
    assert "Basic" not in shown
    assert "token-1" not in shown
    assert CLIENT_SECRET not in shown


@pytest.mark.parametrize(("client_id", "secret"), [("", "secret"), ("id", "")])
def test_half_an_account_is_refused(client_id: str, secret: str) -> None:
    with pytest.raises(BadInputError, match="both a client id and a client secret"):
        SpotifyProvider(client_id, secret)


def test_closing_ends_the_thread_and_may_be_done_twice(provider: SpotifyProvider) -> None:
    ask(provider)
    provider.close()
    provider.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("spotify")]


@pytest.mark.parametrize(
    ("path", "status"),
    [("search?q=a&type=track&limit=11", 400), ("search?q=a&type=track&limit=10", 200), ("recommendations", 404)],
)
def test_the_fake_refuses_what_spotify_refuses(fake: FakeSpotify, path: str, status: int) -> None:
    assert requests.get(f"{fake.url}/v1/{path}", timeout=2).status_code == 401
    fake.tokens.add("good")
    answer = requests.get(f"{fake.url}/v1/{path}", headers={"Authorization": "Bearer good"}, timeout=2)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("valence", "arousal", "query"),
    [
        (0.6, -0.8, "word piano"),
        (0.6, -0.2, "word acoustic"),
        (0.6, 0.3, "word pop"),
        (0.6, 0.6, "word dance"),
        (-0.6, 0.5, "word rock"),
    ],
)
def test_a_search_adds_a_kind_of_music_to_the_word(valence: float, arousal: float, query: str) -> None:
    plan = Plan("happy", "match", (Step("word", valence, arousal),))
    assert [search.query for search in searches_for(plan, 1, 3)] == [query]
