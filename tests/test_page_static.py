"""The page keeps its promises: no inline code, no foreign address, readable colours, nothing missing."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from jinja2 import Environment, FileSystemLoader

from emotions.labels import EMOTIONS

ROOT: Final = Path(__file__).parents[1]
STATIC: Final = ROOT / "static"
SCRIPTS: Final = sorted(STATIC.glob("js/*.js"))
SHEETS: Final = sorted(STATIC.glob("css/*.css"))
TEMPLATES: Final = sorted((ROOT / "templates").glob("*.html"))
HARMLESS: Final = ("https://open.spotify.com", "http://www.w3.org/2000/svg")
WISHES: Final = ("match", "lift", "surprise")

Tag = tuple[str, dict[str, str | None]]


class Tags(HTMLParser):
    """Collects every start tag of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Tag] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.found if (value := attributes.get(attribute))]


def rendered(name: str, *, has_camera: bool = True, spotify: bool = False) -> str:
    rooms = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    rooms.globals["url_for"] = lambda _endpoint, filename: f"/static/{filename}"
    return rooms.get_template(name).render(
        emotions=EMOTIONS, wishes=WISHES, has_camera=has_camera, spotify=spotify, status=404, message="Not <here>."
    )


@pytest.fixture(params=[True, False], ids=["camera", "no camera"])
def page(request: pytest.FixtureRequest) -> Tags:
    return Tags(rendered("index.html", has_camera=request.param))


@pytest.mark.parametrize("name", ["index.html", "error.html"])
def test_no_inline_script_style_or_handler(name: str) -> None:
    for tag, attributes in Tags(rendered(name)).found:
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        assert not [key for key in attributes if key == "style" or key.startswith("on")]


@pytest.mark.parametrize("path", [*SCRIPTS, *SHEETS, *TEMPLATES, STATIC / "img/icon.svg"], ids=lambda path: path.name)
def test_no_foreign_address_but_spotify(path: Path) -> None:
    addresses = re.findall(r"https?://[^\s\"'`)]+", path.read_text(encoding="utf-8"))
    assert not [address for address in addresses if not address.startswith(HARMLESS)]


@pytest.mark.parametrize("path", [*SCRIPTS, *SHEETS, *TEMPLATES], ids=lambda path: path.name)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("name", ["index.html", "error.html"])
def test_every_linked_file_exists(name: str) -> None:
    tags = Tags(rendered(name))
    links = [link for link in tags.values("href") + tags.values("src") if link.startswith("/static/")]
    assert links
    assert not [link for link in links if not (ROOT / link.lstrip("/")).is_file()]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_import_exists(path: Path) -> None:
    sources = re.findall(r'from "(\./[^"]+)"', path.read_text(encoding="utf-8"))
    assert not [source for source in sources if not (path.parent / source).is_file()]


def test_logic_touches_no_page() -> None:
    for name in ("logic.js", "waves.js"):
        assert not re.search(r"\b(document|window|fetch)\b", (STATIC / "js" / name).read_text(encoding="utf-8"))


def test_ids_are_unique_and_references_lead_somewhere(page: Tags) -> None:
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    wanted = page.values("for") + page.values("aria-labelledby")
    wanted += [link[1:] for link in page.values("href") if link.startswith("#")]
    assert set(wanted) <= set(ids)


def test_hooks_for_browser_tests(page: Tags) -> None:
    hooks = set(page.values("data-testid"))
    by_hand = {f"mood-{emotion}" for emotion in EMOTIONS}
    assert {"mood", "source", "upload", "message", *by_hand, *(f"wish-{wish}" for wish in WISHES)} <= hooks


def test_stream_only_with_a_camera() -> None:
    assert "/video_feed" in rendered("index.html")
    assert "/video_feed" not in rendered("index.html", has_camera=False)


def test_template_and_script_use_the_same_words() -> None:
    shown = dict(re.findall(r'"(\w+)": "(\w+)"', (ROOT / "templates/index.html").read_text().splitlines()[0]))
    block = (STATIC / "js/logic.js").read_text().split("const WORDS = {")[1].split("}")[0]
    assert shown == dict(re.findall(r'(\w+): "(\w+)"', block))
    assert set(shown) == set(EMOTIONS)


def test_error_page_escapes_its_message() -> None:
    assert "Not &lt;here&gt;." in rendered("error.html")


def colours(theme: str) -> dict[str, str]:
    light, dark = (STATIC / "css/tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    named = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return named if theme == "light" else named | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))


def channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def luminance(parts: list[float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: list[float], other: list[float]) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("accent", ["accent", *(f"accent-{emotion}" for emotion in EMOTIONS)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrasts(theme: str, accent: str) -> None:
    named = {name: channels(colour) for name, colour in colours(theme).items()}
    tint = [0.1 * a + 0.9 * c for a, c in zip(named[accent], named["card"], strict=True)]
    for ground in (named["page"], named["card"], tint):
        assert min(contrast(named[text], ground) for text in ("ink", "soft", accent)) >= 4.5
        assert contrast(named["line"], ground) >= 3
    assert contrast(named["on-accent"], named[accent]) >= 4.5
    assert contrast(named["alarm"], named["card"]) >= 4.5
    assert contrast(named["soft"], named["sunk"]) >= 4.5
