"""What all networks end in."""

import keras

from emotions.labels import EMOTIONS


def scores(features: keras.KerasTensor) -> keras.KerasTensor:
    """Turn ``(n, f)`` features into ``(n, 7)`` softmax scores, the layer named ``scores``."""
    # Softmax stays in single precision when the rest of the network runs in half.
    return keras.layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name="scores")(features)
