"""Pictures of one run: its curves, its confusion matrix and how far its confidence can be trusted."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from emotions.labels import EMOTIONS
from errors import BadInputError
from training.metrics import Metrics

DPI: Final = 110
UNIT: Final = " %"
GREY: Final = "#666666"
# Okabe & Ito's blue and orange-red, which stay apart for colour-blind eyes. Dashes and squares tell them apart too.
BLUE: Final = "#0072B2"
RED: Final = "#D55E00"
TRAINING: Final[dict[str, Any]] = {"label": "training", "color": BLUE, "linestyle": "-", "marker": "o"}
VALIDATION: Final[dict[str, Any]] = {"label": "validation", "color": RED, "linestyle": "--", "marker": "s"}
HEAT: Final = "Blues"
# Where white ink gets a higher contrast than black on this colour map, by WCAG 2.2; both have over 4.5 there.
WHITE_FROM: Final = 0.715


@dataclass(frozen=True)
class Pass:
    """One pass over the Training rows; NaN where the log does not tell a value.

    Attributes:
        number: of the pass, from 1.
        accuracy: on the pictures trained on, as they were changed for training, 0-1.
        loss: of the same.
        val_accuracy: on the validation rows, 0-1.
        val_loss: of the same.
    """

    number: int
    accuracy: float
    loss: float
    val_accuracy: float
    val_loss: float


def read_passes(log: Path) -> tuple[Pass, ...]:
    """Read a run's ``log.csv``: one entry a pass, in order.

    Where a resumed run wrote a pass twice, the later row counts. A row that does not fit the
    header, as one cut off when a run was stopped, is left out.

    Raises:
        BadInputError: when there is no such file.
    """
    if not log.is_file():
        raise BadInputError(f"There is no log {log}.")
    passes: dict[int, Pass] = {}
    with log.open(newline="", encoding="utf-8", errors="replace") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    for row in rows:
        # By position: a row of another length, put under this header, would give wrong numbers.
        values = dict(zip(header, row, strict=True)) if len(row) == len(header) else {}
        if (epoch := values.get("epoch", "")).isdecimal():
            told = (_number(values.get(name, "")) for name in ("accuracy", "loss", "val_accuracy", "val_loss"))
            passes[int(epoch)] = Pass(int(epoch) + 1, *told)
    return tuple(passes[epoch] for epoch in sorted(passes))


def best_pass(passes: Sequence[Pass]) -> Pass | None:
    """The first pass with the highest validation accuracy, whose weights a run keeps; None where none is told."""
    told = [one for one in passes if not math.isnan(one.val_accuracy)]
    return max(told, key=lambda one: one.val_accuracy, default=None)


def draw_curves(log: Path, picture: Path) -> None:
    """Draw accuracy and loss by pass, training and validation, with the best pass marked.

    Args:
        log: a run's ``log.csv``.
        picture: the PNG to write.

    Raises:
        BadInputError: when the log holds no pass.
    """
    passes = read_passes(log)
    if not passes:
        raise BadInputError(f"The log {log} holds no full pass.")
    best = best_pass(passes)
    figure = Figure(figsize=(10, 4), layout="constrained")
    accuracy, loss = figure.subplots(1, 2)
    _draw_lines(accuracy, passes, "accuracy")
    accuracy.yaxis.set_major_formatter(PercentFormatter(xmax=1, symbol=UNIT))
    _draw_lines(loss, passes, "loss")
    if best:
        for axes in (accuracy, loss):
            axes.axvline(best.number, color=GREY, linestyle=":", zorder=0, label=f"best pass ({best.number})")
        accuracy.plot(best.number, best.val_accuracy, "o", color=RED, markersize=14, markerfacecolor="none")
        figure.suptitle(f"Best validation accuracy {100 * best.val_accuracy:.2f}{UNIT} in pass {best.number}")
    accuracy.legend(frameon=False)
    _save(figure, picture)


def draw_metrics(metrics: Metrics, folder: Path) -> None:
    """Draw what the metrics hold into a folder: ``confusion.png`` and ``reliability.png``."""
    if metrics.get("confusion"):
        draw_confusion(metrics, folder / "confusion.png")
    if metrics.get("reliability"):
        draw_reliability(metrics, folder / "reliability.png")


def draw_confusion(metrics: Metrics, picture: Path) -> None:
    """Draw how many faces of each emotion were taken for which, and their share of the emotion.

    Args:
        metrics: with ``confusion``, (7, 7) counts; row: true, column: taken for.
        picture: the PNG to write.

    Raises:
        BadInputError: when the metrics hold no confusion matrix.
    """
    if not metrics.get("confusion"):
        raise BadInputError("There is no confusion matrix in the metrics.")
    counts = np.asarray(metrics["confusion"], np.int64)
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    figure = Figure(figsize=(8.4, 7), layout="constrained")
    axes = figure.subplots()
    heat = axes.imshow(shares, cmap=HEAT, vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        told = f"{100 * share:.0f}{UNIT}" if totals[row] else "-"
        axes.text(
            column, row, f"{counts[row, column]}\n{told}",
            ha="center", va="center", color=ink_on(float(share)), fontweight="bold" if row == column else "normal",
        )  # fmt: skip
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS)
    names = [f"{emotion} ({total})" for emotion, total in zip(EMOTIONS, totals.ravel(), strict=True)]
    axes.set_yticks(range(len(EMOTIONS)), names)
    axes.set_xlabel("taken for")
    axes.set_ylabel("true emotion (faces)")
    axes.set_title("Counts, and shares of each true emotion")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(heat, ax=axes, format=PercentFormatter(xmax=1, symbol=UNIT), shrink=0.8)
    bar.set_label("share of the true emotion")
    _save(figure, picture)


def ink_on(share: float) -> str:
    """The colour that is read best on the heat map's cell of a share (0-1)."""
    return "white" if share > WHITE_FROM else "black"


def draw_reliability(metrics: Metrics, picture: Path) -> None:
    """Draw accuracy by confidence: on the diagonal, a confidence means what it says.

    Args:
        metrics: with ``reliability``, the bins of confidence that hold faces.
        picture: the PNG to write.

    Raises:
        BadInputError: when the metrics hold no such bins.
    """
    bins = metrics.get("reliability")
    if not bins:
        raise BadInputError("There are no bins of confidence in the metrics.")
    figure = Figure(figsize=(7.6, 7), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    _draw_gaps(above, bins)
    drawn = below.bar(**_places(bins), height=[one["count"] for one in bins], color=BLUE, edgecolor="white")
    below.bar_label(drawn, padding=2, fontsize=8)
    below.margins(y=0.2)
    below.set_ylabel("faces")
    below.set_xlabel("confidence: the highest of a face's scores")
    below.set_xlim(0, 1)
    below.xaxis.set_major_formatter(PercentFormatter(xmax=1, symbol=UNIT))
    below.spines[["top", "right"]].set_visible(False)
    error = metrics.get("calibration_error")
    told = "not measured" if error is None else f"{error:.4f}"
    above.set_title(f"Expected calibration error {told}")
    _save(figure, picture)


def _draw_gaps(axes: Axes, bins: Sequence[dict[str, float]]) -> None:
    places = _places(bins)
    accuracy = np.array([one["accuracy"] for one in bins])
    confidence = np.array([one["confidence"] for one in bins])
    axes.bar(**places, height=accuracy, color=BLUE, edgecolor="white", label="accuracy")
    axes.bar(
        **places, bottom=np.minimum(accuracy, confidence), height=np.abs(accuracy - confidence),
        color="none", edgecolor=RED, hatch="///", label="gap to the mean confidence",
    )  # fmt: skip
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", label="accuracy = confidence")
    axes.set_ylim(0, 1)
    axes.set_ylabel("accuracy")
    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, symbol=UNIT))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left")


def _places(bins: Sequence[dict[str, float]]) -> dict[str, Any]:
    return {
        "x": [one["low"] for one in bins],
        "width": [one["high"] - one["low"] for one in bins],
        "align": "edge",
    }


def _draw_lines(axes: Axes, passes: Sequence[Pass], name: str) -> None:
    numbers = [one.number for one in passes]
    axes.plot(numbers, [getattr(one, name) for one in passes], **TRAINING)
    axes.plot(numbers, [getattr(one, f"val_{name}") for one in passes], **VALIDATION)
    axes.set_xlabel("pass")
    axes.set_ylabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _number(text: str) -> float:
    """A finite number, else NaN: a loss that ran away can't be drawn."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _save(figure: Figure, picture: Path) -> None:
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, format="png", dpi=DPI)
