import threading
import time
from itertools import islice

import cv2
import numpy as np
import pytest
import skimage.data

from errors import CameraError, ModelError
from tests.conftest import MakeCamera
from tests.fakes.capture import FakeCapture, in_turn
from tests.fakes.classifier import FakeClassifier


def open_captures() -> int:
    return FakeCapture.opened - FakeCapture.released


def wait_until(true: object, seconds: float = 3.0) -> bool:
    deadline = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.02)
    return bool(done)


def test_each_snapshot_is_a_newer_picture(make_camera: MakeCamera) -> None:
    with make_camera().watch() as snapshots:
        first = snapshots.wait(timeout=2)
        assert first is not None
        second = snapshots.wait(after=first[0], timeout=2)
    assert second is not None
    assert second[1].frame_number > first[1].frame_number
    picture = cv2.imdecode(np.frombuffer(second[1].jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (48, 64, 3)


def test_nobody_watching_means_no_capture_is_open(make_camera: MakeCamera) -> None:
    camera = make_camera(idle_seconds=0.05)
    assert open_captures() == 0
    with camera.watch() as snapshots:
        assert snapshots.wait(timeout=2)
        assert open_captures() == 1
    assert wait_until(lambda: open_captures() == 0)


def test_all_viewers_share_one_capture(make_camera: MakeCamera) -> None:
    camera = make_camera(idle_seconds=0.05)
    with camera.watch() as one, camera.watch() as other:
        assert one is other
        assert one.wait(timeout=2)
        assert open_captures() == 1


def test_viewers_who_come_and_go_never_freeze_or_open_a_second_capture(make_camera: MakeCamera) -> None:
    camera, missed = make_camera(idle_seconds=0.0), []

    def visit() -> None:
        for _ in range(15):
            with camera.watch() as snapshots:
                if snapshots.wait(timeout=2) is None or open_captures() > 1:
                    missed.append(open_captures())

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert missed == []


def test_a_camera_that_dies_is_told_and_comes_back(make_camera: MakeCamera) -> None:
    camera = make_camera(in_turn(lambda: FakeCapture(5), lambda: FakeCapture(opens=False), FakeCapture))
    stream = camera.jpegs()
    next(stream)
    assert wait_until(lambda: camera.health().state == "failing")
    with pytest.raises(CameraError, match="Camera 0 failed"):
        camera.latest()
    assert wait_until(lambda: camera.health().state == "ok")
    assert len(list(islice(stream, 5))) == 5
    stream.close()  # type: ignore[attr-defined]  # a generator


def test_a_failing_classifier_is_told_instead_of_hanging(make_camera: MakeCamera) -> None:
    camera = make_camera(classifier=FakeClassifier(fails=True), open_capture=lambda source: PortraitCapture())
    with pytest.raises(ModelError, match="fake classifier fails"):
        camera.latest()
    stream = camera.jpegs()
    assert next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator


def test_after_a_mistake_of_our_own_the_next_viewer_gets_a_new_worker(make_camera: MakeCamera) -> None:
    camera = make_camera(in_turn(BrokenCapture, FakeCapture))
    with pytest.raises(CameraError, match="camera failed"):
        list(camera.jpegs())
    assert wait_until(lambda: camera.latest().frame_number > 0)


def test_a_camera_that_gives_nothing_still_lets_its_viewers_go(make_camera: MakeCamera) -> None:
    camera = make_camera(lambda source: FakeCapture(opens=False))
    assert next(camera.jpegs())
    with pytest.raises(CameraError):
        camera.latest(timeout=0.5)


def test_one_viewer_too_many_is_refused(make_camera: MakeCamera) -> None:
    camera = make_camera(max_viewers=1)
    with camera.watch(), pytest.raises(CameraError, match="1 viewers"), camera.watch():
        pass


def test_closing_ends_streams_quickly(make_camera: MakeCamera) -> None:
    camera = make_camera()
    viewer = threading.Thread(target=lambda: list(camera.jpegs()))
    viewer.start()
    time.sleep(0.1)
    camera.close()
    viewer.join(2)
    assert not viewer.is_alive()


def test_the_mood_of_a_real_face_is_followed(make_camera: MakeCamera) -> None:
    camera = make_camera(lambda source: PortraitCapture())
    with camera.watch():
        assert wait_until(lambda: camera.latest().mood.emotion == "happy", 5)
    (face,) = camera.latest().faces
    assert face.box.w > 60


class BrokenCapture(FakeCapture):
    """Gives something that is no picture, which no part expects."""

    def read(self) -> tuple[bool, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
        return True, "no picture"  # type: ignore[return-value]


class PortraitCapture(FakeCapture):
    """Shows the portrait again and again."""

    def __init__(self) -> None:
        super().__init__(period=0.02)
        self._portrait = np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])  # type: ignore[no-untyped-call]

    def read(self) -> tuple[bool, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
        return super().read()[0], self._portrait
