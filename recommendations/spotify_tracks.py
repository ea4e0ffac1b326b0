"""From a plan to searches, and from Spotify's answers to tracks. Pure; trusts no answer."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from recommendations.values import Plan, Step, Track

PAGE_URL: Final = "https://open.spotify.com/track/"
EMBED_URL: Final = "https://open.spotify.com/embed/track/"

_STILL: Final = -0.5  # arousal below which even an acoustic band is too much
_LIVELY: Final = 0.45
_ID: Final = re.compile(r"[0-9A-Za-z]{22}")
_YEAR: Final = re.compile(r"[12]\d{3}")


@dataclass(frozen=True)
class Search:
    """One search of a plan.

    Attributes:
        query: free text; Spotify's genre filter is not dependable any more.
        share: how many tracks of the list it should give.
    """

    query: str
    share: int


@dataclass(frozen=True)
class Hit:
    """One track that Spotify found.

    Attributes:
        track: as it is shown.
        isrc: international code of the recording; empty when Spotify gave none.
    """

    track: Track
    isrc: str


def searches_for(plan: Plan, limit: int, most: int) -> tuple[Search, ...]:
    """Cut a plan into stretches of about the same length, one search each.

    Args:
        plan: what to look for.
        limit: number of tracks wanted; only so many steps count.
        most: most searches.

    Returns:
        Searches in listening order; their shares sum up to the number of steps that count.
    """
    steps = plan.steps[:limit]
    count = min(most, len(steps))
    edges = [len(steps) * i // count for i in range(count + 1)] if count else [0]
    stretches = [steps[a:b] for a, b in itertools.pairwise(edges)]
    return tuple(Search(_query(stretch[len(stretch) // 2]), len(stretch)) for stretch in stretches)


def _query(step: Step) -> str:
    """Add a kind of music to a word, so that it doesn't only find tracks that have it as title."""
    if step.arousal < 0:
        return f"{step.word} {'piano' if step.arousal < _STILL else 'acoustic'}"
    if step.valence < 0:
        return f"{step.word} rock"
    return f"{step.word} {'dance' if step.arousal > _LIVELY else 'pop'}"


def hits_in(answer: object) -> tuple[Hit, ...]:
    """Read a search answer; whatever is not as documented is left out."""
    tracks = answer.get("tracks") if isinstance(answer, dict) else None
    items = tracks.get("items") if isinstance(tracks, dict) else None
    hits = (_hit(item) for item in _dicts(items))
    return tuple(hit for hit in hits if hit)


def _hit(item: dict[str, Any]) -> Hit | None:
    key, title = _text(item.get("id")), _text(item.get("name"))
    artist = ", ".join(filter(None, (_text(a.get("name")) for a in _dicts(item.get("artists")))))
    if not (_ID.fullmatch(key) and title and artist):
        return None
    album = next(_dicts([item.get("album")]), {})
    codes = next(_dicts([item.get("external_ids")]), {})
    year = _YEAR.match(_text(album.get("release_date")))
    explicit = item.get("explicit")
    track = Track(
        title,
        artist,
        "spotify",
        PAGE_URL + key,
        id=key,
        year=int(year.group()) if year else None,
        embed_url=EMBED_URL + key,
        artwork_url=_artwork(album),
        explicit=explicit if isinstance(explicit, bool) else None,
    )
    return Hit(track, _text(codes.get("isrc")))


def _artwork(album: dict[str, Any]) -> str:
    addresses = (_text(image.get("url")) for image in _dicts(album.get("images")))
    return next((address for address in addresses if address.startswith("https://")), "")


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def arrange(groups: Sequence[tuple[Search, Iterable[Hit]]], limit: int) -> tuple[Track, ...]:
    """Make one list: each search gives its share, then later ones fill what is missing.

    The first one doesn't fill: a list that is to lift a mood must not stay where it starts.
    """
    seen: set[str] = set()
    fresh = [(search, list(_fresh(hits, seen))) for search, hits in groups]
    chosen = [track for search, tracks in fresh for track in tracks[: search.share]]
    spare = [track for search, tracks in reversed(fresh[1:] or fresh) for track in tracks[search.share :]]
    return tuple(_apart((chosen + spare)[:limit]))


def _fresh(hits: Iterable[Hit], seen: set[str]) -> Iterator[Track]:
    """Pass each recording once, known by its id, its ISRC, or its title and artist."""
    for hit in hits:
        track = hit.track
        marks = {track.id, f"{track.title}\n{track.artist}".casefold(), hit.isrc} - {""}
        if seen.isdisjoint(marks):
            yield track
        seen.update(marks)


def _apart(tracks: list[Track]) -> Iterator[Track]:
    """Change the order as little as possible so that no artist comes twice in a row, if it can be."""
    left, last = list(tracks), ""
    while left:
        track = next((t for t in left if t.artist != last), left[0])
        left.remove(track)
        last = track.artist
        yield track
