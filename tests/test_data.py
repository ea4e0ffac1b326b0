from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from errors import DatasetError
from training.data import load_faces


def face(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (48, 48), np.uint8)


def csv_row(emotion: object, pixels: NDArray[np.uint8], usage: str) -> str:
    return f"{emotion},{' '.join(map(str, pixels.ravel()))},{usage}\n"


def test_kaggles_csv_is_read_with_its_splits(tmp_path: Path) -> None:
    file = tmp_path / "fer2013.csv"
    rows = csv_row(3, face(1), "Training") + csv_row(6, face(2), "PublicTest") + csv_row(0, face(3), "PrivateTest")
    file.write_text("emotion,pixels,Usage\n" + rows)
    assert load_faces(file).labels.tolist() == [3, 6, 0]
    assert load_faces(file, "public").labels.tolist() == [6]
    assert load_faces(file, "test").labels.tolist() == [6, 0]
    assert (load_faces(file, "training").images[0] == face(1)).all()


def test_broken_rows_are_named_and_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fer2013.csv"
    file.write_text("emotion,pixels,Usage\n" + "3,1 2 3,Training\n" + csv_row(9, face(1), "") + csv_row(3, face(2), ""))
    assert load_faces(file).labels.tolist() == [3]
    told = capsys.readouterr()
    assert "skipped 2 broken" in told.out + told.err
    assert "line 2" in told.out + told.err


def test_class_folders_are_read_grey_or_colour(tmp_path: Path) -> None:
    for half, emotion in (("train", "happy"), ("test", "Surprised")):
        folder = tmp_path / half / emotion
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / "a.png"), face(1))
        cv2.imwrite(str(folder / "b.jpg"), np.repeat(face(2)[:, :, np.newaxis], 3, axis=2))
    faces = load_faces(tmp_path)
    assert sorted(faces.labels.tolist()) == [3, 3, 5, 5]
    assert load_faces(tmp_path, "public").labels.tolist() == [5, 5]
    assert faces.images.shape == (4, 48, 48)


def test_a_broken_picture_in_a_folder_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "sad").mkdir()
    cv2.imwrite(str(tmp_path / "sad" / "good.png"), face(1))
    (tmp_path / "sad" / "bad.jpg").write_bytes(b"no picture")
    assert len(load_faces(tmp_path)) == 1


def test_an_npz_needs_only_images_and_labels(tmp_path: Path) -> None:
    images = np.stack([face(1), face(2)]).astype(np.int64)
    np.savez(tmp_path / "faces.npz", images=images, labels=[0, 6])
    faces = load_faces(tmp_path / "faces.npz")
    assert faces.labels.tolist() == [0, 6]
    assert not faces.votes.any()


def test_votes_that_belong_to_no_picture_are_left_out(tmp_path: Path) -> None:
    votes = np.full((2, 10), 1, np.uint8)
    images = np.stack([face(1), face(2)])
    np.savez(tmp_path / "faces.npz", images=images, labels=[0, 6], usage=[0, 1], votes=votes, flag=[0, 2])
    assert load_faces(tmp_path / "faces.npz").votes.sum(axis=1).tolist() == [10, 0]


def test_a_split_that_is_not_there_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "faces.npz", images=face(1)[np.newaxis], labels=[0])
    with pytest.raises(DatasetError, match="no split 'public'"):
        load_faces(tmp_path / "faces.npz", "public")


@pytest.mark.parametrize("name", ["nothing.npz", "notes.txt"])
def test_what_is_no_set_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(DatasetError, match=name):
        load_faces(tmp_path / name)


def test_images_that_are_not_bytes_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "faces.npz", images=face(1)[np.newaxis] / 255, labels=[0])
    with pytest.raises(DatasetError, match="whole numbers"):
        load_faces(tmp_path / "faces.npz")


def test_labels_out_of_range_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "faces.npz", images=face(1)[np.newaxis], labels=[7])
    with pytest.raises(DatasetError, match="0 to 6"):
        load_faces(tmp_path / "faces.npz")


def test_ferplus_votes_beside_the_csv_are_read_row_by_row(tmp_path: Path) -> None:
    file = tmp_path / "fer2013.csv"
    rows = csv_row(3, face(1), "Training") + "3,1 2 3,Training\n" + csv_row(6, face(2), "PublicTest")
    file.write_text("emotion,pixels,Usage\n" + rows)
    header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
    lines = ["Training,a.png,0,10,0,0,0,0,0,0,0,0\n", "Training,,0,0,0,0,0,0,0,0,0,10\n"]
    votes = header + "".join(lines) + "PublicTest,c.png,9,0,0,1,0,0,0,0,0,0\n"
    (tmp_path / "fer2013new.csv").write_text(votes)
    faces = load_faces(file)
    assert faces.votes.tolist() == [[0, 10, 0, 0, 0, 0, 0, 0, 0, 0], [9, 0, 0, 1, 0, 0, 0, 0, 0, 0]]
    (tmp_path / "fer2013new.csv").write_text(header + lines[0])
    with pytest.raises(DatasetError, match="does not fit"):
        load_faces(file)


def test_a_missing_class_is_named(tmp_path: Path) -> None:
    images = np.stack([face(seed) for seed in range(6)])
    np.savez(tmp_path / "faces.npz", images=images, labels=[0, 2, 3, 4, 5, 6])
    with pytest.raises(DatasetError, match="no picture of disgust"):
        load_faces(tmp_path / "faces.npz").with_all_classes()
