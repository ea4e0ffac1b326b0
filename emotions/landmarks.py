"""The 68 landmarks of a face (dlib), for networks that read them beside the picture.

dlib's predictor (Kazemi & Sullivan 2014) comes in the package ``face_recognition_models``. dlib is under the Boost
licence; the predictor was trained on the iBUG 300-W pictures, whose licence excludes commercial use.
``requirements-landmarks.txt`` installs both; nothing but ``cnn_landmarks`` needs them.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from errors import ModelError

POINTS: Final = 68
READ_SIDE: Final = 144
"""Side to which a 48 px face is enlarged, px: dlib's predictor was trained on faces of about this size."""
BOX: Final = (6, 19, 132, 142)
"""Left, top, right, bottom, px of ``READ_SIDE``: where dlib's own detector finds faces of FER2013 on average."""
MIRRORED_POINTS: Final = np.array(
    [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31,
     45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
     54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]
)  # fmt: skip
"""Which point each point becomes in a mirror: left and right change places."""


def find_landmarks(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Find the landmarks of prepared faces.

    A prepared face fills its picture, so the predictor always looks in the same box and every face gets its 68
    points, also those that dlib's own detector misses (23 % of 200 faces of FER2013, turned or half hidden mostly).

    Args:
        batch: ``(n, size, size, channels)`` 0-255, as ``prepare`` makes it.

    Returns:
        ``(n, 136)`` float32: x and y of each point in turn, as shares of the side (mostly 0-1).

    Raises:
        ModelError: when dlib or its predictor is not installed.
    """
    rows = [_landmarks(picture) for picture in batch]
    return np.stack(rows) if rows else np.empty((0, 2 * POINTS), np.float32)


def _landmarks(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    dlib, predictor = _predictor()
    grey = cv2.resize(picture[:, :, 0].clip(0, 255).astype(np.uint8), (READ_SIDE, READ_SIDE))
    shape = predictor(grey, dlib.rectangle(*BOX))
    points = [(part.x, part.y) for part in shape.parts()]
    return np.asarray(points, np.float32).ravel() / np.float32(READ_SIDE)


@cache
def _predictor() -> tuple[Any, Any]:
    missing = ModelError("This model reads landmarks: pip install -r requirements-landmarks.txt")
    try:
        import dlib  # noqa: PLC0415 - optional, and only one network needs it
    except ImportError as error:
        raise missing from error
    # Only found, not imported: the package itself needs a part of setuptools that is gone.
    package = importlib.util.find_spec("face_recognition_models")
    if package is None or package.origin is None:
        raise missing
    return dlib, dlib.shape_predictor(
        str(Path(package.origin).parent / "models" / "shape_predictor_68_face_landmarks.dat")
    )
