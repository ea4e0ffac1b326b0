"""The networks that a recipe may name, as plain Keras 3 functions."""

from collections.abc import Callable
from typing import Final

import keras

from errors import BadInputError
from training.networks.efficientnet import efficientnet
from training.networks.mobilenet import mobilenet
from training.networks.small import cnn_4_5m, cnn_landmarks, cnn_webcam
from training.recipe import Recipe

BACKBONES: Final[dict[str, Callable[..., keras.Model]]] = {
    "efficientnetb0": keras.applications.EfficientNetB0,
    "efficientnetb3": keras.applications.EfficientNetB3,
    "mobilenet": keras.applications.MobileNet,
    "mobilenet_v2": keras.applications.MobileNetV2,
}
ARCHITECTURES: Final[dict[str, Callable[[Recipe], keras.Model]]] = {
    "efficientnetb0": efficientnet(BACKBONES["efficientnetb0"]),
    "efficientnetb3": efficientnet(BACKBONES["efficientnetb3"]),
    "mobilenet": mobilenet(BACKBONES["mobilenet"]),
    "mobilenet_v2": mobilenet(BACKBONES["mobilenet_v2"]),
    "cnn_4_5m": cnn_4_5m,
    "cnn_webcam": cnn_webcam,
    "cnn_landmarks": cnn_landmarks,
}


def build(recipe: Recipe) -> keras.Model:
    """Build the untrained network of a recipe.

    It reads ``(n, size, size, channels)`` 0-255, and ``(n, 136)`` landmarks as a second input where the recipe
    asks for them, and gives ``(n, 7)`` softmax scores from a layer named ``scores``.

    Raises:
        BadInputError: when there is no such architecture.
    """
    if recipe.architecture not in ARCHITECTURES:
        known = ", ".join(sorted(ARCHITECTURES))
        raise BadInputError(f"There is no architecture '{recipe.architecture}'. Known: {known}.")
    return ARCHITECTURES[recipe.architecture](recipe)
