import numpy as np
import pytest
from numpy.typing import NDArray

from emotions.classifier import MirroredClassifier
from emotions.labels import EMOTIONS
from emotions.prepare import InputContract
from tests.fakes.classifier import FakeClassifier
from training.data import FaceSet
from training.evaluate import agreement, as_text, evaluate
from training.metrics import bootstrap_interval, calibration_error, measure, reliability

SCORES = np.eye(7, dtype=np.float32)[[3, 3, 4, 6]] * 0.65 + 0.05
LABELS = np.array([3, 3, 3, 6])


def some_faces(count: int = 5) -> FaceSet:
    images = np.random.default_rng(1).integers(0, 256, (count, 48, 48), np.uint8)
    labels = np.array([3] * (count - 1) + [4])
    return FaceSet(images, labels, np.full(count, "public"), np.zeros((count, 10), np.int64))


def test_accuracy_table_and_confusion_agree() -> None:
    metrics = measure(LABELS, SCORES)
    assert metrics["accuracy"] == 0.75
    assert metrics["per_class"]["happy"] == pytest.approx({"precision": 1, "recall": 2 / 3, "f1": 0.8, "support": 3})
    assert metrics["confusion"][3] == [0, 0, 0, 2, 1, 0, 0]


def test_macro_f1_counts_every_class_alike() -> None:
    assert measure(LABELS, SCORES)["macro_f1"] == pytest.approx((0.8 + 0 + 1) / 7)


def test_confidence_that_means_what_it_says_has_no_calibration_error() -> None:
    scores = np.tile(np.array([0.5, 0.5 / 6, 0.5 / 6, 0.5 / 6, 0.5 / 6, 0.5 / 6, 0.5 / 6], np.float32), (100, 1))
    labels = np.array([0, 1] * 50)
    assert calibration_error(labels, scores) == pytest.approx(0, abs=1e-6)
    assert calibration_error(np.zeros(100, np.int64), scores) == pytest.approx(0.5, abs=1e-6)


def test_a_set_is_evaluated_with_and_without_known_pictures() -> None:
    faces = some_faces()
    metrics = evaluate(FakeClassifier("happy"), faces, training=faces.where(np.arange(5) == 0))
    assert metrics["accuracy"] == 0.8
    assert metrics["without_training_pictures"]["count"] == 4
    assert metrics["without_training_pictures"]["accuracy"] == 0.75


def test_two_views_are_averaged_and_one_view_is_told_too() -> None:
    left = np.zeros((1, 2, 2, 1), np.float32)
    left[:, :, 0] = 255

    class SeesLight:
        contract = InputContract(size=2, mirrored=True)

        def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
            """Happy when the left is bright, else sad."""
            return np.eye(7, dtype=np.float32)[np.where(batch[:, 0, 0, 0] > 0, 3, 4)]

    both = MirroredClassifier(SeesLight())
    assert both.predict(left)[0].tolist() == [0, 0, 0, 0.5, 0.5, 0, 0]
    assert both.predict(left[:0]).shape == (0, 7)
    assert "single_view" in evaluate(MirroredClassifier(FakeClassifier()), some_faces())


def test_the_text_names_every_emotion() -> None:
    text = as_text(measure(LABELS, SCORES))
    assert all(emotion in text for emotion in EMOTIONS)
    assert "accuracy 0.7500" in text


def test_agreement_counts_equal_labels() -> None:
    images = some_faces().images
    assert agreement(FakeClassifier("sad"), FakeClassifier("sad"), images) == 1
    assert agreement(FakeClassifier("sad"), FakeClassifier("fear"), images) == 0


def test_faces_are_prepared_as_in_the_app() -> None:
    assert FakeClassifier.contract == InputContract(size=48)


def test_averages_weigh_classes_or_faces() -> None:
    metrics = measure(LABELS, SCORES)
    assert metrics["macro"]["recall"] == pytest.approx((2 / 3 + 1) / 7)
    assert metrics["weighted"]["recall"] == pytest.approx(0.75)
    assert metrics["weighted"]["f1"] == pytest.approx((3 * 0.8 + 1) / 4)
    assert metrics["confusion_rows"][3] == pytest.approx([0, 0, 0, 2 / 3, 1 / 3, 0, 0], abs=1e-3)
    assert metrics["confusion_rows"][0] == [0] * 7


def test_the_interval_holds_the_accuracy_and_narrows_with_more_faces() -> None:
    few, many = (bootstrap_interval(np.arange(count) % 4 > 0) for count in (40, 4000))
    assert few[0] < many[0] < 0.75 < many[1] < few[1]
    # The normal approximation for 4,000 faces at 75 %: 1.96 * sqrt(0.75 * 0.25 / 4000) = 0.0134.
    assert many[1] - many[0] == pytest.approx(2 * 0.0134, rel=0.1)
    assert bootstrap_interval(np.ones(10, bool)) == [1, 1]


def test_reliability_tells_every_bin_that_holds_faces() -> None:
    scores = np.array([[0.95, 0.05, 0, 0, 0, 0, 0], [0.94, 0.06, 0, 0, 0, 0, 0], [0.3, 0.7, 0, 0, 0, 0, 0]], np.float32)
    rows = reliability(np.array([0, 1, 1]), scores)
    assert [row["count"] for row in rows] == [1, 2]
    assert rows[1]["accuracy"] == 0.5
    assert rows[1]["confidence"] == pytest.approx(0.945)
    assert rows[1]["low"] <= 0.945 < rows[1]["high"]


def test_agreement_with_people_counts_faces_on_which_one_emotion_leads() -> None:
    plain = some_faces(4)
    votes = np.zeros((4, 10), np.int64)
    votes[0, 1] = 10  # FER+ counts happiness in its column 1 ...
    votes[1, 3] = 10  # ... and sadness in its column 3
    votes[2, [1, 3]] = 5  # nobody leads
    faces = FaceSet(plain.images, plain.labels, plain.splits, votes)
    assert evaluate(FakeClassifier("happy"), faces)["ferplus"] == {"count": 2, "accuracy": 0.5}
    assert "ferplus" not in evaluate(FakeClassifier("happy"), plain)
