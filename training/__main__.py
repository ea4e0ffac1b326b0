"""``python -m training <command>``: train, measure and publish the classifiers of Moodwave."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from emotions.classifier import load_classifier
from errors import DatasetError, MoodwaveError
from training.data import FaceSet, load_faces

CACHE = Path(".cache")
THREADS = os.cpu_count() or 1
EXAMPLES = """examples:
  python -m training train efficientnetb3 --data fer2013.csv --run runs/b3
  python -m training publish --run runs/b3 --model models/efficientnetb3.h5 --data fer2013.csv
  python -m training evaluate --model models/efficientnetb3.h5 --data fer2013.csv
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
        print("Stopped. The same command goes on from the last full pass.", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_train(commands.add_parser("train", help="train a recipe on the Training rows, choosing on PublicTest"))
    _add_publish(commands.add_parser("publish", help="make the app's .h5 and .json from a run"))
    _add_evaluate(commands.add_parser("evaluate", help="accuracy, macro-F1, per-class table, confusion matrix"))
    _add_agree(commands.add_parser("agree", help="how often the app's graph and the .h5 give the same label"))
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, help=".npz with images and labels, fer2013.csv, or class folders"
    )


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="name of a recipe in training/recipes, or a .toml file")
    _add_data(parser)
    parser.add_argument("--run", type=Path, required=True, help="folder for all that the run makes; goes on if begun")
    parser.add_argument("--weights", type=Path, help="include_top=False weights of the same backbone to start from")
    parser.add_argument("--grow-from", type=Path, help="a trained smaller model (.h5) of the family to grow from")
    parser.set_defaults(command=_train)


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
    parser.add_argument("--json", type=Path, help="also write the metrics to this file")
    parser.add_argument("--record", action="store_true", help="also write them into the model's .json")
    parser.set_defaults(command=_evaluate)


def _add_agree(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, help="the .h5, its .json beside it")
    _add_data(parser)
    parser.set_defaults(command=_agree)


def _train(arguments: argparse.Namespace) -> None:
    from training.recipe import load_recipe  # noqa: PLC0415 - Keras takes seconds to import
    from training.train import Origin, train  # noqa: PLC0415

    origin = Origin(weights=arguments.weights, small=arguments.grow_from)
    train(load_recipe(arguments.recipe), arguments.data, arguments.run, origin)


def _publish(arguments: argparse.Namespace) -> None:
    from training.publish import publish  # noqa: PLC0415 - see above

    publish(arguments.run, arguments.model, arguments.data)


def _evaluate(arguments: argparse.Namespace) -> None:
    from training.evaluate import as_text, evaluate  # noqa: PLC0415 - see above
    from training.publish import record  # noqa: PLC0415

    faces = _chosen(arguments.data, arguments.split)
    classifier = load_classifier(arguments.model, arguments.runtime, CACHE, THREADS)
    metrics = evaluate(classifier, faces, _training_rows(arguments.data))
    print(as_text(metrics))  # noqa: T201
    if arguments.json:
        arguments.json.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    if arguments.record:
        record(arguments.model, metrics)


def _agree(arguments: argparse.Namespace) -> None:
    from training.evaluate import agreement  # noqa: PLC0415 - see above

    faces = _chosen(arguments.data, None)
    reference = load_classifier(arguments.model, "keras", CACHE, THREADS)
    served = load_classifier(arguments.model, "litert", CACHE, THREADS)
    print(f"same label on {agreement(reference, served, faces.images):.4%} of {len(faces)} faces")  # noqa: T201


def _chosen(data: Path, split: str | None) -> FaceSet:
    faces = load_faces(data)
    if split is None:
        split = "public" if "public" in faces.splits else "all"
        print(f"split: {split}")  # noqa: T201
    return faces.split(split)


def _training_rows(data: Path) -> FaceSet | None:
    try:
        return load_faces(data, "training")
    except DatasetError:
        return None


if __name__ == "__main__":
    sys.exit(main())
