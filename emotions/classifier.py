"""Classifiers: a batch of prepared faces in, seven scores a face out."""

import threading
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from emotions.artefact import load_artefact
from emotions.graph import derived_graph
from emotions.labels import EMOTIONS
from emotions.landmarks import find_landmarks
from emotions.prepare import InputContract
from errors import ModelError

LARGEST_BATCH: Final = 16


class EmotionClassifier(Protocol):
    """What everybody who wants scores may rely on. Safe to call from several threads."""

    contract: InputContract

    def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score prepared faces.

        Args:
            batch: ``(n, size, size, channels)`` as ``prepare`` makes it.

        Returns:
            ``(n, 7)`` float32 in the order of ``EMOTIONS``, each row summing to 1.

        Raises:
            ModelError: when no scores can be had.
        """
        ...


def load_classifier(weights: Path, runtime: str, cache: Path, threads: int) -> EmotionClassifier:
    """Load a model for serving.

    Args:
        weights: path of the ``.h5``.
        runtime: "litert" or "keras".
        cache: folder for the derived graph.
        threads: CPU threads of one call (LiteRT only).

    Raises:
        ModelError: when the files are missing, damaged or can't be converted.
    """
    artefact = load_artefact(weights)
    plain: EmotionClassifier
    if runtime == "keras":
        plain = KerasClassifier(_load_model(artefact.weights), artefact.contract)
    else:
        plain = LiteRTClassifier(derived_graph(artefact, cache), artefact.contract, threads)
    return MirroredClassifier(plain) if artefact.contract.mirrored else plain


def _load_model(weights: Path) -> "KerasModel":
    import keras  # noqa: PLC0415 - TensorFlow takes seconds and 400 MB

    model: KerasModel = keras.models.load_model(weights, compile=False)
    return model


class KerasModel(Protocol):
    """The one method of a ``keras.Model`` that serving needs; Keras ships no types."""

    def predict_on_batch(self, x: NDArray[np.float32] | list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Score one batch."""
        ...


def network_inputs(batch: NDArray[np.float32], contract: InputContract) -> list[NDArray[np.float32]]:
    """What a network reads of prepared faces: the pictures and, where its contract says so, their landmarks.

    Raises:
        ModelError: when it reads landmarks and nothing is installed that finds them.
    """
    return [batch, find_landmarks(batch)] if contract.landmarks else [batch]


class MirroredClassifier:
    """Reads each face twice, as it is and mirrored, and averages the scores.

    A mirrored face shows the same emotion, but a network does not give it quite the same scores; the
    mean of both is right more often (docs/lab.md), for twice the work.

    Args:
        single: scores one view.
    """

    def __init__(self, single: EmotionClassifier) -> None:
        self.single = single
        self.contract = single.contract

    def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score prepared faces, ``(n, size, size, channels)`` to ``(n, 7)``."""
        both = self.single.predict(np.concatenate([batch, batch[:, :, ::-1]]))
        return np.asarray((both[: len(batch)] + both[len(batch) :]) / 2, np.float32)


class LiteRTClassifier:
    """Runs the graph derived from the ``.h5`` with LiteRT and its XNNPACK kernels.

    Args:
        graph: path of the ``.tflite``.
        contract: how faces become input.
        threads: CPU threads of one call.
    """

    def __init__(self, graph: Path, contract: InputContract, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - the page starts without it

        self.contract = contract
        self._interpreter = Interpreter(model_path=str(graph), num_threads=threads)
        self._interpreter.allocate_tensors()
        details = self._interpreter.get_input_details()
        # Pictures have four axes, landmarks two; a conversion may reorder them.
        self._inputs = [tensor["index"] for tensor in sorted(details, key=lambda tensor: -len(tensor["shape"]))]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._batch = 1
        # An interpreter has one set of buffers: one call at a time.
        self._lock = threading.Lock()

    def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score prepared faces, ``(n, size, size, channels)`` to ``(n, 7)``."""
        chunks = [batch[start : start + LARGEST_BATCH] for start in range(0, len(batch), LARGEST_BATCH)]
        with self._lock:
            scores = [self._invoke(chunk) for chunk in chunks]
        return np.concatenate([np.empty((0, len(EMOTIONS)), np.float32), *scores])

    def _invoke(self, chunk: NDArray[np.float32]) -> NDArray[np.float32]:
        inputs = list(zip(self._inputs, network_inputs(chunk, self.contract), strict=True))
        if len(chunk) != self._batch:
            for tensor, values in inputs:
                self._interpreter.resize_tensor_input(tensor, values.shape)
            self._interpreter.allocate_tensors()
            self._batch = len(chunk)
        for tensor, values in inputs:
            self._interpreter.set_tensor(tensor, values)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output), np.float32)


class KerasClassifier:
    """Runs a Keras model itself, compiled; the reference that LiteRT must agree with.

    Args:
        model: a ``keras.Model``.
        contract: how faces become input.
    """

    def __init__(self, model: KerasModel, contract: InputContract) -> None:
        self.contract = contract
        self._model = model
        self._lock = threading.Lock()

    def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score prepared faces, ``(n, size, size, channels)`` to ``(n, 7)``."""
        if not len(batch):
            return np.empty((0, len(EMOTIONS)), np.float32)
        inputs = network_inputs(batch, self.contract)
        with self._lock:
            return np.asarray(self._model.predict_on_batch(inputs if len(inputs) > 1 else batch), np.float32)


class MissingClassifier:
    """Stands where a classifier could not be loaded, and says why to whoever asks.

    Args:
        reason: the error of the attempt to load.
    """

    contract = InputContract(size=48)

    def __init__(self, reason: ModelError) -> None:
        self.reason = reason

    def predict(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ARG002 - the protocol's
        """Raise the reason, whatever is asked."""
        raise ModelError(str(self.reason))
