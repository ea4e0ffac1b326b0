"""MobileNet as a frozen reader of features, with one dense layer on top: the first student system."""

from collections.abc import Callable

import keras

from training.networks.head import scores
from training.recipe import Recipe


def mobilenet(backbone: Callable[..., keras.Model]) -> Callable[[Recipe], keras.Model]:
    """Give a builder: frozen backbone, Flatten, Dense(7). Only the last layer learns."""

    def network(recipe: Recipe) -> keras.Model:
        side = (recipe.image_size, recipe.image_size, recipe.channels)
        features = backbone(include_top=False, weights=None, input_shape=side)
        features.trainable = False
        inputs = keras.Input(side)
        # MobileNets want -1 to 1 (keras.applications.mobilenet.preprocess_input).
        x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(inputs)
        # Inference mode: the norms of a frozen network must not follow the batch.
        x = features(x, training=False)
        x = keras.layers.Flatten(name="flatten")(x)
        return keras.Model(inputs, scores(x), name=recipe.architecture)

    return network
