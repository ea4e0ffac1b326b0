"""A model on disk: the ``.h5`` and the ``.json`` that says how to feed and read it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from emotions.labels import EMOTIONS
from emotions.prepare import InputContract
from errors import ModelError


@dataclass(frozen=True)
class Artefact:
    """A trained classifier's files.

    Attributes:
        weights: path of the ``.h5``.
        sha256: of the ``.h5``, lower-case hex.
        contract: how a face becomes its input.
    """

    weights: Path
    sha256: str
    contract: InputContract


def load_artefact(weights: Path) -> Artefact:
    """Read the description beside an ``.h5`` and check that the two belong together.

    Raises:
        ModelError: when a file is missing or damaged, or another label order is described.
    """
    description = weights.with_suffix(".json")
    try:
        facts = json.loads(description.read_text(encoding="utf-8"))
        labels, contract, expected = facts["labels"], InputContract(**facts["input"]), facts["sha256"]
        actual = sha256_of(weights)
    except OSError as error:
        raise ModelError(f"The model needs {weights.name} and {description.name} side by side: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{description.name} is damaged: {error!r}.") from error
    if tuple(labels) != EMOTIONS:
        raise ModelError(f"{description.name} lists the labels {labels}, expected {list(EMOTIONS)}.")
    if actual != expected:
        raise ModelError(f"{weights.name} has the sha-256 {actual}, but {description.name} says {expected}.")
    return Artefact(weights, actual, contract)


def sha256_of(path: Path) -> str:
    """Hash a file, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
