"""Where the faces are: OpenCV's Haar cascade on a reduced grey picture."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotions.prepare import to_grey

CASCADE: Final = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"


@dataclass(frozen=True)
class Box:
    """A rectangle in a picture, px from its top left corner."""

    x: int
    y: int
    w: int
    h: int

    @property
    def area(self) -> int:
        """Area, px²."""
        return self.w * self.h

    def scaled(self, factor: float) -> "Box":
        """The same rectangle in a picture that is ``factor`` times as large."""
        return Box(*(round(side * factor) for side in (self.x, self.y, self.w, self.h)))

    def crop(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of ``image`` (``(h, w)`` or ``(h, w, 3)``) inside the box."""
        return image[self.y : self.y + self.h, self.x : self.x + self.w]


@dataclass(frozen=True)
class Search:
    """How to look for faces.

    Attributes:
        width: to which the picture is reduced before the search, px.
        scale_step: factor between two sizes that are searched.
        neighbours: how many overlapping hits make a face; more means fewer false ones.
        smallest: side of the smallest face in the reduced picture, px.
    """

    width: int = 360
    scale_step: float = 1.1
    neighbours: int = 6
    smallest: int = 32


LIVE: Final = Search()
STILL: Final = Search(width=640, neighbours=8, smallest=36)
"""A single picture has time, and may be of a group: a wider search finds smaller faces."""


class FaceDetector:
    """Finds upright faces that look at the camera. Safe to share between threads.

    OpenCV's cascade objects are not: two threads in one object give wrong boxes and crashes.
    Each thread gets one of its own here.

    Args:
        search: how to look.
    """

    def __init__(self, search: Search = LIVE) -> None:
        self._search = search
        self._own = threading.local()

    def detect(self, image: NDArray[np.uint8]) -> tuple[Box, ...]:
        """Find the faces of a picture, largest first.

        Args:
            image: ``(h, w, 3)`` BGR or ``(h, w)`` grey, uint8.

        Raises:
            BadImageError: when the array has another shape.
        """
        grey = to_grey(image)
        factor = min(1.0, self._search.width / grey.shape[1])
        # At least a pixel high: a picture may be a line.
        size = (self._search.width, max(1, round(grey.shape[0] * factor)))
        reduced = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if factor < 1 else grey
        hits = self._cascade().detectMultiScale(
            cv2.equalizeHist(reduced),
            scaleFactor=self._search.scale_step,
            minNeighbors=self._search.neighbours,
            minSize=(self._search.smallest, self._search.smallest),
        )
        boxes = [Box(*(int(value / factor) for value in hit)) for hit in hits]
        return tuple(sorted(boxes, key=lambda box: box.area, reverse=True))

    def _cascade(self) -> cv2.CascadeClassifier:
        if not hasattr(self._own, "cascade"):
            self._own.cascade = cv2.CascadeClassifier(str(CASCADE))
        cascade: cv2.CascadeClassifier = self._own.cascade
        return cascade
