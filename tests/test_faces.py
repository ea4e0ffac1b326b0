import io
import threading

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from emotions.prepare import InputContract, prepare
from errors import BadImageError, TooLargeError
from faces import STILL, Box, FaceAnalyser, FaceDetector, decode_picture, draw_faces, encode_jpeg
from tests.fakes.classifier import FakeClassifier


def test_the_box_sits_on_the_face(portrait: NDArray[np.uint8]) -> None:
    (box,) = FaceDetector().detect(portrait)
    # The face of this portrait spans about 175-270 by 65-160 px.
    assert abs(box.x + box.w / 2 - 224) < 15
    assert abs(box.y + box.h / 2 - 114) < 15
    assert 70 < box.w < 130


def test_a_picture_without_a_face_has_none() -> None:
    assert FaceDetector().detect(np.full((200, 300, 3), 127, np.uint8)) == ()


@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1), (1, 1)])
def test_a_line_is_a_picture_without_a_face(shape: tuple[int, int]) -> None:
    assert FaceDetector(STILL).detect(np.zeros(shape, np.uint8)) == ()


def test_faces_come_largest_first(portrait: NDArray[np.uint8]) -> None:
    group = np.concatenate([np.pad(portrait[::2, ::2], ((0, 256), (0, 0), (0, 0))), portrait], axis=1)
    boxes = FaceDetector(STILL).detect(np.ascontiguousarray(group))
    assert len(boxes) == 2
    assert boxes[0].area > boxes[1].area


def test_all_faces_of_a_picture_go_through_the_classifier_in_one_batch(portrait: NDArray[np.uint8]) -> None:
    classifier = FakeClassifier()
    analysis = FaceAnalyser(FaceDetector(STILL), classifier).analyse(np.concatenate([portrait, portrait], axis=1))
    assert classifier.batches == [2]
    assert [face.emotion for face in analysis.faces] == ["happy", "happy"]


def test_one_detector_may_be_shared_by_threads(portrait: NDArray[np.uint8]) -> None:
    detector = FaceDetector()
    found: list[tuple[Box, ...]] = []
    work = [threading.Thread(target=lambda: found.extend(detector.detect(portrait) for _ in range(10))) for _ in "abc"]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert set(found) == {detector.detect(portrait)}
    assert len(found) == 30


def test_labels_are_drawn_on_a_copy(portrait: NDArray[np.uint8]) -> None:
    before = portrait.copy()
    faces = FaceAnalyser(FaceDetector(), FakeClassifier()).analyse(portrait).faces
    drawn = draw_faces(portrait, faces)
    assert (portrait == before).all()
    assert (drawn != before).any()


def test_a_label_at_the_edge_stays_inside_the_picture(portrait: NDArray[np.uint8]) -> None:
    face = FaceAnalyser(FaceDetector(), FakeClassifier()).analyse(portrait).faces[0]
    edge = type(face)(Box(460, 0, 52, 52), face.scores)
    changed = (draw_faces(portrait, [edge]) != portrait).any(axis=2)
    assert changed[:30, 430:].sum() > 200


def test_a_crop_becomes_grey_in_three_channels() -> None:
    crop = np.random.default_rng(1).integers(0, 256, (90, 90, 3), np.uint8)
    batch = prepare([crop], InputContract(size=64))
    assert batch.shape == (1, 64, 64, 3)
    assert batch.dtype == np.float32
    assert (batch[..., 0] == batch[..., 2]).all()
    assert 0 <= batch.min() <= batch.max() <= 255


def test_a_picture_of_the_training_size_is_not_changed() -> None:
    face = np.random.default_rng(1).integers(0, 256, (48, 48), np.uint8)
    batch = prepare([face], InputContract(size=48, channels=1))
    assert (batch[0, :, :, 0] == face).all()


def test_the_scale_of_the_contract_is_kept() -> None:
    assert prepare([np.full((48, 48), 255, np.uint8)], InputContract(48, scale=1 / 255)).max() == pytest.approx(1)


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 5, 4), (5,)])
def test_strange_arrays_are_refused_with_their_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadImageError, match=r"\("):
        prepare([np.zeros(shape, np.uint8)], InputContract(48))


def test_a_jpeg_survives_the_round_trip(portrait: NDArray[np.uint8]) -> None:
    again = decode_picture(encode_jpeg(portrait)).image
    assert again.shape == portrait.shape
    assert np.abs(again.astype(int) - portrait).mean() < 5


def test_a_turned_phone_picture_is_put_upright(portrait: NDArray[np.uint8]) -> None:
    lying = Image.fromarray(np.rot90(portrait[:, :256, ::-1], 1))
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    lying.save(file, "JPEG", exif=exif)
    assert decode_picture(file.getvalue()).image.shape == (512, 256, 3)


def test_a_large_picture_is_shrunk() -> None:
    file = io.BytesIO()
    Image.new("L", (4000, 3000)).save(file, "PNG")
    picture = decode_picture(file.getvalue())
    assert picture.image.shape == (960, 1280, 3)
    assert picture.reduction == 3.125


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0broken", b"GIF89a"])
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(BadImageError, match="not a picture"):
        decode_picture(data)


def test_a_picture_bomb_is_refused_before_it_is_unpacked() -> None:
    file = io.BytesIO()
    Image.new("1", (20_000, 5_000)).save(file, "PNG")
    assert len(file.getvalue()) < 50_000
    with pytest.raises(TooLargeError, match="million pixels"):
        decode_picture(file.getvalue())
