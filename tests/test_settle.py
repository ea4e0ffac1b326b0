"""The last touches: norms that fit plain pictures, percentages that mean what they say."""

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from emotions.classifier import KerasClassifier
from emotions.prepare import InputContract, prepare
from training.data import FaceSet
from training.evaluate import predict_scores
from training.metrics import measure
from training.settle import settle

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]

ONE_VIEW = InputContract(size=48, channels=1)


def faces() -> FaceSet:
    """Pictures in which one band of light shows the label, one time in four that of another."""
    random = np.random.default_rng(1)
    shown = random.integers(0, 7, 280)
    labels = np.where(random.random(280) < 0.25, random.integers(0, 7, 280), shown)
    images = np.full((280, 48, 48), 40, np.uint8)
    for image, band in zip(images, shown, strict=True):
        image[6 * band : 6 * band + 6] = 220
    splits = np.array(["training"] * 140 + ["public"] * 140)
    return FaceSet(images, labels, splits, np.zeros((280, 10), np.int64))


def sure_model() -> keras.Model:
    """Reads the bands, and is always far too sure of itself."""
    inputs = keras.Input((48, 48, 1))
    norm = keras.layers.BatchNormalization(name="norm")(inputs)
    bands = keras.layers.Flatten()(keras.layers.AveragePooling2D((6, 48))(norm))
    model = keras.Model(inputs, keras.layers.Dense(7, activation="softmax", name="scores")(bands))
    model.get_layer("scores").set_weights([4 * np.eye(8, 7), np.zeros(7)])
    return model


def public_metrics(model: keras.Model, contract: InputContract, factor: float = 1.0) -> dict[str, float]:
    public = faces().split("public")
    scores = predict_scores(KerasClassifier(model, contract), public.images).astype(np.float64) ** factor
    return measure(public.labels, _normed(scores))


def _normed(scores: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)


def test_norms_become_those_of_plain_training_pictures() -> None:
    model = sure_model()
    settle(model, ONE_VIEW, faces(), seed=1)
    pictures = prepare(list(faces().split("training").images), ONE_VIEW)
    _, _, mean, variance = (float(values[0]) for values in model.get_layer("norm").get_weights())
    assert mean == pytest.approx(pictures.mean(), rel=1e-3)
    assert variance == pytest.approx(pictures.var(), rel=1e-2)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_temperature_is_the_best_one_and_changes_no_label(mirrored: bool) -> None:
    contract = InputContract(size=48, channels=1, mirrored=mirrored)
    model = sure_model()
    settle(model, contract, faces(), seed=1)
    settled = public_metrics(model, contract)
    assert settled["accuracy"] == pytest.approx(0.79, abs=0.08)
    assert settled["calibration_error"] < 0.02
    assert all(public_metrics(model, contract, factor)["log_loss"] > settled["log_loss"] for factor in (0.9, 1.1))
