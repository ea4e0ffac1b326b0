"""``python -m training <command>``: train, measure and publish the classifiers of Moodwave."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from emotions.classifier import load_classifier
from errors import MoodwaveError
from training.data import FaceSet, load_faces

CACHE = Path(".cache")
MODEL = Path("models") / "efficientnetb3.h5"
CARD = Path("models") / "README.md"
THREADS = os.cpu_count() or 1
EXAMPLES = """a first day in the lab:
  python -m training audit fer2013.csv --out runs/audit          what is in the set, and what is wrong with it
  python -m training train cnn_webcam --data fer2013.csv --run runs/webcam
  python -m training report runs/* --out runs/report.html        runs side by side
  python -m training publish --run runs/webcam --model models/cnn_webcam.h5 --data fer2013.csv
  python -m training evaluate --model models/cnn_webcam.h5 --data fer2013.csv --corrupt
  python -m training predict face.jpg --model models/cnn_webcam.h5 --plot runs/plots
  MODEL=models/cnn_webcam.h5 python app.py                       the app with your model

Every command explains its options: python -m training train --help
KERAS_BACKEND=torch runs the lab on PyTorch, KERAS_BACKEND=tensorflow (the default) on TensorFlow.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = _parser().parse_args(words)
    try:
        arguments.command(arguments)
    except MoodwaveError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - a command line speaks by printing
        return 1
    except KeyboardInterrupt:
        print("Stopped. The same command with --resume goes on from the last full pass.", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, (words, add) in COMMANDS.items():
        add(commands.add_parser(name, help=words, description=words))
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, help=".npz with images and labels, fer2013.csv, or class folders"
    )


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="name of a recipe in training/recipes, or a .toml file")
    _add_data(parser)
    parser.add_argument("--run", type=Path, required=True, help="folder for all that the run makes")
    parser.add_argument("--resume", action="store_true", help="go on with the run in that folder")
    parser.add_argument(
        "--weights", help="include_top=False weights of the same backbone to start from, or 'imagenet' to download them"
    )
    parser.add_argument("--grow-from", type=Path, help="a trained smaller model (.h5) of the family to grow from")
    parser.add_argument("--seed", type=int, help="of everything random; default: the recipe's")
    parser.add_argument("--epochs", type=int, help="passes; default: the recipe's")
    parser.add_argument(
        "--precision",
        choices=["float32", "mixed_float16", "mixed_bfloat16"],
        default="float32",
        help="mixed ones are faster where a GPU has units for them; default: %(default)s",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes that change pictures; default: %(default)s")
    parser.add_argument("--lessons", type=Path, help="teachers' scores, from ensemble --lessons, for a taught recipe")
    parser.set_defaults(command=_train)


def _add_audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=Path, help=".npz with images and labels, fer2013.csv, or class folders")
    parser.add_argument("--out", type=Path, required=True, help="folder for audit.md, audit.json and the pictures")
    parser.set_defaults(command=_audit)


def _add_predict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="pictures with or without faces")
    parser.add_argument("--model", type=Path, default=MODEL, help="the .h5, its .json beside it; default: %(default)s")
    parser.add_argument("--plot", type=Path, help="folder for a picture of box, bars and Grad-CAM map a picture")
    parser.set_defaults(command=_predict)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="folders of runs")
    parser.add_argument("--out", type=Path, required=True, help="the page to write, .md or .html")
    parser.set_defaults(command=_report)


def _add_ensemble(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "models", type=Path, nargs="+", metavar="MODEL", help=".h5 files, each with its .json beside it"
    )
    _add_data(parser)
    parser.add_argument("--lessons", type=Path, help="also write their mean scores of the Training rows, a .npy")
    parser.add_argument("--json", type=Path, help="also write the metrics to this file")
    parser.set_defaults(command=_ensemble)


def _add_leak(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for leak.md and leak.json")
    parser.add_argument("--recipe", default="leak", help="a recipe or a .toml file; default: %(default)s")
    parser.add_argument("--rows", type=int, help="train on so many pictures only, drawn at random")
    parser.set_defaults(command=_leak)


def _add_publish(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run", type=Path, required=True, nargs="+", help="folders of the runs that led to the model, in order"
    )
    parser.add_argument("--model", type=Path, required=True, help="the .h5 to write")
    _add_data(parser)
    parser.set_defaults(command=_publish)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, help="the .h5, its .json beside it")
    _add_data(parser)
    parser.add_argument(
        "--split", choices=["public", "private", "test", "training", "all"], help="default: public if there, else all"
    )
    parser.add_argument("--runtime", choices=["keras", "litert"], default="keras", help="default: %(default)s")
    parser.add_argument("--corrupt", action="store_true", help="also on dark, blurred, noisy and JPEG-10 copies")
    parser.add_argument("--figures", type=Path, help="also draw the confusion matrix and reliability into this folder")
    parser.add_argument("--json", type=Path, help="also write the metrics to this file")
    parser.add_argument("--record", action="store_true", help="also write them into the model's .json")
    parser.set_defaults(command=_evaluate)


def _add_agree(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, help="the .h5, its .json beside it")
    _add_data(parser)
    parser.add_argument("--record", action="store_true", help="also write it into the model's .json")
    parser.set_defaults(command=_agree)


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, default=MODEL, help="the .h5, its .json beside it; default: %(default)s")
    parser.add_argument("--card", type=Path, default=CARD, help="the card to write into; default: %(default)s")
    parser.set_defaults(command=_card)


def _audit(arguments: argparse.Namespace) -> None:
    from training.audit import audit  # noqa: PLC0415 - heavy imports wait for the command that needs them
    from training.audit_page import as_text  # noqa: PLC0415

    print(as_text(audit(load_faces(arguments.data), arguments.out)))  # noqa: T201


def _train(arguments: argparse.Namespace) -> None:
    import keras  # noqa: PLC0415 - Keras takes seconds to import

    from training.origins import Origin  # noqa: PLC0415
    from training.recipe import load_recipe  # noqa: PLC0415
    from training.train import Places, train  # noqa: PLC0415

    keras.config.set_dtype_policy(arguments.precision)
    given = {knob: value for knob in ("seed", "epochs") if (value := getattr(arguments, knob)) is not None}
    recipe = replace(load_recipe(arguments.recipe), **given)
    origin = Origin(weights=arguments.weights, small=arguments.grow_from)
    places = Places(arguments.data, arguments.run, CACHE, arguments.workers, arguments.lessons)
    train(recipe, places, origin, resume=arguments.resume)


def _predict(arguments: argparse.Namespace) -> None:
    from training.predict import as_text, predict  # noqa: PLC0415 - see above

    print(as_text(predict(arguments.images, arguments.model, arguments.plot)))  # noqa: T201


def _report(arguments: argparse.Namespace) -> None:
    from training.report import report  # noqa: PLC0415 - see above

    report(arguments.runs, arguments.out)


def _ensemble(arguments: argparse.Namespace) -> None:
    from training.ensemble import mean_scores, save_lessons  # noqa: PLC0415 - see above
    from training.evaluate import as_text  # noqa: PLC0415
    from training.metrics import measure  # noqa: PLC0415

    faces = load_faces(arguments.data)
    classifiers = [load_classifier(model, "keras", CACHE, THREADS) for model in arguments.models]
    public = faces.split("public")
    metrics = measure(public.labels, mean_scores(classifiers, public))
    print(as_text(metrics))  # noqa: T201
    if arguments.json:
        arguments.json.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    if arguments.lessons:
        save_lessons(arguments.lessons, mean_scores(classifiers, faces.split("training")))


def _leak(arguments: argparse.Namespace) -> None:
    from training.leak import as_text, show_leak  # noqa: PLC0415 - see above
    from training.recipe import load_recipe  # noqa: PLC0415

    faces = load_faces(arguments.data)
    test = faces.split("private" if "private" in faces.splits else "public")
    training = faces.split("training").with_all_classes()
    leak = show_leak(load_recipe(arguments.recipe), training, test, arguments.out, arguments.rows)
    print(as_text(leak))  # noqa: T201


def _publish(arguments: argparse.Namespace) -> None:
    from training.publish import publish  # noqa: PLC0415 - see above

    publish(arguments.run, arguments.model, arguments.data)


def _evaluate(arguments: argparse.Namespace) -> None:
    from training.evaluate import as_text, evaluate, evaluate_corrupted  # noqa: PLC0415 - see above
    from training.figures import draw_metrics  # noqa: PLC0415
    from training.publish import record  # noqa: PLC0415

    everything = load_faces(arguments.data)
    faces = _chosen(everything, arguments.split)
    classifier = load_classifier(arguments.model, arguments.runtime, CACHE, THREADS)
    metrics = evaluate(classifier, faces, everything.split("training") if "training" in everything.splits else None)
    if arguments.corrupt:
        metrics["corrupted"] = evaluate_corrupted(classifier, faces, metrics["accuracy"])
    print(as_text(metrics))  # noqa: T201
    if arguments.figures:
        draw_metrics(metrics, arguments.figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    if arguments.record:
        record(arguments.model, "metrics", metrics)


def _agree(arguments: argparse.Namespace) -> None:
    from training.evaluate import agreement  # noqa: PLC0415 - see above
    from training.publish import record  # noqa: PLC0415

    faces = _chosen(load_faces(arguments.data), None)
    reference = load_classifier(arguments.model, "keras", CACHE, THREADS)
    served = load_classifier(arguments.model, "litert", CACHE, THREADS)
    share = agreement(reference, served, faces.images)
    print(f"same label on {share:.4%} of {len(faces)} faces")  # noqa: T201
    if arguments.record:
        record(arguments.model, "agreement", share)


def _card(arguments: argparse.Namespace) -> None:
    from training.card import write_measurements  # noqa: PLC0415 - see above
    from training.runs import read_object  # noqa: PLC0415

    write_measurements(arguments.card, read_object(arguments.model.with_suffix(".json")))


def _chosen(faces: FaceSet, split: str | None) -> FaceSet:
    if split is None:
        split = "public" if "public" in faces.splits else "all"
        print(f"split: {split}")  # noqa: T201
    return faces.split(split)


COMMANDS = {
    "audit": ("what is in a set: classes, duplicates, blanks, conflicting labels", _add_audit),
    "train": ("train a recipe on the Training rows, choosing on PublicTest", _add_train),
    "report": ("put runs side by side on one page", _add_report),
    "publish": ("make the app's .h5 and .json from a run", _add_publish),
    "evaluate": ("accuracy, F1, calibration, per-class table, confusion matrix", _add_evaluate),
    "agree": ("how often the app's graph and the .h5 give the same label", _add_agree),
    "card": ("write the measurements of a model into its card", _add_card),
    "predict": ("find the faces in pictures and tell their emotions", _add_predict),
    "ensemble": ("ask several models together; their mean may teach a single one", _add_ensemble),
    "leak": ("what oversampling before the split does to a validation figure", _add_leak),
}


if __name__ == "__main__":
    sys.exit(main())
