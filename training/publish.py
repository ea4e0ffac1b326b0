"""Turn a run's best weights into the app's artefact: a half-precision ``.h5`` and its description."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from emotions.artefact import sha256_of
from emotions.labels import EMOTIONS
from training.data import load_faces
from training.figures import read_passes
from training.metrics import Metrics
from training.networks import build
from training.origins import load_trained
from training.recipe import Recipe
from training.runs import BEST, LOG, read_facts, read_object
from training.settle import settle

DATA = (
    "FER2013 (Goodfellow et al. 2013, arXiv 1307.0414): the Training rows. The pictures were collected from the web, "
    "have no formal licence and are not redistributed here."
)
VOTES = " FER+ votes (microsoft/FERPlus, MIT) are part of the targets."
LANDMARKS = " Landmarks by dlib's predictor, which was trained on iBUG 300-W (licence excludes commercial use)."
ORIGINS = {
    "efficientnetb3_warm_start.weights.h5": (
        "EfficientNetB3 weights trained on ImageNet and then specialised on camera defects, from the Python package "
        "ImageQualityChecker 0.0.8, which states no licence"
    ),
    "efficientnetb0_face.weights.h5": "WHENet, EfficientNetB0 trained on faces for head pose (BSD-3-Clause)",
    "mobilenet_v2-b0353104.pth": "torchvision's ImageNet weights (BSD-3-Clause)",
    "imagenet": "Keras' own ImageNet weights (Apache-2.0)",
}


TRAINING_ONLY = {"optimizer_weights", "training_config"}
"""What a checkpoint holds to resume from and nobody needs to serve."""


def publish(runs: Sequence[Path], weights: Path, data: Path) -> None:
    """Write ``weights`` (``.h5``) and the ``.json`` beside it.

    The metrics are left empty: ``evaluate --record`` fills them in from the very file that is shipped.

    Args:
        runs: folders of the runs that led to the model, in order; the last one's best weights are taken.
        weights: the ``.h5`` to write.
        data: the set that the runs were trained on, for the last touches.
    """
    stages = [_stage(run) for run in runs]
    recipe = Recipe(**stages[-1]["recipe"])
    keras.config.set_dtype_policy("float32")
    model = load_trained(runs[-1] / BEST)
    settle(model, recipe.contract, load_faces(data), recipe.seed)
    weights.parent.mkdir(parents=True, exist_ok=True)
    # Built anew: what settling switched off, such as dropout, belongs in the file.
    shipped = build(recipe)
    shipped.set_weights(model.get_weights())
    shipped.save(weights)
    halve(weights)
    description = {
        "labels": list(EMOTIONS),
        "input": asdict(recipe.contract),
        "colour": "grey" + ", repeated as red, green and blue" * (recipe.channels > 1),
        "value_range": [0, 255],
        "sha256": sha256_of(weights),
        "storage": "kernels in half precision, everything else in single precision",
        "data": DATA + VOTES * any(stage["recipe"]["votes"] for stage in stages) + LANDMARKS * recipe.landmarks,
        "initial_weights": [ORIGINS.get(name, name) for name in stages[0]["origin"].values()] or ["random"],
        "stages": stages,
        "parameters": model.count_params(),
        "last_touches": "batch norms measured anew on 8,192 Training pictures; temperature set on PublicTest",
        "metrics": {},
    }
    write_description(weights, description)


def _stage(run: Path) -> dict[str, Any]:
    """What one run did: its recipe, origin and tools, and the passes of its log."""
    facts = read_facts(run)
    passes = [round(one.val_accuracy, 4) for one in read_passes(run / LOG)]
    return {**facts, "public_accuracy_by_pass": passes}


def write_description(weights: Path, description: dict[str, Any]) -> None:
    """Write the ``.json`` beside an ``.h5``."""
    text = json.dumps(description, indent=2) + "\n"
    weights.with_suffix(".json").write_text(text, encoding="utf-8")


def record(weights: Path, name: str, value: Metrics | float) -> None:
    """Write one finding into the description beside an ``.h5``."""
    description = read_object(weights.with_suffix(".json"))
    write_description(weights, {**description, name: value})


def halve(weights: Path) -> None:
    """Store the kernels of a Keras ``.h5`` in half precision, without the optimizer, in place.

    Keras reads them back as float32.

    Vectors (gammas, means, variances, biases) stay as they are: they are small, and a variance may be too
    large for half precision.
    """
    original = weights.with_suffix(".full.h5")
    weights.replace(original)
    with h5py.File(original, "r") as source, h5py.File(weights, "w") as target:
        _copy(source, target)
    original.unlink()


def _copy(source: h5py.Group, target: h5py.Group) -> None:
    for key in source.attrs.keys() - TRAINING_ONLY:
        target.attrs[key] = source.attrs[key]
    for name in source.keys() - TRAINING_ONLY:
        item = source[name]
        if isinstance(item, h5py.Group):
            _copy(item, target.create_group(name))
            continue
        values = item[()]
        is_kernel = values.ndim > 1 and values.dtype == np.float32
        target.create_dataset(name, data=values.astype(np.float16) if is_kernel else values)
