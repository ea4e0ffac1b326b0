"""What bad cameras do to faces, and that it is measured."""

import numpy as np
import pytest
from numpy.typing import NDArray

from emotions.prepare import InputContract
from training.data import FaceSet
from training.evaluate import as_text, evaluate, evaluate_corrupted
from training.webcam import TESTS, blur, darken, grain, squeeze, worsen

FACE = np.tile(np.linspace(20, 235, 48).astype(np.uint8), (48, 1))


def test_a_darkened_face_keeps_black_and_white() -> None:
    assert darken(np.array([[0, 255]], np.uint8), 2.5).tolist() == [[0, 255]]
    assert int(darken(np.array([[128]], np.uint8), 2.5)[0, 0]) == round((128 / 255) ** 2.5 * 255)


def test_blur_keeps_the_light_and_takes_the_detail() -> None:
    spot = np.zeros((48, 48), np.uint8)
    spot[20:28, 20:28] = 200
    blurred = blur(spot, 1.5)
    assert blurred.max() <= 200
    assert blurred.mean() == pytest.approx(spot.mean(), abs=1)
    assert np.abs(np.diff(blurred.astype(int), axis=1)).max() < 100


def test_grain_has_its_sigma() -> None:
    noisy = grain(np.full((48, 48), 128, np.uint8), 15, np.random.default_rng(1)).astype(float)
    assert noisy.std() == pytest.approx(15, rel=0.1)
    assert noisy.mean() == pytest.approx(128, abs=1.5)


def test_a_squeezed_face_is_near_but_not_the_same() -> None:
    noisy = grain(FACE, 10, np.random.default_rng(1))
    squeezed = squeeze(noisy, 10)
    assert 1 < np.abs(squeezed.astype(int) - noisy).mean() < 15


def test_worsened_faces_are_faces_and_the_seed_decides() -> None:
    random = np.random.default_rng(3)
    copies = [worsen(FACE, random) for _ in range(40)]
    assert all(copy.shape == FACE.shape and copy.dtype == np.uint8 for copy in copies)
    assert sum(np.array_equal(copy, FACE) for copy in copies) == 0
    again = np.random.default_rng(3)
    assert np.array_equal(worsen(FACE, again), copies[0])


class SeesBrightness:
    """Happy while the mean is above 100 of 255, else sad: the dark loses it, the rest does not."""

    contract = InputContract(size=48, channels=1)

    def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.eye(7, dtype=np.float32)[np.where(batch.mean(axis=(1, 2, 3)) > 100, 3, 4)]


def test_what_each_copy_costs_is_told_in_points() -> None:
    faces = FaceSet(np.stack([FACE] * 4), np.array([3, 3, 3, 4]), np.full(4, "public"), np.zeros((4, 10), np.int64))
    metrics = evaluate(SeesBrightness(), faces)
    metrics["corrupted"] = evaluate_corrupted(SeesBrightness(), faces, metrics["accuracy"])
    assert metrics["corrupted"].keys() == TESTS.keys()
    assert metrics["corrupted"]["dark"] == pytest.approx({"accuracy": 0.25, "lost_points": 50})
    assert metrics["corrupted"]["jpeg"] == pytest.approx({"accuracy": 0.75, "lost_points": 0})
    assert "lost 50.0 points" in as_text(metrics)
