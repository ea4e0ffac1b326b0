"""The model that is shipped: whole, described, described truly, and able to see a smile."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from config import Settings
from emotions.artefact import load_artefact, sha256_of
from emotions.classifier import load_classifier
from emotions.labels import EMOTIONS
from faces import STILL, FaceAnalyser, FaceDetector

ROOT = Path(__file__).parent.parent
WEIGHTS = Settings().model
DESCRIPTION = json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graphs")


def test_the_description_belongs_to_the_weights() -> None:
    assert load_artefact(WEIGHTS).sha256 == sha256_of(WEIGHTS)
    assert tuple(DESCRIPTION["labels"]) == EMOTIONS
    assert {"input", "colour", "value_range", "data", "stages", "initial_weights", "metrics"} <= DESCRIPTION.keys()


def test_the_weights_are_small_enough_for_git() -> None:
    assert WEIGHTS.stat().st_size < 25_000_000


def test_the_model_card_says_what_was_measured() -> None:
    card = (ROOT / "models" / "README.md").read_text(encoding="utf-8")
    assert f"{DESCRIPTION['metrics']['accuracy']:.2%}".replace("%", " %") in card
    assert f"{DESCRIPTION['metrics']['macro_f1']:.3f}" in card


def test_keras_loads_it_in_a_clean_process() -> None:
    program = f"import keras; model = keras.models.load_model({str(WEIGHTS)!r}); print(model.output_shape)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip().endswith("(None, 7)")


def test_a_smile_is_seen(portrait: NDArray[np.uint8], cache: Path) -> None:
    classifier = load_classifier(WEIGHTS, "litert", cache, threads=2)
    (face,) = FaceAnalyser(FaceDetector(STILL), classifier).analyse(portrait).faces
    assert face.emotion == "happy"
    assert face.scores.sum() == pytest.approx(1, abs=1e-4)


def test_the_app_serves_without_tensorflow_in_its_process(cache: Path) -> None:
    program = (
        "import sys; from dataclasses import replace; from pathlib import Path; from app import create_app;"
        "from config import Settings;"
        f"app = create_app(replace(Settings(), source='none', cache_dir=Path({str(cache)!r}),"
        f" database_url='sqlite:///{cache}/test.sqlite3'));"
        "print(app.test_client().get('/readyz').json['parts']['model']['state']);"
        "print([name for name in ('tensorflow', 'keras', 'spotipy') if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["ok", "[]"]
