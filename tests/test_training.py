"""The parts of training that need Keras, on networks small enough for a test."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from emotions.artefact import load_artefact, sha256_of
from emotions.classifier import load_classifier
from emotions.graph import derived_graph
from emotions.labels import EMOTIONS
from errors import BadInputError, ModelError
from training.__main__ import main
from training.augment import augment
from training.batches import TrainingBatches, mix
from training.data import FaceSet
from training.growth import grow
from training.networks import build
from training.publish import halve, write_description
from training.recipe import RECIPES, Recipe, load_recipe
from training.runs import begin
from training.votes import targets

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
    changed, _ = augment(batch, STRONG, np.random.default_rng(1))
    assert changed.shape == batch.shape
    assert changed.dtype == np.float32
    assert 0 <= changed.min() <= changed.max() <= 255
    assert (changed[..., 0] == changed[..., 1]).all()


def test_without_strengths_a_picture_is_at_most_mirrored() -> None:
    grey = np.repeat(some_batch(1)[..., :1], 3, axis=3)
    changed, _ = augment(grey, PLAIN, np.random.default_rng(1))
    assert np.allclose(changed, grey) or np.allclose(changed, grey[:, :, ::-1])


def test_the_same_seed_gives_the_same_batches() -> None:
    one, other = TrainingBatches(faces(), STRONG), TrainingBatches(faces(), STRONG)
    assert all(np.array_equal(a, b) for a, b in zip(one[1], other[1], strict=True))
    one.on_epoch_end()
    assert not np.array_equal(one[1][0], other[1][0])


def test_a_run_that_goes_on_sees_the_batches_of_its_pass() -> None:
    begun = TrainingBatches(faces(), STRONG)
    begun.on_epoch_end()
    assert np.array_equal(begun[0][0], TrainingBatches(faces(), STRONG, epoch=1)[0][0])


def test_mixup_blends_pictures_and_targets_alike() -> None:
    pictures = np.arange(4, dtype=np.float32).reshape(4, 1, 1, 1)
    wanted = np.eye(7, dtype=np.float32)[[0, 1, 2, 3]]
    mixed, asked = mix(pictures, wanted, 0.4, np.random.default_rng(1))
    share = asked[0, 0]
    assert 0 < share < 1
    assert mixed[0, 0, 0, 0] == pytest.approx(3 * (1 - share))
    assert asked[0] == pytest.approx([share, 0, 0, 1 - share, 0, 0, 0])
    assert mix(pictures, wanted, 0.0, np.random.default_rng(1))[0] is pictures


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


@pytest.fixture
def data(tmp_path: Path) -> Path:
    some = faces(24)
    np.savez(
        tmp_path / "faces.npz", images=some.images, labels=some.labels, usage=(some.splits == "public").astype(int)
    )
    return tmp_path / "faces.npz"


def recipe_file(folder: Path, text: str) -> str:
    (folder / "quick.toml").write_text(f"image_size = 48\nbatch_size = 4\n{text}\n")
    return str(folder / "quick.toml")


def test_train_publish_and_evaluate_work_together(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, run, model = data.parent, data.parent / "run", data.parent / "model.h5"
    recipe = recipe_file(folder, 'architecture = "efficientnetb0"\nepochs = 1')
    assert main(["train", recipe, "--data", str(data), "--run", str(run)]) == 0
    made = {file.name for file in run.iterdir()}
    assert made >= {"recipe.json", "best.h5", "log.csv", "metrics.json", "curves.png", "confusion.png"}
    assert main(["publish", "--run", str(run), "--model", str(model), "--data", str(data)]) == 0
    out = folder / "metrics.json"
    evaluate = ["evaluate", "--model", str(model), "--data", str(data), "--json", str(out), "--record", "--corrupt"]
    assert main([*evaluate, "--figures", str(folder / "figures")]) == 0
    metrics = json.loads(out.read_text())
    assert metrics["count"] == 4
    assert metrics["corrupted"].keys() == {"dark", "blur", "noise", "jpeg"}
    assert json.loads(model.with_suffix(".json").read_text())["metrics"] == metrics
    assert "confusion" in capsys.readouterr().out
    assert {file.name for file in (folder / "figures").iterdir()} == {"confusion.png", "reliability.png"}


def test_a_run_stops_and_goes_on_where_it_stopped(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = data.parent / "run"
    recipe = recipe_file(data.parent, 'architecture = "cnn_webcam"\nchannels = 1\nepochs = 2')
    train = ["train", recipe, "--data", str(data), "--run", str(run)]
    assert main(train) == 0
    assert main(train) == 1
    assert "--resume" in capsys.readouterr().err
    assert main([*train, "--resume"]) == 1
    assert "complete" in capsys.readouterr().err
    assert main([*train, "--resume", "--epochs", "3"]) == 0
    rows = (run / "log.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["epoch", "0", "1", "2"]
    shutil.rmtree(run / "backup")
    assert main([*train, "--resume", "--epochs", "4"]) == 1
    assert "backup" in capsys.readouterr().err


def test_a_worse_pass_after_a_stop_does_not_replace_the_best(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,1,0.75,1\n1,0.6,1,0.5,1\n")
    (tmp_path / "backup").mkdir()
    progress = begin(tmp_path, Recipe("cnn_webcam", 48, epochs=5), resume=True)
    assert (progress.epochs, progress.best_accuracy) == (2, 0.75)


def test_a_set_without_a_class_is_not_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = faces(24)
    kept = some.where(some.labels != 1)
    np.savez(tmp_path / "f.npz", images=kept.images, labels=kept.labels, usage=(kept.splits == "public").astype(int))
    train = ["train", "cnn_webcam", "--data", str(tmp_path / "f.npz"), "--run", str(tmp_path / "run")]
    assert main(train) == 1
    assert "no picture of disgust" in capsys.readouterr().err


def test_what_is_no_run_or_no_model_ends_with_a_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = data.parent
    publish = ["publish", "--run", str(folder), "--model", str(folder / "m.h5"), "--data", str(data)]
    assert main(publish) == 1
    assert "is no run folder" in capsys.readouterr().err
    (folder / "bad.h5").write_bytes(b"no model")
    grown = ["train", "cnn_webcam", "--data", str(data), "--run", str(folder / "run")]
    assert main([*grown, "--grow-from", str(folder / "bad.h5")]) == 1
    assert "bad.h5" in capsys.readouterr().err
    assert main([*grown, "--weights", "imagenet"]) == 1
    assert "from scratch" in capsys.readouterr().err


def test_the_landmark_network_is_trained_and_published(data: Path) -> None:
    run, model = data.parent / "run", data.parent / "points.h5"
    recipe = recipe_file(
        data.parent, 'architecture = "cnn_landmarks"\nlandmarks = true\nchannels = 1\nepochs = 1\nrotation = 10.0'
    )
    assert main(["train", recipe, "--data", str(data), "--run", str(run)]) == 0
    assert main(["publish", "--run", str(run), "--model", str(model), "--data", str(data)]) == 0
    assert main(["evaluate", "--model", str(model), "--data", str(data), "--runtime", "litert"]) == 0
    assert "300-W" in json.loads(model.with_suffix(".json").read_text())["data"]


@pytest.mark.parametrize("command", ["audit", "train", "evaluate", "predict", "report", "leak", "publish", "agree"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "usage" in capsys.readouterr().out


def test_a_wrong_path_ends_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--model", "models/none.h5", "--data", str(tmp_path / "none.npz")]) == 1
    assert "There is nothing at" in capsys.readouterr().err
