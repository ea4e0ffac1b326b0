from pathlib import Path

import numpy as np
import pytest

from errors import DatasetError
from tests.fakes.classifier import FakeClassifier
from training.data import FaceSet
from training.ensemble import load_lessons, mean_scores, save_lessons
from training.recipe import Recipe
from training.votes import targets

IMAGES = np.random.default_rng(1).integers(0, 256, (3, 48, 48), np.uint8)
FACES = FaceSet(IMAGES, np.array([0, 3, 4]), np.full(3, "training"), np.zeros((3, 10), np.int64))


def test_an_ensemble_says_the_mean() -> None:
    one, other = FakeClassifier("happy"), FakeClassifier("sad")
    alone = [mean_scores([classifier], FACES) for classifier in (one, other)]
    assert np.allclose(mean_scores([one, other], FACES), (alone[0] + alone[1]) / 2)


def test_lessons_become_part_of_the_targets(tmp_path: Path) -> None:
    lessons = np.full((3, 7), 1 / 7, np.float32)
    save_lessons(tmp_path / "lessons.npy", lessons)
    taught = targets(FACES, Recipe("cnn_webcam", 48, 1, taught=0.7), load_lessons(tmp_path / "lessons.npy", FACES))
    assert taught[1, 3] == pytest.approx(0.3 + 0.7 / 7)
    assert np.allclose(taught.sum(axis=1), 1)


def test_lessons_of_other_rows_are_refused(tmp_path: Path) -> None:
    save_lessons(tmp_path / "lessons.npy", np.full((2, 7), 1 / 7, np.float32))
    with pytest.raises(DatasetError, match="3 Training rows"):
        load_lessons(tmp_path / "lessons.npy", FACES)
    (tmp_path / "lessons.npy").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match="can't be read"):
        load_lessons(tmp_path / "lessons.npy", FACES)
