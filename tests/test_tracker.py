import numpy as np
import pytest
from numpy.typing import NDArray

from emotions.labels import EMOTIONS, UNKNOWN
from emotions.tracker import Mood, MoodTracker, mood_of


def scores(emotion: str, share: float = 0.9) -> NDArray[np.float32]:
    row = np.full(7, (1 - share) / 6, np.float32)
    row[EMOTIONS.index(emotion)] = share
    return row


def feed(tracker: MoodTracker, emotion: str | None, start: float, seconds: float, share: float = 0.9) -> Mood:
    """Show one emotion (or nobody) at 10 pictures a second."""
    for tick in range(round(seconds * 10) + 1):
        mood = tracker.update(scores(emotion, share) if emotion else None, start + tick / 10)
    return mood


def test_at_first_the_mood_is_unknown() -> None:
    assert MoodTracker().update(None, 0.0).emotion == UNKNOWN


def test_a_mood_appears_after_about_a_second() -> None:
    tracker = MoodTracker()
    assert feed(tracker, "happy", 0, 0.8).emotion == UNKNOWN
    assert feed(tracker, "happy", 0.9, 0.3).emotion == "happy"


def test_a_short_flicker_changes_nothing() -> None:
    tracker = MoodTracker()
    feed(tracker, "happy", 0, 2)
    assert feed(tracker, "sad", 2.1, 0.7).emotion == "happy"
    assert feed(tracker, "happy", 2.9, 1).emotion == "happy"


def test_a_lasting_change_is_followed() -> None:
    tracker = MoodTracker()
    feed(tracker, "happy", 0, 2)
    mood = feed(tracker, "sad", 2.1, 3)
    assert mood.emotion == "sad"
    assert 2.1 < mood.since < 4.5


def test_a_lead_that_is_not_clear_changes_nothing() -> None:
    tracker = MoodTracker()
    feed(tracker, "happy", 0, 2)
    row = np.full(7, 0.02, np.float32)
    row[EMOTIONS.index("happy")], row[EMOTIONS.index("sad")] = 0.42, 0.48
    for tick in range(100):
        mood = tracker.update(row, 2.1 + tick / 10)
    assert mood.emotion == "happy"


def test_a_face_that_is_gone_for_a_moment_keeps_its_mood() -> None:
    tracker = MoodTracker()
    feed(tracker, "happy", 0, 2)
    assert feed(tracker, None, 2.1, 1.5).emotion == "happy"


def test_without_a_face_for_two_seconds_the_mood_is_unknown() -> None:
    tracker = MoodTracker()
    feed(tracker, "happy", 0, 2)
    mood = feed(tracker, None, 2.1, 2.1)
    assert mood == Mood(UNKNOWN, (0.0,) * 7, 0.0, mood.since)
    assert mood.since == pytest.approx(4.0, abs=0.2)


def test_somebody_new_is_not_mixed_with_who_was_there_before() -> None:
    tracker = MoodTracker()
    feed(tracker, "happy", 0, 2)
    feed(tracker, None, 2.1, 3)
    mood = feed(tracker, "sad", 6, 1.2)
    assert mood.emotion == "sad"
    assert mood.confidence == pytest.approx(0.9, abs=0.01)


def test_a_single_picture_has_the_mood_of_its_scores() -> None:
    assert mood_of(scores("fear"), 1.0).emotion == "fear"
    assert mood_of(None, 1.0).emotion == UNKNOWN
