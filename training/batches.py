"""Batches for Keras: pictures and soft targets, shuffled and changed anew in each pass."""

import keras
import numpy as np
from numpy.typing import NDArray

from emotions.labels import EMOTIONS
from emotions.prepare import prepare
from training.augment import augment
from training.data import FaceSet
from training.recipe import Recipe

FERPLUS_COLUMNS = {"neutral": 0, "happy": 1, "surprise": 2, "sad": 3, "angry": 4, "disgust": 5, "fear": 6}
"""Where FER+ counts the votes for each of our emotions; its other columns name none of them."""


def targets(faces: FaceSet, recipe: Recipe) -> NDArray[np.float32]:
    """Mix hard labels, FER+ votes and an even share into one distribution a picture.

    Returns:
        ``(n, 7)`` float32; each row sums to 1.
    """
    hard = np.eye(len(EMOTIONS), dtype=np.float32)[faces.labels]
    votes = faces.votes[:, [FERPLUS_COLUMNS[emotion] for emotion in EMOTIONS]].astype(np.float32)
    total = votes.sum(axis=1, keepdims=True)
    voted = np.where(total > 0, votes / np.maximum(total, 1), hard)
    mixed = (1 - recipe.votes) * hard + recipe.votes * voted
    return np.asarray((1 - recipe.label_smoothing) * mixed + recipe.label_smoothing / len(EMOTIONS), np.float32)


class TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras ships no types
    """Shuffled, augmented batches; the same seed gives the same batches."""

    def __init__(self, faces: FaceSet, recipe: Recipe) -> None:
        super().__init__(workers=1)
        self._images = faces.images
        self._targets = targets(faces, recipe)
        self._recipe = recipe
        self._epoch = 0
        self._shuffle()

    def __len__(self) -> int:
        """Number of full batches in a pass; the odd rest waits for another shuffle."""
        return len(self._images) // self._recipe.batch_size

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give batch ``index``: ``(b, size, size, channels)`` 0-255 and ``(b, 7)`` targets."""
        rows = self._order[index * self._recipe.batch_size : (index + 1) * self._recipe.batch_size]
        random = np.random.default_rng((self._recipe.seed, self._epoch, index))
        pictures = prepare(list(self._images[rows]), self._recipe.contract)
        return augment(pictures, self._recipe, random), self._targets[rows]

    def on_epoch_end(self) -> None:
        """Shuffle for the next pass."""
        self._epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        random = np.random.default_rng((self._recipe.seed, self._epoch))
        self._order = random.permutation(len(self._images))
