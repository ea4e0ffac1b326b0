"""The one way from a face crop to a classifier's input, for training and serving alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from errors import BadImageError

GREY_NDIM = 2
COLOUR_NDIM = 3
BGR_CHANNELS = 3


@dataclass(frozen=True)
class InputContract:
    """What a classifier expects of its input; stored beside its weights.

    Attributes:
        size: side of the network's square input, px.
        channels: 1 (grey) or 3 (grey, repeated as red, green and blue).
        scale: factor on the grey values 0-255. EfficientNet scales inside and wants 1.0.
        detail: side in px to which a face is reduced first. FER2013 is 48x48, so a network
            trained on it never saw finer detail; a sharper picture would be foreign to it.
        mirrored: whether each face is read twice, as it is and mirrored, and the scores averaged.
        landmarks: whether the classifier also reads the face's landmarks, as a second input.
    """

    size: int
    channels: int = 3
    scale: float = 1.0
    detail: int = 48
    mirrored: bool = False
    landmarks: bool = False


def to_grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn a BGR or grey picture into a grey one.

    Args:
        picture: ``(h, w)``, ``(h, w, 1)`` or ``(h, w, 3)`` BGR, uint8, 0-255.

    Returns:
        ``(h, w)`` uint8 grey, 0-255.

    Raises:
        BadImageError: for any other shape, or an empty picture.
    """
    if picture.size == 0:
        raise BadImageError(f"The picture is empty: its shape is {picture.shape}.")
    if picture.ndim == GREY_NDIM:
        return picture
    if picture.ndim == COLOUR_NDIM and picture.shape[2] == 1:
        return picture[:, :, 0]
    if picture.ndim == COLOUR_NDIM and picture.shape[2] == BGR_CHANNELS:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    raise BadImageError(f"Expected a picture of (h, w), (h, w, 1) or (h, w, 3), got {picture.shape}.")


def prepare(faces: Sequence[NDArray[np.uint8]], contract: InputContract) -> NDArray[np.float32]:
    """Turn face crops of any size into one batch for a classifier.

    Args:
        faces: crops ``(h, w)`` grey or ``(h, w, 3)`` BGR, uint8, 0-255.
        contract: what the classifier expects.

    Returns:
        ``(n, size, size, channels)`` float32, 0-255 times ``contract.scale``.

    Raises:
        BadImageError: when a crop is empty or has a strange shape.
    """
    batch = np.empty((len(faces), contract.size, contract.size, contract.channels), np.float32)
    for row, face in zip(batch, faces, strict=True):
        row[:] = _resize(to_grey(face), contract)[:, :, np.newaxis]
    return batch * np.float32(contract.scale)


def _resize(grey: NDArray[np.uint8], contract: InputContract) -> NDArray[np.uint8]:
    detail = (contract.detail, contract.detail)
    if grey.shape != detail:
        shrinks = grey.shape[0] > contract.detail
        grey = np.asarray(
            cv2.resize(grey, detail, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
        )
    if contract.size == contract.detail:
        return grey
    return np.asarray(cv2.resize(grey, (contract.size, contract.size), interpolation=cv2.INTER_LINEAR), np.uint8)
