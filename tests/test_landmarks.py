"""Landmarks: found on a real face, mirrored and moved along with their picture, kept on disk."""

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emotions.landmarks import MIRRORED_POINTS, POINTS, _predictor, find_landmarks
from emotions.prepare import InputContract, prepare
from errors import ModelError
from faces import STILL, FaceDetector
from training import landmarks as landmarks_of_sets
from training.landmarks import cached_landmarks, move_landmarks

CONTRACT = InputContract(size=48, channels=1, landmarks=True)
LEFT_EYE, RIGHT_EYE, NOSE_TIP, MOUTH = slice(36, 42), slice(42, 48), 30, slice(48, 68)


@pytest.fixture
def face(portrait: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The portrait's face, prepared: ``(1, 48, 48, 1)``."""
    (box,) = FaceDetector(STILL).detect(portrait)
    return prepare([box.crop(portrait)], CONTRACT)


def points(row: NDArray[np.float32]) -> NDArray[np.float32]:
    return row.reshape(POINTS, 2)


def test_a_real_face_has_its_eyes_above_its_nose_above_its_mouth(face: NDArray[np.float32]) -> None:
    found = points(find_landmarks(face)[0])
    left, right, mouth = (found[part].mean(axis=0) for part in (LEFT_EYE, RIGHT_EYE, MOUTH))
    assert left[0] < found[NOSE_TIP, 0] < right[0]
    assert max(left[1], right[1]) < found[NOSE_TIP, 1] < mouth[1]
    assert 0 < found.min() < found.max() < 1.1


def test_no_faces_have_no_landmarks() -> None:
    assert find_landmarks(np.empty((0, 48, 48, 1), np.float32)).shape == (0, 136)


def test_moved_landmarks_are_those_of_the_mirrored_picture(face: NDArray[np.float32]) -> None:
    mirror = np.array([[[-1.0, 0, 47], [0, 1, 0]]])
    moved = points(move_landmarks(find_landmarks(face), mirror, 48)[0])
    found = points(find_landmarks(face[:, :, ::-1])[0])
    assert np.abs(moved - found).mean() < 0.03
    assert np.abs(moved[LEFT_EYE].mean(axis=0) - found[LEFT_EYE].mean(axis=0)).max() < 0.05


def test_mirrored_twice_a_point_is_itself() -> None:
    assert MIRRORED_POINTS[MIRRORED_POINTS].tolist() == list(range(POINTS))


def test_landmarks_shift_with_their_picture() -> None:
    rows = np.random.default_rng(1).uniform(0, 1, (2, 136)).astype(np.float32)
    shifts = np.array([[[1.0, 0, 4.8], [0, 1, 0]], [[1, 0, 0], [0, 1, -9.6]]])
    moved = move_landmarks(rows, shifts, 48)
    assert np.allclose(points(moved[0]) - points(rows[0]), [0.1, 0], atol=1e-6)
    assert np.allclose(points(moved[1]) - points(rows[1]), [0, -0.2], atol=1e-6)


def test_a_set_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.random.default_rng(1).integers(0, 256, (3, 48, 48), np.uint8)
    first = cached_landmarks(images, CONTRACT, tmp_path)
    monkeypatch.setattr(landmarks_of_sets, "find_landmarks", lambda batch: pytest.fail("found again"))
    assert np.array_equal(cached_landmarks(images, CONTRACT, tmp_path), first)


def test_without_dlib_the_model_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    _predictor.cache_clear()
    with pytest.raises(ModelError, match=r"requirements-landmarks\.txt"):
        find_landmarks(np.zeros((1, 48, 48, 1), np.float32))
