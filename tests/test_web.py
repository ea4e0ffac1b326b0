import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from PIL import Image

from app import create_app
from config import Settings
from emotions.labels import EMOTIONS
from tests.conftest import MakeCamera
from tests.fakes.capture import FakeCapture
from tests.fakes.classifier import FakeClassifier
from tests.test_camera import PortraitCapture, wait_until

MakeClient = Callable[[Callable[[], FakeCapture]], FlaskClient]


@pytest.fixture
def watching(settings: Settings, make_camera: MakeCamera) -> MakeClient:
    """Build the app with a camera; ``make_camera`` closes it."""

    def make(capture: Callable[[], FakeCapture]) -> FlaskClient:
        camera = make_camera(lambda source: capture())
        return create_app(settings, classifier=FakeClassifier(), camera=camera).test_client()

    return make


def test_the_page_opens_with_a_strict_policy(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert b"<script>" not in answer.data
    assert b"style=" not in answer.data


def test_a_picture_is_analysed(client: FlaskClient, portrait_jpeg: bytes) -> None:
    answer = client.post("/api/analyze", data={"image": (io.BytesIO(portrait_jpeg), "me.jpg")})
    (face,) = answer.json["faces"]  # type: ignore[index]
    assert answer.json["mood"]["emotion"] == "happy"  # type: ignore[index]
    assert list(face["scores"]) == list(EMOTIONS)
    assert len(face["box"]) == 4
    assert sum(face["scores"].values()) == pytest.approx(1, abs=0.01)


def test_a_picture_may_be_the_raw_body(client: FlaskClient, portrait_jpeg: bytes) -> None:
    answer = client.post("/api/analyze", data=portrait_jpeg, content_type="image/jpeg")
    assert answer.json["mood"]["emotion"] == "happy"  # type: ignore[index]


def test_a_picture_without_a_face_has_an_unknown_mood(client: FlaskClient) -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "navy").save(file, "PNG")
    answer = client.post("/api/analyze", data=file.getvalue(), content_type="image/png")
    assert answer.json == {
        "faces": [],
        "mood": {"emotion": "unknown", "scores": dict.fromkeys(EMOTIONS, 0.0), "confidence": 0.0},
    }


@pytest.mark.parametrize(
    ("method", "path", "data", "status", "code"),
    [
        ("POST", "/api/analyze", b"", 400, "bad_input"),
        ("POST", "/api/analyze", b"no picture", 415, "not_an_image"),
        ("POST", "/api/analyze", b"0" * 10_000_001, 413, "too_large"),
        ("GET", "/api/analyze", b"", 405, "method_not_allowed"),
        ("GET", "/api/recommendations?emotion=hungry", b"", 400, "bad_input"),
        ("GET", "/api/recommendations?emotion=sad&wish=dance", b"", 400, "bad_input"),
        ("GET", "/api/recommendations?emotion=sad&limit=many", b"", 400, "bad_input"),
        ("GET", "/api/recommendations?emotion=sad&limit=0", b"", 400, "bad_input"),
        ("GET", "/api/recommendations?emotion=sad&limit=1000", b"", 400, "bad_input"),
        ("GET", "/api/recommendations", b"", 400, "bad_input"),
        ("GET", "/video_feed", b"", 503, "no_camera"),
        ("GET", "/api/mood", b"", 503, "no_camera"),
        ("GET", "/nowhere", b"", 404, "not_found"),
    ],
)
def test_bad_input_gets_a_status_a_code_and_a_sentence(
    client: FlaskClient, method: str, path: str, data: bytes, status: int, code: str
) -> None:
    answer = client.open(path, method=method, data=data, content_type="application/octet-stream")
    assert answer.status_code == status
    assert set(answer.json) == {"error"}  # type: ignore[arg-type]
    assert set(answer.json["error"]) == {"code", "message"}  # type: ignore[index]
    assert answer.json["error"]["code"] == code  # type: ignore[index]
    assert answer.json["error"]["message"].endswith(".")  # type: ignore[index]


def test_a_form_without_a_picture_is_bad_input(client: FlaskClient) -> None:
    answer = client.post("/api/analyze", data={"other": "field"}, content_type="multipart/form-data")
    assert answer.status_code == 400


def test_people_who_browse_to_nowhere_get_a_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_an_unexpected_error_shows_no_traceback(app: Flask) -> None:
    app.add_url_rule("/broken", view_func=lambda: str(1 / 0))
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal"  # type: ignore[index]
    assert b"ZeroDivision" not in answer.data


def test_uploads_are_never_spooled_to_a_file(app: Flask) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="big.jpg"\r\n\r\n'
    body = head + b"0" * 2_000_000 + b"\r\n--x--\r\n"
    with app.test_request_context("/", method="POST", data=body, content_type="multipart/form-data; boundary=x"):
        assert isinstance(request.files["image"].stream, io.BytesIO)
        assert len(request.files["image"].read()) == 2_000_000


def test_a_foreign_host_name_is_refused(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "127.0.0.1:5000"}).status_code == 200


def test_music_for_a_mood_picked_by_hand(client: FlaskClient) -> None:
    answer = client.get("/api/recommendations?emotion=sad&wish=lift&limit=8").json
    assert answer is not None
    assert len(answer["tracks"]) == 8
    assert (answer["source"], answer["degraded"], answer["reason"]) == ("curated", False, "")
    assert {"title", "artist", "year", "url", "embed_url", "artwork_url"} <= set(answer["tracks"][0])
    assert answer["plan"]["wish"] == "lift"


def test_ready_lists_each_part(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    states = {name: part["state"] for name, part in answer.json["parts"].items()}  # type: ignore[index]
    assert states == {"model": "ok", "camera": "off", "catalogue": "ok", "spotify": "off"}


def test_without_a_model_the_app_still_gives_music(settings: Settings) -> None:
    client = create_app(replace(settings, model=settings.cache_dir / "none.h5")).test_client()
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "none.h5" in ready.json["parts"]["model"]["reason"]  # type: ignore[index]
    assert client.get("/").status_code == 200
    assert len(client.get("/api/recommendations?emotion=happy").json["tracks"]) == 10  # type: ignore[index]


def test_without_a_model_a_picture_is_answered_with_the_reason(settings: Settings, portrait_jpeg: bytes) -> None:
    client = create_app(replace(settings, model=settings.cache_dir / "none.h5")).test_client()
    answer = client.post("/api/analyze", data=portrait_jpeg, content_type="image/jpeg")
    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "model"  # type: ignore[index]


def test_the_stream_sends_jpeg_parts(watching: MakeClient) -> None:
    answer = watching(FakeCapture).get("/video_feed", buffered=False)
    assert answer.mimetype == "multipart/x-mixed-replace"
    parts = [next(answer.response) for _ in range(3)]  # type: ignore[call-overload]
    answer.close()
    assert all(b"Content-Type: image/jpeg" in part for part in parts)
    assert len({*parts}) == 3


def test_the_mood_in_front_of_the_camera_brings_music(watching: MakeClient) -> None:
    watched = watching(PortraitCapture)
    assert wait_until(lambda: watched.get("/api/mood").json["emotion"] == "happy", 5)  # type: ignore[index]
    mood = watched.get("/api/mood").json
    assert mood is not None
    assert set(mood) == {"emotion", "scores", "confidence", "faces", "frame", "age_ms", "source"}
    assert mood["age_ms"] < 1000
    assert watched.get("/api/recommendations").json["plan"]["emotion"] == "happy"  # type: ignore[index]
