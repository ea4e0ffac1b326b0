"""Tell the emotions of the faces in picture files, as the app would, and draw what the network saw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import Final

import keras
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter
from numpy.typing import NDArray

from emotions.classifier import load_classifier, network_inputs
from emotions.labels import EMOTIONS
from emotions.prepare import InputContract, prepare
from errors import BadImageError, BadInputError, TooLargeError
from faces import STILL, Face, FaceAnalyser, FaceDetector, decode_picture, draw_faces
from faces.picture import MAX_PIXELS, Picture
from training.figures import BLUE, DPI, GREY, UNIT
from training.gradcam import GradCam

MAX_BYTES: Final = 8 * MAX_PIXELS
"""Bytes of the largest picture that is read: the most pixels, unpacked, in four channels of 16 bits."""
MOST_DRAWN: Final = 4
NO_FACE: Final = "No face was found."
ROW_INCHES: Final = 3.2
ROW_WIDTH_INCHES: Final = 13.0
WIDTHS: Final = (1.3, 1.0, 1.2, 1.0)
"""Of the columns, to each other: picture, crop, scores, Grad-CAM."""
UNIT_SQUARE: Final = (0.0, 1.0, 1.0, 0.0)
"""Where crop and map are drawn, so that one covers the other whatever their sizes."""
SMALL: Final = 9
HEAT: Final = "viridis"
HEAT_OPACITY: Final = 0.55


@dataclass(frozen=True)
class Prediction:
    """What was found in one file.

    Attributes:
        image: the file.
        faces: its faces, largest first; boxes in px of the upright original.
        problem: why it could not be read, a sentence; None where it could.
        plot: the PNG that was drawn of it, if one was.
    """

    image: Path
    faces: tuple[Face, ...] = ()
    problem: str | None = None
    plot: Path | None = None


@dataclass(frozen=True)
class Explained:
    """One face with what the network saw of it.

    Attributes:
        face: box, px of the picture that was searched, and scores.
        crop: ``(detail, detail)`` uint8 grey, 0-255, what is left of the face before it is enlarged for the network.
        heat: ``(h, w)`` float32, 0-1, its Grad-CAM map for the emotion with the highest score.
    """

    face: Face
    crop: NDArray[np.uint8]
    heat: NDArray[np.float32]


def predict(images: Sequence[Path], model: Path, plots: Path | None) -> list[Prediction]:
    """Find the faces of picture files and read them with the app's own search, crops and classifier.

    A file that can't be read is told in its prediction, and the others go on.

    Args:
        images: JPEG, PNG, WebP, BMP or GIF files.
        model: the ``.h5``, its ``.json`` beside it.
        plots: folder for one PNG a picture, or None. The files given in ``images`` are never written over.

    Returns:
        One prediction a file, in their order.

    Raises:
        BadInputError: when no file at all could be read, or the folder can't be written to.
        ModelError: when the model's files are missing or damaged, or lack a map for Grad-CAM.
    """
    # Folder and threads are for LiteRT; Keras needs neither.
    classifier = load_classifier(model, "keras", cache=model.parent, threads=1)
    analyser = FaceAnalyser(FaceDetector(STILL), classifier)
    cam = GradCam(keras.models.load_model(model, compile=False)) if plots else None
    predictions = []
    for image, plot in zip(images, _plots(images, plots), strict=True):
        try:
            picture = _read(image)
        except BadInputError as error:
            predictions.append(Prediction(image, problem=str(error)))
            continue
        faces = analyser.analyse(picture.image).faces
        if plot and cam:
            explained = [_explain(face, picture.image, cam, classifier.contract) for face in faces[:MOST_DRAWN]]
            _save(_draw(_title(image, len(faces)), picture.image, explained), plot)
        in_original = tuple(replace(face, box=face.box.scaled(picture.reduction)) for face in faces)
        predictions.append(Prediction(image, in_original, plot=plot))
    if all(prediction.problem for prediction in predictions):
        raise BadInputError(f"No picture could be read.\n{as_text(predictions)}")
    return predictions


def as_text(predictions: Sequence[Prediction]) -> str:
    """Lay predictions out for a terminal."""
    return "\n".join(line for prediction in predictions for line in (str(prediction.image), *_lines(prediction)))


def _lines(prediction: Prediction) -> list[str]:
    if prediction.problem:
        return [f"  {prediction.problem}"]
    lines = [
        f"  {face.emotion:10}{_percent(face.confidence):>7}   box: left {face.box.x}, top {face.box.y}, "
        f"{face.box.w} x {face.box.h} px"
        for face in prediction.faces
    ] or [f"  {NO_FACE}"]
    return [*lines, f"  drawn in {prediction.plot}"] if prediction.plot else lines


def _read(image: Path) -> Picture:
    try:
        with image.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadImageError(f"This file can't be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        raise TooLargeError(f"This file has more than {MAX_BYTES // 1_000_000} million bytes.")
    return decode_picture(data)


def _plots(images: Sequence[Path], folder: Path | None) -> list[Path | None]:
    """The PNG for each picture: no two alike, and none of them a picture that is read."""
    if folder is None:
        return [None] * len(images)
    taken = {image.resolve() for image in images}
    plots: list[Path | None] = []
    for image in images:
        names = (f"{image.stem}{number}.png" for number in chain([""], (f"-{number}" for number in count(2))))
        plot = next(folder / name for name in names if (folder / name).resolve() not in taken)
        taken.add(plot.resolve())
        plots.append(plot)
    return plots


def _explain(face: Face, image: NDArray[np.uint8], cam: GradCam, contract: InputContract) -> Explained:
    crop = [face.box.crop(image)]
    heat = cam.heat_map(network_inputs(prepare(crop, contract), contract), int(face.scores.argmax()))
    small = prepare(crop, InputContract(contract.detail, channels=1, detail=contract.detail))
    return Explained(face, small[0, :, :, 0].astype(np.uint8), heat)


def _draw(title: str, image: NDArray[np.uint8], explained: Sequence[Explained]) -> Figure:
    """Draw a picture ``(h, w, 3)`` BGR: a row for each face, or the picture alone."""
    if not explained:
        figure = Figure(figsize=(ROW_INCHES, ROW_INCHES), layout="constrained")
        _draw_picture(figure.subplots(), image)
    else:
        figure = Figure(figsize=(ROW_WIDTH_INCHES, ROW_INCHES * len(explained)), layout="constrained")
        table = figure.subplots(len(explained), 4, squeeze=False, width_ratios=WIDTHS)
        for (picture, crop, scores, heat), one in zip(table, explained, strict=True):
            _draw_picture(picture, draw_faces(image, [one.face]))
            _draw_crop(crop, one)
            _draw_scores(scores, one.face)
            _draw_heat(figure, heat, one)
    # A file name may hold dollar signs, which would be taken for mathematics.
    figure.suptitle(title, parse_math=False)
    return figure


def _draw_picture(axes: Axes, image: NDArray[np.uint8]) -> None:
    axes.imshow(image[:, :, ::-1])
    axes.set_axis_off()


def _draw_crop(axes: Axes, one: Explained) -> None:
    axes.imshow(one.crop, cmap="gray", vmin=0, vmax=255, extent=UNIT_SQUARE)
    axes.set_title("{} x {} px, as read".format(*one.crop.shape[::-1]), fontsize=SMALL)
    axes.set_axis_off()


def _draw_scores(axes: Axes, face: Face) -> None:
    colours = [BLUE if emotion == face.emotion else GREY for emotion in EMOTIONS]
    bars = axes.barh(EMOTIONS, face.scores, color=colours)
    axes.bar_label(bars, labels=[_percent(float(score)) for score in face.scores], padding=3, fontsize=SMALL)
    axes.invert_yaxis()
    # Room for the number beside a bar of 100 %.
    axes.set_xlim(0, 1.25)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_title("scores", fontsize=SMALL)
    axes.set_box_aspect(WIDTHS[1] / WIDTHS[2])


def _draw_heat(figure: Figure, axes: Axes, one: Explained) -> None:
    axes.imshow(one.crop, cmap="gray", vmin=0, vmax=255, extent=UNIT_SQUARE)
    heat = axes.imshow(one.heat, cmap=HEAT, vmin=0, vmax=1, alpha=HEAT_OPACITY, extent=UNIT_SQUARE)
    bar = figure.colorbar(heat, ax=axes, shrink=0.8, ticks=[0, 1], format=FixedFormatter(["none", "most"]))
    bar.ax.tick_params(length=0, labelsize=SMALL)
    told = "what speaks" if one.heat.any() else "nothing speaks"
    axes.set_title(f"Grad-CAM: {told} for {one.face.emotion}", fontsize=SMALL)
    axes.set_axis_off()


def _percent(share: float) -> str:
    return f"{100 * share:.1f}{UNIT}"


def _title(image: Path, found: int) -> str:
    if not found:
        return f"{image.name}: {NO_FACE}"
    drawn = f", the {MOST_DRAWN} largest drawn" if found > MOST_DRAWN else ""
    return f"{image.name}: {found} face{'s' * (found > 1)}{drawn}"


def _save(figure: Figure, plot: Path) -> None:
    try:
        plot.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(plot, format="png", dpi=DPI)
    except OSError as error:
        raise BadInputError(f"{plot} can't be written: {error.strerror}.") from error
