"""Show what an audit found: a text for the terminal, a page with tables and pictures."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotions.labels import EMOTIONS
from training.data import GREY_MAX, SIDE, FaceSet
from training.duplicates import NearPairs

Audit = dict[str, Any]

ALL: Final = "all"
SEED: Final = 2013
FACES_SHOWN: Final = 12
PAIRS_SHOWN: Final = 20
PAIRS_IN_A_ROW: Final = 4
ROWS_TOLD: Final = 40
GAP: Final = 4
CAPTION_WIDTH: Final = 150
# Okabe & Ito's colours, which stay apart for colour-blind eyes. Hatches tell the splits apart without any colour.
CLASS_COLOURS: Final = ("#D55E00", "#009E73", "#CC79A7", "#F0E442", "#56B4E9", "#E69F00", "#BBBBBB")
SPLIT_STYLES: Final = (("#0072B2", ""), ("#E69F00", "//"), ("#999999", ".."), ("#FFFFFF", "xx"))


def as_text(audit: Audit) -> str:
    """Lay an audit out for a terminal."""
    lines = [f"{'':10}" + "".join(f"{split:>10}" for split in audit["classes"])]
    lines += ["".join((f"{row[0]:10}", *(f"{count:>10}" for count in row[1:]))) for row in _class_rows(audit)]
    return "\n".join([*lines, "", *_sentences(audit)])


def write_page(faces: FaceSet, names: NDArray[np.str_], found: Audit, pairs: NearPairs, out: Path) -> None:
    """Write ``audit.md`` and its pictures.

    Args:
        faces: the set.
        names: ``(n,)`` the split of each face, as it is told.
        found: the findings.
        pairs: the near duplicates among them.
        out: folder for the files, made where there is none.
    """
    out.mkdir(parents=True, exist_ok=True)
    _draw_classes(found).savefig(out / "classes.png", bbox_inches="tight")
    _draw_samples(faces, found["classes"][ALL]).savefig(out / "samples.png", bbox_inches="tight")
    (out / "near_duplicates.png").unlink(missing_ok=True)
    if len(pairs):
        _draw_pairs(faces, names, pairs).savefig(out / "near_duplicates.png", bbox_inches="tight")
    (out / "audit.md").write_text(_page(found), encoding="utf-8")


def _draw_classes(found: Audit) -> Figure:
    figure = Figure(figsize=(14, 6), layout="constrained")
    bars, pie = figure.subplots(1, 2, width_ratios=(8, 6))
    _draw_bars(bars, {split: found["classes"][split] for split in found["splits"]})
    _draw_pie(pie, found["classes"][ALL])
    if found["missing"]:
        figure.supxlabel(fill("; ".join(found["missing"]), CAPTION_WIDTH), fontsize=10)
    return figure


def _draw_bars(axes: Axes, classes: dict[str, dict[str, int]]) -> None:
    width = 0.84 / len(classes)
    for index, (split, counts) in enumerate(classes.items()):
        colour, hatch = SPLIT_STYLES[index]
        places = np.arange(len(EMOTIONS)) + (index - (len(classes) - 1) / 2) * width
        drawn = axes.bar(places, list(counts.values()), width, label=split, color=colour, hatch=hatch, edgecolor="#333")
        axes.bar_label(drawn, padding=2, fontsize=9)
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set_ylabel("pictures")
    axes.set_title("Pictures of each class")
    axes.margins(y=0.08)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def _draw_pie(axes: Axes, counts: dict[str, int]) -> None:
    there = [index for index, emotion in enumerate(EMOTIONS) if counts[emotion]]
    values = [counts[EMOTIONS[index]] for index in there]
    axes.pie(
        values,
        labels=[f"{EMOTIONS[index]}\n{value / sum(values):.1%}" for index, value in zip(there, values, strict=True)],
        colors=[CLASS_COLOURS[index] for index in there],
        startangle=90,
        counterclock=False,
        wedgeprops={"edgecolor": "#333", "linewidth": 0.8},
    )
    axes.set_title("Share of each class, all splits together")


def _draw_samples(faces: FaceSet, counts: dict[str, int]) -> Figure:
    random = np.random.default_rng(SEED)
    sheet = np.full((len(EMOTIONS) * (SIDE + GAP), FACES_SHOWN * (SIDE + GAP)), GREY_MAX, np.uint8)
    for label in range(len(EMOTIONS)):
        rows = random.permutation(np.flatnonzero(faces.labels == label))[:FACES_SHOWN]
        for column, row in enumerate(rows):
            top, left = label * (SIDE + GAP), column * (SIDE + GAP)
            sheet[top : top + SIDE, left : left + SIDE] = faces.images[row]
    figure = Figure(figsize=(13.5, 7.5), layout="constrained")
    axes = figure.subplots()
    _show(axes, sheet)
    names = [f"{name}\n{count} pictures" if count else f"no picture of\n{name}" for name, count in counts.items()]
    axes.set_yticks([label * (SIDE + GAP) + SIDE / 2 for label in range(len(EMOTIONS))], names)
    axes.tick_params(length=0)
    axes.set_title("Random pictures of each class")
    return figure


def _draw_pairs(faces: FaceSet, names: NDArray[np.str_], pairs: NearPairs) -> Figure:
    # Evenly from the most alike to the least: the last ones show whether the threshold is right.
    chosen = np.unique(np.linspace(0, len(pairs) - 1, PAIRS_SHOWN).round().astype(int))
    lines = -(-len(chosen) // PAIRS_IN_A_ROW)
    figure = Figure(figsize=(3.4 * PAIRS_IN_A_ROW, 2.2 * lines + 0.5), layout="constrained")
    cells = figure.subplots(lines, PAIRS_IN_A_ROW, squeeze=False).ravel()
    for axes in cells:
        axes.set_axis_off()
    gap = np.full((SIDE, GAP), GREY_MAX, np.uint8)
    for axes, index in zip(cells, chosen, strict=False):
        rows = (pairs.first[index], pairs.second[index])
        _show(axes, np.hstack([faces.images[rows[0]], gap, faces.images[rows[1]]]))
        said = [f"{row} {names[row]}, {EMOTIONS[faces.labels[row]]}" for row in rows]
        mirrored = ", mirrored" if pairs.mirrored[index] else ""
        axes.set_title("\n".join([*said, f"correlation {pairs.correlation[index]:.4f}{mirrored}"]), fontsize=8)
    figure.suptitle(f"{len(chosen)} of {len(pairs)} pairs of near duplicates, the most alike first")
    return figure


def _show(axes: Axes, picture: NDArray[np.uint8]) -> None:
    axes.imshow(picture, cmap="gray", vmin=0, vmax=GREY_MAX, interpolation="nearest")
    axes.set_xticks([])
    axes.spines[:].set_visible(False)


def _class_rows(found: Audit) -> list[list[Any]]:
    rows = [[emotion, *(counts[emotion] for counts in found["classes"].values())] for emotion in EMOTIONS]
    return [*rows, ["sum", *(sum(counts.values()) for counts in found["classes"].values())]]


def _sentences(found: Audit) -> list[str]:
    flat, exact, near = found["flat"], found["exact"], found["near"]
    lines = [f"Missing: {'; '.join(found['missing'])}."] if found["missing"] else []
    lines += [
        f"Blank pictures: {len(flat['blank']['rows'])}{_split_up(flat['blank']['splits'])}; nearly constant ones "
        f"(deviation under {flat['nearly_constant_below']:g} grey levels): {len(flat['nearly_constant']['rows'])}"
        f"{_split_up(flat['nearly_constant']['splits'])}.",
        f"Exact duplicates: groups {exact['group_count']}, pictures in them {exact['pictures']}; "
        f"groups that lie in several splits {exact['groups_across_splits']}; "
        f"groups with different labels {exact['conflict_groups']}, pictures in them {exact['conflict_pictures']}.",
        f"Near duplicates (correlation from {near['correlation_from']:g}): pairs {near['pair_count']}, pictures in "
        f"them {near['pictures']}; inside a split {sum(near['inside'].values())}{_split_up(near['inside'])}; across "
        f"splits {sum(near['across'].values())}{_split_up(near['across'])}; mirrored {near['mirrored']}; "
        f"with different labels {near['conflicts']}, across splits {near['conflicts_across']} of them.",
    ]
    return lines + [
        f"Pictures of {row['pictures_of']} that also stand in {row['also_in']}: {row['exact']} exactly, "
        f"{row['near']} nearly, {row['either']} in one way or both."
        for row in found["seen_again"]
    ]


def _split_up(counts: dict[str, int]) -> str:
    return f" ({', '.join(f'{name} {count}' for name, count in counts.items())})" if counts.keys() - {ALL} else ""


def _page(found: Audit) -> str:
    flat = found["flat"]
    parts = [
        f"# Audit of {found['count']} faces",
        "A row is the number of a picture in the set, from 0. All rows stand in `audit.json`. "
        "The pictures show people: do not publish this page with a set that may not be published.",
        "## Classes",
        _table(["class", *found["classes"]], _class_rows(found)),
        "![Bars and shares of the classes](classes.png)",
        "![Random pictures of each class](samples.png)",
        "## Findings",
        "\n".join(f"- {sentence}" for sentence in _sentences(found)),
        f"Blank rows: {_told(flat['blank']['rows'])}. Nearly constant rows: {_told(flat['nearly_constant']['rows'])}. "
        "Blank pictures of the same grey are also exact duplicates of each other and counted there; "
        "neither kind is compared for near duplicates.",
    ]
    if found["seen_again"]:
        rows = [list(row.values()) for row in found["seen_again"]]
        parts += ["## In two splits", _table(["pictures of", "also in", "exactly", "nearly", "one or both"], rows)]
    if found["near"]["pair_count"]:
        parts += ["## Near duplicates", "![Pairs of near duplicates](near_duplicates.png)"]
    return "\n\n".join(parts) + "\n"


def _told(rows: list[int]) -> str:
    more = f" and {len(rows) - ROWS_TOLD} more" if len(rows) > ROWS_TOLD else ""
    return ", ".join(map(str, rows[:ROWS_TOLD])) + more if rows else "none"


def _table(head: Sequence[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
