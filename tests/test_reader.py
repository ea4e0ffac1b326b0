import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from errors import CameraError
from tests.fakes.capture import FakeCapture, in_turn
from utils import Pace, WebcamReader, describe_source, resolve_source


def test_frames_arrive_numbered_and_dated() -> None:
    before = time.monotonic()
    with WebcamReader(0, lambda source: FakeCapture()) as reader:
        found = reader.frames.wait(timeout=2)
    assert found is not None
    assert found[1].image.shape == (48, 64, 3)
    assert found[1].number >= 1
    assert found[1].taken_at >= before


def test_a_slow_reader_gets_the_newest_frame() -> None:
    with WebcamReader(0, lambda source: FakeCapture(period=0.001)) as reader:
        time.sleep(0.1)
        found = reader.frames.wait()
    assert found is not None
    assert found[1].number > 5
    assert reader.frames.skipped >= found[1].number - 2


def test_a_device_that_goes_away_is_told_and_opened_again() -> None:
    open_capture = in_turn(lambda: FakeCapture(1), lambda: FakeCapture(opens=False), FakeCapture)
    with WebcamReader(0, open_capture) as reader:
        first = reader.frames.wait(timeout=2)
        with pytest.raises(CameraError, match="Camera 0 failed"):
            reader.frames.wait(after=1, timeout=2)
        again = _wait_through_errors(reader, after=1)
    assert first is not None
    assert again > 1


def _wait_through_errors(reader: WebcamReader, after: int) -> int:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            found = reader.frames.wait(after=after, timeout=0.1)
        except CameraError:
            time.sleep(0.02)
            continue
        if found:
            return found[0]
    return 0


def test_stopping_does_not_wait_for_a_device_that_hangs() -> None:
    reader = WebcamReader(0, lambda source: FakeCapture(period=0.8))
    with reader:
        pass_started = time.monotonic()
        reader.stop(timeout=0.1)
        assert time.monotonic() - pass_started < 0.5


def test_a_file_begins_again_at_its_end() -> None:
    with WebcamReader("clip.mp4", lambda source: FakeCapture(3, fps=200)) as reader:
        deadline = time.monotonic() + 3
        number = 0
        while number < 7 and time.monotonic() < deadline:
            found = reader.frames.wait(after=number)
            number = found[0] if found else number
    assert number >= 7


def test_a_file_plays_at_its_own_speed() -> None:
    with WebcamReader("clip.mp4", lambda source: FakeCapture(period=0.0, fps=50)) as reader:
        time.sleep(0.5)
        found = reader.frames.wait()
    assert found is not None
    assert 15 <= found[1].number <= 28


def test_a_strange_frame_rate_counts_as_25() -> None:
    assert Pace(float("nan")).seconds_to_next() == pytest.approx(0.04, abs=0.01)


def test_a_real_video_file_is_read(tmp_path: Path, portrait: NDArray[np.uint8]) -> None:
    clip = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"MJPG"), 25, (512, 512))
    for _ in range(5):
        writer.write(portrait)
    writer.release()
    with WebcamReader(str(clip)) as reader:
        found = reader.frames.wait(timeout=5)
    assert found is not None
    assert found[1].image.shape == (512, 512, 3)


def test_auto_takes_the_first_device_that_works() -> None:
    broken, works = (lambda: FakeCapture(opens=False)), FakeCapture
    assert resolve_source("auto", in_turn(broken, works)) == 1


def test_auto_without_any_device_means_no_camera() -> None:
    assert resolve_source("auto", lambda source: FakeCapture(opens=False)) is None


def test_none_a_number_and_an_address_are_understood() -> None:
    assert resolve_source("none") is None
    assert resolve_source("2") == 2
    assert resolve_source("rtsp://door/1") == "rtsp://door/1"


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CameraError, match=r"nowhere\.mp4"):
        resolve_source("nowhere.mp4")


def test_a_password_in_an_address_is_not_told() -> None:
    assert "secret" not in describe_source("rtsp://user:secret@door.example/1")
