"""A recipe: what one training run does, read from a short TOML file beside this one."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from emotions.prepare import InputContract
from errors import BadInputError

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe:
    """Every knob of a run with its plain default; a recipe file holds only what differs.

    Attributes:
        architecture: a name from ``networks.ARCHITECTURES``.
        image_size: side of the network's square input, px.
        epochs: passes over the Training rows.
        batch_size: pictures a step.
        learning_rate: peak of the cosine schedule (after a linear warm-up of 5 % of all steps).
        weight_decay: AdamW's decoupled decay.
        label_smoothing: share of each target spread evenly over the seven classes, 0-1.
        votes: share of each target taken from the FER+ votes where a picture has them, 0-1.
        dropout: rate before the last layer.
        drop_connect: EfficientNet's stochastic depth at its last block.
        rotation: largest turn either way, degrees.
        zoom: largest change of scale either way, as a fraction.
        shift: largest move either way, as a fraction of the side.
        light: strength of contrast, brightness and gamma changes, 0-1.
        blur: share of pictures blurred as an unfocused camera would, 0-1.
        mirrored: whether the app reads each face twice, as it is and mirrored (no effect on training).
        erase: share of pictures in which a rectangle is painted over, 0-1.
        seed: of everything random.
    """

    architecture: str
    image_size: int
    epochs: int
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    label_smoothing: float = 0.0
    votes: float = 0.0
    dropout: float = 0.3
    drop_connect: float = 0.2
    rotation: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    light: float = 0.0
    blur: float = 0.0
    erase: float = 0.0
    mirrored: bool = False
    seed: int = 2013

    @property
    def contract(self) -> InputContract:
        """The input contract of the network that this recipe trains."""
        return InputContract(size=self.image_size, mirrored=self.mirrored)


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
    return Recipe(**values)
