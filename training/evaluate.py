"""Measure a classifier on labelled faces, as the app runs it; where it averages two views, one view is told too."""

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from emotions.classifier import EmotionClassifier, MirroredClassifier
from emotions.labels import EMOTIONS
from emotions.prepare import prepare
from training.data import FaceSet
from training.metrics import Metrics, measure

BATCH = 128


def predict_scores(classifier: EmotionClassifier, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Score ``(n, 48, 48)`` grey faces: gives ``(n, 7)`` float32, 0-1."""
    starts = tqdm(range(0, len(images), BATCH), desc="evaluate", unit="batch", leave=False)
    batches = (prepare(list(images[start : start + BATCH]), classifier.contract) for start in starts)
    return np.concatenate([classifier.predict(batch) for batch in batches])


def evaluate(classifier: EmotionClassifier, faces: FaceSet, training: FaceSet | None = None) -> Metrics:
    """Compute all metrics of a classifier on a set.

    Args:
        classifier: what is measured.
        faces: the set.
        training: the rows that it may have been trained on; where given, accuracy is also told
            for the faces that do not stand among them, pixel by pixel.
    """
    scores = predict_scores(classifier, faces.images)
    metrics = measure(faces.labels, scores)
    if isinstance(classifier, MirroredClassifier):
        metrics["single_view"] = _short(measure(faces.labels, predict_scores(classifier.single, faces.images)))
    if training is not None:
        seen = {image.tobytes() for image in training.images}
        fresh = np.array([image.tobytes() not in seen for image in faces.images])
        metrics["without_training_pictures"] = _short(measure(faces.labels[fresh], scores[fresh]))
    return metrics


def _short(metrics: Metrics) -> Metrics:
    return {key: metrics[key] for key in ("count", "accuracy", "macro_f1", "log_loss", "calibration_error")}


def agreement(one: EmotionClassifier, other: EmotionClassifier, images: NDArray[np.uint8]) -> float:
    """Share of faces to which two classifiers give the same label, 0-1."""
    labels = [predict_scores(classifier, images).argmax(axis=1) for classifier in (one, other)]
    return float((labels[0] == labels[1]).mean())


def as_text(metrics: Metrics) -> str:
    """Lay metrics out for a terminal."""
    lines = [
        f"faces {metrics['count']}   accuracy {metrics['accuracy']:.4f}   macro-F1 {metrics['macro_f1']:.4f}   "
        f"log loss {metrics['log_loss']:.4f}   calibration error {metrics['calibration_error']:.4f}"
    ]
    if single := metrics.get("single_view"):
        lines.append(
            "(two views a face, as it is and mirrored, averaged; with one view: "
            f"accuracy {single['accuracy']:.4f}   macro-F1 {single['macro_f1']:.4f})"
        )
    if without := metrics.get("without_training_pictures"):
        lines.append(
            f"without pictures that also stand in Training: faces {without['count']}   "
            f"accuracy {without['accuracy']:.4f}   macro-F1 {without['macro_f1']:.4f}"
        )
    lines += ["", f"{'':10}precision  recall      f1  support"]
    for emotion, row in metrics["per_class"].items():
        lines.append(f"{emotion:10}{row['precision']:9.4f}{row['recall']:8.4f}{row['f1']:8.4f}{row['support']:9}")
    lines += ["", "confusion (row: true, column: taken for)", " " * 10 + "".join(f"{e:>9}" for e in EMOTIONS)]
    for emotion, counts in zip(EMOTIONS, metrics["confusion"], strict=True):
        lines.append(f"{emotion:10}" + "".join(f"{count:9}" for count in counts))
    return "\n".join(lines)
