"""Train a recipe: one run, one folder with all that is needed to repeat, resume and judge it."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from emotions.prepare import prepare
from errors import BadInputError
from training import runs
from training.batches import TrainingBatches
from training.data import FaceSet, load_faces
from training.ensemble import load_lessons
from training.evaluate import evaluate_model
from training.figures import draw_curves, draw_metrics
from training.landmarks import cached_landmarks
from training.networks import build
from training.optimise import compile_for
from training.origins import Origin, set_first_weights
from training.recipe import Recipe
from training.votes import targets

VALIDATION_BATCH = 256
Inputs = NDArray[np.float32] | list[NDArray[np.float32]]


@dataclass(frozen=True)
class Places:
    """Where a run finds and leaves things, and how many hands it has.

    Attributes:
        data: a set with the splits "training" and "public".
        run: folder for all that the run makes.
        cache: folder for landmarks.
        workers: processes that change pictures.
        lessons: teachers' scores of the Training rows (``ensemble --lessons``), for a recipe that asks for them.
    """

    data: Path
    run: Path
    cache: Path = Path(".cache")
    workers: int = 1
    lessons: Path | None = None


def train(recipe: Recipe, places: Places, origin: Origin, *, resume: bool = False) -> None:
    """Train on the Training rows, keep the weights of the best pass on PublicTest, and measure them.

    Ctrl-C loses the pass that it interrupts, nothing more: ``resume`` goes on after the last full one.

    Args:
        recipe: what to train.
        places: data in, run out.
        origin: where the first weights come from.
        resume: go on with the run in the folder.

    Raises:
        BadInputError: when the folder holds a run and ``resume`` is not set, or weights do not fit.
        DatasetError: when the set lacks a split or a class.
    """
    progress = runs.begin(places.run, recipe, resume=resume)
    faces = load_faces(places.data)
    training, public = faces.split("training").with_all_classes(), faces.split("public")
    keras.utils.set_random_seed(recipe.seed + progress.epochs)
    model = build(recipe)
    if not progress.epochs:
        set_first_weights(model, recipe, origin)
        runs.describe(places.run, recipe, origin, model)
    batches = TrainingBatches(
        training,
        recipe,
        lessons=_lessons(recipe, places, training),
        landmarks=cached_landmarks(training.images, recipe.contract, places.cache) if recipe.landmarks else None,
        epoch=progress.epochs,
        workers=places.workers,
    )
    compile_for(model, recipe, steps=len(batches) * recipe.epochs)
    validation = (_inputs(public, recipe, places.cache), targets(public, _plain(recipe)))
    model.fit(
        batches,
        epochs=recipe.epochs,
        validation_data=validation,
        validation_batch_size=VALIDATION_BATCH,
        verbose=1 if sys.stdout.isatty() else 2,
        callbacks=_callbacks(recipe, places.run, progress),
    )
    _measure(recipe, places.run, training, public)


def _lessons(recipe: Recipe, places: Places, training: FaceSet) -> NDArray[np.float32] | None:
    if not recipe.taught:
        return None
    if places.lessons is None:
        raise BadInputError("This recipe learns from teachers: give their scores with --lessons FILE.npy.")
    return load_lessons(places.lessons, training)


def _inputs(faces: FaceSet, recipe: Recipe, cache: Path) -> Inputs:
    pictures = prepare(list(faces.images), recipe.contract)
    return [pictures, cached_landmarks(faces.images, recipe.contract, cache)] if recipe.landmarks else pictures


def _plain(recipe: Recipe) -> Recipe:
    """The recipe without anything done to its targets: validation is against the labels alone."""
    return Recipe(architecture=recipe.architecture, image_size=recipe.image_size, epochs=recipe.epochs)


def _callbacks(recipe: Recipe, run: Path, progress: runs.Progress) -> list[keras.callbacks.Callback]:
    callbacks = [
        # Kept after the last pass: a complete run may be given more passes.
        keras.callbacks.BackupAndRestore(run / runs.BACKUP, delete_checkpoint=False),
        keras.callbacks.ModelCheckpoint(
            run / runs.BEST,
            monitor="val_accuracy",
            mode="max",
            save_best_only=True,
            # Without it a resumed run would overwrite a better pass from before it stopped.
            initial_value_threshold=progress.best_accuracy,
        ),
        keras.callbacks.CSVLogger(run / runs.LOG, append=True),
        keras.callbacks.TerminateOnNaN(),
    ]
    if recipe.patience:
        callbacks.append(keras.callbacks.EarlyStopping("val_accuracy", recipe.min_delta, recipe.patience, mode="max"))
    return callbacks


def _measure(recipe: Recipe, run: Path, training: FaceSet, public: FaceSet) -> None:
    """Write metrics and figures of the best pass, as trained: one view, no temperature."""
    model = keras.models.load_model(run / runs.BEST, compile=False)
    metrics = evaluate_model(model, recipe.contract, public, training)
    (run / runs.METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    draw_curves(run / runs.LOG, run / "curves.png")
    draw_metrics(metrics, run)
