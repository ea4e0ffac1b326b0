"""The leak: copies on both sides of a split, and none where the split comes first."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.batches import oversampled
from training.data import FaceSet
from training.leak import as_text, show_leak
from training.recipe import Recipe

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]

RECIPE = Recipe(
    "cnn_webcam", 48, epochs=10, channels=1, batch_size=16, optimizer="adam", schedule="constant", flip=False
)


def noise_faces(per_class: list[int], seed: int) -> FaceSet:
    """Random blobs of light: nothing can be learned of them but by heart."""
    labels = np.repeat(np.arange(7), per_class)
    blobs = np.random.default_rng(seed).integers(0, 256, (len(labels), 6, 6), np.uint8)
    images = np.stack([cv2.resize(blob, (48, 48), interpolation=cv2.INTER_LINEAR) for blob in blobs])
    return FaceSet(images, labels, np.full(len(labels), "training"), np.zeros((len(labels), 10), np.int64))


def test_oversampling_makes_all_classes_as_large_as_the_largest() -> None:
    labels = np.array([0, 0, 0, 1, 2, 2])
    rows = oversampled(labels, np.random.default_rng(1))
    assert np.bincount(labels[rows]).tolist() == [3, 3, 3]
    assert set(rows.tolist()) == set(range(6))


def test_only_oversampling_before_the_split_leaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faces, test = noise_faces([30, 3, 3, 3, 3, 3, 3], seed=1), noise_faces([10] * 7, seed=2)
    leak = show_leak(RECIPE, faces, test, tmp_path)
    assert leak["before"]["validation_seen"] > 0.5
    assert leak["after"]["validation_seen"] == 0
    # Blobs show no emotion: whatever is above chance was remembered.
    assert leak["before"]["validation_accuracy"] > leak["before"]["test_accuracy"] + 0.2
    assert json.loads((tmp_path / "leak.json").read_text()) == leak
    page = (tmp_path / "leak.md").read_text()
    assert f"{leak['before']['validation_accuracy']:.1%}" in page
    assert page.strip() == as_text(leak)


def test_fewer_rows_may_be_asked_for(tmp_path: Path) -> None:
    one_pass = Recipe("cnn_webcam", 48, epochs=1, channels=1, batch_size=16, optimizer="adam", flip=False)
    assert show_leak(one_pass, noise_faces([20] * 7, seed=1), noise_faces([1] * 7, 2), tmp_path, rows=70)["rows"] == 70
