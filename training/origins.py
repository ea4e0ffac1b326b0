"""Where a network's first weights come from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import keras

from errors import BadInputError
from training.growth import grow
from training.networks import BACKBONES
from training.recipe import Recipe
from training.torchvision_weights import load_torchvision

IMAGENET: Final = "imagenet"
FROZEN: Final = ("mobilenet", "mobilenet_v2")
"""Architectures that only read what their backbone already knows."""


@dataclass(frozen=True)
class Origin:
    """Where a network's first weights come from; random where nothing is given.

    Attributes:
        weights: ``include_top=False`` weights of a backbone of the same architecture (``.weights.h5``, ``.h5``, for
            MobileNetV2 also torchvision's ``.pth``), or the word "imagenet", which lets Keras download its own
            (Apache-2.0).
        small: a trained smaller model (``.h5``) of the same family to grow from.
    """

    weights: str | None = None
    small: Path | None = None

    def names(self) -> dict[str, str]:
        """What is written into the run's description: file names, never whole paths."""
        given = {"weights": self.weights, "small": self.small}
        return {kind: Path(value).name for kind, value in given.items() if value}


def set_first_weights(model: keras.Model, recipe: Recipe, origin: Origin) -> None:
    """Fill a new network from its origin.

    Raises:
        BadInputError: when the weights can't be read, downloaded or do not fit, or when a frozen network gets none.
    """
    if origin.small:
        grow(load_trained(origin.small), model, recipe.seed)
    if origin.weights:
        _load_backbone(model, recipe, origin.weights)
    elif recipe.architecture in FROZEN:
        raise BadInputError(
            f"{recipe.architecture} learns its last layer only: give its backbone's weights with --weights FILE, "
            "or --weights imagenet where there is a network."
        )


def load_trained(weights: Path) -> keras.Model:
    """Load a whole model from its ``.h5``.

    Raises:
        BadInputError: when the file is missing or no Keras model.
    """
    try:
        return keras.models.load_model(weights, compile=False)
    except (OSError, ValueError) as error:
        raise BadInputError(f"{weights} can't be loaded as a Keras model: {error}") from error


def _load_backbone(model: keras.Model, recipe: Recipe, weights: str) -> None:
    source = _backbone(recipe, weights)
    if recipe.architecture in FROZEN:
        model.get_layer(source.name).set_weights(source.get_weights())
        return
    for layer in source.layers:
        if not layer.weights:
            continue
        target = _namesake(model, layer.name)
        target.set_weights(layer.get_weights())
        if hasattr(target, "finalize_state"):
            target.finalize_state()


def _backbone(recipe: Recipe, weights: str) -> keras.Model:
    if recipe.architecture not in BACKBONES:
        raise BadInputError(f"{recipe.architecture} is trained from scratch: leave out --weights.")
    builder = BACKBONES[recipe.architecture]
    side = (recipe.image_size, recipe.image_size, recipe.channels)
    try:
        if weights == IMAGENET:
            return builder(include_top=False, weights=IMAGENET, input_shape=side)
        backbone = builder(include_top=False, weights=None, input_shape=side)
        if recipe.architecture == "mobilenet_v2" and weights.endswith(".pth"):
            load_torchvision(backbone, Path(weights))
        else:
            backbone.load_weights(weights)
    except BadInputError:
        raise
    except Exception as error:  # Keras raises whatever its download and its formats raise
        raise BadInputError(f"The weights '{Path(weights).name}' could not be loaded: {error}") from error
    return backbone


def _namesake(model: keras.Model, name: str) -> keras.layers.Layer:
    """The layer of the same name; Keras numbers the one called ``normalization`` as it likes."""
    if name.startswith("normalization"):
        return next(layer for layer in model.layers if layer.name.startswith("normalization"))
    return model.get_layer(name)
