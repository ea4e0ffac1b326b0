"""Put runs side by side on one page, Markdown or HTML: what they did, how they differ and what was measured."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from emotions.labels import EMOTIONS
from errors import BadInputError
from training.figures import Pass, best_pass, draw_curves, draw_metrics, read_passes
from training.metrics import Metrics
from training.pages import Block, Heading, Paragraph, Picture, Table, as_html, as_markdown
from training.recipe import Recipe
from training.runs import LOG, METRICS, read_facts, read_object

TITLE: Final = "Runs side by side"
NOT_MEASURED: Final = "not measured"
NOT_TOLD: Final = "not told"
CLAIMS: Final = ("claim", "claimed_accuracy")
DEFAULTS: Final = {knob.name: knob.default for knob in fields(Recipe) if knob.default is not MISSING}
FACTS: Final = ("started", "commit", "keras", "backend", "precision", "python")
PARTS: Final = {
    "curves": "accuracy and loss by pass",
    "confusion": "confusion matrix with counts and shares",
    "reliability": "reliability (accuracy by confidence)",
    "per_class": "each emotion",
}


@dataclass(frozen=True)
class Run:
    """What a run folder holds.

    Attributes:
        name: of the folder, with a number behind it where two are called alike.
        folder: the folder.
        facts: of ``recipe.json``.
        passes: of ``log.csv``; empty where there is none, or no full pass.
        metrics: of ``metrics.json``; empty where there is none.
    """

    name: str
    folder: Path
    facts: dict[str, Any]
    passes: tuple[Pass, ...]
    metrics: Metrics

    @property
    def recipe(self) -> dict[str, Any]:
        """The knobs that ``recipe.json`` names."""
        recipe: dict[str, Any] = self.facts["recipe"]
        return recipe

    def knob(self, name: str) -> Any:  # noqa: ANN401 - a knob may be of any kind
        """A knob's value, or its default where an older recipe lacks it."""
        return self.recipe.get(name, DEFAULTS.get(name, NOT_TOLD))

    def measured(self, *path: str) -> object:
        """The value at a path of keys in the metrics; None where a key is missing."""
        return _inside(self.metrics, *path)


def report(runs: Sequence[Path], out: Path) -> None:
    """Write a page that puts runs side by side, and its pictures into a folder beside it.

    Args:
        runs: run folders, each with a ``recipe.json``; ``log.csv`` and ``metrics.json`` may be missing.
        out: the page, ``.md`` or ``.html``; pictures go to ``<stem>_files`` beside it.

    Raises:
        BadInputError: when a path is no run folder, one of its files is damaged, or the ending is another.
    """
    if out.suffix.lower() not in (".md", ".html"):
        raise BadInputError(f"A report is a .md or .html file, not {out.name}.")
    if not runs:
        raise BadInputError("There is no run to report on.")
    blocks = _page(_load(runs), out)
    page = as_markdown(blocks) if out.suffix.lower() == ".md" else as_html(TITLE, blocks)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")


def _load(folders: Sequence[Path]) -> list[Run]:
    names = [folder.resolve().name for folder in folders]
    return [
        _run(folder, name if names.count(name) == 1 else f"{name} ({number})")
        for number, (folder, name) in enumerate(zip(folders, names, strict=True), start=1)
    ]


def _run(folder: Path, name: str) -> Run:
    log, metrics = folder / LOG, folder / METRICS
    facts = read_facts(folder)
    passes = read_passes(log) if log.is_file() else ()
    return Run(name, folder, facts, passes, read_object(metrics) if metrics.is_file() else {})


def _page(runs: Sequence[Run], out: Path) -> list[Block]:
    blocks: list[Block] = [
        Heading(TITLE, 1),
        Paragraph(
            "A run keeps the weights of the pass with the best validation accuracy. What stands from the column "
            "'faces' on comes from metrics.json; brackets hold the 95 % interval of the accuracy."
        ),
        _overview(runs),
    ]
    if len({run.measured("count") for run in runs if run.metrics}) > 1:
        blocks.append(Paragraph("The runs were measured on different numbers of faces: compare with care."))
    blocks += [Heading("What differs between the recipes", 2), *_differences(runs)]
    blocks += [Heading("F1 of each emotion", 2), _f1_side_by_side(runs)]
    for number, run in enumerate(runs, start=1):
        blocks += _details(run, out, number)
    return blocks


def _overview(runs: Sequence[Run]) -> Table:
    columns: dict[str, Callable[[Run], str]] = {
        "run": lambda run: run.name,
        "architecture": lambda run: _plain(run.knob("architecture")),
        "parameters": _parameters,
        "input, px": lambda run: "{0}x{0}".format(_plain(run.knob("image_size"))),
        "passes": _passes,
        "best validation accuracy": _best,
        "faces": lambda run: _told(run.measured("count"), _count),
        "accuracy": _accuracy,
        "macro-F1": lambda run: _told(_macro_f1(run), _fine),
        "log loss": lambda run: _told(run.measured("log_loss"), _fine),
        "calibration error": lambda run: _told(run.measured("calibration_error"), _fine),
        "accuracy without pictures also in training": lambda run: _told(
            run.measured("without_training_pictures", "accuracy"), _percent
        ),
        "FER+ agreement": lambda run: _told(run.measured("ferplus", "accuracy"), _percent),
        "the paper's claim": lambda run: _plain(run.recipe.get("claim") or "none"),
        "gap to the claim": _gap,
    }
    return Table(tuple(columns), tuple(tuple(cell(run) for cell in columns.values()) for run in runs))


def _parameters(run: Run) -> str:
    total, trainable = (_inside(run.facts, "parameters", key) for key in ("total", "trainable"))
    if total is None:
        return NOT_TOLD
    return _told(total, _count) + ("" if trainable is None else f" ({_told(trainable, _count)} trainable)")


def _passes(run: Run) -> str:
    planned = run.recipe.get("epochs")
    return NOT_MEASURED if not run.passes else f"{len(run.passes)}" + (f" of {planned}" if planned else "")


def _best(run: Run) -> str:
    best = best_pass(run.passes)
    return f"{_percent(best.val_accuracy)} in pass {best.number}" if best else NOT_MEASURED


def _accuracy(run: Run) -> str:
    told, interval = _told(run.measured("accuracy"), _percent), run.measured("accuracy_interval")
    if not isinstance(interval, list):
        return told
    return f"{told} ({' to '.join(_told(end, lambda share: f'{100 * share:.2f}') for end in interval)})"


def _macro_f1(run: Run) -> object:
    return run.metrics.get("macro_f1", run.measured("macro", "f1"))


def _gap(run: Run) -> str:
    claimed, accuracy = run.recipe.get("claimed_accuracy"), run.measured("accuracy")
    if not claimed:
        return "none"
    return _told(accuracy, lambda share: f"{100 * (share - claimed):+.2f} points")


def _differences(runs: Sequence[Run]) -> list[Block]:
    knobs = dict.fromkeys(name for run in runs for name in run.recipe if name not in CLAIMS)
    rows = []
    for name in knobs:
        values = [run.knob(name) for run in runs]
        if any(value != values[0] for value in values):
            rows.append((name, *map(_plain, values)))
    if not rows:
        return [Paragraph("Nothing: there is one run only." if len(runs) == 1 else "Nothing: all are the same.")]
    return [
        Table(("knob", *(run.name for run in runs)), tuple(rows)),
        Paragraph("A knob that an older recipe does not name stands here with its default."),
    ]


def _f1_side_by_side(runs: Sequence[Run]) -> Table:
    rows = [
        (emotion, *(_told(run.measured("per_class", emotion, "f1"), _fine) for run in runs)) for emotion in EMOTIONS
    ]
    rows.append(("mean (macro-F1)", *(_told(_macro_f1(run), _fine) for run in runs)))
    return Table(("emotion", *(run.name for run in runs)), tuple(rows), numbers=True)


def _details(run: Run, out: Path, number: int) -> list[Block]:
    """A run's own section; its pictures are drawn here."""
    # A number, not the name: two runs may be called alike, and a name may hold what no address can.
    folder = out.with_name(f"{out.stem}_files") / f"run{number}"
    if run.passes:
        draw_curves(run.folder / LOG, folder / "curves.png")
    draw_metrics(run.metrics, folder)
    missing = _missing(run)
    link = quote(f"{folder.parent.name}/{folder.name}")
    blocks: list[Block] = [Heading(run.name, 2), Paragraph(_facts(run))]
    shown = [part for part in ("curves", "confusion", "reliability") if part not in missing]
    blocks += [Picture(f"{link}/{part}.png", f"{run.name}: {PARTS[part]}") for part in shown]
    for reason in dict.fromkeys(missing.values()):
        parts = ", ".join(PARTS[part] for part, why in missing.items() if why == reason)
        blocks.append(Paragraph(f"{NOT_MEASURED.capitalize()}, because {reason}: {parts}."))
    return blocks if "per_class" in missing else [*blocks, Heading("Each emotion", 3), _per_class(run)]


def _missing(run: Run) -> dict[str, str]:
    """The parts of a run's section for which nothing was measured, and why."""
    parts = {}
    if not run.passes:
        has_log = (run.folder / LOG).is_file()
        parts["curves"] = "log.csv holds no full pass" if has_log else "there is no log.csv"
    why = "metrics.json does not hold it" if run.metrics else "there is no metrics.json"
    return parts | {part: why for part in ("confusion", "reliability", "per_class") if not run.measured(part)}


def _facts(run: Run) -> str:
    told = [f"{name} {_plain(run.facts[name])}" for name in FACTS if run.facts.get(name)]
    if isinstance(origin := run.facts.get("origin"), dict):
        told.append(f"first weights {', '.join(map(_plain, origin.values())) or 'random'}")
    return "; ".join(told) or f"When and with what it ran: {NOT_TOLD}."


def _per_class(run: Run) -> Table:
    rows: dict[str, tuple[str, ...]] = {emotion: ("per_class", emotion) for emotion in EMOTIONS}
    rows |= {f"{mean} mean": (mean,) for mean in ("macro", "weighted") if run.measured(mean)}
    return Table(
        ("emotion", "precision", "recall", "F1", "support"),
        tuple(
            (
                words,
                *(_told(run.measured(*path, measure), _fine) for measure in ("precision", "recall", "f1")),
                _told(run.measured(*path, "support") if words in EMOTIONS else run.measured("count"), _count),
            )
            for words, path in rows.items()
        ),
        numbers=True,
    )


def _inside(content: object, *path: str) -> object:
    for key in path:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _told(value: object, form: Callable[[float], str]) -> str:
    return form(value) if isinstance(value, int | float) and math.isfinite(value) else NOT_MEASURED


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _fine(value: float) -> str:
    return f"{value:.4f}"


def _count(value: float) -> str:
    return f"{value:,}"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
