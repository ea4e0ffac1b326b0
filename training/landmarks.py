"""Landmarks of a whole set: found once, kept on disk, moved along when a picture is changed."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from emotions.landmarks import MIRRORED_POINTS, POINTS, find_landmarks
from emotions.prepare import InputContract, prepare

BATCH = 64


def cached_landmarks(images: NDArray[np.uint8], contract: InputContract, cache: Path) -> NDArray[np.float32]:
    """Find the landmarks of a set, or read them from the cache where these very pictures were seen before.

    Args:
        images: ``(n, 48, 48)`` uint8 grey, 0-255.
        contract: how faces become input.
        cache: folder for the file ``landmarks-<hash of the pictures>.npy``.

    Returns:
        ``(n, 136)`` float32, as ``find_landmarks`` gives them.

    Raises:
        ModelError: when dlib or its predictor is not installed.
    """
    digest = hashlib.sha256(np.ascontiguousarray(images).tobytes() + repr(contract).encode()).hexdigest()[:16]
    file = cache / f"landmarks-{digest}.npy"
    if file.is_file():
        return np.asarray(np.load(file), np.float32)
    starts = tqdm(range(0, len(images), BATCH), desc="landmarks", unit="batch", leave=False)
    found = np.concatenate([find_landmarks(prepare(list(images[s : s + BATCH]), contract)) for s in starts])
    cache.mkdir(parents=True, exist_ok=True)
    np.save(file, found)
    return found


def move_landmarks(
    landmarks: NDArray[np.float32], moves: NDArray[np.float64], side: int
) -> NDArray[np.float32]:  # fmt: skip
    """Move landmarks as ``augment`` moved their pictures.

    Args:
        landmarks: ``(n, 136)`` float32, shares of the side.
        moves: ``(n, 2, 3)`` matrices in px of ``side``; one that mirrors has a negative determinant.
        side: of the pictures, px.

    Returns:
        ``(n, 136)`` float32; in a mirrored face left points take the places of right ones.
    """
    points = landmarks.reshape(-1, POINTS, 2).astype(np.float64) * side
    moved = points @ moves[:, :, :2].transpose(0, 2, 1) + moves[:, np.newaxis, :, 2]
    mirrored = np.linalg.det(moves[:, :, :2]) < 0
    moved[mirrored] = moved[mirrored][:, MIRRORED_POINTS]
    return np.asarray(moved.reshape(len(landmarks), -1) / side, np.float32)
