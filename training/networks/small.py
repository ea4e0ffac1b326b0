"""The three networks of the student systems that are trained from scratch on 48x48 grey pictures."""

from typing import Final

import keras
from keras import layers

from training.networks.head import scores
from training.recipe import Recipe

LANDMARK_VALUES: Final = 2 * 68


def _picture(recipe: Recipe) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The input, 0-255, and the same as 0-1."""
    inputs = keras.Input((recipe.image_size, recipe.image_size, recipe.channels), name="picture")
    return inputs, layers.Rescaling(1 / 255, name="rescaling")(inputs)


def cnn_4_5m(recipe: Recipe) -> keras.Model:
    """Five convolutions and two dense layers: 4,496,903 parameters, 4,492,935 of them trainable."""

    def convolution(x: keras.KerasTensor, filters: int, side: int = 3) -> keras.KerasTensor:
        return layers.Conv2D(filters, side, padding="same", activation="relu")(x)

    def close_block(x: keras.KerasTensor) -> keras.KerasTensor:
        x = layers.MaxPooling2D()(layers.BatchNormalization()(x))
        return layers.Dropout(0.25)(x)

    inputs, x = _picture(recipe)
    x = close_block(convolution(convolution(x, 32), 64))
    x = close_block(convolution(x, 128, side=5))
    x = close_block(convolution(x, 512))
    x = close_block(convolution(x, 512))
    x = layers.Flatten()(x)
    for units in (256, 512):
        x = layers.Dense(units, activation="relu")(x)
        x = layers.Dropout(0.25)(layers.BatchNormalization()(x))
    return keras.Model(inputs, scores(x), name=recipe.architecture)


def cnn_webcam(recipe: Recipe) -> keras.Model:
    """Four valid convolutions and one wide dense layer."""

    def convolution(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        return layers.Conv2D(filters, 3, activation="relu")(x)

    inputs, x = _picture(recipe)
    x = convolution(convolution(x, 32), 64)
    x = layers.Dropout(0.25)(layers.MaxPooling2D()(x))
    x = layers.MaxPooling2D()(convolution(x, 128))
    x = layers.MaxPooling2D()(convolution(x, 128))
    x = layers.Flatten()(layers.Dropout(0.25)(x))
    x = layers.Dropout(0.5)(layers.Dense(1024, activation="relu")(x))
    return keras.Model(inputs, scores(x), name=recipe.architecture)


def cnn_landmarks(recipe: Recipe) -> keras.Model:
    """Six valid convolutions; the landmarks join before the dense layer, unless the recipe leaves them out."""

    def convolution(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        return layers.BatchNormalization()(layers.Conv2D(filters, 3, activation="relu")(x))

    picture, x = _picture(recipe)
    inputs = [picture]
    for filters in ((32, 64), (128, 128), (256, 256)):
        x = convolution(convolution(x, filters[0]), filters[1])
        x = layers.Dropout(0.25)(layers.MaxPooling2D()(x))
    x = layers.Flatten()(x)
    if recipe.landmarks:
        points = keras.Input((LANDMARK_VALUES,), name="landmarks")
        inputs.append(points)
        x = layers.Concatenate()([x, points])
    x = layers.Dense(256, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01))(x)
    x = layers.Dropout(0.25)(x)
    return keras.Model(inputs if len(inputs) > 1 else picture, scores(x), name=recipe.architecture)
