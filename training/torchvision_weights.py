"""Give a Keras MobileNetV2 the ImageNet weights that torchvision publishes (``mobilenet_v2-b0353104.pth``, BSD-3).

Both networks are the same up to three things: the order of a kernel's axes, the small constant in the batch norms, and
what the input is scaled to. Strided convolutions pad on another side, which moves the picture by some pixels.
"""

from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from errors import BadInputError

State = dict[str, NDArray[Any]]

MEAN: Final = np.array([0.485, 0.456, 0.406])
DEVIATION: Final = np.array([0.229, 0.224, 0.225])
"""What torchvision subtracts from and divides by, red, green and blue as 0-1."""
EPSILON: Final = 1e-5
"""In torchvision's batch norms; Keras' layers carry their own."""


def load_torchvision(model: keras.Model, file: Path) -> None:
    """Fill a headless Keras MobileNetV2 from torchvision's file.

    Raises:
        BadInputError: when PyTorch is missing or the file does not fit.
    """
    try:
        import torch  # noqa: PLC0415 - only this format needs it
    except ImportError as error:
        raise BadInputError("A .pth file needs PyTorch: pip install torch") from error
    state = torch.load(file, map_location="cpu", weights_only=True)
    set_from_state(model, {name: np.asarray(tensor) for name, tensor in state.items()})


def set_from_state(model: keras.Model, state: State) -> None:
    """Fill a headless Keras MobileNetV2 from torchvision's arrays, which stand in the same order.

    Args:
        model: reads -1 to 1, as ``keras.applications`` wants it.
        state: arrays by torchvision's names, in its order.

    Raises:
        BadInputError: when the arrays are of another network.
    """
    try:
        _fill([layer for layer in model.layers if layer.weights], _steps(state))
    except ValueError as error:
        raise BadInputError(f"The file does not hold the layers of a MobileNetV2: {error}") from error


def _fill(layers: list[keras.layers.Layer], steps: list[list[NDArray[np.float32]]]) -> None:
    shift: NDArray[np.float32] | np.float32 = np.float32(0)
    for layer, step in zip(layers, steps, strict=True):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights(_norm(step, layer.epsilon, shift))
            shift = np.float32(0)
            continue
        kernel = np.asarray(step[0])
        if layer is layers[0]:
            kernel, shift = _rescaled(kernel)
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        layer.set_weights([kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))])


def _steps(state: State) -> list[list[NDArray[np.float32]]]:
    """The arrays of one layer after the other: a kernel, or a norm's gamma, beta, mean and variance."""
    layers: dict[str, list[NDArray[np.float32]]] = {}
    for name, array in state.items():
        layer, kind = name.rsplit(".", 1)
        if layer.startswith("features") and kind != "num_batches_tracked":
            layers.setdefault(layer, []).append(array)
    return list(layers.values())


def _rescaled(kernel: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A first kernel that reads -1 to 1 instead of torchvision's scale, and what it leaves out for the norm behind."""
    factor, offset = 0.5 / DEVIATION, (0.5 - MEAN) / DEVIATION
    shift = (kernel * offset[:, np.newaxis, np.newaxis]).sum(axis=(1, 2, 3))
    return np.asarray(kernel * factor[:, np.newaxis, np.newaxis], np.float32), np.asarray(shift, np.float32)


def _norm(
    step: list[NDArray[np.float32]], epsilon: float, shift: NDArray[np.float32] | np.float32
) -> list[NDArray[np.float32]]:
    gamma, beta, mean, variance = step
    return [gamma * np.sqrt((variance + epsilon) / (variance + EPSILON)), beta, mean - shift, variance]
