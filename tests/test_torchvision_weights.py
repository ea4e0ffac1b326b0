"""torchvision's MobileNetV2 in Keras: the same first features, every array in its place."""

import keras
import numpy as np
import pytest

from errors import BadInputError
from training.torchvision_weights import DEVIATION, EPSILON, MEAN, State, set_from_state

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(32, 32, 3))


@pytest.fixture(scope="module")
def state(model: keras.Model) -> State:
    """Random arrays of the shapes and in the order of torchvision's file."""
    random = np.random.default_rng(1)
    arrays: State = {}
    for number, layer in enumerate(layer for layer in model.layers if layer.weights):
        shapes = [tuple(weight.shape) for weight in layer.weights]
        if isinstance(layer, keras.layers.BatchNormalization):
            names = ("weight", "bias", "running_mean", "running_var")
            arrays |= {f"features.{number}.{name}": random.uniform(0.5, 1, shapes[0]) for name in names}
            arrays[f"features.{number}.num_batches_tracked"] = np.zeros((), np.float32)
        else:
            axes = (2, 3, 0, 1) if isinstance(layer, keras.layers.DepthwiseConv2D) else (3, 2, 0, 1)
            arrays[f"features.{number}.weight"] = random.normal(size=shapes[0]).transpose(axes)
    return {**arrays, "classifier.1.weight": np.zeros((1000, 1280), np.float32)}


def test_every_kernel_stands_in_keras_order(model: keras.Model, state: State) -> None:
    set_from_state(model, state)
    kernels = [layer for layer in model.layers if layer.weights and "conv" in type(layer).__name__.lower()]
    told = [array for name, array in state.items() if name.endswith("weight") and array.ndim == 4]
    for layer, array in zip(kernels[1:], told[1:], strict=True):
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        kernel = np.asarray(layer.get_weights()[0]).transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        assert np.allclose(kernel, array, atol=1e-6)


def test_the_first_features_are_torchvisions(model: keras.Model, state: State) -> None:
    set_from_state(model, state)
    picture = np.random.default_rng(2).uniform(0, 1, (32, 32, 3))
    first = keras.Model(model.input, model.get_layer("bn_Conv1").output)
    found = first.predict_on_batch((picture[np.newaxis] * 2 - 1).astype(np.float32))[0, 4, 5]
    # What torchvision does at that place, an inner one, where no padding is seen.
    window = ((picture - MEAN) / DEVIATION)[8:11, 10:13]
    kernel, gamma, beta, mean, variance = (array for array in list(state.values())[:5])
    sums = np.einsum("hwc,ochw->o", window, kernel)
    assert np.allclose(found, gamma * (sums - mean) / np.sqrt(variance + EPSILON) + beta, atol=1e-3)


def test_a_file_with_too_few_layers_is_refused(model: keras.Model, state: State) -> None:
    with pytest.raises(BadInputError, match="does not hold the layers"):
        set_from_state(model, dict(list(state.items())[:20]))
