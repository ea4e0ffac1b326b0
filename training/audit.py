"""Look at a set of faces before anything is trained on it: how many of each class, what is blank, what comes twice."""

import json
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotions.labels import EMOTIONS
from errors import DatasetError
from training.audit_page import ALL, Audit, write_page
from training.data import SPLITS, FaceSet
from training.duplicates import NEAR_FROM, NEARLY_CONSTANT_BELOW, NearPairs, exact_groups, near_pairs, spreads

UNNAMED: Final = "no split"


def audit(faces: FaceSet, out: Path) -> Audit:
    """Look at a set and write what was found: ``audit.json``, ``audit.md`` and pictures.

    Args:
        faces: the set; a row below is an index into it.
        out: folder for the files, made where there is none. It will show faces of the set.

    Returns:
        What ``audit.json`` holds.

    Raises:
        DatasetError: when the set is empty.
    """
    if not len(faces):
        raise DatasetError("There is no picture to audit.")
    names = _split_names(faces)
    groups = exact_groups(faces.images)
    pairs = near_pairs(faces.images, groups)
    found: Audit = {
        "count": len(faces),
        "splits": _in_order(names),
        "classes": _classes(faces, names),
        "flat": _flat(faces, names),
        "exact": _exact(faces, names, groups),
        "near": _near(faces, names, pairs),
        "seen_again": _seen_again(names, groups, pairs),
    }
    found["missing"] = _missing(found)
    write_page(faces, names, found, pairs, out)
    (out / "audit.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def _split_names(faces: FaceSet) -> NDArray[np.str_]:
    if not faces.splits.astype(bool).any():
        return np.full(len(faces), ALL)
    return np.where(faces.splits == "", UNNAMED, faces.splits)


def _in_order(names: NDArray[np.str_]) -> list[str]:
    return [name for name in (*SPLITS, UNNAMED, ALL) if name in names]


def _classes(faces: FaceSet, names: NDArray[np.str_]) -> dict[str, dict[str, int]]:
    masks = {split: names == split for split in _in_order(names)} | {ALL: np.full(len(faces), True)}
    counts = {split: np.bincount(faces.labels[mask], minlength=len(EMOTIONS)) for split, mask in masks.items()}
    return {split: dict(zip(EMOTIONS, row.tolist(), strict=True)) for split, row in counts.items()}


def _flat(faces: FaceSet, names: NDArray[np.str_]) -> Audit:
    spread = spreads(faces.images)
    rows = {"blank": spread == 0, "nearly_constant": (spread > 0) & (spread < NEARLY_CONSTANT_BELOW)}
    return {
        "nearly_constant_below": NEARLY_CONSTANT_BELOW,
        **{kind: {"rows": np.flatnonzero(mask).tolist(), "splits": _tally(names[mask])} for kind, mask in rows.items()},
    }


def _exact(faces: FaceSet, names: NDArray[np.str_], groups: list[list[int]]) -> Audit:
    told: list[Audit] = [
        {
            "rows": group,
            "splits": _in_order(names[group]),
            "emotions": [EMOTIONS[label] for label in np.unique(faces.labels[group])],
        }
        for group in groups
    ]
    conflicts = [group for group in told if len(group["emotions"]) > 1]
    return {
        "group_count": len(groups),
        "pictures": sum(map(len, groups)),
        "groups_across_splits": sum(len(group["splits"]) > 1 for group in told),
        "conflict_groups": len(conflicts),
        "conflict_pictures": sum(len(group["rows"]) for group in conflicts),
        "groups": told,
    }


def _near(faces: FaceSet, names: NDArray[np.str_], pairs: NearPairs) -> Audit:
    conflict = faces.labels[pairs.first] != faces.labels[pairs.second]
    inside = names[pairs.first] == names[pairs.second]
    ends = zip(names[pairs.first[~inside]], names[pairs.second[~inside]], strict=True)
    across = np.array([" and ".join(_in_order(np.array(two))) for two in ends], np.str_)
    return {
        "correlation_from": NEAR_FROM,
        "pair_count": len(pairs),
        "pictures": len(np.union1d(pairs.first, pairs.second)),
        "mirrored": int(pairs.mirrored.sum()),
        "inside": _tally(names[pairs.first[inside]]),
        "across": _tally(across),
        "conflicts": int(conflict.sum()),
        "conflicts_across": int((conflict & ~inside).sum()),
        "pairs": [
            {"rows": [first, second], "correlation": round(alike, 4), "mirrored": mirrored, "conflict": differ}
            for first, second, alike, mirrored, differ in zip(
                pairs.first.tolist(), pairs.second.tolist(), pairs.correlation.tolist(), pairs.mirrored.tolist(),
                conflict.tolist(), strict=True,
            )
        ],
    }  # fmt: skip


def _seen_again(names: NDArray[np.str_], groups: list[list[int]], pairs: NearPairs) -> list[Audit]:
    found = []
    splits = _in_order(names)
    for split, other in ((one, two) for one in reversed(splits) for two in splits if one != two):
        same = {row for group in groups if other in names[group] for row in group if names[row] == split}
        ends = ((pairs.first, pairs.second), (pairs.second, pairs.first))
        alike = {row for here, there in ends for row in here[(names[here] == split) & (names[there] == other)].tolist()}
        counts = {"exact": len(same), "near": len(alike), "either": len(same | alike)}
        found.append({"pictures_of": split, "also_in": other, **counts})
    return found


def _tally(words: NDArray[np.str_]) -> dict[str, int]:
    found, counts = np.unique(words, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _missing(found: Audit) -> list[str]:
    named = found["splits"] != [ALL]
    absent = [f"no picture of split {split}" for split in SPLITS if split not in found["splits"]]
    empty = [
        f"no picture of {emotion}" + ("" if split == ALL else f" in {split}")
        for split, counts in found["classes"].items()
        for emotion, count in counts.items()
        if not count and (split == ALL or found["classes"][ALL][emotion])
    ]
    return (absent if named else ["the set names no splits"]) + empty
