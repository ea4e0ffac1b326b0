"""Train a recipe: one run, one folder with all that is needed to repeat or resume it."""

import json
import math
import platform
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import keras

from emotions.prepare import prepare
from training.batches import TrainingBatches, targets
from training.data import FaceSet, load_faces
from training.growth import grow
from training.networks import BACKBONES, build
from training.recipe import Recipe

WARM_UP = 0.05


@dataclass(frozen=True)
class Origin:
    """Where a network's first weights come from; random where nothing is given.

    Attributes:
        weights: weights of a backbone of the same architecture.
        small: a trained smaller model (``.h5``) of the same family to grow from.
    """

    weights: Path | None = None
    small: Path | None = None


def train(recipe: Recipe, data: Path, run: Path, origin: Origin) -> None:
    """Train on the Training rows, keep the weights of the best pass on PublicTest.

    A run that was interrupted goes on from its last full pass when it is started again with
    the same folder.

    Args:
        recipe: what to train.
        data: a set with the splits "training" and "public".
        run: folder for ``recipe.json``, ``log.csv`` and ``best.h5``.
        origin: where the first weights come from.
    """
    run.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(recipe.seed)
    model = build(recipe)
    if origin.small:
        grow(keras.models.load_model(origin.small, compile=False), model, recipe.seed)
    if origin.weights:
        _load_backbone(model, origin.weights)
    faces = load_faces(data)
    batches = TrainingBatches(faces.split("training"), recipe)
    _compile(model, recipe, steps=len(batches) * recipe.epochs)
    _describe(run, recipe, origin)
    _fit(model, recipe, batches, faces.split("public"), run)


def _fit(model: keras.Model, recipe: Recipe, batches: TrainingBatches, public: FaceSet, run: Path) -> None:
    pictures = prepare(list(public.images), recipe.contract)
    plain = Recipe(architecture=recipe.architecture, image_size=recipe.image_size, epochs=recipe.epochs)
    model.fit(
        batches,
        epochs=recipe.epochs,
        validation_data=(pictures, targets(public, plain)),
        validation_batch_size=256,
        verbose=2,
        callbacks=[
            keras.callbacks.BackupAndRestore(run / "backup"),
            keras.callbacks.ModelCheckpoint(run / "best.h5", monitor="val_accuracy", save_best_only=True),
            keras.callbacks.CSVLogger(run / "log.csv", append=True),
            keras.callbacks.TerminateOnNaN(),
        ],
    )


def _compile(model: keras.Model, recipe: Recipe, steps: int) -> None:
    warm_up = math.ceil(steps * WARM_UP)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=recipe.learning_rate / 20,
        warmup_target=recipe.learning_rate,
        warmup_steps=warm_up,
        decay_steps=steps - warm_up,
        alpha=0.01,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, global_clipnorm=1.0)
    # Decay pulls on kernels only: on a gamma or a bias it would fight the normalisation.
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"])


def _load_backbone(model: keras.Model, weights: Path) -> None:
    """Load ``include_top=False`` weights of ``keras.applications`` into the part below our head."""
    source = BACKBONES[model.name](include_top=False, weights=None)
    source.load_weights(weights)
    for layer in source.layers:
        if not layer.weights:
            continue
        target = _namesake(model, layer.name)
        target.set_weights(layer.get_weights())
        if hasattr(target, "finalize_state"):
            target.finalize_state()


def _namesake(model: keras.Model, name: str) -> keras.layers.Layer:
    """The layer of the same name; Keras numbers the one called ``normalization`` as it likes."""
    if name.startswith("normalization"):
        return next(layer for layer in model.layers if layer.name.startswith("normalization"))
    return model.get_layer(name)


def _describe(run: Path, recipe: Recipe, origin: Origin) -> None:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    facts = {
        "recipe": asdict(recipe),
        "origin": {kind: path.name for kind, path in vars(origin).items() if path},
        "commit": commit.stdout.strip(),
        "keras": keras.__version__,
        "backend": keras.config.backend(),
        "python": platform.python_version(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    (run / "recipe.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
