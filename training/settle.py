"""Last touches on a trained network, without gradients: honest norms, honest percentages."""

from typing import Final

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from tqdm import tqdm

from emotions.classifier import KerasClassifier, network_inputs
from emotions.prepare import InputContract, prepare
from training.data import FaceSet
from training.evaluate import predict_scores

SAMPLE: Final = 8192
BATCH: Final = 256


def settle(model: keras.Model, contract: InputContract, faces: FaceSet, seed: int) -> None:
    """Measure the batch norms anew on plain Training pictures, then set the temperature on PublicTest.

    Training leaves in the norms a trailing average over changed pictures with dropout at work; the app sees
    plain pictures without it (Wu & Johnson 2021, arXiv 2105.07576, section 3). The temperature is a factor on the
    logits that minimises the log loss (Guo et al. 2017, arXiv 1706.04599); it goes into the last layer's weights.

    Args:
        model: a Keras model that ends in the layer ``scores``; changed in place.
        contract: how faces become its input.
        faces: a set with the splits "training" and "public".
        seed: of the choice of 8,192 pictures.
    """
    training = faces.split("training")
    rows = np.random.default_rng(seed).permutation(len(training))[:SAMPLE]
    _measure_norms(model, contract, training.images[rows])
    _set_temperature(model, contract, faces.split("public"))


def _measure_norms(model: keras.Model, contract: InputContract, images: NDArray[np.uint8]) -> None:
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    if not norms:
        return
    starts = tqdm(range(0, len(images), BATCH), desc="norms", unit="batch", leave=False)
    for step, start in enumerate(starts):
        for norm in norms:
            # With this momentum the running value is the plain mean over all batches so far.
            norm.momentum = step / (step + 1)
        batch = prepare(list(images[start : start + BATCH]), contract)
        inputs = network_inputs(batch[:, :, ::-1] if step % 2 else batch, contract)
        model(inputs if len(inputs) > 1 else inputs[0], training=True)


def _set_temperature(model: keras.Model, contract: InputContract, faces: FaceSet) -> None:
    views = [faces.images, faces.images[:, :, ::-1]] if contract.mirrored else [faces.images]
    logits = [_logits(model, contract, images) for images in views]

    def log_loss(factor: float) -> float:
        # As it is served: where two views are averaged, their mean must mean what it says.
        scores = np.mean([softmax(factor * view, axis=1) for view in logits], axis=0)
        return -float(np.log(scores[np.arange(len(faces)), faces.labels]).mean())

    factor = minimize_scalar(log_loss, bounds=(0.1, 10), method="bounded").x
    last = model.get_layer("scores")
    last.set_weights([weights * factor for weights in last.get_weights()])


def _logits(model: keras.Model, contract: InputContract, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Logits up to a constant a row, which softmax does not see: ``(n, 7)``."""
    scores = predict_scores(KerasClassifier(model, contract), images)
    return np.asarray(np.log(np.maximum(scores, np.finfo(np.float32).tiny).astype(np.float64)))
