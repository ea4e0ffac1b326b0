"""Pictures that stand in a set more than once, pixel by pixel or almost, and pictures that show nothing."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

Rows = NDArray[np.int64]

NEARLY_CONSTANT_BELOW: Final = 2.0
"""Standard deviation in grey levels under which a picture shows next to nothing."""
NEAR_FROM: Final = 0.98
"""Normalised correlation from which two different pictures count as near duplicates."""
# Two pictures that correlate by 0.98 correlate by at least 0.97 when reduced, provided that the reduced pictures
# keep two thirds of the contrast (variance). Pictures that keep less are mostly grain.
CANDIDATE_FROM: Final = 0.97
REDUCED_SIDE: Final = 16
BLOCK: Final = 512
PAIRS_AT_ONCE: Final = 2048


@dataclass(frozen=True)
class NearPairs:
    """Pairs of almost equal pictures, the most alike first.

    Attributes:
        first: ``(n,)`` int, row of the earlier picture.
        second: ``(n,)`` int, row of the later picture.
        correlation: ``(n,)`` float32, normalised correlation of the full pictures, at most 1.
        mirrored: ``(n,)`` bool, true where one picture had to be mirrored to be so alike.
    """

    first: Rows
    second: Rows
    correlation: NDArray[np.float32]
    mirrored: NDArray[np.bool_]

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.first)


def spreads(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Standard deviation of each of ``(n, h, w)`` pictures in grey levels: ``(n,)``, exactly 0 for a constant one."""
    starts = range(0, len(images), BLOCK)
    found = [images[start : start + BLOCK].std(axis=(1, 2), dtype=np.float64) for start in starts]
    constant = images.min(axis=(1, 2)) == images.max(axis=(1, 2))
    return np.where(constant, 0.0, np.concatenate(found))


def exact_groups(images: NDArray[np.uint8]) -> list[list[int]]:
    """Rows of pixel-identical pictures: groups of two and more, each in rising order, by their first row."""
    groups: dict[bytes, list[int]] = {}
    for row, image in enumerate(images):
        groups.setdefault(image.tobytes(), []).append(row)
    return [group for group in groups.values() if len(group) > 1]


def near_pairs(images: NDArray[np.uint8], groups: list[list[int]], block: int = BLOCK) -> NearPairs:
    """Find all pairs of different pictures that are almost the same, as they are or mirrored.

    Nearly constant pictures are left out: what is left of them is noise.

    Args:
        images: ``(n, 48, 48)`` grey, 0-255.
        groups: the rows of identical pictures, from ``exact_groups``. Of each group one picture is compared,
            and what is found holds for all its rows.
        block: number of pictures compared with all others at once; memory grows with it.
    """
    copies = {group[0]: group for group in groups}
    repeated = [row for group in groups for row in group[1:]]
    worth = spreads(images) >= NEARLY_CONSTANT_BELOW
    worth[repeated] = False
    rows = np.flatnonzero(worth)
    first, second, correlation, mirrored = _search(images, rows, block)
    pairs = zip(rows[first].tolist(), rows[second].tolist(), strict=True)
    every = [
        (min(one, other), max(one, other), index)
        for index, (a, b) in enumerate(pairs)
        for one in copies.get(a, [a])
        for other in copies.get(b, [b])
    ]
    table = np.array(every, np.int64).reshape(-1, 3)
    table = table[np.lexsort((table[:, 1], table[:, 0], -correlation[table[:, 2]]))]
    return NearPairs(table[:, 0], table[:, 1], correlation[table[:, 2]], mirrored[table[:, 2]])


def _search(
    images: NDArray[np.uint8], rows: Rows, block: int
) -> tuple[Rows, Rows, NDArray[np.float32], NDArray[np.bool_]]:
    reduced = _unit(_reduced(images, rows))
    mirrors = _unit(_reduced(images, rows)[:, :, ::-1])
    parts = [_verified(images[:0], np.empty((0, 2), np.int64))]
    for start in tqdm(range(0, len(rows), block), desc="near duplicates", unit="block", leave=False):
        later = reduced[start:].T
        alike = reduced[start : start + block] @ later
        np.maximum(alike, mirrors[start : start + block] @ later, out=alike)
        # The block's own pictures come first among the later ones: the upper triangle has each pair once.
        candidates = np.argwhere(np.triu(alike >= CANDIDATE_FROM, k=1)) + start
        for at in range(0, len(candidates), PAIRS_AT_ONCE):
            chosen = candidates[at : at + PAIRS_AT_ONCE]
            parts.append(_verified(images[rows[chosen].ravel()], chosen))
    first, second, correlation, mirrored = zip(*parts, strict=True)
    return np.concatenate(first), np.concatenate(second), np.concatenate(correlation), np.concatenate(mirrored)


def _verified(
    pictures: NDArray[np.uint8], candidates: Rows
) -> tuple[Rows, Rows, NDArray[np.float32], NDArray[np.bool_]]:
    ones, others = _unit(pictures[0::2]), _unit(pictures[1::2])
    plain = np.einsum("ij,ij->i", ones, others)
    mirror = np.einsum("ij,ij->i", ones, _unit(pictures[1::2, :, ::-1]))
    correlation = np.minimum(np.maximum(plain, mirror), np.float32(1))
    near = correlation >= NEAR_FROM
    return candidates[near, 0], candidates[near, 1], correlation[near], (mirror > plain)[near]


def _reduced(images: NDArray[np.uint8], rows: Rows) -> NDArray[np.float32]:
    step = images.shape[1] // REDUCED_SIDE
    small = np.empty((len(rows), REDUCED_SIDE, REDUCED_SIDE), np.float32)
    for start in range(0, len(rows), BLOCK):
        part = images[rows[start : start + BLOCK]]
        small[start : start + BLOCK] = part.reshape(-1, REDUCED_SIDE, step, REDUCED_SIDE, step).mean(axis=(2, 4))
    return small


def _unit(pictures: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Make ``(n, h, w)`` pictures ``(n, h * w)`` float32 with mean 0 and length 1: their products are correlations."""
    count, height, width = pictures.shape
    flat = pictures.reshape(count, height * width).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
