"""Measure a classifier on labelled faces, as the app runs it; where it averages two views, one view is told too."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from emotions.classifier import EmotionClassifier, KerasClassifier, KerasModel, MirroredClassifier
from emotions.labels import EMOTIONS
from emotions.prepare import InputContract, prepare
from training.data import FaceSet
from training.metrics import Metrics, measure
from training.votes import emotion_votes
from training.webcam import TESTS

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
        if fresh.any():
            metrics["without_training_pictures"] = _short(measure(faces.labels[fresh], scores[fresh]))
    metrics.update(_ferplus(faces, scores))
    return metrics


def evaluate_model(model: KerasModel, contract: InputContract, faces: FaceSet, training: FaceSet) -> Metrics:
    """Compute all metrics of a Keras model as it is, one view a face."""
    return evaluate(KerasClassifier(model, replace(contract, mirrored=False)), faces, training)


def evaluate_corrupted(classifier: EmotionClassifier, faces: FaceSet, clean: float, seed: int = 2013) -> Metrics:
    """Measure what bad cameras cost: accuracy on dark, blurred, noisy and squeezed copies of a set.

    Args:
        classifier: what is measured.
        faces: the set.
        clean: its accuracy on the set as it is, 0-1.
        seed: of the noise.

    Returns:
        For each of ``webcam.TESTS`` the accuracy and what it lost, in percentage points.
    """
    random = np.random.default_rng(seed)
    found = {}
    for kind, worsen in TESTS.items():
        images = np.stack([worsen(face, random) for face in faces.images])
        accuracy = float((predict_scores(classifier, images).argmax(axis=1) == faces.labels).mean())
        found[kind] = {"accuracy": accuracy, "lost_points": 100 * (clean - accuracy)}
    return found


def _ferplus(faces: FaceSet, scores: NDArray[np.float32]) -> Metrics:
    """How often the classifier says what most of the ten FER+ people said, where one emotion leads."""
    votes = emotion_votes(faces)
    ordered = np.sort(votes, axis=1)
    clear = ordered[:, -1] > ordered[:, -2]
    if not clear.any():
        return {}
    agrees = scores[clear].argmax(axis=1) == votes[clear].argmax(axis=1)
    return {"ferplus": {"count": int(clear.sum()), "accuracy": float(agrees.mean())}}


def _short(metrics: Metrics) -> Metrics:
    return {key: metrics[key] for key in ("count", "accuracy", "macro_f1", "log_loss", "calibration_error")}


def agreement(one: EmotionClassifier, other: EmotionClassifier, images: NDArray[np.uint8]) -> float:
    """Share of faces to which two classifiers give the same label, 0-1."""
    labels = [predict_scores(classifier, images).argmax(axis=1) for classifier in (one, other)]
    return float((labels[0] == labels[1]).mean())


def as_text(metrics: Metrics) -> str:
    """Lay metrics out for a terminal."""
    low, high = metrics["accuracy_interval"]
    lines = [
        f"faces {metrics['count']}   accuracy {metrics['accuracy']:.4f} (95 %: {low:.4f} to {high:.4f})   "
        f"log loss {metrics['log_loss']:.4f}   calibration error {metrics['calibration_error']:.4f}"
    ]
    for average in ("macro", "weighted"):
        values = metrics[average]
        lines.append(
            f"{average:8}   precision {values['precision']:.4f}   recall {values['recall']:.4f}   F1 {values['f1']:.4f}"
        )
    return "\n".join([*lines, *_extras(metrics), "", *_per_class(metrics), "", *_confusion(metrics)])


def _extras(metrics: Metrics) -> list[str]:
    lines = []
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
    if ferplus := metrics.get("ferplus"):
        lines.append(
            f"agrees with most of the FER+ people: {ferplus['accuracy']:.4f} of {ferplus['count']} faces on which "
            "one emotion leads"
        )
    for kind, row in metrics.get("corrupted", {}).items():
        lines.append(f"{kind:6} copies: accuracy {row['accuracy']:.4f}   lost {row['lost_points']:.1f} points")
    return lines


def _per_class(metrics: Metrics) -> list[str]:
    return [
        f"{'':10}precision  recall      f1  support",
        *(
            f"{emotion:10}{row['precision']:9.4f}{row['recall']:8.4f}{row['f1']:8.4f}{row['support']:9}"
            for emotion, row in metrics["per_class"].items()
        ),
    ]


def _confusion(metrics: Metrics) -> list[str]:
    header = " " * 10 + "".join(f"{emotion:>9}" for emotion in EMOTIONS)
    lines = ["confusion (row: true, column: taken for)", header]
    for emotion, counts in zip(EMOTIONS, metrics["confusion"], strict=True):
        lines.append(f"{emotion:10}" + "".join(f"{count:9}" for count in counts))
    lines += ["", "the same as shares of each row", header]
    for emotion, shares in zip(EMOTIONS, metrics["confusion_rows"], strict=True):
        lines.append(f"{emotion:10}" + "".join(f"{share:9.3f}" for share in shares))
    return lines
