"""What cheap cameras do to faces: too dark, out of focus, grainy, squeezed. For training and for its proof."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

GREY_MAX = 255.0


def darken(face: Grey, gamma: float) -> Grey:
    """Raise a grey picture (0-255) to ``gamma``; above 1 it becomes darker."""
    return np.asarray(np.rint((face / GREY_MAX) ** gamma * GREY_MAX), np.uint8)


def blur(face: Grey, sigma: float) -> Grey:
    """Blur with a Gaussian of ``sigma`` px."""
    return np.asarray(cv2.GaussianBlur(face, (0, 0), sigma), np.uint8)


def grain(face: Grey, sigma: float, random: np.random.Generator) -> Grey:
    """Add Gaussian noise of ``sigma`` grey levels."""
    return np.asarray(np.rint(face + random.normal(0, sigma, face.shape)).clip(0, GREY_MAX), np.uint8)


def squeeze(face: Grey, quality: int) -> Grey:
    """Compress as JPEG of ``quality`` 1-100 and open it again."""
    jpeg = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8)


TESTS: Final[dict[str, Callable[[Grey, np.random.Generator], Grey]]] = {
    "dark": lambda face, _: darken(face, 2.5),
    "blur": lambda face, _: blur(face, 1.5),
    "noise": lambda face, random: grain(face, 15, random),
    "jpeg": lambda face, _: squeeze(face, 10),
}
"""Fixed strengths, on 48 px pictures, at which a model is measured."""


def worsen(face: Grey, random: np.random.Generator) -> Grey:
    """Do one of the four to a 48 px face, at a random strength around that of ``TESTS``."""
    match random.integers(4):
        case 0:
            return darken(face, random.uniform(1.5, 3.0))
        case 1:
            return blur(face, random.uniform(0.5, 2.0))
        case 2:
            return grain(face, random.uniform(5, 20), random)
        case _:
            return squeeze(face, int(random.integers(8, 40)))
