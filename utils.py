"""The threaded webcam reader and the mailbox it publishes into."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar
from urllib.parse import urlsplit

import cv2
import numpy as np
from numpy.typing import NDArray

from errors import CameraError

T = TypeVar("T")

STOP_SECONDS: Final = 2.0
OPEN_TIMEOUT_MS: Final = 5000
READ_TIMEOUT_MS: Final = 2000
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 5.0
PLAUSIBLE_FPS: Final = (1.0, 240.0)
DEFAULT_FPS: Final = 25.0
DEVICES_TO_TRY: Final = 4


@dataclass(frozen=True)
class Frame:
    """One picture from a camera.

    Attributes:
        image: ``(h, w, 3)`` uint8 BGR.
        number: counts the pictures that the reader has read, from 1.
        taken_at: monotonic time, s.
    """

    image: NDArray[np.uint8]
    number: int
    taken_at: float


class Mailbox(Generic[T]):
    """Holds one item: the newest wins, readers wait for one newer than they have seen.

    Any number of threads may put and wait. An error that is put wakes every waiter and is
    raised in each, until the next item or error takes its place.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._error: Exception | None = None
        self._number = 0
        self._unread = False
        self._skipped = 0

    @property
    def skipped(self) -> int:
        """How many items were replaced before anybody had read them."""
        return self._skipped

    def put(self, item: T) -> None:
        """Publish an item; never blocks."""
        with self._changed:
            self._skipped += self._unread
            self._item, self._error, self._unread = item, None, True
            self._number += 1
            self._changed.notify_all()

    def fail(self, error: Exception) -> None:
        """Hand an error to everybody who waits now or asks later."""
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def wait(self, after: int = 0, timeout: float = 1.0) -> tuple[int, T] | None:
        """Wait for an item newer than number ``after``.

        Args:
            after: number of the last item seen; 0 for none.
            timeout: longest wait, s.

        Returns:
            The newest item with its number, or None when time ran out.

        Raises:
            Exception: the error that was last put with ``fail``.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._error is not None or self._number > after, timeout)
            if self._error is not None:
                raise self._error
            if self._number <= after or self._item is None:
                return None
            self._unread = False
            return self._number, self._item


class Capture(Protocol):
    """What the reader needs of ``cv2.VideoCapture``."""

    def isOpened(self) -> bool: ...  # noqa: D102, N802 - OpenCV's names
    def read(self) -> tuple[bool, NDArray[np.uint8]]: ...  # noqa: D102
    def get(self, prop: int, /) -> float: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


def open_capture(source: int | str) -> Capture:
    """Open a device index, a video file or an RTSP/HTTP address with OpenCV."""
    if isinstance(source, int):
        return cv2.VideoCapture(source)  # type: ignore[return-value]  # stubs are wider
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS]
    return cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)  # type: ignore[return-value]


def resolve_source(text: str, open_capture: Callable[[int | str], Capture] = open_capture) -> int | str | None:
    """Turn the words of ``--source`` into something to open.

    Args:
        text: "auto", "none", a device index, a path or an address.
        open_capture: opens a device, to find out which one works.

    Returns:
        A device index, a path or address, or None where no camera is wanted or found.

    Raises:
        CameraError: when a path is named where no file is.
    """
    if text == "none":
        return None
    if text == "auto":
        return next((index for index in range(DEVICES_TO_TRY) if _works(index, open_capture)), None)
    if text.isdecimal():
        return int(text)
    if "://" not in text and not Path(text).is_file():
        raise CameraError(f"There is no video file at '{text}'.")
    return text


def quiet_opencv() -> None:
    """Keep OpenCV from warning of every device that is not there."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)


def describe_source(source: int | str) -> str:
    """Name a source for people; an address is cut to its host, since it may hold a password."""
    if isinstance(source, int):
        return f"Camera {source}"
    if "://" in source:
        return f"The camera at {urlsplit(source).hostname}"
    return f"The video file {Path(source).name}"


def _works(index: int, open_capture: Callable[[int | str], Capture]) -> bool:
    capture = open_capture(index)
    try:
        return capture.isOpened() and capture.read()[0]
    finally:
        capture.release()


class WebcamReader:
    """Reads a source in a thread of its own and publishes each picture in ``frames``.

    A file is played at its own speed and begins again at its end. A device or address that goes
    away is opened again, after pauses that grow from 0.25 to 5 s; meanwhile ``frames`` hands
    out a ``CameraError``. Use it as a context manager; leaving it stops the thread and lets go
    of the device.
    """

    def __init__(self, source: int | str, open_capture: Callable[[int | str], Capture] = open_capture) -> None:
        self.frames: Mailbox[Frame] = Mailbox()
        self._source = source
        self._open_capture = open_capture
        self._is_file = isinstance(source, str) and "://" not in source
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webcam-reader", daemon=True)
        self._number = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Stop reading; waits ``timeout`` s at most for a device that hangs in a read."""
        self._stop.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._stop.is_set():
            before = self._number
            try:
                self._read_until_lost()
            except Exception as error:  # top of the thread: whoever waits must hear of it
                self.frames.fail(CameraError(f"{describe_source(self._source)} failed: {error}."))
            if self._stop.is_set() or (self._is_file and self._number > before):
                continue
            pause = FIRST_PAUSE_S if self._number > before else min(pause * 2, LONGEST_PAUSE_S)
            self._stop.wait(pause)

    def _read_until_lost(self) -> None:
        """Open the source and publish pictures until it ends, fails or is stopped."""
        capture = self._open_capture(self._source)
        try:
            if not capture.isOpened():
                raise CameraError("it can't be opened")
            pace = Pace(capture.get(cv2.CAP_PROP_FPS)) if self._is_file else None
            before = self._number
            while not self._stop.is_set() and self._publish(capture):
                if pace:
                    self._stop.wait(pace.seconds_to_next())
            if not self._stop.is_set() and not (self._is_file and self._number > before):
                raise CameraError("it gives no more pictures")
        finally:
            capture.release()

    def _publish(self, capture: Capture) -> bool:
        there, image = capture.read()
        if there:
            self._number += 1
            self.frames.put(Frame(image, self._number, time.monotonic()))
        return there


class Pace:
    """Keeps a file at its own speed.

    Args:
        fps: pictures a second as the file states it; a strange value counts as 25.
    """

    def __init__(self, fps: float) -> None:
        slowest, fastest = PLAUSIBLE_FPS
        self._period = 1 / (fps if slowest <= fps <= fastest else DEFAULT_FPS)
        self._due = time.monotonic()

    def seconds_to_next(self) -> float:
        """Time to wait before the next picture, s; after a long delay the file goes on from there."""
        now = time.monotonic()
        self._due = max(self._due + self._period, now - self._period)
        return max(0.0, self._due - now)
