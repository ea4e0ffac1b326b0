"""Random changes to prepared faces, such as cameras and people make: turned, darker, blurred, half hidden."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recipe import Recipe

GREY_MAX = 255.0


def augment(batch: NDArray[np.float32], recipe: Recipe, random: np.random.Generator) -> NDArray[np.float32]:
    """Change every picture of a batch at random, by the strengths that the recipe sets.

    Args:
        batch: ``(n, size, size, channels)`` float32, 0-255, as ``prepare`` makes it.
        recipe: gives the strengths.
        random: source of all chance.

    Returns:
        A new array of the same shape, dtype and range.
    """
    return np.stack([_change(picture, recipe, random) for picture in batch])


def _change(picture: NDArray[np.float32], recipe: Recipe, random: np.random.Generator) -> NDArray[np.float32]:
    grey = _move(picture[:, :, 0], recipe, random)
    if random.random() < recipe.blur:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), random.uniform(0.5, 2.0)), np.float32)
    if recipe.light:
        grey = _light(grey, recipe.light, random)
    if random.random() < recipe.erase:
        grey = _erase(grey, random)
    return np.repeat(grey[:, :, np.newaxis], picture.shape[2], axis=2)


def _move(grey: NDArray[np.float32], recipe: Recipe, random: np.random.Generator) -> NDArray[np.float32]:
    side = grey.shape[0]
    centre = ((side - 1) / 2, (side - 1) / 2)
    zoom = 1 + random.uniform(-recipe.zoom, recipe.zoom)
    matrix = cv2.getRotationMatrix2D(centre, random.uniform(-recipe.rotation, recipe.rotation), zoom)
    matrix[:, 2] += random.uniform(-recipe.shift, recipe.shift, size=2) * side
    if random.random() < 0.5:  # noqa: PLR2004 - a fair coin: a mirrored face shows the same emotion
        grey = grey[:, ::-1]
    moved = cv2.warpAffine(
        np.ascontiguousarray(grey), matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.float32)


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
