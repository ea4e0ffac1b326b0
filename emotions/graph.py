"""The LiteRT graph of a model: derived from its ``.h5`` once, kept under its sha-256.

``python -m emotions.graph models/efficientnetb3.h5 OUT.tflite`` makes one by hand. The app runs that
same command in a process of its own, so that TensorFlow never enters the app's.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from emotions.artefact import Artefact
from errors import ModelError

CONVERSION_SECONDS: Final = 300
HERE: Final = Path(__file__).parent.parent


def derived_graph(artefact: Artefact, cache: Path) -> Path:
    """Find the graph of this very ``.h5``, or make it (about half a minute, once).

    Args:
        artefact: the model; another sha-256 means another graph.
        cache: folder that keeps the graphs.

    Raises:
        ModelError: when the conversion fails.
    """
    graph = cache / f"{artefact.weights.stem}-{artefact.sha256[:16]}.tflite"
    if graph.is_file():
        return graph
    cache.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=".part", dir=cache)
    os.close(handle)
    unfinished = Path(name)
    try:
        _convert_elsewhere(artefact.weights, unfinished)
        # A rename is all or nothing: no reader ever sees half a graph.
        unfinished.replace(graph)
    finally:
        unfinished.unlink(missing_ok=True)
    return graph


def _convert_elsewhere(weights: Path, graph: Path) -> None:
    command = [sys.executable, "-m", "emotions.graph", str(weights.resolve()), str(graph.resolve())]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, our own paths
            command, cwd=HERE, capture_output=True, text=True, timeout=CONVERSION_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"Converting {weights.name} took longer than {CONVERSION_SECONDS} s.") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"{weights.name} could not be converted: {last}")


def convert(weights: Path, graph: Path) -> None:
    """Write the LiteRT graph of a Keras ``.h5``: any batch size, float32 arithmetic."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras  # noqa: PLC0415 - only this command needs TensorFlow
    import tensorflow as tf  # noqa: PLC0415

    model = keras.models.load_model(weights, compile=False)
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, format="tf_saved_model", verbose=False)
        graph.write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Derive the LiteRT graph of a Keras .h5 model.")
    parser.add_argument("weights", type=Path, help="the .h5")
    parser.add_argument("graph", type=Path, help="the .tflite to write")
    arguments = parser.parse_args()
    convert(arguments.weights, arguments.graph)
