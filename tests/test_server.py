"""Streams over real sockets: viewers who come and go, who never read, and a camera that dies."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from app import create_app
from config import Settings
from errors import MoodwaveError
from tests.conftest import MakeCamera
from tests.fakes.capture import FakeCapture, in_turn
from tests.fakes.classifier import FakeClassifier
from tests.test_camera import open_captures, wait_until
from utils import Capture
from web.server import DeadlineHandler, listen

StartServer = Callable[[Callable[[int | str], Capture]], int]


@pytest.fixture
def start_server(settings: Settings, make_camera: MakeCamera) -> Iterator[StartServer]:
    """Start the app on a free port; gives the port."""
    running = []

    def start(open_capture: Callable[[int | str], Capture]) -> int:
        camera = make_camera(open_capture, idle_seconds=0.1)
        app = create_app(settings, classifier=FakeClassifier(), camera=camera)
        server = listen(app, "127.0.0.1", 0)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        running.append((app, server, thread))
        return server.server_port

    yield start
    for app, server, thread in running:
        app.extensions["moodwave"].close()
        server.shutdown()
        server.server_close()
        thread.join()


def read_pictures(port: int, count: int) -> int:
    """Be a viewer for so many pictures; gives how many different ones were seen."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/video_feed")
    stream = connection.getresponse()
    seen: set[bytes] = set()
    while len(seen) < count and (line := stream.readline()):
        if line.startswith(b"Content-Length:"):
            stream.readline()
            seen.add(stream.read(int(line.split(b":")[1])))
    connection.close()
    return len(seen)


def test_twenty_viewers_who_come_and_go_leave_nothing(start_server: StartServer) -> None:
    port, results = start_server(lambda source: FakeCapture()), []
    viewers = [threading.Thread(target=lambda: results.append(read_pictures(port, 5))) for _ in range(20)]
    for viewer in viewers:
        viewer.start()
        time.sleep(0.01)
    for viewer in viewers:
        viewer.join()
    assert results == [5] * 20
    assert wait_until(lambda: open_captures() == 0)


def test_a_viewer_who_never_reads_slows_nobody_and_is_dropped(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DeadlineHandler, "timeout", 1)
    port = start_server(lambda source: NoiseCapture())
    with socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(b"GET /video_feed HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert read_pictures(port, 40) == 40
        assert wait_until(lambda: open_captures() == 0, 15), "the silent viewer still holds the camera"


def test_a_camera_that_dies_in_mid_stream_takes_no_viewer_along(start_server: StartServer) -> None:
    port = start_server(in_turn(lambda: FakeCapture(8), lambda: FakeCapture(opens=False), FakeCapture))
    results: list[int] = []
    viewers = [threading.Thread(target=lambda: results.append(read_pictures(port, 30))) for _ in range(3)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    assert results == [30] * 3


def test_an_address_that_is_taken_is_told(start_server: StartServer, settings: Settings) -> None:
    port = start_server(lambda source: FakeCapture())
    with pytest.raises(MoodwaveError, match=f"{port} can't be listened on"):
        listen(create_app(settings, classifier=FakeClassifier()), "127.0.0.1", port)


class NoiseCapture(FakeCapture):
    """Large pictures that do not compress: they fill a socket's buffers soon."""

    def __init__(self) -> None:
        super().__init__(period=0.01)
        self._random = np.random.default_rng(1)

    def read(self) -> tuple[bool, NDArray[np.uint8]]:
        return super().read()[0], self._random.integers(0, 256, (480, 640, 3), np.uint8)
