"""Several networks asked together: their mean is right more often, and may teach a single one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotions.classifier import EmotionClassifier
from emotions.labels import EMOTIONS
from errors import DatasetError
from training.data import FaceSet
from training.evaluate import predict_scores


def mean_scores(classifiers: Sequence[EmotionClassifier], faces: FaceSet) -> NDArray[np.float32]:
    """Average the scores of several classifiers, each of which prepares the faces in its own way.

    Returns:
        ``(n, 7)`` float32, each row summing to 1.
    """
    return np.asarray(np.mean([predict_scores(one, faces.images) for one in classifiers], axis=0), np.float32)


def save_lessons(file: Path, scores: NDArray[np.float32]) -> None:
    """Keep what teachers say of the Training rows: ``(n, 7)`` scores in the order of the rows, as ``.npy``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file.with_suffix(".npy"), scores)


def load_lessons(file: Path, training: FaceSet) -> NDArray[np.float32]:
    """Read what ``save_lessons`` wrote.

    Raises:
        DatasetError: when the file can't be read or belongs to other rows.
    """
    try:
        scores = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DatasetError(f"The teachers' scores {file.name} can't be read: {error}") from error
    if scores.shape != (len(training), len(EMOTIONS)) or not np.allclose(scores.sum(axis=1), 1, atol=1e-2):
        raise DatasetError(f"{file.name} does not hold seven scores for each of the {len(training)} Training rows.")
    return np.asarray(scores, np.float32)
