"""The one shared camera: read, analysed, drawn and encoded once for all who watch."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotions.tracker import Mood, MoodTracker
from errors import CameraError, MoodwaveError
from faces import Analysis, Face, FaceAnalyser, draw_faces, draw_notice, encode_jpeg
from health import Health
from utils import Frame, Mailbox, WebcamReader

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 5.0
HEARTBEAT_SECONDS: Final = 1.0
FIRST_PICTURE_SECONDS: Final = 6.0
STOP_SECONDS: Final = 1.5
EMPTY_SCENE: Final = (360, 640, 3)


@dataclass(frozen=True)
class Snapshot:
    """One analysed picture; what is drawn and what is said can't disagree.

    Attributes:
        jpeg: the picture with boxes and labels.
        faces: the faces in it, largest first.
        mood: the steady mood at that moment.
        frame_number: number of the frame from the reader.
        taken_at: monotonic time of the frame, s.
        error: why the camera or classifier is failing, or None while all is well.
    """

    jpeg: bytes
    faces: tuple[Face, ...]
    mood: Mood
    frame_number: int
    taken_at: float
    error: MoodwaveError | None = None


class Camera:
    """Starts with the first viewer, stops a few seconds after the last one has left.

    Args:
        open_reader: makes a reader for the source; called for each start.
        analyser: finds and reads faces.
        max_viewers: most streams at once.
        idle_seconds: how long to go on without any viewer, s.
    """

    def __init__(
        self,
        open_reader: Callable[[], WebcamReader],
        analyser: FaceAnalyser,
        *,
        max_viewers: int = 64,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._open_reader = open_reader
        self._analyser = analyser
        self._max_viewers = max_viewers
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._device = threading.Lock()
        self._viewers = 0
        self._wanted_at = 0.0
        self._closed = False
        self._worker: _Worker | None = None

    @contextmanager
    def watch(self) -> Iterator[Mailbox[Snapshot]]:
        """Be a viewer: while inside, the camera runs and the mailbox gets every snapshot.

        Raises:
            CameraError: when there are too many viewers, or the app is closing.
        """
        with self._lock:
            if self._viewers >= self._max_viewers:
                raise CameraError(f"{self._max_viewers} viewers are watching already; please try again later.")
            snapshots = self._running().snapshots
            self._viewers += 1
        try:
            yield snapshots
        finally:
            with self._lock:
                self._viewers -= 1
                self._wanted_at = time.monotonic()

    def latest(self, timeout: float = FIRST_PICTURE_SECONDS) -> Snapshot:
        """The newest snapshot; starts the camera if need be.

        Raises:
            CameraError: when the camera is failing, or gives no picture within ``timeout`` s.
            ModelError: when the classifier is failing.
        """
        with self._lock:
            self._wanted_at = time.monotonic()
            snapshots = self._running().snapshots
        found = snapshots.wait(timeout=timeout)
        if found is None:
            raise CameraError("The camera has not given a picture yet.")
        snapshot = found[1]
        if snapshot.error is not None:
            raise snapshot.error
        return snapshot

    def jpegs(self) -> Iterator[bytes]:
        """An endless stream of JPEGs for one viewer, at the viewer's own speed.

        Without news the last picture is repeated each second, so that a browser that has gone is noticed.
        """
        with self.watch() as snapshots:
            number, jpeg = 0, b""
            while not self._closed:
                found = snapshots.wait(after=number, timeout=HEARTBEAT_SECONDS)
                if found is not None:
                    number, jpeg = found[0], found[1].jpeg
                if jpeg:
                    yield jpeg

    def health(self) -> Health:
        """How the camera is doing; asking does not start it."""
        with self._lock:
            worker = self._worker
        if worker is None:
            return Health("ok", "The camera starts with the first viewer.")
        try:
            found = worker.snapshots.wait(timeout=0)
        except CameraError as error:
            return Health("failing", str(error))
        fault = found[1].error if found else None
        return Health("failing", str(fault)) if fault else Health("ok")

    def close(self) -> None:
        """Stop for good; streams end within a second."""
        with self._lock:
            self._closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.join(STOP_SECONDS)

    def _running(self) -> "_Worker":
        """The worker, started if there is none. Call with the lock held."""
        if self._closed:
            raise CameraError("The app is closing.")
        if self._worker is None or self._worker.failed:
            self._wanted_at = time.monotonic()
            self._worker = _Worker(self._open_reader, self._analyser, self._dismiss, self._device)
        return self._worker

    def _dismiss(self, worker: "_Worker") -> bool:
        """Whether ``worker`` shall end. Decided and announced under one lock: nobody can join it any more."""
        with self._lock:
            if self._worker is not worker:
                return True
            idle = not self._viewers and time.monotonic() - self._wanted_at > self._idle_seconds
            if idle:
                self._worker = None
            return idle


class _Worker:
    """One thread from start to idle: takes frames, publishes snapshots."""

    def __init__(
        self,
        open_reader: Callable[[], WebcamReader],
        analyser: FaceAnalyser,
        dismiss: Callable[["_Worker"], bool],
        device: threading.Lock,
    ) -> None:
        self.snapshots: Mailbox[Snapshot] = Mailbox()
        self.failed = False
        self._open_reader = open_reader
        # Held while the device is open: the next worker waits until it is let go.
        self._device = device
        self._analyser = analyser
        self._dismiss = dismiss
        self._tracker = MoodTracker()
        self._last_image: NDArray[np.uint8] = np.full(EMPTY_SCENE, 48, np.uint8)
        self._thread = threading.Thread(target=self._run, name="camera-worker", daemon=True)
        self._thread.start()

    def join(self, timeout: float) -> None:
        """Wait for the end, ``timeout`` s at most."""
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            with self._device, self._open_reader() as reader:
                self._work(reader)
        except Exception as error:
            # Top of the thread: whoever waits must hear of it.
            log.exception("the camera worker failed")
            self.failed = True
            self.snapshots.fail(CameraError(f"The camera failed: {error}"))

    def _work(self, reader: WebcamReader) -> None:
        number = 0
        while not self._dismiss(self):
            try:
                found = reader.frames.wait(after=number, timeout=HEARTBEAT_SECONDS)
                if found is not None:
                    number, frame = found
                    self._publish(frame)
            except MoodwaveError as error:
                self._publish_failure(error)

    def _publish(self, frame: Frame) -> None:
        self._last_image = frame.image
        analysis = self._analyser.analyse(frame.image)
        self._put(draw_faces(frame.image, analysis.faces), analysis, frame)

    def _publish_failure(self, error: MoodwaveError) -> None:
        """Show that the camera or classifier is failing, over the last picture."""
        now = Frame(self._last_image, 0, time.monotonic())
        notice = "camera lost, trying again" if isinstance(error, CameraError) else "the classifier is failing"
        self._put(draw_notice(self._last_image, notice), Analysis(), now, error)
        time.sleep(0.2)

    def _put(
        self, drawn: NDArray[np.uint8], analysis: Analysis, frame: Frame, error: MoodwaveError | None = None
    ) -> None:
        mood = self._tracker.update(analysis.leading_scores, frame.taken_at)
        snapshot = Snapshot(encode_jpeg(drawn), analysis.faces, mood, frame.number, frame.taken_at, error)
        self.snapshots.put(snapshot)
