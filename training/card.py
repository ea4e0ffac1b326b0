"""The measurements of a model card, written from the model's own description, so that the two can't disagree."""

from pathlib import Path
from typing import Any, Final

from errors import BadInputError
from training.pages import Paragraph, Table, as_markdown

HEADING: Final = "## Measurements"
WORDS: Final = {
    "dark": "darkened (gamma 2.5)",
    "blur": "blurred (sigma 1.5 px)",
    "noise": "noisy (sigma 15)",
    "jpeg": "JPEG of quality 10",
}


def write_measurements(card: Path, description: dict[str, Any]) -> None:
    """Replace all from the heading "Measurements" on by what ``evaluate --record`` and ``agree --record`` found.

    Args:
        card: a Markdown file that has the heading.
        description: the model's ``.json``.

    Raises:
        BadInputError: when the card has no such heading, or nothing was recorded yet.
    """
    text = card.read_text(encoding="utf-8")
    if HEADING not in text:
        raise BadInputError(f"{card} has no heading '{HEADING}'.")
    if not description["metrics"]:
        raise BadInputError("The model was not measured yet: run evaluate with --record.")
    kept = text[: text.index(HEADING)]
    card.write_text(f"{kept}{HEADING}\n\n{_measurements(description)}", encoding="utf-8")


def _measurements(description: dict[str, Any]) -> str:
    metrics = description["metrics"]
    views = (
        "Each face is read twice, as it is and mirrored, and the scores are averaged, as in the app."
        if description["input"]["mirrored"]
        else "Each face is read once."
    )
    about = (
        f"PublicTest of FER2013, {metrics['count']:,} pictures. {views} PublicTest also chose the best pass and set "
        "the temperature, so these figures flatter a little; the test rows (PrivateTest) were not read."
    )
    repeat = (
        "Repeat with 'evaluate --corrupt' and 'agree' of 'python -m training'; the confusion matrix is printed there "
        "and stands in the json file beside the model. This section is written by 'python -m training card'."
    )
    per_class = tuple(
        (emotion, *(f"{row[name]:.3f}" for name in ("precision", "recall", "f1")), str(row["support"]))
        for emotion, row in metrics["per_class"].items()
    )
    return as_markdown(
        [
            Paragraph(about),
            Table(("measure", "value"), tuple(_figures(description))),
            Table(("", "precision", "recall", "F1", "pictures"), per_class, numbers=True),
            Paragraph(repeat),
        ]
    )


def _figures(description: dict[str, Any]) -> list[tuple[str, str]]:
    metrics = description["metrics"]
    low, high = metrics["accuracy_interval"]
    rows = [("accuracy (95 % interval)", f"{_percent(metrics['accuracy'])} ({100 * low:.1f} to {_percent(high, 1)})")]
    if single := metrics.get("single_view"):
        rows.append(("accuracy with one view", _percent(single["accuracy"])))
    if fresh := metrics.get("without_training_pictures"):
        copies = metrics["count"] - fresh["count"]
        words = f"accuracy without the {copies} pictures that also stand in Training"
        rows.append((words, f"{_percent(fresh['accuracy'])} ({fresh['count']:,} pictures)"))
    if people := metrics.get("ferplus"):
        words = f"agrees with most of ten people (FER+, {people['count']:,} pictures on which one emotion leads)"
        rows.append((words, _percent(people["accuracy"])))
    rows += [
        ("macro-F1", f"{metrics['macro_f1']:.3f}"),
        ("log loss", f"{metrics['log_loss']:.3f}"),
        ("expected calibration error (15 bins)", f"{metrics['calibration_error']:.3f}"),
    ]
    rows += [
        (f"accuracy on copies: {WORDS[kind]}", f"{_percent(row['accuracy'])} ({row['lost_points']:.1f} points less)")
        for kind, row in metrics.get("corrupted", {}).items()
    ]
    if "agreement" in description:
        rows.append(("same label from the app's LiteRT graph and the .h5", _percent(description["agreement"])))
    return rows


def _percent(share: float, digits: int = 2) -> str:
    return f"{100 * share:.{digits}f} %"
