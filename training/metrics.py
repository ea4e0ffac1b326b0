"""What is said of a classifier: computed from true labels and scores, nothing else."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, precision_recall_fscore_support

from emotions.labels import EMOTIONS

Metrics = dict[str, Any]

CLASSES: Final = np.arange(len(EMOTIONS))
BINS: Final = 15
RESAMPLES: Final = 2000
INTERVAL: Final = (2.5, 97.5)
"""Percentiles between which 95 % of the resampled accuracies lie."""


def measure(labels: NDArray[np.int64], scores: NDArray[np.float32]) -> Metrics:
    """Compute every figure that labels and scores allow.

    Args:
        labels: ``(n,)`` true classes, 0-6.
        scores: ``(n, 7)`` softmax scores, 0-1.

    Returns:
        A dictionary that JSON can hold. ``confusion[i][j]`` counts faces of class i taken for j,
        ``confusion_rows`` tells the same as shares of class i.
    """
    guesses = scores.argmax(axis=1)
    per_class = precision_recall_fscore_support(labels, guesses, labels=CLASSES, zero_division=0)
    confusion = confusion_matrix(labels, guesses, labels=CLASSES)
    macro = _averaged(labels, guesses, "macro")
    return {
        "count": len(labels),
        "accuracy": float(accuracy_score(labels, guesses)),
        "accuracy_interval": bootstrap_interval(labels == guesses),
        "macro_f1": macro["f1"],
        "macro": macro,
        "weighted": _averaged(labels, guesses, "weighted"),
        "log_loss": float(log_loss(labels, _summing_to_one(scores), labels=CLASSES)),
        "calibration_error": calibration_error(labels, scores),
        "reliability": reliability(labels, scores),
        "per_class": {
            emotion: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
            for emotion, p, r, f, s in zip(EMOTIONS, *per_class, strict=True)
        },
        "confusion": confusion.tolist(),
        "confusion_rows": (confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)).round(4).tolist(),
    }


def _summing_to_one(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rows as exact distributions: softmax in single precision misses 1 by a little."""
    exact = scores.astype(np.float64)
    return np.asarray(exact / exact.sum(axis=1, keepdims=True))


def _averaged(labels: NDArray[np.int64], guesses: NDArray[np.int64], average: str) -> dict[str, float]:
    """Precision, recall and F1, each class counting alike ("macro") or by its faces ("weighted")."""
    values = precision_recall_fscore_support(labels, guesses, labels=CLASSES, average=average, zero_division=0)
    return {name: float(value) for name, value in zip(("precision", "recall", "f1"), values[:3], strict=True)}


def bootstrap_interval(right: NDArray[np.bool_], seed: int = 2013) -> list[float]:
    """95 % interval of an accuracy, from 2,000 sets of the same size drawn with replacement.

    Source: Efron 1979, The Annals of Statistics 7(1), percentile method. To draw n faces with replacement and count
    the right ones is to draw from a binomial distribution, so that is drawn.

    Args:
        right: ``(n,)`` whether each face was taken for what it is.
        seed: of the draws.

    Returns:
        Lower and upper end, 0-1.
    """
    draws = np.random.default_rng(seed).binomial(len(right), right.mean(), RESAMPLES) / len(right)
    return [float(end) for end in np.percentile(draws, INTERVAL)]


def reliability(labels: NDArray[np.int64], scores: NDArray[np.float32]) -> list[dict[str, float]]:
    """Confidence against accuracy, in equal-width bins of confidence that hold faces.

    Returns:
        One row a bin: ``low`` and ``high`` end, ``count``, mean ``confidence`` and ``accuracy``, 0-1.
    """
    confidence = scores.max(axis=1)
    right = scores.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        {
            "low": b / BINS,
            "high": (b + 1) / BINS,
            "count": int((bin_of == b).sum()),
            "confidence": float(confidence[bin_of == b].mean()),
            "accuracy": float(right[bin_of == b].mean()),
        }
        for b in np.unique(bin_of).tolist()
    ]


def calibration_error(labels: NDArray[np.int64], scores: NDArray[np.float32]) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over the bins, by faces, 0-1.

    Source: Guo et al. 2017, arXiv 1706.04599, section 2.
    """
    rows = reliability(labels, scores)
    return float(sum(abs(row["accuracy"] - row["confidence"]) * row["count"] for row in rows) / len(labels))
