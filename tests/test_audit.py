import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emotions.labels import EMOTIONS
from errors import DatasetError
from training.audit import audit
from training.audit_page import Audit, as_text
from training.data import FaceSet
from training.duplicates import NEARLY_CONSTANT_BELOW, exact_groups, near_pairs, spreads

ANGRY, HAPPY, SAD = (EMOTIONS.index(name) for name in ("angry", "happy", "sad"))


def face(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(40, 216, (48, 48), np.uint8)


def noisy(picture: NDArray[np.uint8], strength: int = 2) -> NDArray[np.uint8]:
    noise = np.random.default_rng(99).integers(-strength, strength + 1, picture.shape)
    return np.asarray((picture + noise).clip(0, 255), np.uint8)


def grey(level: int) -> NDArray[np.uint8]:
    return np.full((48, 48), level, np.uint8)


def a_set(*rows: tuple[NDArray[np.uint8], int, str]) -> FaceSet:
    images, labels, splits = zip(*rows, strict=True)
    votes = np.zeros((len(rows), 10), np.int64)
    return FaceSet(np.stack(images), np.array(labels, np.int64), np.array(splits, dtype="<U8"), votes)


PLANTED = a_set(
    (face(1), HAPPY, "training"),
    (grey(0), SAD, "training"),  # 1: blank
    (noisy(grey(90), 1), SAD, "training"),  # 2: nearly constant
    (face(2), SAD, "training"),
    (face(1), HAPPY, "public"),  # 4: the same as 0
    (face(3), ANGRY, "training"),
    (face(3), SAD, "training"),  # 6: the same as 5 under another name
    (noisy(face(2)), SAD, "public"),  # 7: almost 3
    (noisy(face(5)[:, ::-1]), HAPPY, "training"),  # 8: almost 9, mirrored, under another name
    (face(5), ANGRY, "training"),
    (face(6) // 2, HAPPY, "public"),  # 10: nobody else, only darker
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audit, Path]:
    out = tmp_path_factory.mktemp("audit") / "made" / "here"
    return audit(PLANTED, out), out


def pairs_of(images: list[NDArray[np.uint8]], block: int = 512) -> list[tuple[int, int]]:
    stack = np.stack(images)
    found = near_pairs(stack, exact_groups(stack), block)
    return list(zip(found.first.tolist(), found.second.tolist(), strict=True))


def test_classes_are_counted_by_split(written: tuple[Audit, Path]) -> None:
    classes = written[0]["classes"]
    assert list(classes) == ["training", "public", "all"]
    assert classes["training"] | {"happy": 2, "sad": 4, "angry": 2} == classes["training"]
    assert sum(classes["public"].values()) == 3
    assert sum(classes["all"].values()) == 11


def test_blank_and_nearly_constant_pictures_are_named(written: tuple[Audit, Path]) -> None:
    flat = written[0]["flat"]
    assert flat["blank"] == {"rows": [1], "splits": {"training": 1}}
    assert flat["nearly_constant"] == {"rows": [2], "splits": {"training": 1}}


def test_spread_is_in_grey_levels_and_exactly_zero_for_one_grey() -> None:
    half = grey(10)
    half[:24] = 14
    assert spreads(np.stack([grey(77), half, face(1)]))[:2].tolist() == [0, 2.0]
    assert spreads(face(1)[np.newaxis])[0] == pytest.approx(face(1).std())


def test_exact_duplicates_are_grouped_with_splits_and_conflicts(written: tuple[Audit, Path]) -> None:
    exact = written[0]["exact"]
    assert exact["groups"] == [
        {"rows": [0, 4], "splits": ["training", "public"], "emotions": ["happy"]},
        {"rows": [5, 6], "splits": ["training"], "emotions": ["angry", "sad"]},
    ]
    assert (exact["group_count"], exact["pictures"], exact["groups_across_splits"]) == (2, 4, 1)
    assert (exact["conflict_groups"], exact["conflict_pictures"]) == (1, 2)


def test_near_duplicates_are_found_inside_and_across_splits(written: tuple[Audit, Path]) -> None:
    near = written[0]["near"]
    told = {tuple(pair["rows"]): (pair["mirrored"], pair["conflict"]) for pair in near["pairs"]}
    assert told == {(3, 7): (False, False), (8, 9): (True, True)}
    assert (near["pair_count"], near["pictures"], near["mirrored"]) == (2, 4, 1)
    assert near["inside"] == {"training": 1}
    assert near["across"] == {"training and public": 1}
    assert (near["conflicts"], near["conflicts_across"]) == (1, 0)


def test_pictures_that_stand_in_another_split_are_counted_both_ways(written: tuple[Audit, Path]) -> None:
    assert written[0]["seen_again"] == [
        {"pictures_of": "public", "also_in": "training", "exact": 1, "near": 1, "either": 2},
        {"pictures_of": "training", "also_in": "public", "exact": 1, "near": 1, "either": 2},
    ]


def test_only_the_copies_in_a_split_count_as_pictures_of_it(tmp_path: Path) -> None:
    rows = [(face(1), SAD, "training"), (face(1), SAD, "public"), (face(1), SAD, "public"), (face(2), SAD, "public")]
    found = audit(a_set(*rows), tmp_path)
    assert [row["exact"] for row in found["seen_again"]] == [2, 1]


@pytest.mark.parametrize("block", [1, 2, 512])
def test_pairs_are_found_whatever_is_compared_at_once(block: int) -> None:
    images = [face(1), face(2), face(3), noisy(face(2)), face(4), noisy(face(1)[:, ::-1])]
    assert sorted(pairs_of(images, block)) == [(0, 5), (1, 3)]


def test_every_copy_of_a_picture_is_in_the_pairs_but_never_with_its_twin() -> None:
    assert sorted(pairs_of([noisy(face(1)), face(1), face(2), face(1)])) == [(0, 1), (0, 3)]


def test_a_mirrored_twin_is_a_near_duplicate_and_a_symmetric_twin_an_exact_one() -> None:
    symmetric = np.hstack([face(1)[:, :24], face(1)[:, 23::-1]])
    assert pairs_of([face(2), face(2)[:, ::-1], symmetric, symmetric]) == [(0, 1)]


def test_the_same_picture_in_other_light_is_a_near_duplicate() -> None:
    assert pairs_of([face(1), face(1) // 2]) == [(0, 1)]


def test_pictures_alike_only_when_reduced_are_no_duplicates() -> None:
    coarse = np.kron(np.random.default_rng(1).integers(40, 216, (16, 16)), np.ones((3, 3))).astype(np.int64)
    fine = np.tile(np.array([[25, -25, 0], [-25, 25, 0], [0, 0, 0]]), (16, 16))
    images = [(coarse + fine).astype(np.uint8), (coarse - fine).astype(np.uint8), (coarse + fine // 9).astype(np.uint8)]
    assert pairs_of(images[:2]) == []
    assert pairs_of([images[2], coarse.astype(np.uint8)]) == [(0, 1)]


def test_half_alike_pictures_are_no_duplicates() -> None:
    assert pairs_of([face(1), np.vstack([face(1)[:40], face(2)[40:]])]) == []


def test_nearly_constant_pictures_are_not_compared() -> None:
    faint = np.asarray(100 + face(1) // 60, np.uint8)
    assert 0 < faint.std() < NEARLY_CONSTANT_BELOW
    assert pairs_of([faint, faint + 1, grey(0), grey(1)]) == []


def test_pairs_come_with_the_most_alike_first() -> None:
    images = np.stack([face(1), noisy(face(1), 5), face(2), noisy(face(2), 1)])
    found = near_pairs(images, [])
    assert found.first.tolist() == [2, 0]
    assert found.correlation[0] > found.correlation[1] >= 0.98


def test_files_are_written_and_can_be_read(written: tuple[Audit, Path]) -> None:
    found, out = written
    assert json.loads((out / "audit.json").read_text(encoding="utf-8")) == found
    page = (out / "audit.md").read_text(encoding="utf-8")
    for name in ("classes.png", "samples.png", "near_duplicates.png"):
        picture = cv2.imread(str(out / name))
        assert picture is not None
        assert picture.std() > 1
        assert f"({name})" in page
    assert "| sad | 4 | 1 | 5 |" in page
    assert "Blank rows: 1. Nearly constant rows: 2." in page


def test_the_same_set_gives_the_same_sheet(written: tuple[Audit, Path], tmp_path: Path) -> None:
    audit(PLANTED, tmp_path)
    assert (tmp_path / "samples.png").read_bytes() == (written[1] / "samples.png").read_bytes()


def test_the_text_tells_every_finding(written: tuple[Audit, Path]) -> None:
    text = as_text(written[0])
    assert "Blank pictures: 1 (training 1)" in text
    assert "groups 2, pictures in them 4; groups that lie in several splits 1; groups with different labels 1" in text
    assert "pairs 2, pictures in them 4; inside a split 1 (training 1)" in text
    assert "Pictures of public that also stand in training: 1 exactly, 1 nearly, 2 in one way or both." in text


def test_empty_classes_and_missing_splits_are_told_in_words(written: tuple[Audit, Path]) -> None:
    missing = written[0]["missing"]
    assert "no picture of disgust" in missing
    assert "no picture of disgust in public" not in missing
    assert "no picture of angry in public" in missing
    assert "no picture of split private" in missing
    assert "no picture of disgust" in as_text(written[0])
    assert "no picture of disgust" in (written[1] / "audit.md").read_text(encoding="utf-8")


def test_a_set_without_splits_and_without_duplicates(tmp_path: Path) -> None:
    (tmp_path / "near_duplicates.png").write_bytes(b"from an earlier audit")
    found = audit(a_set((face(1), HAPPY, "")), tmp_path)
    assert found["splits"] == ["all"]
    assert list(found["classes"]) == ["all"]
    assert found["seen_again"] == []
    assert "the set names no splits" in found["missing"]
    assert not (tmp_path / "near_duplicates.png").exists()
    assert "near_duplicates.png" not in (tmp_path / "audit.md").read_text(encoding="utf-8")


def test_rows_without_a_split_stand_apart_from_those_with_one(tmp_path: Path) -> None:
    found = audit(a_set((face(1), HAPPY, ""), (face(2), SAD, "training"), (grey(3), SAD, "")), tmp_path)
    assert found["splits"] == ["training", "no split"]
    assert found["classes"]["no split"]["happy"] == 1
    assert found["flat"]["blank"]["splits"] == {"no split": 1}


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    nothing = a_set((face(1), HAPPY, "")).where(np.array([False]))
    with pytest.raises(DatasetError, match="no picture"):
        audit(nothing, tmp_path)
