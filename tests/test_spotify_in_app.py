"""From the app's own address to a Spotify on a real socket and back, with every fault on the way."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import spotipy  # noqa: F401 - its slow import must not eat into the short waits of these tests
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from recommendations import CuratedProvider, Recommender, SpotifyProvider
from storage import Store
from tests.fakes.classifier import FakeClassifier
from tests.fakes.spotify_server import CLIENT_ID, CLIENT_SECRET, FAULTS, FakeSpotify

ADDRESS = "/api/recommendations?emotion=sad&wish=lift&limit=10"


@pytest.fixture
def fake() -> Iterator[FakeSpotify]:
    with FakeSpotify() as server:
        yield server


@pytest.fixture
def client(settings: Settings, fake: FakeSpotify) -> Iterator[FlaskClient]:
    """The app with Spotify set up, its blocks kept in a real database."""
    store = Store(settings.database_url)
    spotify = SpotifyProvider(CLIENT_ID, CLIENT_SECRET, memory=store, wire=fake.wire(1.0, 0.5))
    with_spotify = replace(settings, spotipy_client_id=CLIENT_ID, spotipy_client_secret=CLIENT_SECRET)
    recommender = Recommender([spotify, CuratedProvider()])
    app = create_app(with_spotify, classifier=FakeClassifier(), recommender=recommender)
    yield app.test_client()
    app.extensions["moodwave"].close()
    store.close()


def test_tracks_come_with_link_player_and_artwork(client: FlaskClient) -> None:
    answer = client.get(ADDRESS).json
    assert answer is not None
    assert (answer["source"], answer["degraded"], len(answer["tracks"])) == ("spotify", False, 10)
    for track in answer["tracks"]:
        assert track["url"] == f"https://open.spotify.com/track/{track['id']}"
        assert track["embed_url"] == f"https://open.spotify.com/embed/track/{track['id']}"
        assert track["artwork_url"].startswith("https://i.scdn.co/image/")


@pytest.mark.parametrize("fault", [*FAULTS, "slow", "drip", "cut off"])
def test_no_fault_hangs_empties_or_breaks_an_answer(client: FlaskClient, fake: FakeSpotify, fault: str) -> None:
    fake.fault = fault
    started = time.monotonic()
    answer = client.get(ADDRESS)
    assert time.monotonic() - started < 3
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["source"], answer.json["degraded"], len(answer.json["tracks"])) == ("curated", True, 10)
    assert answer.json["reason"].startswith("Spotify")


def test_a_used_up_quota_is_told_and_not_asked_again(client: FlaskClient, fake: FakeSpotify) -> None:
    fake.fault = "quota"
    reasons = [client.get(ADDRESS).json["reason"] for _ in range(3)]  # type: ignore[index]
    assert "daily allowance" in reasons[0]
    assert fake.searches == 1
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json["parts"]["spotify"]["state"] == "failing"  # type: ignore[index]
    assert ready.json["parts"]["catalogue"]["state"] == "ok"  # type: ignore[index]


def test_a_restart_remembers_the_quota(client: FlaskClient, fake: FakeSpotify, settings: Settings) -> None:
    fake.fault = "quota"
    client.get(ADDRESS)
    store = Store(settings.database_url)
    again = SpotifyProvider(CLIENT_ID, CLIENT_SECRET, memory=store, wire=fake.wire(1.0, 0.5))
    answer = Recommender([again, CuratedProvider()]).recommend("happy")
    again.close()
    store.close()
    assert (answer.source, fake.searches) == ("curated", 1)


def test_no_secret_reaches_the_page_or_an_answer(client: FlaskClient, fake: FakeSpotify) -> None:
    fake.fault = "premium"
    for address in ("/", ADDRESS, "/readyz"):
        assert CLIENT_SECRET.encode() not in client.get(address).data
