"""The networks that a recipe may name, as plain Keras 3 functions."""

from collections.abc import Callable
from typing import Final

import keras

from emotions.labels import EMOTIONS
from training.recipe import Recipe

HEAD_UNITS: Final = 256


def build(recipe: Recipe) -> keras.Model:
    """Build the untrained network of a recipe: ``(n, size, size, channels)`` to ``(n, 7)`` softmax."""
    return ARCHITECTURES[recipe.architecture](recipe)


def _efficientnet(backbone: Callable[..., keras.Model]) -> Callable[[Recipe], keras.Model]:
    def network(recipe: Recipe) -> keras.Model:
        features = backbone(
            include_top=False,
            weights=None,
            input_shape=(recipe.image_size, recipe.image_size, recipe.contract.channels),
            pooling="avg",
        )
        _set_drop_connect(features, recipe.drop_connect)
        x = keras.layers.BatchNormalization(name="head_bn")(features.output)
        x = keras.layers.Dense(HEAD_UNITS, activation="relu", name="head_dense")(x)
        x = keras.layers.Dropout(recipe.dropout, name="head_dropout")(x)
        # Softmax stays in single precision when the rest of the network runs in half.
        x = keras.layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name="scores")(x)
        return keras.Model(features.input, x, name=recipe.architecture)

    return network


def _set_drop_connect(features: keras.Model, rate: float) -> None:
    """Scale stochastic depth, which Keras' own builders fix at 0.2 for the last block."""
    for layer in features.layers:
        if layer.name.endswith("_drop"):
            layer.rate = layer.rate * rate / 0.2


BACKBONES: Final[dict[str, Callable[..., keras.Model]]] = {
    "efficientnetb0": keras.applications.EfficientNetB0,
    "efficientnetb3": keras.applications.EfficientNetB3,
}
ARCHITECTURES: Final[dict[str, Callable[[Recipe], keras.Model]]] = {
    name: _efficientnet(backbone) for name, backbone in BACKBONES.items()
}
