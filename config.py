"""The environment, read once into frozen settings. Only ``app.py`` looks in here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from errors import BadInputError

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Settings:
    """Every setting; each is an environment variable of the same name in capitals.

    Attributes:
        source: "auto" (first camera that works), "none", a device index, a path or an address.
        host: address to listen on.
        port: TCP port to listen on; 0 takes a free one.
        model: the classifier's ``.h5``; its ``.json`` stands beside it.
        model_runtime: "litert" (a graph derived from the ``.h5``) or "keras" (the ``.h5`` itself).
        inference_threads: CPU threads of one inference call.
        cache_dir: where derived files may be kept.
        database_url: SQLAlchemy address of what must outlive the process.
        max_upload_mb: largest upload, megabytes.
        max_viewers: most browsers on ``/video_feed`` at once.
        trusted_hosts: host names, separated by commas, under which the app answers; empty
            means the loopback names while it listens on loopback, and any name otherwise.
        spotipy_client_id: id of a Spotify app; empty means the curated catalogue alone.
        spotipy_client_secret: secret of that app.
        spotify_market: ISO 3166-1 country code to search in; empty leaves it to Spotify.
    """

    source: str = "auto"
    host: str = "127.0.0.1"
    port: int = 5000
    model: Path = HERE / "models" / "efficientnetb3.h5"
    model_runtime: str = "litert"
    inference_threads: int = 2
    cache_dir: Path = HERE / ".cache"
    database_url: str = f"sqlite:///{HERE / '.cache' / 'moodwave.sqlite3'}"
    max_upload_mb: int = 10
    max_viewers: int = 64
    trusted_hosts: str = ""
    spotipy_client_id: str = ""
    spotipy_client_secret: str = field(default="", repr=False)
    spotify_market: str = ""

    @property
    def spotify(self) -> bool:
        """Whether both Spotify credentials are there."""
        return bool(self.spotipy_client_id and self.spotipy_client_secret)


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; an empty variable counts as absent.

    Raises:
        BadInputError: when a value has the wrong form.
    """
    given = {name: environ.get(name.upper(), "").strip() for name in Settings.__dataclass_fields__}
    values = {name: _typed(name, text) for name, text in given.items() if text}
    settings = Settings(**values)  # type: ignore[arg-type]  # _typed follows the declared types
    if settings.model_runtime not in ("litert", "keras"):
        raise BadInputError(f"MODEL_RUNTIME must be litert or keras, not '{settings.model_runtime}'.")
    return settings


def _typed(name: str, text: str) -> str | int | Path:
    kind = Settings.__dataclass_fields__[name].type
    if kind is Path:
        return Path(text)
    if kind is not int:
        return text
    if not text.isdecimal():
        raise BadInputError(f"{name.upper()} must be a whole number, not '{text}'.")
    return int(text)
