"""The seven emotions of FER2013, in the order of every score vector in this project."""

from typing import Final

EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""Index ``i`` of any ``(7,)`` score vector belongs to ``EMOTIONS[i]``."""

UNKNOWN: Final = "unknown"
"""The mood of somebody who shows no face: a value of its own, never a guess."""
