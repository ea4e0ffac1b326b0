"""Fixtures that every test may use, and one that every test must pass: nothing is left over."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray
from tqdm import tqdm

from app import create_app
from camera import Camera
from config import Settings
from faces import LIVE, FaceAnalyser, FaceDetector, encode_jpeg
from recommendations import CuratedProvider, Recommender
from tests.fakes.capture import FakeCapture
from tests.fakes.classifier import FakeClassifier
from utils import Capture, WebcamReader

GRACE_SECONDS = 3.0
# The progress bars' watchdog thread outlives the bars by design.
tqdm.monitor_interval = 0
MakeCamera = Callable[..., Camera]


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """Fail a test that leaves a thread running or a capture open."""
    before = set(threading.enumerate())
    captures = FakeCapture.opened - FakeCapture.released
    yield
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads left over: {left}"
    assert FakeCapture.opened - FakeCapture.released == captures, "captures left open"


@pytest.fixture
def portrait() -> NDArray[np.uint8]:
    """The portrait of Eileen Collins (NASA, public domain), ``(512, 512, 3)`` BGR."""
    return np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])  # type: ignore[no-untyped-call]


@pytest.fixture
def portrait_jpeg(portrait: NDArray[np.uint8]) -> bytes:
    return encode_jpeg(portrait)


@pytest.fixture
def make_camera() -> Iterator[MakeCamera]:
    """Build cameras over fake captures; all are closed after the test."""
    made: list[Camera] = []

    def make(
        open_capture: Callable[[int | str], Capture] = lambda source: FakeCapture(),
        classifier: FakeClassifier | None = None,
        **options: float,
    ) -> Camera:
        analyser = FaceAnalyser(FaceDetector(LIVE), classifier or FakeClassifier())
        made.append(Camera(lambda: WebcamReader(0, open_capture), analyser, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for camera in made:
        camera.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), source="none", cache_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/test.sqlite3")


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The app without a camera, with a fake classifier and the curated catalogue."""
    app = create_app(settings, classifier=FakeClassifier(), recommender=Recommender([CuratedProvider()]))
    yield app
    app.extensions["moodwave"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
