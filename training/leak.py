"""The leak behind the 93 %: oversampling before the split puts copies of one picture on both sides of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from emotions.prepare import prepare
from training.batches import TrainingBatches, oversampled
from training.data import FaceSet
from training.networks import build
from training.optimise import compile_for
from training.recipe import Recipe

VALIDATION_SHARE: Final = 0.2
Leak = dict[str, Any]


def show_leak(recipe: Recipe, faces: FaceSet, test: FaceSet, out: Path, rows: int | None = None) -> Leak:
    """Train the same network with oversampling before the split and after it; write ``leak.json`` and ``leak.md``.

    Args:
        recipe: the network and its training; its own ``oversample`` is not used.
        faces: Training rows; a fifth of them becomes the validation set, in either order.
        test: pictures that neither run trains on.
        out: folder for the two files.
        rows: train on so many of the rows, drawn at random; all of them where None.

    Returns:
        What ``leak.json`` holds: for "before" and "after" the split the validation and test accuracy, 0-1, the
        accuracy on the pictures trained on, and the share of validation pictures that also stand among those.
    """
    random = np.random.default_rng(recipe.seed)
    pool = faces.where(random.permutation(len(faces))[:rows])
    orders = {"before": _oversample_then_split, "after": _split_then_oversample}
    found: Leak = {"recipe": recipe.architecture, "epochs": recipe.epochs, "rows": len(pool), "test_rows": len(test)}
    for name, order in orders.items():
        training, validation = order(pool.labels, recipe.seed)
        found[name] = _train_and_measure(recipe, pool.where(training), pool.where(validation), test)
    out.mkdir(parents=True, exist_ok=True)
    (out / "leak.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (out / "leak.md").write_text(as_text(found) + "\n", encoding="utf-8")
    return found


def _split(labels: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows = np.arange(len(labels))
    training, validation = train_test_split(rows, test_size=VALIDATION_SHARE, stratify=labels, random_state=seed)
    return training, validation


def _oversample_then_split(labels: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows = oversampled(labels, np.random.default_rng(seed))
    training, validation = _split(labels[rows], seed)
    return rows[training], rows[validation]


def _split_then_oversample(labels: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    training, validation = _split(labels, seed)
    return training[oversampled(labels[training], np.random.default_rng(seed))], validation


def _train_and_measure(recipe: Recipe, training: FaceSet, validation: FaceSet, test: FaceSet) -> dict[str, float]:
    keras.utils.set_random_seed(recipe.seed)
    model = build(recipe)
    batches = TrainingBatches(training, replace(recipe, oversample=False))
    compile_for(model, recipe, steps=len(batches) * recipe.epochs)
    model.fit(batches, epochs=recipe.epochs, verbose=2)
    known = {image.tobytes() for image in training.images}
    return {
        "training_accuracy": _accuracy(model, recipe, training),
        "validation_accuracy": _accuracy(model, recipe, validation),
        "test_accuracy": _accuracy(model, recipe, test),
        "validation_seen": float(np.mean([image.tobytes() in known for image in validation.images])),
    }


def _accuracy(model: keras.Model, recipe: Recipe, faces: FaceSet) -> float:
    scores = model.predict(prepare(list(faces.images), recipe.contract), batch_size=256, verbose=0)
    return float((scores.argmax(axis=1) == faces.labels).mean())


def as_text(leak: Leak) -> str:
    """A Markdown table of both orders and two sentences on what happened."""
    before, after = leak["before"], leak["after"]
    rows = [
        f"| {words} | {run['training_accuracy']:.1%} | {run['validation_accuracy']:.1%} | "
        f"**{run['test_accuracy']:.1%}** | {run['validation_seen']:.1%} |"
        for words, run in (("oversampled, then split", before), ("split, then oversampled", after))
    ]
    return "\n".join(
        [
            f"`{leak['recipe']}`, {leak['epochs']} passes over {leak['rows']} pictures, "
            f"tested on {leak['test_rows']} others:",
            "",
            "| order | on its training pictures | validation | honest test | validation pictures seen in training |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"Oversampling before the split put copies of {before['validation_seen']:.0%} of the validation pictures "
            f"among the training pictures: validation says {before['validation_accuracy']:.1%} and pictures that the "
            f"network never saw say {before['test_accuracy']:.1%}, where the split made first says "
            f"{after['validation_accuracy']:.1%} and {after['test_accuracy']:.1%}. "
            "The 93 % that was claimed from such a split tells how well a network knows pictures by heart, not how "
            "well it reads faces.",
        ]
    )
