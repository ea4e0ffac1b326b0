"""Grow a small EfficientNet into a bigger one that computes the same function.

A wider layer repeats channels of the narrower one, and whoever reads them splits its weights
among the copies; a block that the smaller network lacks starts as the identity. This is Net2Net
(Chen, Goodfellow & Shlens 2016, arXiv 1511.05641) with one change: the split is uneven, so that
copies get different gradients and grow apart. What the cheap network learned in minutes is
the starting point of the expensive one.
"""

import re
from typing import Final

import keras
import numpy as np
from numpy.typing import NDArray

BLOCK: Final = re.compile(r"block(\d)([a-z])_")
Weights = list[NDArray[np.float32]]


def grow(small: keras.Model, big: keras.Model, seed: int) -> None:
    """Set the weights of ``big`` so that it computes what ``small`` computes.

    Args:
        small: a trained EfficientNet with our head.
        big: an EfficientNet at least as wide and deep in every stage, with the same head.
        seed: of the choice of copies and of the uneven split.
    """
    Growth(small, big, seed).run()


class Growth:
    """One growing; holds which small channel each big channel copies, by the name of the tensor."""

    def __init__(self, small: keras.Model, big: keras.Model, seed: int) -> None:
        self._small: dict[str, keras.layers.Layer] = {layer.name: layer for layer in small.layers}
        self._big = [layer for layer in big.layers if layer.weights]
        self._random = np.random.default_rng(seed)
        self._maps: dict[str, NDArray[np.int64]] = {}

    def run(self) -> None:
        """Walk the big network from input to output."""
        channels = "stem"
        for layer in self._big:
            channels = self._set(layer, channels)

    def _set(self, layer: keras.layers.Layer, channels: str) -> str:
        """Fill one layer that reads the tensor ``channels``; give the name of the tensor it writes."""
        name = self._template(layer.name)
        if name is None:
            return self._start_as_identity(layer, channels)
        source = [np.asarray(w) for w in self._small[name].get_weights()]
        if layer.name.startswith("normalization") or layer.name == "stem_conv":
            return self._set_stem(layer, source, channels)
        if isinstance(layer, keras.layers.BatchNormalization):
            self._set_norm(layer, source, channels)
            return channels
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            layer.set_weights([source[0][:, :, self._map(channels, source[0].shape[2], layer.kernel.shape[2])]])
            return channels
        return self._set_dense(layer, source, channels)

    def _set_stem(self, layer: keras.layers.Layer, source: Weights, channels: str) -> str:
        if layer.name == "stem_conv":
            kernel = source[0]
            source = [kernel[..., self._map(channels, kernel.shape[-1], layer.kernel.shape[-1])]]
        layer.set_weights(source)
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
        return channels

    def _set_norm(self, layer: keras.layers.Layer, source: Weights, channels: str) -> None:
        index = self._map(channels, len(source[0]), layer.gamma.shape[0])
        gamma, *rest = [vector[index] for vector in source]
        is_new = layer.name.endswith("project_bn") and layer.name not in self._small
        # A new block adds nothing to its shortcut until training moves this gamma away from 0.
        layer.set_weights([gamma * 0, rest[0] * 0, *rest[1:]] if is_new else [gamma, *rest])

    def _set_dense(self, layer: keras.layers.Layer, source: Weights, channels: str) -> str:
        """A convolution of 1x1 or a dense layer: reads one set of channels, writes another."""
        written = _written(layer.name, channels)
        kernel = source[0]
        reads = self._map(channels, kernel.shape[-2], layer.kernel.shape[-2])
        writes = self._map(written, kernel.shape[-1], layer.kernel.shape[-1])
        shares = self._split(reads)
        grown = kernel[..., reads, :] * shares[:, np.newaxis]
        layer.set_weights([grown[..., writes], *[bias[writes] for bias in source[1:]]])
        return written

    def _start_as_identity(self, layer: keras.layers.Layer, channels: str) -> str:
        if layer.name.endswith("project_bn"):
            gamma, beta, mean, variance = layer.get_weights()
            layer.set_weights([gamma * 0, beta * 0, mean, variance])
        return _written(layer.name, channels)

    def _template(self, name: str) -> str | None:
        """The small network's layer to copy: its namesake, or the last block of the same stage."""
        if name.startswith("normalization"):
            return next(known for known in self._small if known.startswith("normalization"))
        if name in self._small:
            return name
        stage = BLOCK.match(name)
        if stage is None:
            return None
        blocks = [m[2] for known in self._small if (m := BLOCK.match(known)) and m[1] == stage[1]]
        # The first block of a stage changes its width and can't stand for one that keeps it.
        return BLOCK.sub(f"block{stage[1]}{max(blocks)}_", name) if max(blocks) > "a" else None

    def _map(self, tensor: str, narrow: int, wide: int) -> NDArray[np.int64]:
        """Which of the ``narrow`` channels each of the ``wide`` ones copies, decided once a tensor."""
        if tensor not in self._maps:
            extra = self._random.integers(0, narrow, wide - narrow) if wide > narrow else np.array([], np.int64)
            self._maps[tensor] = np.concatenate([np.arange(narrow), extra]).astype(np.int64)
        return self._maps[tensor]

    def _split(self, reads: NDArray[np.int64]) -> NDArray[np.float32]:
        """Uneven shares that sum to 1 over the copies of each channel."""
        raw = self._random.uniform(0.5, 1.5, len(reads))
        return np.asarray(raw / np.bincount(reads, weights=raw)[reads], np.float32)


def _written(name: str, channels: str) -> str:
    """The name of the tensor that a layer writes, from its own name."""
    block = BLOCK.match(name)
    if block is None:
        return name if name in ("top_conv", "head_dense", "scores") else channels
    prefix = block.group(0)
    if name == f"{prefix}expand_conv":
        return f"{prefix}inside"
    if name == f"{prefix}project_conv":
        return f"stage{block[1]}"
    if name == f"{prefix}se_reduce":
        return f"{prefix}squeezed"
    if name == f"{prefix}se_expand":
        # The branch ends where it began; blocks of stage 1 have no inside of their own.
        unexpanded = "stem" if block[2] == "a" else "stage1"
        return f"{prefix}inside" if block[1] != "1" else unexpanded
    return channels
