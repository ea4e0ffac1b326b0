"""Sets of labelled faces, as people have them: ``.npz``, Kaggle's ``fer2013.csv``, or class folders."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from emotions.labels import EMOTIONS
from emotions.prepare import to_grey
from errors import BadImageError, DatasetError

SIDE: Final = 48
GREY_MAX: Final = 255
VOTE_COLUMNS: Final = 10
SPLITS: Final = ("training", "public", "private")
USAGES: Final = {"Training": "training", "PublicTest": "public", "PrivateTest": "private"}
FOLDER_NAMES: Final = {"anger": "angry", "disgusted": "disgust", "fearful": "fear", "happiness": "happy",
                       "sadness": "sad", "surprised": "surprise"}  # fmt: skip
PICTURE_ENDINGS: Final = (".jpg", ".jpeg", ".png")
STRANGE_VOTES_FLAG: Final = 2
VOTES_FILE: Final = "fer2013new.csv"
"""FER+'s own name for its votes: two columns of names, then ten of counts (github.com/microsoft/FERPlus)."""


@dataclass(frozen=True)
class FaceSet:
    """Labelled faces.

    Attributes:
        images: ``(n, 48, 48)`` uint8 grey, 0-255.
        labels: ``(n,)`` int, an index into ``EMOTIONS``.
        splits: ``(n,)`` str, one of ``SPLITS`` or "" where the source names no split.
        votes: ``(n, 10)`` int FER+ votes in FER+ order; a row of zeros where there are none.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    splits: NDArray[np.str_]
    votes: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.labels)

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "FaceSet":
        """Keep the rows that are true in a ``(n,)`` mask, or those of the given numbers, repeated ones too."""
        return FaceSet(self.images[rows], self.labels[rows], self.splits[rows], self.votes[rows])

    def split(self, name: str) -> "FaceSet":
        """Keep one split: "training", "public", "private", "test" (public and private) or "all".

        Raises:
            DatasetError: when there is no such split.
        """
        if name == "all":
            return self
        chosen = self.where(np.isin(self.splits, ("public", "private") if name == "test" else (name,)))
        if not len(chosen):
            there = sorted(set(self.splits) - {""}) or ["none, use 'all'"]
            raise DatasetError(f"The set has no split '{name}'. Splits there: {', '.join(there)}.")
        return chosen

    def with_all_classes(self) -> "FaceSet":
        """Give the set itself if it holds all seven emotions.

        Raises:
            DatasetError: naming those that it lacks.
        """
        lacking = [emotion for index, emotion in enumerate(EMOTIONS) if index not in self.labels]
        if lacking:
            raise DatasetError(f"The set holds no picture of {', '.join(lacking)}, and training needs all seven.")
        return self


def load_faces(path: Path, split: str = "all") -> FaceSet:
    """Read the faces of one split.

    Args:
        path: a ``.npz`` with ``images`` and ``labels`` (``usage``, ``votes`` and ``flag`` are used
            where present), a ``fer2013.csv`` (FER+'s ``fer2013new.csv`` beside it is read too), or a folder
            of class folders, with or without ``train/`` and ``test/`` above them.
        split: "training", "public", "private", "test" (public and private) or "all".

    Raises:
        DatasetError: when the source can't be read or has no such split.
    """
    return _reader(path)(path).split(split)


def _reader(path: Path) -> Callable[[Path], FaceSet]:
    if path.is_dir():
        return _read_folders
    if not path.is_file():
        raise DatasetError(f"There is nothing at {path}.")
    readers = {".npz": _read_npz, ".csv": _read_csv}
    if path.suffix.lower() not in readers:
        raise DatasetError(f"{path.name} is neither a .npz, nor a .csv, nor a folder.")
    return readers[path.suffix.lower()]


def _read_npz(path: Path) -> FaceSet:
    try:
        with np.load(path, allow_pickle=False) as archive:
            parts = {name: archive[name] for name in archive.files}
    except (ValueError, OSError) as error:
        raise DatasetError(f"{path.name} can't be read as .npz: {error}") from error
    missing = {"images", "labels"} - parts.keys()
    if missing:
        raise DatasetError(f"{path.name} lacks {' and '.join(sorted(missing))}.")
    pictures = _checked_images(parts["images"], path)
    labels = _checked_labels(parts["labels"], path)
    images = np.stack([_to_side(image) for image in pictures])
    if len(images) != len(labels):
        raise DatasetError(f"{path.name} has {len(images)} images but {len(labels)} labels.")
    usage = parts.get("usage")
    splits = np.array(SPLITS)[usage] if usage is not None else np.full(len(labels), "", dtype="<U8")
    return FaceSet(images, labels, splits, _npz_votes(parts, len(labels)))


def _npz_votes(parts: dict[str, NDArray[np.uint8]], count: int) -> NDArray[np.int64]:
    votes = parts.get("votes", np.zeros((count, VOTE_COLUMNS))).astype(np.int64)
    if "flag" in parts:
        votes[parts["flag"] == STRANGE_VOTES_FLAG] = 0
    return votes


def _checked_images(pictures: NDArray[np.generic], path: Path) -> NDArray[np.uint8]:
    whole = np.issubdtype(pictures.dtype, np.integer)
    if not whole or not pictures.size or np.min(pictures) < 0 or np.max(pictures) > GREY_MAX:
        raise DatasetError(f"{path.name}: images must be whole numbers from 0 to {GREY_MAX}, at least one picture.")
    return pictures.astype(np.uint8)


def _checked_labels(numbers: NDArray[np.uint8], path: Path) -> NDArray[np.int64]:
    labels = np.asarray(numbers, np.int64).ravel()
    if not len(labels) or labels.min() < 0 or labels.max() >= len(EMOTIONS):
        raise DatasetError(f"{path.name}: labels must be numbers from 0 to {len(EMOTIONS) - 1}, at least one.")
    return labels


def _read_csv(path: Path) -> FaceSet:
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    splits: list[str] = []
    broken: list[str] = []
    rows: list[int] = []
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(tqdm(csv.DictReader(file), desc=path.name, unit="row", leave=False), start=2):
            try:
                images.append(np.array(row["pixels"].split(), np.uint8).reshape(SIDE, SIDE))
                label = int(row["emotion"])
                EMOTIONS[label]
            except (ValueError, KeyError, AttributeError, IndexError, TypeError, OverflowError) as error:
                del images[len(labels) :]
                broken.append(f"line {number}: {error}")
                continue
            rows.append(number - 2)
            labels.append(label)
            splits.append(USAGES.get((row.get("Usage") or "").strip(), ""))
    _report_broken(path, broken)
    return _with_votes(path, _face_set(path, images, labels, splits), rows)


def _with_votes(path: Path, faces: FaceSet, rows: list[int]) -> FaceSet:
    """Add FER+'s votes from the file beside the csv, which has the same rows in the same order."""
    beside = path.with_name(VOTES_FILE)
    if not beside.is_file():
        return faces
    with beside.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))[1:]
    try:
        votes = np.array([[int(value) for value in line[-VOTE_COLUMNS:]] for line in lines], np.int64)
        return replace(faces, votes=votes[rows])
    except (ValueError, IndexError) as error:
        raise DatasetError(f"{VOTES_FILE} does not fit {path.name}, row by row: {error}.") from error


def _read_folders(path: Path) -> FaceSet:
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    splits: list[str] = []
    broken: list[str] = []
    for file, label, split in tqdm(list(_folder_files(path)), desc=path.name, unit="picture", leave=False):
        picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        try:
            if picture is None:
                raise BadImageError("not a picture")
            images.append(_to_side(np.asarray(picture[:, :, :3] if picture.ndim > 2 else picture, np.uint8)))  # noqa: PLR2004
        except BadImageError as error:
            broken.append(f"{file.relative_to(path)}: {error}")
            continue
        labels.append(label)
        splits.append(split)
    _report_broken(path, broken)
    return _face_set(path, images, labels, splits)


def _folder_files(path: Path) -> Iterator[tuple[Path, int, str]]:
    halves = {"train": "training", "test": "public"}
    roots = {path / half: split for half, split in halves.items() if (path / half).is_dir()} or {path: ""}
    for root, split in roots.items():
        for folder in sorted(root.iterdir()):
            emotion = FOLDER_NAMES.get(folder.name.lower(), folder.name.lower())
            if emotion in EMOTIONS and folder.is_dir():
                files = (file for file in sorted(folder.iterdir()) if file.suffix.lower() in PICTURE_ENDINGS)
                yield from ((file, EMOTIONS.index(emotion), split) for file in files)


def _face_set(path: Path, images: list[NDArray[np.uint8]], labels: list[int], splits: list[str]) -> FaceSet:
    if not images:
        raise DatasetError(f"{path.name} holds no labelled picture that can be read.")
    votes = np.zeros((len(labels), VOTE_COLUMNS), np.int64)
    return FaceSet(np.stack(images), np.array(labels, np.int64), np.array(splits, dtype="<U8"), votes)


def _to_side(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    grey = to_grey(picture)
    if grey.shape == (SIDE, SIDE):
        return grey
    return np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _report_broken(path: Path, broken: list[str]) -> None:
    if broken:
        shown = "\n  ".join(broken[:10])
        tqdm.write(f"{path.name}: skipped {len(broken)} broken rows or pictures, the first of them:\n  {shown}")
