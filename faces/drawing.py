"""Boxes, labels and notices drawn on a copy of a picture."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.analyser import Face

FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
BOX_BGR: Final = (255, 200, 90)
PLATE_BGR: Final = (40, 26, 18)
TEXT_BGR: Final = (255, 255, 255)
TEXT_PER_HEIGHT: Final = 1 / 700
SMALLEST_TEXT: Final = 0.4
MARGIN: Final = 4


def draw_faces(image: NDArray[np.uint8], faces: Sequence[Face]) -> NDArray[np.uint8]:
    """Draw each face's box with its label and percentage.

    Args:
        image: ``(h, w, 3)`` BGR uint8; left untouched.
        faces: what was found in it.
    """
    drawn = image.copy()
    scale = max(SMALLEST_TEXT, image.shape[0] * TEXT_PER_HEIGHT)
    for face in faces:
        box, text = face.box, f"{face.emotion} {face.confidence:.0%}"
        cv2.rectangle(drawn, (box.x, box.y), (box.x + box.w, box.y + box.h), BOX_BGR, max(1, round(3 * scale)))
        _draw_plate(drawn, text, (box.x, box.y), min(scale, _scale_to_fit(text, box.w)))
    return drawn


def draw_notice(image: NDArray[np.uint8], text: str) -> NDArray[np.uint8]:
    """Darken a copy of a ``(h, w, 3)`` BGR picture and write a short notice at its foot."""
    drawn = np.asarray(image // 2, np.uint8)
    scale = max(SMALLEST_TEXT, image.shape[0] * TEXT_PER_HEIGHT)
    _draw_plate(drawn, text, (8, image.shape[0] - 8), scale)
    return drawn


def _scale_to_fit(text: str, width: int) -> float:
    """The text scale at which a plate is as wide as its box: faces side by side keep their labels apart."""
    (natural, _), _ = cv2.getTextSize(text, FONT, 1.0, 2)
    return max(SMALLEST_TEXT, (width - 2 * MARGIN) / natural)


def _draw_plate(image: NDArray[np.uint8], text: str, corner: tuple[int, int], scale: float) -> None:
    """Write on a dark plate whose lower left corner is ``corner``, moved inside the picture if need be."""
    thickness = max(1, round(2 * scale))
    (width, height), below = cv2.getTextSize(text, FONT, scale, thickness)
    left = int(np.clip(corner[0], 0, max(0, image.shape[1] - width - 2 * MARGIN)))
    bottom = max(corner[1], height + below + 2 * MARGIN)
    top = bottom - height - below - 2 * MARGIN
    cv2.rectangle(image, (left, top), (left + width + 2 * MARGIN, bottom), PLATE_BGR, cv2.FILLED)
    foot = (left + MARGIN, bottom - below - MARGIN)
    cv2.putText(image, text, foot, FONT, scale, TEXT_BGR, thickness, cv2.LINE_AA)
