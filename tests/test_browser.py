"""The whole app as a user meets it: started from the command line, opened in a real Chromium."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from emotions.labels import EMOTIONS
from faces import encode_jpeg

ROOT = Path(__file__).parent.parent
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
SCREENSHOTS = ROOT / "test-output"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
]
START_SECONDS = 180

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER) and not os.environ.get("CI"), reason="needs chromium and chromium-driver"
    ),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of the portrait that sways from side to side."""
    portrait = np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])  # type: ignore[no-untyped-call]
    file = tmp_path_factory.mktemp("clip") / "portrait.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 25, (512, 512))
    for tick in range(50):
        writer.write(np.roll(portrait, round(40 * np.sin(tick / 25 * np.pi)), axis=1))
    writer.release()
    return file


@contextmanager
def running_app(source: str, cache: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start ``python app.py`` as a user would, on a free port; ends it at the end."""
    environ = {**os.environ, "CACHE_DIR": str(cache), "DATABASE_URL": f"sqlite:///{cache}/test.sqlite3"}
    command = [sys.executable, "app.py", "--source", source, "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own app
        try:
            yield address(process), process
        finally:
            process.kill()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
        assert time.monotonic() < deadline, "the app did not start in time"
    raise AssertionError("the app ended without telling its address")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in [*FLAGS, f"--user-data-dir={tmp_path}/profile"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def find(browser: webdriver.Chrome, name: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, f"[data-testid='{name}']")


def tracks(browser: webdriver.Chrome) -> list[str]:
    """The texts of all rows, read in one go: the page may change the list at any time."""
    script = "return [...document.querySelectorAll('[data-testid=track]')].map(row => row.innerText)"
    texts: list[str] = browser.execute_script(script)
    return texts


def wait(browser: webdriver.Chrome, seconds: float = 15) -> WebDriverWait[webdriver.Chrome]:
    return WebDriverWait(browser, seconds, poll_frequency=0.1)


def keep(browser: webdriver.Chrome, name: str) -> None:
    """Keep a screenshot to be looked at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))


def complaints(browser: webdriver.Chrome) -> list[str]:
    log = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in log if entry["level"] == "SEVERE"]


def test_the_page_shows_the_camera_follows_the_mood_and_brings_music(
    browser: webdriver.Chrome, clip: Path, cache: Path
) -> None:
    with running_app(str(clip), cache) as (url, process):
        browser.get(url)
        stream = find(browser, "stream")
        wait(browser).until(lambda _: stream.get_property("naturalWidth"))
        first = stream.screenshot_as_png
        wait(browser).until(lambda _: stream.screenshot_as_png != first)
        wait(browser).until(lambda _: find(browser, "mood").get_attribute("data-emotion") in EMOTIONS)
        wait(browser).until(lambda _: tracks(browser))
        keep(browser, "camera")
        assert complaints(browser) == []
        stopping = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0
        assert time.monotonic() - stopping < 3


def test_without_a_camera_a_mood_by_hand_and_an_upload_bring_music(
    browser: webdriver.Chrome, cache: Path, tmp_path: Path, portrait: NDArray[np.uint8]
) -> None:
    photo = tmp_path / "me.jpg"
    photo.write_bytes(encode_jpeg(portrait))
    with running_app("none", cache) as (url, _):
        browser.get(url)
        find(browser, "mood-sad").click()
        wait(browser).until(lambda _: tracks(browser))
        by_hand = tracks(browser)
        keep(browser, "by-hand")
        find(browser, "wish-match").click()
        wait(browser).until(lambda _: tracks(browser) and tracks(browser) != by_hand)
        find(browser, "upload").send_keys(str(photo))
        wait(browser).until(lambda _: find(browser, "mood").get_attribute("data-emotion") == "happy")
        wait(browser).until(lambda _: tracks(browser) != by_hand)
        keep(browser, "upload")
        assert complaints(browser) == []


def test_the_page_fits_a_phone(browser: webdriver.Chrome, cache: Path) -> None:
    phone = {"width": 360, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    with running_app("none", cache) as (url, _):
        browser.get(url)
        find(browser, "mood-happy").click()
        wait(browser).until(lambda _: tracks(browser))
        keep(browser, "phone")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
