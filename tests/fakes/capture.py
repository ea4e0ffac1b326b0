"""A camera made of numbers, which counts what is opened and let go."""

import itertools
import time
from collections.abc import Callable
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray


class FakeCapture:
    """Gives plain pictures of growing brightness.

    Args:
        pictures: how many until it breaks off; None for no end.
        period: time that one read takes, s.
        opens: whether opening works.
        fps: what a file would state.
    """

    opened: ClassVar[int] = 0
    released: ClassVar[int] = 0

    def __init__(
        self, pictures: int | None = None, *, period: float = 0.005, opens: bool = True, fps: float = 0.0
    ) -> None:
        FakeCapture.opened += 1
        self._numbers = iter(range(pictures)) if pictures is not None else itertools.count()
        self._period = period
        self._opens = opens
        self._fps = fps

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opens

    def read(self) -> tuple[bool, NDArray[np.uint8]]:
        time.sleep(self._period)
        number = next(self._numbers, None)
        if number is None:
            return False, np.empty((0, 0, 3), np.uint8)
        return True, np.full((48, 64, 3), number % 256, np.uint8)

    def get(self, prop: int) -> float:
        return self._fps if prop == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        FakeCapture.released += 1


def in_turn(*captures: Callable[[], FakeCapture]) -> Callable[[int | str], FakeCapture]:
    """Open one capture after another; the last one for ever."""
    queue = list(captures)
    return lambda source: (queue.pop(0) if len(queue) > 1 else queue[0])()
