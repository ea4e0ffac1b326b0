"""EfficientNets with the head of the student paper, the smallest of them cheap enough to learn from."""

from collections.abc import Callable
from typing import Final

import keras

from training.networks.head import scores
from training.recipe import Recipe

HEAD_UNITS: Final = 256


def efficientnet(backbone: Callable[..., keras.Model]) -> Callable[[Recipe], keras.Model]:
    """Give a builder: backbone, mean over the map, BatchNormalization, Dense, Dropout, Dense(7)."""

    def network(recipe: Recipe) -> keras.Model:
        features = backbone(
            include_top=False,
            weights=None,
            input_shape=(recipe.image_size, recipe.image_size, recipe.channels),
            pooling="avg",
        )
        _set_drop_connect(features, recipe.drop_connect)
        x = keras.layers.BatchNormalization(name="head_bn")(features.output)
        x = keras.layers.Dense(HEAD_UNITS, activation="relu", name="head_dense")(x)
        x = keras.layers.Dropout(recipe.dropout, name="head_dropout")(x)
        return keras.Model(features.input, scores(x), name=recipe.architecture)

    return network


def _set_drop_connect(features: keras.Model, rate: float) -> None:
    """Scale stochastic depth, which Keras' own builders fix at 0.2 for the last block."""
    for layer in features.layers:
        if layer.name.endswith("_drop"):
            layer.rate = layer.rate * rate / 0.2
