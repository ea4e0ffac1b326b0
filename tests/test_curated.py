"""The hand-written catalogue and how tracks are drawn from it."""

import itertools
import random
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

from emotions.labels import EMOTIONS
from errors import ProviderError
from recommendations import WISHES, CuratedProvider, Track, plan_for
from recommendations.curated import CATALOGUE, Entry, read_catalogue

ENTRIES = read_catalogue(CATALOGUE)
BY_NAME = {(entry.track.title, entry.track.artist): entry for entry in ENTRIES}
HEADER = "title,artist,year,language,genre,emotion,valence,arousal\n"
ALL_PLANS = list(itertools.product(EMOTIONS, WISHES))


def draw(emotion: str, wish: str, limit: int = 10, seed: int = 1) -> tuple[Track, ...]:
    return CuratedProvider(rng=random.Random(seed)).tracks(plan_for(emotion, wish, limit), limit)


def entry_of(track: Track) -> Entry:
    return BY_NAME[track.title, track.artist]


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_emotion_has_music(emotion: str) -> None:
    assert sum(entry.emotion == emotion for entry in ENTRIES) >= 18


def test_no_recording_is_listed_twice() -> None:
    names = Counter((entry.track.title.casefold(), entry.track.artist.casefold()) for entry in ENTRIES)
    assert names.most_common(1)[0][1] == 1


def test_the_catalogue_spans_the_decades() -> None:
    years = [entry.track.year or 0 for entry in ENTRIES]
    assert all(1950 <= year <= 2025 for year in years)
    assert {year // 10 * 10 for year in years} == set(range(1950, 2030, 10))


def test_the_catalogue_speaks_many_languages_and_some_pieces_none() -> None:
    languages = {entry.track.language for entry in ENTRIES}
    assert "zxx" in languages
    assert languages >= {"en", "es", "fr", "pt", "hi", "ja", "ko", "de", "it", "ar"}
    assert all(code == "zxx" or (len(code) == 2 and code.islower()) for code in languages)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_no_emotion_is_all_english_or_of_one_genre(emotion: str) -> None:
    own = [entry for entry in ENTRIES if entry.emotion == emotion]
    assert sum(entry.track.language != "en" for entry in own) >= 3
    assert len({entry.genre for entry in own}) >= 8


def test_music_for_fear_is_gentle() -> None:
    assert all(entry.point[0] > 0 and entry.point[1] < 0 for entry in ENTRIES if entry.emotion == "fear")


@pytest.mark.parametrize(("emotion", "wish"), ALL_PLANS)
@pytest.mark.parametrize("limit", [1, 10, 20])
def test_a_list_is_full_without_repeats_or_an_artist_twice_in_a_row(emotion: str, wish: str, limit: int) -> None:
    tracks = draw(emotion, wish, limit)
    assert len(set(tracks)) == len(tracks) == limit
    assert all(a.artist != b.artist for a, b in itertools.pairwise(tracks))


@pytest.mark.parametrize(("emotion", "wish"), ALL_PLANS)
def test_two_asks_differ(emotion: str, wish: str) -> None:
    assert draw(emotion, wish, seed=1) == draw(emotion, wish, seed=1) != draw(emotion, wish, seed=2)


@pytest.mark.parametrize("emotion", ["angry", "disgust", "fear", "sad"])
@pytest.mark.parametrize("seed", range(5))
def test_a_lift_holds_at_most_a_third_of_unpleasant_music(emotion: str, seed: int) -> None:
    unpleasant = [track for track in draw(emotion, "lift", seed=seed) if (track.valence or 0) < 0]
    assert len(unpleasant) <= 10 / 3


def test_a_lift_draws_from_the_whole_catalogue() -> None:
    assert len({entry_of(track).emotion for track in draw("sad", "lift")}) >= 3


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("seed", range(5))
def test_nothing_aggressive_is_played_to_somebody_afraid(wish: str, seed: int) -> None:
    assert all(max(-entry_of(t).point[0], entry_of(t).point[1]) <= 0.3 for t in draw("fear", wish, 20, seed))


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_a_match_plays_the_mood_s_own_music(emotion: str) -> None:
    assert {entry_of(track).emotion for track in draw(emotion, "match")} == {emotion}


def test_every_track_links_to_a_search_and_claims_no_id() -> None:
    track = next(track for track in draw("happy", "match", 20) if track.title != track.artist)
    assert track.url.startswith("https://open.spotify.com/search/")
    assert unquote(track.url).endswith(f"/{track.title} {track.artist}")
    assert (track.id, track.embed_url, track.explicit) == ("", "", None)


def test_it_is_always_well() -> None:
    assert CuratedProvider().health().state == "ok"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name,singer\n", "must have the columns"),
        (HEADER + "A,B,soon,en,pop,sad,0,0\n", "line 2: year"),
        (HEADER + "A,B,1999,en,pop,sad,0\n", "line 2: year"),
        (HEADER + "A,B,1999,en,pop,sad,1.5,0\n", "line 2: valence"),
        (HEADER + "A,B,1999,en,pop,bored,0,0\n", "line 2: it needs"),
        (HEADER + ",B,1999,en,pop,sad,0,0\n", "line 2: it needs"),
    ],
)
def test_a_damaged_catalogue_names_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProviderError, match=complaint):
        CuratedProvider(path)


def test_a_missing_catalogue_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"none\.csv can't be read"):
        CuratedProvider(tmp_path / "none.csv")
