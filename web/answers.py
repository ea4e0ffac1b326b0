"""Values of the other rooms as the JSON that the page reads."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from camera import Snapshot
from emotions.labels import EMOTIONS
from emotions.tracker import Mood
from faces import Face
from recommendations import Recommendation

Json = dict[str, Any]


def scores_json(scores: Sequence[float]) -> Json:
    """Seven scores by label, 0-1, rounded to a tenth of a per mille."""
    return {emotion: round(float(score), 4) for emotion, score in zip(EMOTIONS, scores, strict=True)}


def face_json(face: Face, reduction: float = 1.0) -> Json:
    """One face: box ``[x, y, w, h]`` in px of the original, its emotion and scores.

    Args:
        face: what was found.
        reduction: how many times larger the original is than the picture that was searched.
    """
    box = face.box.scaled(reduction)
    return {"box": [box.x, box.y, box.w, box.h], "emotion": face.emotion, "scores": scores_json(list(face.scores))}


def mood_json(mood: Mood) -> Json:
    """A mood: emotion or "unknown", scores and confidence."""
    return {"emotion": mood.emotion, "scores": scores_json(mood.scores), "confidence": round(mood.confidence, 4)}


def snapshot_json(snapshot: Snapshot, now: float) -> Json:
    """The camera's newest mood.

    Args:
        snapshot: what the camera published.
        now: monotonic time, s.
    """
    return {
        **mood_json(snapshot.mood),
        "faces": [face_json(face) for face in snapshot.faces],
        "frame": snapshot.frame_number,
        "age_ms": round((now - snapshot.taken_at) * 1000),
        "source": "camera",
    }


def recommendation_json(recommendation: Recommendation) -> Json:
    """Tracks, where they come from, and the plan behind them."""
    return asdict(recommendation)
