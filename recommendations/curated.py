"""Provider "curated": a hand-written catalogue that needs no account, no key and no network."""

import csv
import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from emotions.labels import EMOTIONS
from errors import ProviderError
from health import Health
from recommendations.values import Plan, Step, Track

CATALOGUE: Final = Path(__file__).with_name("catalogue.csv")
SEARCH_PAGE: Final = "https://open.spotify.com/search/"

_COLUMNS: Final = ["title", "artist", "year", "language", "genre", "emotion", "valence", "arousal"]
_CHOICE: Final = 5  # a track is drawn from this many near ones, so that two lists differ
_WIDE_CHOICE: Final = 15
_STRANGER: Final = 1.0  # handicap of a track of another mood where the list should match the mood
_EXCITED: Final = 0.3  # arousal above which music is too much for somebody afraid


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue.

    Valence and arousal, -1 to 1, were placed by hand, by the piece's musical character: no
    measurement, and never taken from a streaming service.

    Attributes:
        track: the recording.
        genre: a common name of its kind of music.
        emotion: the mood whose listener it is meant for: matching the mood, or soothing fear.
    """

    track: Track
    genre: str
    emotion: str

    @property
    def point(self) -> tuple[float, float]:
        """Valence and arousal, -1 to 1."""
        return (self.track.valence or 0.0, self.track.arousal or 0.0)


class CuratedProvider:
    """Picks from the catalogue; once built it can't fail.

    Args:
        path: a CSV file with the columns title, artist, year, language, genre, emotion, valence
            and arousal.
        rng: where variety comes from; give a seeded one for the same lists again.

    Raises:
        ProviderError: the catalogue can't be read or a line of it makes no sense.
    """

    name = "curated"

    def __init__(self, path: Path = CATALOGUE, rng: random.Random | None = None) -> None:
        self._entries = read_catalogue(path)
        self._rng = rng or random.Random()  # noqa: S311 - variety, not secrets

    def tracks(self, plan: Plan, limit: int) -> tuple[Track, ...]:
        """Draw one of the tracks nearest to each step; no repeats, no artist twice in a row."""
        left = [entry for entry in self._entries if _suits(entry, plan.emotion)]
        chosen: list[Track] = []
        for step in plan.steps[:limit]:
            near = _nearest(_allowed(left, step, chosen), step, plan)
            if near:
                entry = self._rng.choice(near[: _WIDE_CHOICE if plan.wish == "surprise" else _CHOICE])
                left.remove(entry)
                chosen.append(entry.track)
        return tuple(chosen)

    def health(self) -> Health:
        """Always well."""
        return Health("ok")

    def close(self) -> None:
        """Nothing to let go of."""


def _suits(entry: Entry, emotion: str) -> bool:
    valence, arousal = entry.point
    return emotion != "fear" or (valence >= 0 and arousal <= _EXCITED)


def _allowed(entries: Iterable[Entry], step: Step, chosen: list[Track]) -> list[Entry]:
    """Keep a pleasant step free of unpleasant music, and one artist away from himself."""
    last = chosen[-1].artist if chosen else ""
    return [e for e in entries if e.track.artist != last and (step.valence < 0 or e.point[0] >= 0)]


def _nearest(entries: Iterable[Entry], step: Step, plan: Plan) -> list[Entry]:
    """Sort by distance on the valence-arousal plane.

    Anger and fear lie at the same place of that plane: the plane alone can't match a mood, so an
    entry's own label counts where the list is to be near the mood.
    """
    matching = plan.wish == "match" or step.valence < 0

    def distance(entry: Entry) -> float:
        stranger = matching and entry.emotion != plan.emotion
        return math.dist(entry.point, (step.valence, step.arousal)) + _STRANGER * stranger

    return sorted(entries, key=distance)


def read_catalogue(path: Path) -> tuple[Entry, ...]:
    """Read and check a catalogue.

    Raises:
        ProviderError: with the number of the first line that makes no sense, and why.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != _COLUMNS:
                raise ProviderError(f"{path.name} must have the columns {', '.join(_COLUMNS)}.")
            return tuple(_entry(row, f"{path.name}, line {reader.line_num}") for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise ProviderError(f"The catalogue {path.name} can't be read.") from exc


def _entry(row: Mapping[str, str], where: str) -> Entry:
    try:
        year, valence, arousal = int(row["year"]), float(row["valence"]), float(row["arousal"])
    except (TypeError, ValueError) as exc:
        raise ProviderError(f"{where}: year, valence and arousal must be numbers.") from exc
    if not (-1 <= valence <= 1 and -1 <= arousal <= 1):
        raise ProviderError(f"{where}: valence and arousal must lie between -1 and 1.")
    if row["emotion"] not in EMOTIONS or not row["title"] or not row["artist"]:
        raise ProviderError(f"{where}: it needs a title, an artist and one of the emotions {', '.join(EMOTIONS)}.")
    url = SEARCH_PAGE + quote(f"{row['title']} {row['artist']}", safe="")
    track = Track(
        row["title"],
        row["artist"],
        CuratedProvider.name,
        url,
        year=year,
        language=row["language"],
        valence=valence,
        arousal=arousal,
    )
    return Entry(track, row["genre"], row["emotion"])
