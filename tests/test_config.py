from pathlib import Path

import pytest

from config import Settings, read_settings
from errors import BadInputError

ROOT = Path(__file__).parent.parent


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"PORT": "", "SOURCE": " "}) == Settings()


def test_values_get_their_type() -> None:
    settings = read_settings({"PORT": "8080", "MODEL": "models/other.h5", "SPOTIPY_CLIENT_ID": "id"})
    assert (settings.port, settings.model, settings.spotipy_client_id) == (8080, Path("models/other.h5"), "id")


@pytest.mark.parametrize("environ", [{"PORT": "soon"}, {"MODEL_RUNTIME": "magic"}])
def test_a_wrong_value_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(BadInputError, match=next(iter(environ))):
        read_settings(environ)


def test_spotify_needs_both_credentials() -> None:
    assert not read_settings({"SPOTIPY_CLIENT_ID": "id"}).spotify
    assert read_settings({"SPOTIPY_CLIENT_ID": "id", "SPOTIPY_CLIENT_SECRET": "s"}).spotify


def test_the_secret_is_not_shown() -> None:
    assert "hush" not in repr(read_settings({"SPOTIPY_CLIENT_SECRET": "hush"}))


@pytest.mark.parametrize("name", Settings.__dataclass_fields__)
@pytest.mark.parametrize("page", ["docs/configuration.md", ".env.example"])
def test_every_setting_is_explained(name: str, page: str) -> None:
    assert name.upper() in (ROOT / page).read_text(encoding="utf-8")
