"""Predictions for picture files, and Grad-CAM on networks whose answer is known."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from emotions.artefact import sha256_of
from emotions.classifier import load_classifier
from emotions.labels import EMOTIONS
from errors import BadInputError, ModelError
from faces import STILL, FaceAnalyser, FaceDetector
from faces.drawing import BOX_BGR
from training import predict as predict_module
from training.gradcam import GradCam
from training.predict import as_text, predict
from training.publish import write_description

pytestmark = [
    pytest.mark.tensorflow,
    # TensorFlow 2.21 itself uses what NumPy and Python deprecate.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]

HAPPY, SAD, FEAR = (EMOTIONS.index(emotion) for emotion in ("happy", "sad", "fear"))
SIDE = 16


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A classifier of a few random weights that always prefers surprise; it reads each face twice."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((48, 48, 3))
    x = keras.layers.Conv2D(4, 5, strides=4, activation="relu")(keras.layers.Rescaling(1 / 255)(inputs))
    prefers = keras.initializers.Constant([5.0 * (emotion == "surprise") for emotion in EMOTIONS])
    outputs = keras.layers.Dense(7, activation="softmax", bias_initializer=prefers)(keras.layers.Flatten()(x))
    weights = tmp_path / "tiny.h5"
    keras.Model(inputs, outputs).save(weights)
    contract = {"size": 48, "mirrored": True}
    write_description(weights, {"labels": list(EMOTIONS), "input": contract, "sha256": sha256_of(weights)})
    return weights


@pytest.fixture
def face(tmp_path: Path, portrait: NDArray[np.uint8]) -> Path:
    return stored(tmp_path / "face.png", portrait)


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    return stored(tmp_path / "wall.png", np.full((200, 300, 3), 127, np.uint8))


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path / "notes.txt"


def stored(path: Path, image: NDArray[np.uint8]) -> Path:
    assert cv2.imwrite(str(path), image)
    return path


def test_faces_are_those_that_the_app_finds(tiny: Path, face: Path, portrait: NDArray[np.uint8]) -> None:
    classifier = load_classifier(tiny, "keras", tiny.parent, threads=1)
    (expected,) = FaceAnalyser(FaceDetector(STILL), classifier).analyse(portrait).faces
    ((found,),) = (prediction.faces for prediction in predict([face], tiny, None))
    assert found.box == expected.box
    assert np.array_equal(found.scores, expected.scores)


def test_label_confidence_and_box_are_told(tiny: Path, face: Path) -> None:
    predictions = predict([face], tiny, None)
    found = predictions[0].faces[0]
    name, line = as_text(predictions).splitlines()
    assert name == str(face)
    assert line.split()[:3] == ["surprise", f"{100 * found.confidence:.1f}", "%"]
    assert f"left {found.box.x}, top {found.box.y}, {found.box.w} x {found.box.h} px" in line


def test_boxes_are_those_of_the_file_before_it_was_shrunk(tiny: Path, face: Path, portrait: NDArray[np.uint8]) -> None:
    large = stored(face.with_name("large.png"), np.asarray(cv2.resize(portrait, (2048, 2048)), np.uint8))
    (small_one,), (large_one,) = (prediction.faces for prediction in predict([face, large], tiny, None))
    assert abs(large_one.box.x - 4 * small_one.box.x) < 60
    assert abs(large_one.box.w - 4 * small_one.box.w) < 60


def test_a_file_that_is_no_picture_does_not_stop_the_others(tiny: Path, face: Path, wall: Path, notes: Path) -> None:
    missing = wall.with_name("missing.jpg")
    predictions = predict([notes, face, missing, wall], tiny, None)
    assert [len(prediction.faces) for prediction in predictions] == [0, 1, 0, 0]
    names_and_lines = as_text(predictions).splitlines()
    assert names_and_lines[0::2] == [str(file) for file in (notes, face, missing, wall)]
    lines = names_and_lines[1::2]
    assert "not a picture" in lines[0]
    assert "surprise" in lines[1]
    assert "No such file" in lines[2]
    assert lines[3].strip() == "No face was found."


def test_where_nothing_can_be_read_every_reason_is_told(tiny: Path, notes: Path) -> None:
    with pytest.raises(BadInputError, match=r"(?s)notes\.txt\n.*not a picture.*\n.*missing\.jpg\n.*No such file"):
        predict([notes, notes.with_name("missing.jpg")], tiny, None)


def test_a_file_that_is_too_large_is_told(tiny: Path, face: Path, wall: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict_module, "MAX_BYTES", wall.stat().st_size)
    large, small = predict([face, wall], tiny, None)
    assert "bytes" in str(large.problem)
    assert small.problem is None


def test_each_picture_is_drawn(tiny: Path, face: Path, wall: Path, portrait: NDArray[np.uint8]) -> None:
    pair = stored(face.with_name("pair.png"), np.concatenate([portrait, portrait], axis=1))
    plots = face.parent / "made" / "plots"
    predictions = predict([face, wall, pair], tiny, plots)
    assert [prediction.plot for prediction in predictions] == [plots / f"{n}.png" for n in ("face", "wall", "pair")]
    one, none, two = (Image.open(plots / f"{name}.png") for name in ("face", "wall", "pair"))
    for drawn in (one, none, two):
        drawn.load()
        assert drawn.format == "PNG"
        assert 250 < min(drawn.size) <= max(drawn.size) < 2000
        assert np.asarray(drawn.convert("L")).std() > 20
    assert two.height > 1.5 * one.height
    assert [shows_a_box(drawn) for drawn in (one, none)] == [True, False]
    assert str(plots / "pair.png") in as_text(predictions)


def shows_a_box(drawn: Image.Image) -> bool:
    distance = np.abs(np.asarray(drawn.convert("RGB"), int) - BOX_BGR[::-1]).max(axis=2)
    return bool((distance < 20).sum() > 50)


def test_no_plot_covers_a_picture_or_another_plot(tiny: Path, face: Path) -> None:
    (face.parent / "other").mkdir()
    other = face.rename(face.parent / "other" / "face.png")
    original = other.read_bytes()
    predictions = predict([other, other], tiny, other.parent)
    assert [prediction.plot for prediction in predictions] == [
        other.with_name("face-2.png"),
        other.with_name("face-3.png"),
    ]
    assert other.read_bytes() == original


def test_a_folder_that_can_not_be_is_told(tiny: Path, face: Path, notes: Path) -> None:
    with pytest.raises(BadInputError, match=r"can't be written"):
        predict([face], tiny, notes)


def spots(
    *, size: int = 3, strength: float = 1.0, end: str = "softmax", inner: bool = False, thin: int = 1
) -> keras.Model:
    """A network that takes bright places for happy and dark ones for sad, and nothing for fear.

    Its first channel shows where the picture is over mid-grey, the second where it is under. With ``inner`` its
    convolution sits in a network of its own, and all is frozen.
    """
    inputs = keras.Input((SIDE, SIDE, 1))
    convolution = keras.layers.Conv2D(2, size, padding="same", activation="relu")
    x = keras.layers.Rescaling(1 / 255)(inputs)
    if inner:
        before = keras.Input((SIDE, SIDE, 1))
        backbone = keras.Model(before, convolution(before))
        x = backbone(x, training=False)
    else:
        x = convolution(x)
    kernel = np.full((size, size, 1, 1), 1 / size**2)
    convolution.set_weights([np.concatenate([kernel, -kernel], axis=3), np.array([-0.5, 0.5])])
    x = keras.layers.Flatten()(keras.layers.Dropout(0.5)(keras.layers.MaxPooling2D(thin)(x)))
    dense = keras.layers.Dense(7, activation="softmax" if end == "softmax" else None, name="scores")
    outputs = dense(x)
    weights = np.zeros((dense.kernel.shape[0], 7))
    weights[0::2, HAPPY] = weights[1::2, SAD] = strength / len(weights)
    weights[:, FEAR] = -1
    dense.set_weights([weights, np.zeros(7)])
    model = keras.Model(inputs, outputs if end == "softmax" else keras.layers.Softmax()(outputs))
    model.trainable = not inner
    return model


def one_bright_corner() -> NDArray[np.float32]:
    """Dark, but for the upper right quarter."""
    picture = np.full((1, SIDE, SIDE, 1), 20, np.float32)
    picture[:, : SIDE // 2, SIDE // 2 :] = 230
    return picture


def share_in_corner(heat: NDArray[np.float32]) -> float:
    return float(heat[: SIDE // 2, SIDE // 2 :].sum() / heat.sum())


@pytest.mark.parametrize(
    "model", [{}, {"end": "separate"}, {"inner": True}, {"strength": 1e4}], ids=["plain", "separate", "inner", "sure"]
)
def test_the_map_shows_what_speaks_for_the_emotion(model: dict[str, object]) -> None:
    network = spots(**model)  # type: ignore[arg-type]
    if "strength" in model:
        assert network.predict_on_batch(one_bright_corner())[0, SAD] == 1, "sure, so that a softmax has no gradient"
    happy, sad = (GradCam(network).heat_map([one_bright_corner()], emotion) for emotion in (HAPPY, SAD))
    for heat in (happy, sad):
        assert heat.shape == (SIDE, SIDE)
        assert heat.dtype == np.float32
        assert (heat.min(), heat.max()) == (0, 1)
    assert share_in_corner(happy) > 0.95
    assert share_in_corner(sad) < 0.05


def test_the_map_is_as_fine_as_before_the_last_pooling() -> None:
    picture = np.full((1, SIDE, SIDE, 1), 20, np.float32)
    picture[:, 5:7, 9:11] = 230
    heat = GradCam(spots(size=1, thin=8)).heat_map([picture], HAPPY)
    assert np.array_equal(heat > 0, picture[0, :, :, 0] > 127)


def test_where_nothing_speaks_for_an_emotion_the_map_is_empty() -> None:
    heat = GradCam(spots()).heat_map([one_bright_corner()], FEAR)
    assert heat.shape == (SIDE, SIDE)
    assert not heat.any()


def test_a_small_map_is_enlarged_to_the_picture() -> None:
    inputs = keras.Input((SIDE, SIDE, 1))
    convolution = keras.layers.Conv2D(1, SIDE // 2, strides=SIDE // 2, kernel_initializer="ones", use_bias=False)
    x = keras.layers.GlobalAveragePooling2D()(convolution(inputs))
    outputs = keras.layers.Dense(7, activation="softmax", kernel_initializer="ones")(x)
    heat = GradCam(keras.Model(inputs, outputs)).heat_map([one_bright_corner()], HAPPY)
    assert heat.shape == (SIDE, SIDE)
    assert heat[0, -1] == heat.max() == 1
    assert heat[-1, 0] == pytest.approx(20 / 230, abs=1e-4)
    assert 0.2 < heat[0, SIDE // 2 - 1] < 0.8, "linear between the four places"


def test_a_network_that_also_reads_landmarks_is_mapped() -> None:
    seen, points = spots(), keras.Input((136,), name="landmarks")
    flat = next(layer for layer in seen.layers if isinstance(layer, keras.layers.Flatten)).output
    dense = keras.layers.Dense(7, activation="softmax", name="scores")
    model = keras.Model([seen.input, points], dense(keras.layers.Concatenate()([flat, points])))
    kernel, bias = seen.get_layer("scores").get_weights()
    dense.set_weights([np.concatenate([kernel, np.ones((136, 7))]), bias])
    heat = GradCam(model).heat_map([one_bright_corner(), np.full((1, 136), 0.5, np.float32)], HAPPY)
    assert share_in_corner(heat) > 0.95


def test_a_network_without_a_map_is_refused() -> None:
    inputs = keras.Input((SIDE, SIDE, 1))
    outputs = keras.layers.Dense(7, activation="softmax")(keras.layers.GlobalAveragePooling2D()(inputs))
    assert GradCam(keras.Model(inputs, outputs))
    small = keras.Input((1, 1, 4))
    with pytest.raises(ModelError, match="no map"):
        GradCam(keras.Model(small, keras.layers.Dense(7)(keras.layers.Flatten()(small))))
    before = keras.Input((SIDE, SIDE, 1))
    backbone = keras.Model(before, keras.layers.Conv2D(1, SIDE)(before))
    with pytest.raises(ModelError, match="no map"):
        GradCam(keras.Model(inputs, keras.layers.Dense(7)(keras.layers.Flatten()(backbone(inputs)))))


def test_an_unknown_backend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(BadInputError, match="tensorflow or torch, not jax"):
        GradCam(spots())


def test_both_backends_give_the_same_maps(tmp_path: Path) -> None:
    other = {"tensorflow": "torch", "torch": "tensorflow"}[keras.backend.backend()]
    if not importlib.util.find_spec(other):
        pytest.skip(f"{other} is not installed")
    here, there = tmp_path / "here.npy", tmp_path / "there.npy"
    write_maps(here)
    # A process of its own: Keras chooses its backend once, when it is imported.
    code = f"from tests.test_predict import *; write_maps(Path({str(there)!r}))"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "KERAS_BACKEND": other}, check=True)  # noqa: S603
    assert np.load(there).shape == (4, SIDE, SIDE)
    assert np.allclose(np.load(here), np.load(there), atol=1e-5)


def write_maps(file: Path) -> None:
    cams = GradCam(spots()), GradCam(spots(inner=True))
    np.save(file, np.stack([cam.heat_map([one_bright_corner()], emotion) for cam in cams for emotion in (HAPPY, SAD)]))
