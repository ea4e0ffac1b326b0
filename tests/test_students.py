"""The five student systems: built as their papers say, trainable, and served by the app's classifier."""

from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from emotions.artefact import sha256_of
from emotions.classifier import load_classifier
from emotions.labels import EMOTIONS
from emotions.prepare import prepare
from errors import BadInputError
from training.networks import build
from training.optimise import compile_for
from training.origins import Origin, set_first_weights
from training.publish import write_description
from training.recipe import Recipe, load_recipe

pytestmark = [
    pytest.mark.tensorflow,
    # TensorFlow 2.21 itself uses what NumPy and Python deprecate.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]

STUDENTS = ["mobilenet", "cnn_4_5m", "efficientnetb3", "cnn_webcam", "cnn_landmarks"]
CLAIMS = {
    "mobilenet": 0.857,
    "cnn_4_5m": 0.6711,
    "efficientnetb3": 0.933,
    "cnn_webcam": 0.6293,
    "cnn_landmarks": 0.6002,
}


def kinds(model: keras.Model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers if type(layer).__name__ not in ("InputLayer", "Rescaling")]


def shapes(model: keras.Model, kind: str) -> list[tuple[int, ...]]:
    return [tuple(layer.kernel.shape) for layer in model.layers if type(layer).__name__ == kind]


@pytest.mark.parametrize("name", STUDENTS)
def test_a_recipe_carries_its_papers_claim(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.claimed_accuracy == CLAIMS[name]
    assert recipe.claim


def test_the_4_5_million_parameters_are_counted() -> None:
    model = build(load_recipe("cnn_4_5m"))
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert (model.count_params(), trainable) == (4_496_903, 4_492_935)
    assert shapes(model, "Dense") == [(4608, 256), (256, 512), (512, 7)]


def test_the_webcam_network_is_the_papers() -> None:
    model = build(load_recipe("cnn_webcam"))
    assert [shape[-1] for shape in shapes(model, "Conv2D")] == [32, 64, 128, 128]
    assert shapes(model, "Dense") == [(2048, 1024), (1024, 7)]
    rates = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.25, 0.25, 0.5]


def test_the_webcam_networks_rate_decays_as_keras_2_did() -> None:
    recipe = load_recipe("cnn_webcam")
    model = build(recipe)
    compile_for(model, recipe, steps=1000)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer._learning_rate(1_000_000)) == pytest.approx(1e-4 / 2)


def test_mobilenet_learns_its_last_layer_only() -> None:
    model = build(load_recipe("mobilenet"))
    assert model.input_shape == (None, 224, 224, 3)
    assert kinds(model) == ["Functional", "Flatten", "Dense"]
    assert [tuple(weight.shape) for weight in model.trainable_weights] == [(7 * 7 * 1024, 7), (7,)]


def test_mobilenet_without_weights_says_what_it_needs() -> None:
    recipe = replace(load_recipe("mobilenet"), image_size=32)
    with pytest.raises(BadInputError, match="--weights"):
        set_first_weights(build(recipe), recipe, Origin())


def test_mobilenets_backbone_takes_weights_from_a_file(tmp_path: Path) -> None:
    recipe = replace(load_recipe("mobilenet"), image_size=32)
    source = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3))
    source.save_weights(tmp_path / "some.weights.h5")
    model = build(recipe)
    set_first_weights(model, recipe, Origin(weights=str(tmp_path / "some.weights.h5")))
    loaded = model.layers[2].get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(source.get_weights(), loaded, strict=True))
    (tmp_path / "bad.weights.h5").write_bytes(b"no weights")
    with pytest.raises(BadInputError, match=r"bad\.weights\.h5"):
        set_first_weights(model, recipe, Origin(weights=str(tmp_path / "bad.weights.h5")))


def test_the_landmark_network_joins_points_and_picture() -> None:
    model = build(load_recipe("cnn_landmarks"))
    assert [tuple(tensor.shape) for tensor in model.inputs] == [(None, 48, 48, 1), (None, 136)]
    assert [shape[-1] for shape in shapes(model, "Conv2D")] == [32, 64, 128, 128, 256, 256]
    assert shapes(model, "Dense") == [(2 * 2 * 256 + 136, 256), (256, 7)]
    dense = next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    assert float(dense.kernel_regularizer.l2) == pytest.approx(0.01)


def test_the_ablation_differs_by_the_landmarks_alone() -> None:
    one, other = (asdict(load_recipe(name)) for name in ("cnn_landmarks", "cnn_landmarks_ablation"))
    assert {knob for knob in one if one[knob] != other[knob]} == {"landmarks", "claim", "claimed_accuracy"}
    assert len(build(load_recipe("cnn_landmarks_ablation")).inputs) == 1


def test_an_unknown_architecture_is_named() -> None:
    with pytest.raises(BadInputError, match="cnn_4_5m"):
        build(Recipe("resnet", 48, 1))


@pytest.mark.parametrize("name", ["mobilenet", "cnn_4_5m", "cnn_webcam", "cnn_landmarks"])
def test_the_app_serves_it_and_both_runtimes_agree(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name)
    if recipe.architecture == "mobilenet":
        recipe = replace(recipe, image_size=64)  # the same network on a smaller map, for speed
    keras.utils.set_random_seed(1)
    weights = tmp_path / f"{name}.h5"
    build(recipe).save(weights)
    write_description(
        weights, {"labels": list(EMOTIONS), "input": asdict(recipe.contract), "sha256": sha256_of(weights)}
    )
    faces = list(np.random.default_rng(2).integers(0, 256, (3, 90, 80, 3), np.uint8))
    batch = prepare(faces, recipe.contract)
    reference, served = (load_classifier(weights, runtime, tmp_path, threads=1) for runtime in ("keras", "litert"))
    assert np.allclose(reference.predict(batch), served.predict(batch), atol=1e-4)
    assert served.predict(batch[:1]).sum() == pytest.approx(1, abs=1e-4)
