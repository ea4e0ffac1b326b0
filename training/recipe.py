"""A recipe: what one training run does, read from a short TOML file beside this one."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from emotions.prepare import InputContract
from errors import BadInputError

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe:
    """Every knob of a run with its plain default; a recipe file holds only what differs.

    Attributes:
        architecture: a name from ``networks.ARCHITECTURES``.
        image_size: side of the network's square input, px.
        epochs: passes over the Training rows, at most.
        channels: 3 (grey repeated as red, green and blue) or 1 (grey).
        landmarks: whether the network also reads the 68 landmarks of a face.
        batch_size: pictures a step.
        optimizer: "adamw" or "adam".
        learning_rate: the first one, or the peak where the schedule has a warm-up.
        schedule: "cosine" (a linear warm-up of 5 % of all steps, then down to 1 %), "constant", or
            "inverse": ``learning_rate / (1 + decay * step)``.
        decay: of the "inverse" schedule.
        clip_norm: longest gradient over all weights together; 0 leaves gradients as they are.
        patience: passes without a better PublicTest accuracy before the run ends; 0 never ends it.
        min_delta: gain in accuracy (0-1) below which a pass does not count as better for ``patience``.
        oversample: whether rarer classes are drawn again until all have as many pictures as the largest.
        weight_decay: AdamW's decoupled decay.
        label_smoothing: share of each target spread evenly over the seven classes, 0-1.
        votes: share of each target taken from the FER+ votes where a picture has them, 0-1.
        taught: share of the mixed target that comes from teachers' scores, 0-1 (Hinton et al. 2015, arXiv 1503.02531).
        dropout: rate before the last layer (EfficientNets).
        drop_connect: EfficientNet's stochastic depth at its last block.
        flip: whether half of the pictures are mirrored.
        rotation: largest turn either way, degrees.
        shear: largest slant either way, degrees.
        zoom: largest change of scale either way, as a fraction.
        shift: largest move either way, as a fraction of the side.
        light: strength of contrast, brightness and gamma changes, 0-1.
        blur: share of pictures blurred as an unfocused camera would, 0-1.
        webcam: share of pictures made worse in one of a webcam's ways (dark, blur, noise, JPEG), 0-1.
        erase: share of pictures in which a rectangle is painted over, 0-1.
        mixup: alpha of MixUp (Zhang et al. 2018, arXiv 1710.09412): pictures and targets of a batch are blended by
            pairs, in a share drawn from Beta(alpha, alpha); 0 blends nothing. Not for networks that read landmarks.
        mirrored: whether the app reads each face twice, as it is and mirrored (no effect on training).
        seed: of everything random.
        claim: what the paper behind the recipe says of its result, in its own measure.
        claimed_accuracy: the claimed accuracy, 0-1; 0 where none is claimed.
    """

    architecture: str
    image_size: int
    epochs: int
    channels: int = 3
    landmarks: bool = False
    batch_size: int = 64
    optimizer: Literal["adamw", "adam"] = "adamw"
    learning_rate: float = 1e-3
    schedule: Literal["cosine", "constant", "inverse"] = "cosine"
    decay: float = 0.0
    clip_norm: float = 1.0
    patience: int = 0
    min_delta: float = 0.0
    oversample: bool = False
    weight_decay: float = 1e-3
    label_smoothing: float = 0.0
    votes: float = 0.0
    taught: float = 0.0
    dropout: float = 0.3
    drop_connect: float = 0.2
    flip: bool = True
    rotation: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    light: float = 0.0
    blur: float = 0.0
    webcam: float = 0.0
    erase: float = 0.0
    mixup: float = 0.0
    mirrored: bool = False
    seed: int = 2013
    claim: str = ""
    claimed_accuracy: float = 0.0

    @property
    def contract(self) -> InputContract:
        """The input contract of the network that this recipe trains."""
        return InputContract(
            size=self.image_size, channels=self.channels, mirrored=self.mirrored, landmarks=self.landmarks
        )


def load_recipe(name: str) -> Recipe:
    """Read a recipe by its name, or by the path of a TOML file.

    Raises:
        BadInputError: when there is no such recipe, or it has a knob that does not exist.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(recipe.stem for recipe in RECIPES.glob("*.toml")))
        raise BadInputError(f"There is no recipe '{name}'. Known recipes: {known}.")
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = sorted(values.keys() - {field.name for field in fields(Recipe)})
    if unknown:
        raise BadInputError(f"{path.name} has knobs that do not exist: {', '.join(unknown)}.")
    try:
        return Recipe(**values)
    except TypeError as error:
        raise BadInputError(f"{path.name} lacks a knob that every recipe needs: {error}.") from error
