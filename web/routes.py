"""The addresses of the app."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from camera import Camera
from emotions.labels import EMOTIONS, UNKNOWN
from emotions.tracker import mood_of
from errors import BadInputError, CameraError
from faces import decode_picture
from recommendations import WISHES
from web.answers import face_json, mood_json, recommendation_json, snapshot_json
from web.parts import NO_CAMERA, parts

pages = Blueprint("pages", __name__)

BOUNDARY: Final = "frame"
# Spotify is not among them: the catalogue stands in for it.
NEEDED: Final = ("model", "camera", "catalogue")
DEFAULT_LIMIT: Final = 10


@pages.get("/")
def index() -> ResponseReturnValue:
    """The page."""
    return render_template(
        "index.html",
        emotions=EMOTIONS,
        wishes=WISHES,
        has_camera=parts().camera is not None,
        spotify=parts().spotify,
        max_upload=request.max_content_length,
    )


@pages.get("/video_feed")
def video_feed() -> ResponseReturnValue:
    """The shared camera's pictures, as ``multipart/x-mixed-replace`` JPEG parts."""
    jpegs = _camera().jpegs()
    # The first part is waited for here, so that a failure still becomes a status.
    first = next(jpegs)
    response = Response(_multipart(first, jpegs), mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
    response.call_on_close(jpegs.close)  # type: ignore[attr-defined]  # jpegs is a generator
    return response


@pages.get("/api/mood")
def mood() -> ResponseReturnValue:
    """The steady mood in front of the shared camera."""
    return jsonify(snapshot_json(_camera().latest(), time.monotonic()))


@pages.get("/api/recommendations")
def recommendations() -> ResponseReturnValue:
    """Tracks for a mood; without ``emotion``, for the mood in front of the camera."""
    emotion = request.args.get("emotion") or _current_emotion()
    wish = request.args.get("wish") or None
    return jsonify(recommendation_json(parts().recommender.recommend(emotion, wish, _limit())))


@pages.post("/api/analyze")
def analyze() -> ResponseReturnValue:
    """Faces and mood of one picture, sent as form field ``image`` or as the raw body; nothing is kept."""
    upload = request.files.get("image")
    data = upload.read() if upload else request.get_data()
    if not data:
        raise BadInputError("Send one picture, as the form field 'image' or as the body of the request.")
    picture = decode_picture(data)
    analysis = parts().analyser.analyse(picture.image)
    found = mood_of(analysis.leading_scores, time.monotonic())
    return jsonify({"faces": [face_json(face, picture.reduction) for face in analysis.faces], "mood": mood_json(found)})


@pages.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is alive."""
    return jsonify({"status": "ok"})


@pages.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Each part's state and reason; 503 when one is failing that has no stand-in."""
    states = parts().health()
    ready = all(states[name].state != "failing" for name in NEEDED)
    return jsonify({"ready": ready, "parts": {name: asdict(health) for name, health in states.items()}}), (
        200 if ready else 503
    )


def _camera() -> Camera:
    camera = parts().camera
    if camera is None:
        raise CameraError(NO_CAMERA.reason)
    return camera


def _current_emotion() -> str:
    camera = parts().camera
    emotion = camera.latest().mood.emotion if camera else UNKNOWN
    if emotion == UNKNOWN:
        raise BadInputError(f"No mood is known yet. Name one with emotion=: {', '.join(EMOTIONS)}.")
    return emotion


def _limit() -> int:
    text = request.args.get("limit") or str(DEFAULT_LIMIT)
    if not text.isdecimal():
        raise BadInputError(f"limit must be a whole number, not '{text}'.")
    return int(text)


def _multipart(first: bytes, jpegs: Iterator[bytes]) -> Iterator[bytes]:
    yield f"--{BOUNDARY}\r\n".encode() + _part(first)
    yield from map(_part, jpegs)


def _part(jpeg: bytes) -> bytes:
    """One part with the boundary behind it: a browser shows a part when it sees its end."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()
