import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import cv2
import numpy as np
import pytest
from matplotlib import colormaps
from numpy.typing import NDArray

from emotions.labels import EMOTIONS
from errors import BadInputError
from training.figures import HEAT, draw_confusion, draw_curves, draw_metrics, draw_reliability, ink_on, read_passes
from training.report import report

RECIPE: dict[str, Any] = {"architecture": "cnn_4_5m", "image_size": 48, "epochs": 3, "batch_size": 128, "dropout": 0.25}
HEADER = "epoch,accuracy,loss,val_accuracy,val_loss"
LOG = [HEADER, "0,0.3,1.8,0.41,1.6", "1,0.5,1.4,0.5123,1.3", "2,0.6,1.1,0.5,1.35"]
CONFUSION = np.diag([10, 0, 30, 40, 50, 60, 70]) + np.eye(7, k=1, dtype=int)
PER_CLASS = {
    emotion: {"precision": 0.5 + index / 100, "recall": 0.4, "f1": 0.3111 + index / 100, "support": 1001 + index}
    for index, emotion in enumerate(EMOTIONS)
}
OLD: dict[str, Any] = {
    "count": 3589, "accuracy": 0.6553, "macro_f1": 0.6103, "log_loss": 0.949, "calibration_error": 0.0247,
    "per_class": PER_CLASS, "confusion": CONFUSION.tolist(),
}  # fmt: skip
NEW: dict[str, Any] = {
    **OLD,
    "accuracy_interval": [0.6397, 0.6709],
    "macro": {"precision": 0.6211, "recall": 0.6001, "f1": 0.6103},
    "weighted": {"precision": 0.6522, "recall": 0.6553, "f1": 0.6533},
    "reliability": [
        {"low": 0.4, "high": 0.5, "count": 1500, "confidence": 0.46, "accuracy": 0.5},
        {"low": 0.9, "high": 1.0, "count": 2089, "confidence": 0.97, "accuracy": 0.9},
    ],
    "without_training_pictures": {"count": 3000, "accuracy": 0.6432},
    "ferplus": {"count": 3100, "accuracy": 0.7789},
}
ENDINGS = pytest.mark.parametrize("ending", ["md", "html"])
Rows = list[list[str]]


def make_run(
    folder: Path, *, log: list[str] | None = None, metrics: dict[str, Any] | None = None, **knobs: object
) -> Path:
    folder.mkdir(parents=True)
    facts = {"recipe": {**RECIPE, **knobs}, "origin": {"small": "best.h5"}, "commit": "0123abc"}
    (folder / "recipe.json").write_text(json.dumps(facts), encoding="utf-8")
    if log is not None:
        (folder / "log.csv").write_text("\n".join(log) + "\n" * bool(log), encoding="utf-8")
    if metrics is not None:
        (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    return folder


def page(runs: list[Path], ending: str = "md") -> str:
    out = runs[0].parent / f"my page.{ending}"
    report(runs, out)
    return out.read_text(encoding="utf-8")


def tables(text: str) -> list[Rows]:
    if "<table" in text:
        found = re.findall(r"<table.*?</table>", text, re.DOTALL)
        rows = [re.findall(r"<tr>.*?</tr>", table, re.DOTALL) for table in found]
        return [[[html.unescape(c) for c in re.findall(r">([^<]*)</t[hd]>", r)] for r in table] for table in rows]
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    split = [[re.split(r"(?<!\\)\|", row)[1:-1] for row in table.splitlines()] for table in found]
    clean = [[[re.sub(r"\\(.)", r"\1", cell.strip()) for cell in row] for row in table] for table in split]
    return [[rows[0], *rows[2:]] for rows in clean]


def overview(text: str) -> list[dict[str, str]]:
    head, *rows = tables(text)[0]
    return [dict(zip(head, row, strict=True)) for row in rows]


def pictures(text: str) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text) + re.findall(r'<img src="([^"]+)" alt="[^"]+">', text)


def read(picture: Path) -> NDArray[np.uint8]:
    found = cv2.imread(str(picture))
    assert found is not None, picture
    return found.astype(np.uint8)


@ENDINGS
def test_what_a_run_did_and_what_was_measured_stand_in_one_row(tmp_path: Path, ending: str) -> None:
    run = make_run(tmp_path / "one", log=LOG, metrics=NEW, claim="0.6711 on the test set", claimed_accuracy=0.6711)
    facts = json.loads((run / "recipe.json").read_text())
    (run / "recipe.json").write_text(json.dumps(facts | {"parameters": {"total": 4500123, "trainable": 4499001}}))
    assert overview(page([run], ending)) == [
        {
            "run": "one",
            "architecture": "cnn_4_5m",
            "parameters": "4,500,123 (4,499,001 trainable)",
            "input, px": "48x48",
            "passes": "3 of 3",
            "best validation accuracy": "51.23 % in pass 2",
            "faces": "3,589",
            "accuracy": "65.53 % (63.97 to 67.09)",
            "macro-F1": "0.6103",
            "log loss": "0.9490",
            "calibration error": "0.0247",
            "accuracy without pictures also in training": "64.32 %",
            "FER+ agreement": "77.89 %",
            "the paper's claim": "0.6711 on the test set",
            "gap to the claim": "-1.58 points",
        }
    ]


@ENDINGS
def test_runs_stand_side_by_side_in_the_order_given(tmp_path: Path, ending: str) -> None:
    better = {**OLD, "per_class": {**PER_CLASS, "fear": {**PER_CLASS["fear"], "f1": 0.7654}}}
    runs = [make_run(tmp_path / "b", metrics=better), make_run(tmp_path / "a", metrics=OLD)]
    text = page(runs, ending)
    assert [row["run"] for row in overview(text)] == ["b", "a"]
    f1 = tables(text)[1]
    assert f1[0] == ["emotion", "b", "a"]
    assert f1[3] == ["fear", "0.7654", "0.3311"]
    assert f1[-1] == ["mean (macro-F1)", "0.6103", "0.6103"]


@ENDINGS
def test_each_emotion_is_told_with_its_support(tmp_path: Path, ending: str) -> None:
    rows = tables(page([make_run(tmp_path / "one", metrics=NEW)], ending))[-1]
    assert rows[0] == ["emotion", "precision", "recall", "F1", "support"]
    assert rows[2] == ["disgust", "0.5100", "0.4000", "0.3211", "1,002"]
    assert rows[8:] == [
        ["macro mean", "0.6211", "0.6001", "0.6103", "3,589"],
        ["weighted mean", "0.6522", "0.6553", "0.6533", "3,589"],
    ]


@ENDINGS
def test_only_knobs_that_differ_are_listed(tmp_path: Path, ending: str) -> None:
    # The first recipe does not name the optimizer; the default is what the second one says.
    runs = [make_run(tmp_path / "one"), make_run(tmp_path / "two", dropout=0.5, optimizer="adamw", flip=False)]
    text = page(runs, ending)
    assert tables(text)[1] == [["knob", "one", "two"], ["dropout", "0.25", "0.5"], ["flip", "true", "false"]]
    assert "batch" not in text


def test_a_claim_is_no_difference_and_equal_recipes_are_said_to_be_equal(tmp_path: Path) -> None:
    runs = [make_run(tmp_path / "one"), make_run(tmp_path / "two", claim="much", claimed_accuracy=0.9)]
    text = page(runs)
    assert "Nothing: all are the same." in text
    assert [row["the paper's claim"] for row in overview(text)] == ["none", "much"]
    assert [row["gap to the claim"] for row in overview(text)] == ["none", "not measured"]
    assert "one run only" in page(runs[:1])


@ENDINGS
def test_what_is_missing_is_told(tmp_path: Path, ending: str) -> None:
    bare, old = make_run(tmp_path / "bare"), make_run(tmp_path / "old", log=[], metrics=OLD)
    text = page([bare, old], ending)
    row, old_row = overview(text)
    assert row["parameters"] == "not told"
    assert {key for key, value in row.items() if value == "not measured"} == {
        "passes", "best validation accuracy", "faces", "accuracy", "macro-F1", "log loss", "calibration error",
        "accuracy without pictures also in training", "FER+ agreement",
    }  # fmt: skip
    assert old_row["accuracy"] == "65.53 %"
    assert "Not measured, because there is no log.csv: accuracy and loss by pass." in text
    assert "Not measured, because log.csv holds no full pass: accuracy and loss by pass." in text
    reliability = "reliability (accuracy by confidence)"
    assert f"because there is no metrics.json: confusion matrix with counts and shares, {reliability}, each" in text
    assert f"Not measured, because metrics.json does not hold it: {reliability}." in text
    assert len(pictures(text)) == 1
    assert len(tables(text)[-1]) == 1 + len(EMOTIONS)


def test_macro_f1_is_found_in_either_place_and_odd_values_are_not_measured(tmp_path: Path) -> None:
    metrics = {"macro": {"f1": 0.25}, "log_loss": float("nan"), "ferplus": None, "calibration_error": None}
    row = overview(page([make_run(tmp_path / "one", metrics=metrics)]))[0]
    assert row["macro-F1"] == "0.2500"
    assert row["log loss"] == row["FER+ agreement"] == row["calibration error"] == "not measured"


def test_sets_of_different_size_are_pointed_out(tmp_path: Path) -> None:
    runs = [make_run(tmp_path / "a", metrics=OLD), make_run(tmp_path / "b", metrics=OLD), make_run(tmp_path / "c")]
    assert "different numbers of faces" not in page(runs)
    runs.append(make_run(tmp_path / "d", metrics={**OLD, "count": 7178}))
    assert "different numbers of faces" in page(runs)


@ENDINGS
def test_every_picture_is_linked_beside_the_page_and_can_be_read(tmp_path: Path, ending: str) -> None:
    # Of the same name: neither run may paint over the other's pictures.
    runs = [make_run(tmp_path / side / "one", log=LOG, metrics=NEW) for side in ("left", "right")]
    out = tmp_path / "new folder" / f"my page.{ending}"
    report(runs, out)
    text = out.read_text(encoding="utf-8")
    assert [row["run"] for row in overview(text)] == ["one (1)", "one (2)"]
    links = pictures(text)
    assert len(set(links)) == 6
    for link in links:
        assert unquote(link).startswith("my page_files/")
        assert " " not in link
        assert read(out.parent / unquote(link)).std() > 10


@ENDINGS
def test_signs_in_names_and_claims_show_as_they_are(tmp_path: Path, ending: str) -> None:
    name, claim = "a|b <i>&_c_", 'about 67 % | "*<script>*"\n& more'
    text = page([make_run(tmp_path / name, log=LOG, metrics=OLD, claim=claim)], ending)
    row = overview(text)[0]
    assert row["run"] == name
    assert " ".join(row["the paper's claim"].split()) == " ".join(claim.split())
    assert not re.search(r"(?<!\\)<(script|i)>", text)
    assert pictures(text)


def test_the_html_page_is_complete_and_needs_no_other_file_for_its_looks(tmp_path: Path) -> None:
    text = page([make_run(tmp_path / "one", log=LOG, metrics=NEW)], "html")
    assert text.startswith("<!doctype html>")
    assert "prefers-color-scheme: dark" in text
    assert "<link" not in text
    assert "<script" not in text
    assert "http" not in text
    assert len(re.findall("<th", text)) == len(re.findall('<th scope="(?:row|col)"|<thead', text))
    for tag in ("table", "thead", "tbody", "tr", "td", "th", "div", "p", "h1", "h2"):
        assert len(re.findall(f"<{tag}[ >]", text)) == text.count(f"</{tag}>"), tag


@pytest.mark.parametrize("file", ["recipe.json", "metrics.json"])
@pytest.mark.parametrize("content", ['{"recipe": ', "[]", "\udcff"])
def test_a_damaged_file_is_named_and_nothing_is_written(tmp_path: Path, file: str, content: str) -> None:
    run = make_run(tmp_path / "one", metrics=NEW)
    (run / file).write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadInputError, match=rf"one.{file} is damaged: it .*\.$"):
        report([run], tmp_path / "page.md")
    assert list(tmp_path.iterdir()) == [run]


def test_what_is_no_run_folder_is_named(tmp_path: Path) -> None:
    run = make_run(tmp_path / "one")
    (run / "recipe.json").write_text('{"recipe": "efficientnetb3"}')
    for folder in (run, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadInputError, match=rf"^{re.escape(str(folder))} is no run folder: .*\.$"):
            report([folder], tmp_path / "page.md")


@pytest.mark.parametrize("name", ["page.txt", "page", "page.md.pdf"])
def test_a_page_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInputError, match=rf"^A report is a \.md or \.html file, not {name}\.$"):
        report([make_run(tmp_path / "one")], tmp_path / name)


def test_a_report_on_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no run"):
        report([], tmp_path / "page.md")


def test_of_a_pass_logged_twice_the_later_row_counts(tmp_path: Path) -> None:
    twice = [*LOG[:3], "1,0.55,1.3,0.45,1.5", LOG[3], "3,0.6,1.1,0.4"]
    once = [HEADER, LOG[1], "1,0.55,1.3,0.45,1.5", LOG[3]]
    runs = [make_run(tmp_path / name, log=log) for name, log in (("twice", twice), ("once", once), ("first", LOG))]
    assert [one.number for one in read_passes(runs[0] / "log.csv")] == [1, 2, 3]
    rows = overview(page(runs))
    assert [row["best validation accuracy"] for row in rows] == [
        "50.00 % in pass 3",
        "50.00 % in pass 3",
        "51.23 % in pass 2",
    ]
    assert rows[0]["passes"] == "3 of 3"
    drawn = [read(tmp_path / "my page_files" / f"run{number}" / "curves.png") for number in (1, 2, 3)]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_columns_are_found_by_name_and_of_equal_passes_the_first_is_best(tmp_path: Path) -> None:
    log = ["epoch,learning_rate,val_accuracy,seconds", "0,0.1,0.2,9", "1,0.1,0.7,9", "2,0.1,0.7,9"]
    run = make_run(tmp_path / "one", log=log, epochs=10)
    row = overview(page([run]))[0]
    assert row["best validation accuracy"] == "70.00 % in pass 2"
    assert row["passes"] == "3 of 10"


def test_a_loss_that_ran_away_is_drawn_without_it(tmp_path: Path) -> None:
    run = make_run(tmp_path / "one", log=[*LOG[:2], "1,nan,nan,nan,inf"])
    text = page([run])
    assert overview(text)[0]["best validation accuracy"] == "41.00 % in pass 1"
    assert len(pictures(text)) == 1


def test_without_values_there_is_no_picture(tmp_path: Path) -> None:
    picture, log = tmp_path / "x.png", tmp_path / "log.csv"
    with pytest.raises(BadInputError, match="There is no log"):
        draw_curves(log, picture)
    log.write_text(HEADER + "\n")
    with pytest.raises(BadInputError, match="no full pass"):
        draw_curves(log, picture)
    with pytest.raises(BadInputError, match="no confusion matrix"):
        draw_confusion({}, picture)
    with pytest.raises(BadInputError, match="no bins"):
        draw_reliability(OLD, picture)
    assert not picture.exists()


def test_every_number_of_a_bin_and_of_the_matrix_shows_in_its_picture(tmp_path: Path) -> None:
    first, *others = NEW["reliability"]
    changes: list[dict[str, Any]] = [{"low": 0.3}, {"count": 1400}, {"confidence": 0.42}, {"accuracy": 0.55}]
    variants = [{}, {"calibration_error": 0.1}, {"confusion": CONFUSION.T.tolist()}]
    variants += [{"reliability": [{**first, **change}, *others]} for change in changes]
    for number, variant in enumerate(variants):
        draw_metrics({**NEW, **variant}, tmp_path / str(number))
    drawn = [
        {name: read(tmp_path / str(number) / f"{name}.png") for name in ("confusion", "reliability")}
        for number in range(len(variants))
    ]
    same = [[name for name in drawn[0] if np.array_equal(drawn[0][name], one[name])] for one in drawn[1:]]
    assert same == [["confusion"], ["reliability"], *[["confusion"]] * len(changes)]


def test_only_what_the_metrics_hold_is_drawn(tmp_path: Path) -> None:
    draw_metrics(OLD, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["confusion.png"]


@pytest.mark.parametrize("share", np.linspace(0, 1, 51).tolist())
def test_the_ink_of_the_heat_map_can_be_read_on_every_cell(share: float) -> None:
    levels = np.array(colormaps[HEAT](share)[:3])
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    contrast = 1.05 / (luminance + 0.05) if ink_on(share) == "white" else (luminance + 0.05) / 0.05
    assert contrast >= 4.5
