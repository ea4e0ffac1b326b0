"""What a network is asked for: labels, people's votes, and an even share of doubt."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotions.labels import EMOTIONS
from training.data import FaceSet
from training.recipe import Recipe

FERPLUS_COLUMNS: Final = {
    "neutral": 0, "happy": 1, "surprise": 2, "sad": 3, "angry": 4, "disgust": 5, "fear": 6,
}  # fmt: skip
"""Where FER+ counts the votes for each of our emotions; its other columns name none of them."""


def targets(faces: FaceSet, recipe: Recipe, lessons: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Mix hard labels, FER+ votes, teachers' scores and an even share into one distribution a picture.

    Args:
        faces: the pictures.
        recipe: gives the shares.
        lessons: ``(n, 7)`` scores of teachers; needed where the recipe's ``taught`` is above 0.

    Returns:
        ``(n, 7)`` float32; each row sums to 1.
    """
    hard = np.eye(len(EMOTIONS), dtype=np.float32)[faces.labels]
    votes = emotion_votes(faces).astype(np.float32)
    total = votes.sum(axis=1, keepdims=True)
    voted = np.where(total > 0, votes / np.maximum(total, 1), hard)
    mixed = (1 - recipe.votes) * hard + recipe.votes * voted
    if lessons is not None:
        mixed = (1 - recipe.taught) * mixed + recipe.taught * lessons
    return np.asarray((1 - recipe.label_smoothing) * mixed + recipe.label_smoothing / len(EMOTIONS), np.float32)


def emotion_votes(faces: FaceSet) -> NDArray[np.int64]:
    """The FER+ votes for our seven emotions alone, ``(n, 7)`` in the order of ``EMOTIONS``."""
    return faces.votes[:, [FERPLUS_COLUMNS[emotion] for emotion in EMOTIONS]]
