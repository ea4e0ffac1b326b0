"""What the routes work with; built by ``app.py``, found through the current app."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app

from camera import Camera
from emotions.classifier import EmotionClassifier, MissingClassifier
from faces import FaceAnalyser
from health import Health
from recommendations import Recommender

NO_CAMERA = Health("off", "This Moodwave has no camera; upload a picture or pick a mood.")
NO_SPOTIFY = Health("off", "No Spotify credentials are set; the curated catalogue answers.")


@dataclass(frozen=True)
class Parts:
    """Everything that the routes need, each built once.

    Attributes:
        classifier: scores faces.
        analyser: finds and reads faces in an upload.
        camera: the shared camera, or None where there is none.
        recommender: finds music.
        spotify: whether Spotify credentials are set.
        closing: stops a thread, lets go of a device or a database; called in this order at the end.
    """

    classifier: EmotionClassifier
    analyser: FaceAnalyser
    camera: Camera | None
    recommender: Recommender
    spotify: bool
    closing: tuple[Callable[[], None], ...]

    def health(self) -> dict[str, Health]:
        """State of each part, by name."""
        music = self.recommender.health()
        return {
            "model": self._model_health(),
            "camera": self.camera.health() if self.camera else NO_CAMERA,
            "catalogue": music["curated"],
            "spotify": music.get("spotify", NO_SPOTIFY),
        }

    def _model_health(self) -> Health:
        if isinstance(self.classifier, MissingClassifier):
            return Health("failing", str(self.classifier.reason))
        return Health("ok")

    def close(self) -> None:
        """Stop every thread and let go of every device."""
        for close in self.closing:
            close()


def parts() -> Parts:
    """The parts of the app that answers the current request."""
    return cast(Parts, current_app.extensions["moodwave"])
