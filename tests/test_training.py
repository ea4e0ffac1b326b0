"""The parts of training that need Keras, on networks small enough for a test."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

keras = pytest.importorskip("keras")

from emotions.artefact import load_artefact, sha256_of  # noqa: E402 - keras decides whether these are tested
from emotions.classifier import load_classifier  # noqa: E402
from emotions.graph import derived_graph  # noqa: E402
from emotions.labels import EMOTIONS  # noqa: E402
from errors import BadInputError, ModelError  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.augment import augment  # noqa: E402
from training.batches import TrainingBatches, targets  # noqa: E402
from training.data import FaceSet  # noqa: E402
from training.growth import grow  # noqa: E402
from training.networks import build  # noqa: E402
from training.publish import halve, write_description  # noqa: E402
from training.recipe import RECIPES, Recipe, load_recipe  # noqa: E402

pytestmark = [
    pytest.mark.tensorflow,
    # TensorFlow 2.21 itself uses what NumPy and Python deprecate.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]

PLAIN = Recipe(architecture="efficientnetb0", image_size=48, epochs=1, batch_size=4)
STRONG = Recipe(
    architecture="efficientnetb0", image_size=48, epochs=1, batch_size=4, seed=5,
    rotation=15, zoom=0.1, shift=0.1, light=0.4, blur=0.5, erase=0.5,
)  # fmt: skip


def faces(count: int = 10) -> FaceSet:
    images = np.random.default_rng(1).integers(0, 256, (count, 48, 48), np.uint8)
    splits = np.array(["training"] * (count - 4) + ["public"] * 4)
    return FaceSet(images, np.arange(count) % 7, splits, np.zeros((count, 10), np.int64))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A classifier of a few weights, stored and described as a real one."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((48, 48, 3))
    x = keras.layers.Conv2D(4, 5, strides=4, activation="relu")(keras.layers.Rescaling(1 / 255)(inputs))
    outputs = keras.layers.Dense(7, activation="softmax")(keras.layers.GlobalAveragePooling2D()(x))
    weights = tmp_path / "tiny.h5"
    keras.Model(inputs, outputs).save(weights)
    describe(weights)
    return weights


def describe(weights: Path) -> None:
    write_description(weights, {"labels": list(EMOTIONS), "input": {"size": 48}, "sha256": sha256_of(weights)})


def some_batch(count: int = 3) -> NDArray[np.float32]:
    return np.random.default_rng(2).uniform(0, 255, (count, 48, 48, 3)).astype(np.float32)


def test_a_grown_network_computes_what_the_small_one_does() -> None:
    keras.utils.set_random_seed(7)
    small = build(PLAIN)
    big = build(Recipe(architecture="efficientnetb3", image_size=48, epochs=1))
    grow(small, big, seed=3)
    batch = some_batch()
    assert np.abs(small.predict_on_batch(batch) - big.predict_on_batch(batch)).max() < 1e-4
    features = [keras.Model(net.input, net.get_layer("avg_pool").output) for net in (small, big)]
    narrow, wide = (net.predict_on_batch(batch) for net in features)
    assert np.abs(narrow - wide[:, : narrow.shape[1]]).max() < 1e-3 * np.abs(narrow).max()


def test_both_runtimes_give_the_same_scores(tiny: Path, tmp_path: Path) -> None:
    keras_one, litert = (load_classifier(tiny, runtime, tmp_path, threads=1) for runtime in ("keras", "litert"))
    for count in (1, 3, 20, 0):
        batch = some_batch(count)
        assert np.allclose(keras_one.predict(batch), litert.predict(batch), atol=1e-5)
        assert litert.predict(batch).shape == (count, 7)


def test_the_graph_is_made_once_and_again_when_the_weights_change(tiny: Path, tmp_path: Path) -> None:
    first = derived_graph(load_artefact(tiny), tmp_path)
    made = first.stat().st_mtime_ns
    assert derived_graph(load_artefact(tiny), tmp_path) == first
    assert first.stat().st_mtime_ns == made
    halve(tiny)
    describe(tiny)
    assert derived_graph(load_artefact(tiny), tmp_path) != first


def test_weights_that_do_not_fit_their_description_are_refused(tiny: Path) -> None:
    halve(tiny)
    with pytest.raises(ModelError, match="sha-256"):
        load_artefact(tiny)


def test_a_damaged_description_is_refused(tiny: Path) -> None:
    tiny.with_suffix(".json").write_text("{")
    with pytest.raises(ModelError, match=r"tiny\.json is damaged"):
        load_artefact(tiny)


def test_weights_that_are_no_model_are_told_by_the_conversion(tmp_path: Path) -> None:
    weights = tmp_path / "broken.h5"
    weights.write_bytes(b"no model")
    describe(weights)
    with pytest.raises(ModelError, match="could not be converted"):
        derived_graph(load_artefact(weights), tmp_path)


def test_half_precision_halves_the_file_and_keeps_the_scores(tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    model = build(PLAIN)
    weights = tmp_path / "b0.h5"
    model.save(weights)
    full = weights.stat().st_size
    halve(weights)
    again = keras.models.load_model(weights, compile=False)
    assert weights.stat().st_size < 0.6 * full
    assert np.abs(model.predict_on_batch(some_batch()) - again.predict_on_batch(some_batch())).max() < 5e-3


def test_the_b3_has_the_head_of_the_paper() -> None:
    model = build(Recipe(architecture="efficientnetb3", image_size=48, epochs=1))
    kinds = [type(layer).__name__ for layer in model.layers[-4:]]
    assert kinds == ["BatchNormalization", "Dense", "Dropout", "Dense"]
    assert model.output_shape == (None, 7)


def test_augmented_pictures_keep_shape_and_range() -> None:
    batch = some_batch(16)
    changed = augment(batch, STRONG, np.random.default_rng(1))
    assert changed.shape == batch.shape
    assert changed.dtype == np.float32
    assert 0 <= changed.min() <= changed.max() <= 255
    assert (changed[..., 0] == changed[..., 1]).all()


def test_without_strengths_a_picture_is_at_most_mirrored() -> None:
    grey = np.repeat(some_batch(1)[..., :1], 3, axis=3)
    changed = augment(grey, PLAIN, np.random.default_rng(1))
    assert np.allclose(changed, grey) or np.allclose(changed, grey[:, :, ::-1])


def test_the_same_seed_gives_the_same_batches() -> None:
    one, other = TrainingBatches(faces(), STRONG), TrainingBatches(faces(), STRONG)
    assert all((a == b).all() for a, b in zip(one[1], other[1], strict=True))
    one.on_epoch_end()
    assert (one[1][0] != other[1][0]).any()


def test_targets_mix_labels_votes_and_an_even_share() -> None:
    votes = np.zeros((10, 10), np.int64)
    votes[0, [0, 4]] = 5  # half of the people said neutral, half anger
    plain = faces()
    voted = FaceSet(plain.images, plain.labels, plain.splits, votes)
    mixed = targets(voted, Recipe("efficientnetb0", 48, 1, votes=0.4, label_smoothing=0.07))
    assert np.allclose(mixed.sum(axis=1), 1)
    assert mixed[0] == pytest.approx([0.93 * 0.8 + 0.01] + [0.01] * 5 + [0.93 * 0.2 + 0.01])
    assert mixed[1, 1] == pytest.approx(0.94)


def test_every_recipe_is_short_and_readable() -> None:
    for file in RECIPES.glob("*.toml"):
        assert load_recipe(file.stem).epochs > 0
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 40


def test_an_unknown_recipe_or_knob_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="efficientnetb3"):
        load_recipe("nothing")
    (tmp_path / "odd.toml").write_text("magic = 1")
    with pytest.raises(BadInputError, match="magic"):
        load_recipe(str(tmp_path / "odd.toml"))


def test_train_publish_and_evaluate_work_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, recipe, run, model = (tmp_path / name for name in ("faces.npz", "quick.toml", "run", "model.h5"))
    some = faces(12)
    np.savez(data, images=some.images, labels=some.labels, usage=(some.splits == "public").astype(int))
    recipe.write_text('architecture = "efficientnetb0"\nimage_size = 32\nepochs = 1\nbatch_size = 4\n')
    assert main(["train", str(recipe), "--data", str(data), "--run", str(run)]) == 0
    assert main(["publish", "--run", str(run), "--model", str(model), "--data", str(data)]) == 0
    out = tmp_path / "metrics.json"
    assert main(["evaluate", "--model", str(model), "--data", str(data), "--json", str(out), "--record"]) == 0
    metrics = json.loads(out.read_text())
    assert metrics["count"] == 4
    assert json.loads(model.with_suffix(".json").read_text())["metrics"] == metrics
    assert "confusion" in capsys.readouterr().out


def test_a_wrong_path_ends_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--model", "models/none.h5", "--data", str(tmp_path / "none.npz")]) == 1
    assert "There is nothing at" in capsys.readouterr().err
