"""A picture in, its faces with their scores out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotions.classifier import EmotionClassifier
from emotions.labels import EMOTIONS
from emotions.prepare import prepare
from faces.detector import Box, FaceDetector


@dataclass(frozen=True)
class Face:
    """One face of a picture.

    Attributes:
        box: where it is, px.
        scores: ``(7,)`` float32 in the order of ``EMOTIONS``, summing to 1.
    """

    box: Box
    scores: NDArray[np.float32]

    @property
    def emotion(self) -> str:
        """The emotion with the highest score."""
        return EMOTIONS[int(self.scores.argmax())]

    @property
    def confidence(self) -> float:
        """The highest score, 0-1."""
        return float(self.scores.max())


@dataclass(frozen=True)
class Analysis:
    """All faces of one picture, largest first; the largest one makes the mood."""

    faces: tuple[Face, ...] = ()

    @property
    def leading_scores(self) -> NDArray[np.float32] | None:
        """``(7,)`` scores of the largest face, or None when there is no face."""
        return self.faces[0].scores if self.faces else None


class FaceAnalyser:
    """Finds faces and reads all of them in one call of the classifier. Safe to share.

    Args:
        detector: finds the faces.
        classifier: scores them.
    """

    def __init__(self, detector: FaceDetector, classifier: EmotionClassifier) -> None:
        self._detector = detector
        self._classifier = classifier

    def analyse(self, image: NDArray[np.uint8]) -> Analysis:
        """Analyse a picture ``(h, w, 3)`` BGR uint8.

        Raises:
            BadImageError: when the array has another shape.
            ModelError: when the classifier gives no scores.
        """
        boxes = self._detector.detect(image)
        if not boxes:
            return Analysis()
        batch = prepare([box.crop(image) for box in boxes], self._classifier.contract)
        scores = self._classifier.predict(batch)
        return Analysis(tuple(Face(box, row) for box, row in zip(boxes, scores, strict=True)))
