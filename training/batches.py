"""Batches for Keras: pictures and soft targets, shuffled and changed anew in each pass."""

import keras
import numpy as np
from numpy.typing import NDArray

from emotions.prepare import prepare
from training.augment import augment
from training.data import FaceSet
from training.landmarks import move_landmarks
from training.recipe import Recipe
from training.votes import targets
from training.webcam import worsen

Floats = NDArray[np.float32]
Inputs = Floats | tuple[Floats, Floats]


def oversampled(labels: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Rows in which rarer classes are drawn again at random until each has as many as the largest.

    Args:
        labels: ``(n,)`` classes.
        random: source of the draws.

    Returns:
        Row numbers: every row once, then the copies.
    """
    largest = np.bincount(labels).max()
    copies = [
        random.choice(rows, largest - len(rows))
        for label in np.unique(labels)
        if len(rows := np.flatnonzero(labels == label)) < largest
    ]
    return np.concatenate([np.arange(len(labels)), *copies]).astype(np.int64)


def mix(pictures: Floats, wanted: Floats, alpha: float, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Blend each picture and its target with another of the batch, by MixUp's share; ``alpha`` 0 changes nothing."""
    if not alpha:
        return pictures, wanted
    share = np.float32(random.beta(alpha, alpha))
    return share * pictures + (1 - share) * pictures[::-1], share * wanted + (1 - share) * wanted[::-1]


class TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras ships no types
    """Shuffled, augmented batches; the same seed and pass give the same batches.

    Args:
        faces: Training rows.
        recipe: what is done to them.
        lessons: ``(n, 7)`` scores of teachers, for a recipe that asks for them.
        landmarks: ``(n, 136)`` of each face, for a network that reads them.
        epoch: the pass to begin with, for a run that goes on.
        workers: processes that make batches; a GPU eats them faster than one process changes pictures.
    """

    def __init__(
        self,
        faces: FaceSet,
        recipe: Recipe,
        *,
        lessons: Floats | None = None,
        landmarks: Floats | None = None,
        epoch: int = 0,
        workers: int = 1,
    ) -> None:
        super().__init__(workers=workers, use_multiprocessing=workers > 1, max_queue_size=10 * workers)
        self._images = faces.images
        self._labels = faces.labels
        self._targets = targets(faces, recipe, lessons)
        self._landmarks = landmarks
        self._recipe = recipe
        self._epoch = epoch
        self._shuffle()

    def __len__(self) -> int:
        """Number of full batches in a pass; the odd rest waits for another shuffle."""
        return len(self._order) // self._recipe.batch_size

    def __getitem__(self, index: int) -> tuple[Inputs, Floats]:
        """Give batch ``index``: ``(b, size, size, channels)`` 0-255 and ``(b, 7)`` targets.

        With landmarks the first part is a pair: the pictures and ``(b, 136)``.
        """
        rows = self._order[index * self._recipe.batch_size : (index + 1) * self._recipe.batch_size]
        random = np.random.default_rng((self._recipe.seed, self._epoch, index))
        share = self._recipe.webcam
        faces = [worsen(face, random) if random.random() < share else face for face in self._images[rows]]
        pictures, moves = augment(prepare(faces, self._recipe.contract), self._recipe, random)
        if self._landmarks is None:
            return mix(pictures, self._targets[rows], self._recipe.mixup, random)
        return (pictures, move_landmarks(self._landmarks[rows], moves, pictures.shape[1])), self._targets[rows]

    def on_epoch_end(self) -> None:
        """Shuffle for the next pass."""
        self._epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        random = np.random.default_rng((self._recipe.seed, self._epoch))
        rows = oversampled(self._labels, random) if self._recipe.oversample else np.arange(len(self._labels))
        self._order = random.permutation(rows)
