"""A run's folder: what it is, how far it came, what came out of it."""

import json
import math
import platform
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from errors import BadInputError
from training.figures import best_pass, read_passes
from training.recipe import Recipe

if TYPE_CHECKING:  # a report needs neither Keras nor what imports it
    import keras

    from training.origins import Origin

RECIPE: Final = "recipe.json"
LOG: Final = "log.csv"
BEST: Final = "best.h5"
METRICS: Final = "metrics.json"
BACKUP: Final = "backup"


@dataclass(frozen=True)
class Progress:
    """How far a run came.

    Attributes:
        epochs: full passes that are done.
        best_accuracy: the best PublicTest accuracy among them, 0-1; None before the first.
    """

    epochs: int = 0
    best_accuracy: float | None = None


def begin(run: Path, recipe: Recipe, *, resume: bool) -> Progress:
    """Find out where a run starts: at its beginning, or where it stopped.

    Raises:
        BadInputError: when the folder holds a run and ``resume`` is not set, or the run is complete, or what it
            would go on from is gone.
    """
    progress = _progress(run / LOG)
    if not progress.epochs:
        run.mkdir(parents=True, exist_ok=True)
        return progress
    if not resume:
        raise BadInputError(f"{run} holds a run already. Go on with it by --resume, or name another folder.")
    if progress.epochs >= recipe.epochs:
        raise BadInputError(f"{run} is complete: {progress.epochs} of {recipe.epochs} passes are done.")
    if not (run / BACKUP).is_dir():
        raise BadInputError(f"{run} can't go on: its folder '{BACKUP}' is gone.")
    return progress


def _progress(log: Path) -> Progress:
    passes = read_passes(log) if log.is_file() else ()
    best = best_pass(passes)
    return Progress(passes[-1].number if passes else 0, best.val_accuracy if best else None)


def read_facts(run: Path) -> dict[str, Any]:
    """Read a run's ``recipe.json``.

    Raises:
        BadInputError: when the folder holds no run, or the file is damaged.
    """
    if not (run / RECIPE).is_file():
        raise BadInputError(f"{run} is no run folder: it holds no {RECIPE}.")
    facts = read_object(run / RECIPE)
    if not isinstance(facts.get("recipe"), dict):
        raise BadInputError(f"{run} is no run folder: its {RECIPE} names no recipe.")
    return facts


def read_object(file: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        BadInputError: when the file can't be read or holds something else.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"{file} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadInputError(f"{file} is damaged: it is no JSON.") from error
    if not isinstance(content, dict):
        raise BadInputError(f"{file} is damaged: it holds no JSON object.")
    return content


def describe(run: Path, recipe: Recipe, origin: "Origin", model: "keras.Model") -> None:
    """Write ``recipe.json``: all that is needed to repeat the run."""
    import keras  # noqa: PLC0415 - see above

    facts: dict[str, Any] = {
        "recipe": asdict(recipe),
        "origin": origin.names(),
        "parameters": {
            "total": model.count_params(),
            "trainable": sum(math.prod(weight.shape) for weight in model.trainable_weights),
        },
        "commit": _commit(),
        "keras": keras.__version__,
        "backend": keras.config.backend(),
        "precision": keras.config.dtype_policy().name,
        "python": platform.python_version(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    (run / RECIPE).write_text(json.dumps(facts, indent=2), encoding="utf-8")


def _commit() -> str:
    """The commit of the code, with "-dirty" behind it when files were changed since."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent
        )
    except OSError:  # no git: the code may have come as an archive
        return ""
    return done.stdout.strip()
