"""From a mood and a wish to a plan: a table and some arithmetic, nothing else.

Points are (valence, arousal), each -1 to 1. Where a mood starts is the mean of published norms:
Warriner, Kuperman and Brysbaert 2013 (doi 10.3758/s13428-012-0314-x), the NRC VAD lexicon
(Mohammad, ACL 2018) and, where it has the mood, Russell 1980 (JPSP 39:1161). Targets and the words
of a surprise are means of the first two. They are norms for words and differ a lot between people:
one decimal is all the precision that there is.

Starcke, Mayr and von Georgi 2021 (doi 10.3390/ijerph182312486) saw sad people end up better with a
list that starts sad and then brightens than with one that stays sad or is bright at once. Hunter,
Schellenberg and Griffith 2011 (doi 10.1037/a0023749) saw that sad people don't prefer happy music.
Which words and paths belong to which mood is our own judgement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from emotions.labels import EMOTIONS
from errors import BadInputError
from recommendations.values import Plan, Step

Point = tuple[float, float]

WISHES: Final = ("match", "lift", "surprise")
"""Stay near the mood; move it to a better place; leave the beaten track."""


@dataclass(frozen=True)
class _Route:
    """What one mood leads to.

    Attributes:
        start: where the mood is.
        stay: where a matching list ends: still near, but a little milder.
        target: where a lifting list ends.
        match: search words of a matching list, and of the first third of a lifting one.
        path: search words of a lifting list after that.
    """

    start: Point
    stay: Point
    target: Point
    match: tuple[str, ...]
    path: tuple[str, ...]


_ROUTES: Final = {
    "angry": _Route(
        (-0.63, 0.52), (-0.11, 0.48), (0.61, -0.82), ("intense", "rock", "powerful"), ("cool", "mellow", "calm")
    ),
    "disgust": _Route(
        (-0.74, 0.26), (-0.20, 0.10), (0.48, -0.44), ("alternative", "blues"), ("cool", "gentle", "serene")
    ),
    # Music that fits fear makes it worse: this mood starts where "gentle" lies, not where fear does.
    "fear": _Route((0.65, -0.38), (0.74, -0.47), (0.65, -0.72), ("gentle", "warm"), ("gentle", "peaceful", "calm")),
    "happy": _Route((0.90, 0.42), (0.90, 0.42), (0.84, 0.51), ("happy", "feel good", "summer"), ("cheerful", "fun")),
    "sad": _Route(
        (-0.64, -0.33), (-0.02, -0.03), (0.75, -0.16), ("sad", "melancholy"), ("nostalgic", "hopeful", "uplifting")
    ),
    "surprise": _Route(
        (0.37, 0.61), (0.67, 0.51), (0.72, 0.30), ("energetic", "adventure", "funk"), ("euphoric", "playful")
    ),
    "neutral": _Route((0.0, 0.0), (0.65, -0.16), (0.75, -0.16), ("chill", "indie", "cool"), ("dreamy", "hopeful")),
}

_GENTLE_TWISTS: Final = (
    Step("dreamy", 0.65, -0.16),
    Step("serene", 0.54, -0.41),
    Step("romantic", 0.76, 0.05),
    Step("mellow", 0.34, -0.70),
    Step("hopeful", 0.75, -0.16),
    Step("nostalgic", 0.17, -0.23),
)
_TWISTS: Final = (
    Step("playful", 0.72, 0.30),
    *_GENTLE_TWISTS[:2],
    Step("adventure", 0.72, 0.53),
    *_GENTLE_TWISTS[2:4],
    Step("exciting", 0.82, 0.54),
    *_GENTLE_TWISTS[4:],
    Step("epic", 0.63, 0.19),
)


def default_wish(emotion: str) -> str:
    """Return what most people will want in this mood: "lift" in an unpleasant one, else "match"."""
    return "lift" if emotion in {"sad", "angry", "fear", "disgust"} else "match"


def plan_for(emotion: str, wish: str, count: int) -> Plan:
    """Plan a list of tracks.

    Args:
        emotion: one of ``EMOTIONS``.
        wish: one of ``WISHES``.
        count: number of tracks, at least 1.

    Returns:
        A plan of ``count`` steps. A lifting one of an unpleasant mood spends at most a third of
        them on unpleasant ground.

    Raises:
        BadInputError: the emotion, the wish or the count is none of these.
    """
    if emotion not in EMOTIONS:
        raise BadInputError(f"There is no music for the emotion {emotion!r}. Choose one of: {', '.join(EMOTIONS)}.")
    if wish not in WISHES:
        raise BadInputError(f"There is no wish {wish!r}. Choose one of: {', '.join(WISHES)}.")
    if count < 1:
        raise BadInputError(f"A list needs at least 1 track, not {count}.")
    planner = {"match": _match, "lift": _lift, "surprise": _surprise}[wish]
    return Plan(emotion, wish, tuple(planner(emotion, count)))


def _match(emotion: str, count: int) -> list[Step]:
    route = _ROUTES[emotion]
    return [
        _step(route.match, (i, count), _mix(route.start[0], route.stay[0], t), _mix(route.start[1], route.stay[1], t))
        for i, t in enumerate(_times(count))
    ]


def _lift(emotion: str, count: int) -> list[Step]:
    """Arousal gets to its target half way; valence waits for a third of the list and takes the rest."""
    route = _ROUTES[emotion]
    waiting = count // 3 if route.start[0] < 0 else 0
    moving = count - waiting
    steps = []
    for i, t in enumerate(_times(count)):
        arousal = _mix(route.start[1], route.target[1], min(1.0, 2 * t))
        if i < waiting:
            steps.append(_step(route.match[:2], (i, waiting), route.start[0], arousal))
        else:
            valence = _mix(max(route.start[0], 0.0), route.target[0], (i - waiting + 1) / moving)
            steps.append(_step(route.path, (i - waiting, moving), valence, arousal))
    return steps


def _surprise(emotion: str, count: int) -> list[Step]:
    """Jump about in pleasant country; every mood enters it at another place."""
    twists = _GENTLE_TWISTS if emotion == "fear" else _TWISTS
    first = EMOTIONS.index(emotion)
    return [twists[(first + i) % len(twists)] for i in range(count)]


def _times(count: int) -> list[float]:
    """Spread ``count`` moments evenly from 0 to 1."""
    return [i / max(count - 1, 1) for i in range(count)]


def _mix(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


def _step(words: Sequence[str], place: tuple[int, int], valence: float, arousal: float) -> Step:
    """Build step ``place[0]`` of ``place[1]``, with the word whose turn it is."""
    index, count = place
    return Step(words[index * len(words) // count], round(valence, 2), round(arousal, 2))
