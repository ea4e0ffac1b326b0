"""Random changes to prepared faces, such as cameras and people make: turned, darker, blurred, half hidden."""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recipe import Recipe

GREY_MAX: Final = 255.0
Matrix = NDArray[np.float64]


def augment(batch: NDArray[np.float32], recipe: Recipe, random: np.random.Generator) -> tuple[
    NDArray[np.float32], NDArray[np.float64]
]:  # fmt: skip
    """Change every picture of a batch at random, by the strengths that the recipe sets.

    Args:
        batch: ``(n, size, size, channels)`` float32, 0-255, as ``prepare`` makes it.
        recipe: gives the strengths.
        random: source of all chance.

    Returns:
        A new array of the same shape, dtype and range, and ``(n, 2, 3)`` matrices: where each went, so that
        landmarks can follow. A matrix maps ``(x, y, 1)`` px before to ``(x, y)`` px after.
    """
    moves = np.stack([_move(batch.shape[1], recipe, random) for _ in batch])
    return np.stack([_change(*one, recipe, random) for one in zip(batch, moves, strict=True)]), moves


def _change(
    picture: NDArray[np.float32], move: Matrix, recipe: Recipe, random: np.random.Generator
) -> NDArray[np.float32]:
    side = picture.shape[0]
    # All channels hold the same grey: one is changed, then repeated.
    grey = np.asarray(
        cv2.warpAffine(picture[:, :, 0], move, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        np.float32,
    )
    if random.random() < recipe.blur:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), random.uniform(0.5, 2.0)), np.float32)
    if recipe.light:
        grey = _light(grey, recipe.light, random)
    if random.random() < recipe.erase:
        grey = _erase(grey, random)
    return np.repeat(grey[:, :, np.newaxis], picture.shape[2], axis=2)


def _move(side: int, recipe: Recipe, random: np.random.Generator) -> Matrix:
    """Turn, slant, scale, shift and, half of the time, mirror, all about the middle of the picture."""
    angle, shear = (math.radians(random.uniform(-limit, limit)) for limit in (recipe.rotation, recipe.shear))
    zoom = 1 + random.uniform(-recipe.zoom, recipe.zoom)
    mirror = -1.0 if recipe.flip and random.random() < 0.5 else 1.0  # noqa: PLR2004 - a fair coin
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = zoom * turn @ np.array([[1.0, math.tan(shear)], [0.0, 1.0]]) @ np.diag([mirror, 1.0])
    centre = np.full(2, (side - 1) / 2)
    shift = random.uniform(-recipe.shift, recipe.shift, size=2) * side
    return np.column_stack([linear, centre - linear @ centre + shift])


def _light(grey: NDArray[np.float32], strength: float, random: np.random.Generator) -> NDArray[np.float32]:
    gamma = np.exp(random.uniform(-1, 1) * strength)
    contrast = 1 + random.uniform(-0.5, 0.5) * strength
    brightness = random.uniform(-0.25, 0.25) * strength * GREY_MAX
    curved = (grey / GREY_MAX).clip(0, 1) ** gamma * GREY_MAX
    return np.asarray(((curved - curved.mean()) * contrast + curved.mean() + brightness).clip(0, GREY_MAX), np.float32)


def _erase(grey: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    side = grey.shape[0]
    height, width = random.integers(side // 8, side // 3, size=2)
    top, left = random.integers(0, side - height), random.integers(0, side - width)
    erased = grey.copy()
    erased[top : top + height, left : left + width] = random.uniform(0, GREY_MAX)
    return erased
