"""One steady mood out of many flickering scores."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotions.labels import EMOTIONS, UNKNOWN

NO_SCORES: Final = (0.0,) * len(EMOTIONS)


@dataclass(frozen=True)
class Mood:
    """What a face has shown for a while.

    Attributes:
        emotion: one of ``EMOTIONS``, or ``UNKNOWN`` when nobody is seen.
        scores: seven smoothed scores in the order of ``EMOTIONS``, 0-1; zeros when unknown.
        confidence: the smoothed score of ``emotion``, 0-1.
        since: monotonic time at which ``emotion`` began, s.
    """

    emotion: str
    scores: tuple[float, ...]
    confidence: float
    since: float


@dataclass(frozen=True)
class Steadiness:
    """How calm the mood is.

    Attributes:
        smoothing: time constant of the exponential average over scores, s.
        lead: by how much a new emotion's score must lead the present one's, 0-1.
        hold: for how long it must lead before the mood changes, s.
        forget: after how long without a face the mood becomes unknown, s.
    """

    smoothing: float = 0.5
    lead: float = 0.1
    hold: float = 1.0
    forget: float = 2.0


class MoodTracker:
    """Smooths scores over time and changes its mind only after a clear lead. For one thread.

    Args:
        steadiness: how calm to be.
    """

    def __init__(self, steadiness: Steadiness = Steadiness()) -> None:  # noqa: B008 - frozen
        self._calm = steadiness
        self._average: NDArray[np.float64] | None = None
        self._seen_at = -math.inf
        self._challenger = UNKNOWN
        self._leads_since = 0.0
        self._emotion = UNKNOWN
        self._since = -math.inf

    def update(self, scores: NDArray[np.float32] | None, now: float) -> Mood:
        """Take the newest scores into account.

        Args:
            scores: ``(7,)`` scores of the face that counts, 0-1, or None when nobody is seen.
            now: monotonic time, s; never runs backwards.
        """
        if scores is not None:
            self._smooth(scores, now)
            self._weigh(now)
        elif now - self._seen_at >= self._calm.forget and self._emotion != UNKNOWN:
            self._settle(UNKNOWN, now)
        if scores is None and now - self._seen_at >= self._calm.forget:
            self._average = None
        return self._mood()

    def _smooth(self, scores: NDArray[np.float32], now: float) -> None:
        if self._average is None:
            self._average = scores.astype(np.float64)
        else:
            keep = math.exp(-(now - self._seen_at) / self._calm.smoothing)
            self._average = keep * self._average + (1 - keep) * scores
        self._seen_at = now

    def _weigh(self, now: float) -> None:
        """Let the leading emotion take over once it has led clearly for long enough."""
        assert self._average is not None  # noqa: S101 - _smooth has just set it
        leader = EMOTIONS[int(self._average.argmax())]
        present = self._average[EMOTIONS.index(self._emotion)] if self._emotion != UNKNOWN else 0.0
        if leader == self._emotion or self._average.max() - present < self._calm.lead:
            self._challenger = UNKNOWN
        elif leader != self._challenger:
            self._challenger, self._leads_since = leader, now
        elif now - self._leads_since >= self._calm.hold:
            self._settle(leader, now)

    def _settle(self, emotion: str, now: float) -> None:
        self._emotion, self._since, self._challenger = emotion, now, UNKNOWN

    def _mood(self) -> Mood:
        if self._emotion == UNKNOWN or self._average is None:
            return Mood(UNKNOWN, NO_SCORES, 0.0, self._since)
        scores = tuple(float(score) for score in self._average)
        return Mood(self._emotion, scores, scores[EMOTIONS.index(self._emotion)], self._since)


def mood_of(scores: NDArray[np.float32] | None, now: float) -> Mood:
    """The mood of a single picture, where there is nothing to smooth."""
    if scores is None:
        return Mood(UNKNOWN, NO_SCORES, 0.0, now)
    best = int(scores.argmax())
    return Mood(EMOTIONS[best], tuple(float(score) for score in scores), float(scores[best]), now)
