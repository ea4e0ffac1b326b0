"""What is said of a classifier: computed from true labels and scores, nothing else."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, precision_recall_fscore_support

from emotions.labels import EMOTIONS

Metrics = dict[str, Any]


def measure(labels: NDArray[np.int64], scores: NDArray[np.float32]) -> Metrics:
    """Compute accuracy, F1, the per-class table and the confusion matrix.

    Args:
        labels: ``(n,)`` true classes, 0-6.
        scores: ``(n, 7)`` softmax scores, 0-1.

    Returns:
        A dictionary that JSON can hold. ``confusion[i][j]`` counts faces of class i taken for j.
    """
    classes = np.arange(len(EMOTIONS))
    guesses = scores.argmax(axis=1)
    per_class = precision_recall_fscore_support(labels, guesses, labels=classes, zero_division=0)
    macro = precision_recall_fscore_support(labels, guesses, labels=classes, average="macro", zero_division=0)
    return {
        "count": len(labels),
        "accuracy": float(accuracy_score(labels, guesses)),
        "macro_f1": float(macro[2]),
        "log_loss": float(log_loss(labels, scores.astype(np.float64), labels=classes)),
        "calibration_error": calibration_error(labels, scores),
        "per_class": {
            emotion: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
            for emotion, p, r, f, s in zip(EMOTIONS, *per_class, strict=True)
        },
        "confusion": confusion_matrix(labels, guesses, labels=classes).tolist(),
    }


def calibration_error(labels: NDArray[np.int64], scores: NDArray[np.float32], bins: int = 15) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over equal-width bins, 0-1.

    Source: Guo et al. 2017, arXiv 1706.04599, section 2.
    """
    confidence = scores.max(axis=1)
    right = scores.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(float(right[bin_of == b].mean()) - float(confidence[bin_of == b].mean())) * float((bin_of == b).mean())
        for b in range(bins)
        if (bin_of == b).any()
    ]
    return float(sum(gaps))
