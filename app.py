"""The app: builds the parts once, hands them to the routes, serves the page."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dotenv import load_dotenv
from flask import Flask

from camera import Camera
from config import Settings, read_settings
from emotions.classifier import EmotionClassifier, MissingClassifier, load_classifier
from errors import ModelError, MoodwaveError
from faces import LIVE, STILL, FaceAnalyser, FaceDetector
from recommendations import CuratedProvider, Provider, Recommender, SpotifyProvider
from storage import Store
from utils import WebcamReader, quiet_opencv, resolve_source
from web.errors import register_errors
from web.parts import Parts
from web.routes import pages
from web.security import PrivateRequest, secure
from web.server import serve

log = logging.getLogger(__name__)

HERE = Path(__file__).parent


def create_app(
    settings: Settings | None = None,
    *,
    classifier: EmotionClassifier | None = None,
    camera: Camera | None = None,
    recommender: Recommender | None = None,
) -> Flask:
    """Build the app. Nothing happens at import; what is not given is built from the settings.

    Args:
        settings: everything that can be set; read from the environment when not given.
        classifier: scores faces.
        camera: the shared camera.
        recommender: finds music.

    Raises:
        MoodwaveError: when the settings make no sense.
    """
    settings = settings or read_settings()
    app = Flask(__name__, template_folder=HERE / "templates", static_folder=HERE / "static")
    app.request_class = PrivateRequest
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_mb * 1_000_000
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    classifier = classifier or _build_classifier(settings)
    live = FaceAnalyser(FaceDetector(LIVE), classifier)
    camera = camera or _build_camera(settings, live)
    store = Store(settings.database_url)
    recommender = recommender or _build_recommender(settings, store)
    app.extensions["moodwave"] = Parts(
        classifier=classifier,
        analyser=FaceAnalyser(FaceDetector(STILL), classifier),
        camera=camera,
        recommender=recommender,
        spotify=settings.spotify,
        closing=(*([camera.close] if camera else []), recommender.close, store.close),
    )
    secure(app, settings.host, settings.trusted_hosts)
    register_errors(app)
    app.register_blueprint(pages)
    return app


def _build_classifier(settings: Settings) -> EmotionClassifier:
    try:
        return load_classifier(settings.model, settings.model_runtime, settings.cache_dir, settings.inference_threads)
    except ModelError as error:
        # Without a classifier the page still gives music for a mood picked by hand.
        log.error("No classifier: %s", error)
        return MissingClassifier(error)


def _build_camera(settings: Settings, analyser: FaceAnalyser) -> Camera | None:
    source = resolve_source(settings.source)
    if source is None:
        log.info("No camera: upload a picture or pick a mood on the page.")
        return None
    return Camera(lambda: WebcamReader(source), analyser, max_viewers=settings.max_viewers)


def _build_recommender(settings: Settings, store: Store) -> Recommender:
    providers: list[Provider] = [CuratedProvider()]
    if settings.spotify:
        spotify = SpotifyProvider(
            settings.spotipy_client_id,
            settings.spotipy_client_secret,
            market=settings.spotify_market,
            memory=store,
        )
        providers.insert(0, spotify)
    return Recommender(providers)


def main(words: Sequence[str] | None = None) -> int:
    """Start the app from the command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    load_dotenv(HERE / ".env")
    quiet_opencv()
    try:
        settings = _with_arguments(read_settings(), words)
        print("Moodwave is starting; the first start prepares the model, about 40 seconds.", flush=True)  # noqa: T201
        serve(create_app(settings), settings.host, settings.port)
    except MoodwaveError as error:
        print(f"Moodwave can't start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _with_arguments(settings: Settings, words: Sequence[str] | None) -> Settings:
    parser = argparse.ArgumentParser(description="Moodwave: a webcam reads the mood on a face and music follows it.")
    parser.add_argument("--source", default=settings.source, help="auto, none, a device index, a video file or a URL")
    parser.add_argument("--host", default=settings.host, help="address to listen on (default %(default)s)")
    parser.add_argument("--port", default=settings.port, type=int, help="port to listen on (default %(default)s)")
    arguments = parser.parse_args(words)
    return replace(settings, **vars(arguments))


if __name__ == "__main__":
    # A camera or a graph that hangs in foreign code must not keep the process alive.
    status = main()
    logging.shutdown()
    os._exit(status)
