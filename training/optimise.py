"""How a recipe's network learns: optimizer, schedule, loss."""

import math
from typing import Final

import keras

from training.recipe import Recipe

WARM_UP: Final = 0.05
LAST_RATE: Final = 0.01
"""Where the cosine ends, as a share of its peak."""


def compile_for(model: keras.Model, recipe: Recipe, steps: int) -> None:
    """Compile a network as its recipe says.

    Args:
        model: changed in place.
        recipe: gives optimizer, schedule and clipping.
        steps: of the whole run, for the cosine.
    """
    # Cross-entropy against one-hot targets is what others call sparse categorical cross-entropy.
    model.compile(_optimizer(recipe, steps), loss="categorical_crossentropy", metrics=["accuracy"])


def _optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    rate = _schedule(recipe, steps)
    clip = recipe.clip_norm or None
    if recipe.optimizer == "adam":
        return keras.optimizers.Adam(rate, global_clipnorm=clip)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, global_clipnorm=clip)
    # Decay pulls on kernels only: on a gamma or a bias it would fight the normalisation.
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _schedule(recipe: Recipe, steps: int) -> keras.optimizers.schedules.LearningRateSchedule | float:
    if recipe.schedule == "constant":
        return recipe.learning_rate
    if recipe.schedule == "inverse":
        return keras.optimizers.schedules.InverseTimeDecay(recipe.learning_rate, decay_steps=1, decay_rate=recipe.decay)
    warm_up = math.ceil(steps * WARM_UP)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=recipe.learning_rate / 20,
        warmup_target=recipe.learning_rate,
        warmup_steps=warm_up,
        decay_steps=steps - warm_up,
        alpha=LAST_RATE,
    )
