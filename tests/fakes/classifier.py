"""A classifier that always sees the same emotion."""

import numpy as np
from numpy.typing import NDArray

from emotions.labels import EMOTIONS
from emotions.prepare import InputContract
from errors import ModelError


class FakeClassifier:
    """Scores every face alike, and remembers the sizes of its batches.

    Args:
        emotion: gets 0.88 of each face; the others share the rest.
        fails: raises instead.
    """

    contract = InputContract(size=48)

    def __init__(self, emotion: str = "happy", *, fails: bool = False) -> None:
        self.emotion = emotion
        self.fails = fails
        self.batches: list[int] = []

    def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.fails:
            raise ModelError("The fake classifier fails.")
        self.batches.append(len(batch))
        scores = np.full((len(batch), len(EMOTIONS)), 0.02, np.float32)
        scores[:, EMOTIONS.index(self.emotion)] = 0.88
        return scores
