"""What of a picture speaks for an emotion: Grad-CAM, on TensorFlow and on PyTorch.

R. R. Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
arXiv 1610.02391.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from errors import BadInputError, ModelError

Floats = NDArray[np.float32]
Tensor = Any
"""A tensor of whichever backend runs."""
Gradients = Callable[[keras.Model, Sequence[Floats], Callable[[Tensor], Tensor]], tuple[Tensor, Tensor]]

MAP_AXES: Final = 4
THINNING: Final = (
    keras.layers.Flatten,
    keras.layers.Dropout,
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.GlobalAveragePooling2D,
)
"""Layers that add nothing to a map: what they read shows the same places, and finer."""


class GradCam:
    """Shows where in its picture a network found what speaks for an emotion.

    Args:
        model: gives ``(n, classes)`` softmax scores; its first input is ``(n, size, size, channels)``.

    Raises:
        ModelError: when the network holds no map to show.
        BadInputError: when Keras runs on a backend other than TensorFlow or PyTorch.
    """

    def __init__(self, model: keras.Model) -> None:
        backend = keras.backend.backend()
        if backend not in BACKENDS:
            known = " or ".join(BACKENDS)
            raise BadInputError(f"Grad-CAM needs KERAS_BACKEND to be {known}, not {backend}.")
        self._gradients = BACKENDS[backend]
        last = model.layers[-1]
        self._dense = last if isinstance(last, keras.layers.Dense) else None
        self._network = keras.Model(model.inputs, [_last_map(model), last.input if self._dense else last.output])

    def heat_map(self, inputs: Sequence[Floats], emotion: int) -> Floats:
        """Map one face.

        Every channel ``A_k`` of the last map is weighted with the mean of the score's gradient over it (eq. 1 of
        the paper), and of the sum only what is positive counts (eq. 2). The score is the logit, as in the paper,
        since the gradient of a sure softmax vanishes; where the last layer is no Dense layer, whose logit could
        be had, it is the logarithm of the softmax.

        Args:
            inputs: what the network reads of one face, ``(1, ...)`` each; the picture comes first.
            emotion: index of the emotion to explain.

        Returns:
            ``(h, w)`` float32 of the picture's size, 0-1, the highest value being 1; 0 everywhere where nothing
            in the picture speaks for the emotion. As coarse as the network's last map, which is enlarged linearly.
        """
        maps, gradients = (
            keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32"))[0]
            for tensor in self._gradients(self._network, inputs, lambda features: self._score(features, emotion))
        )
        positive = np.maximum(maps @ gradients.mean(axis=(0, 1)), 0)
        height, width = inputs[0].shape[1:3]
        heat = np.asarray(cv2.resize(positive, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
        highest = heat.max()
        return heat / highest if highest > 0 else heat

    def _score(self, features: Tensor, emotion: int) -> Tensor:
        if self._dense is None:
            return keras.ops.log(features[0, emotion])
        # Without the bias, which no gradient depends on.
        return keras.ops.matmul(features, self._dense.kernel)[0, emotion]


def _last_map(model: keras.Model) -> keras.KerasTensor:
    """The last map larger than one place, before the layers that only thin it out."""
    found = None
    for layer in reversed(model.layers):
        # A network inside the network tells its own input, which is no part of the outer one.
        if isinstance(layer, keras.Model) or (found is not None and not isinstance(layer, THINNING)):
            break
        # What a layer reads, not what the one before gives: that of an inner network is its own as well.
        given = layer.input
        shape = getattr(given, "shape", ())  # layers that join several tensors read a list
        if len(shape) == MAP_AXES and tuple(shape[1:3]) != (1, 1):
            found = given
    if found is None:
        raise ModelError(f"The network {model.name} has no map that Grad-CAM could show.")
    return found


def _tensorflow_gradients(
    network: keras.Model, inputs: Sequence[Floats], score: Callable[[Tensor], Tensor]
) -> tuple[Tensor, Tensor]:
    """Give ``network``'s map and the gradient of the score by it, both ``(1, h, w, channels)``."""
    import tensorflow as tf  # noqa: PLC0415 - may be missing where PyTorch runs

    tensors = [tf.convert_to_tensor(values) for values in inputs]
    with tf.GradientTape() as tape:
        # The tape records by itself only what trainable variables touch, and a network may be frozen.
        tape.watch(tensors)
        maps, features = network(tensors, training=False)
        value = score(features)
    return maps, tape.gradient(value, maps)


def _torch_gradients(
    network: keras.Model, inputs: Sequence[Floats], score: Callable[[Tensor], Tensor]
) -> tuple[Tensor, Tensor]:
    """The same as ``_tensorflow_gradients``."""
    import torch  # noqa: PLC0415 - may be missing where TensorFlow runs

    # A frozen network has no parameter that would start the recording.
    tensors = [keras.ops.convert_to_tensor(values).requires_grad_() for values in inputs]
    maps, features = network(tensors, training=False)
    (gradients,) = torch.autograd.grad(score(features), maps)
    return maps, gradients


BACKENDS: Final[dict[str, Gradients]] = {"tensorflow": _tensorflow_gradients, "torch": _torch_gradients}
