"""A mood and a wish become steps on the valence-arousal plane."""

import itertools

import pytest

from emotions.labels import EMOTIONS, UNKNOWN
from errors import BadInputError
from recommendations import WISHES, default_wish, plan_for

NEGATIVE = ("angry", "disgust", "fear", "sad")


@pytest.mark.parametrize(("emotion", "wish"), list(itertools.product(EMOTIONS, WISHES)))
@pytest.mark.parametrize("count", [1, 2, 7, 20])
def test_every_mood_and_wish_has_a_step_for_each_track(emotion: str, wish: str, count: int) -> None:
    plan = plan_for(emotion, wish, count)
    assert (plan.emotion, plan.wish, len(plan.steps)) == (emotion, wish, count)
    assert all(step.word and -1 <= step.valence <= 1 and -1 <= step.arousal <= 1 for step in plan.steps)


def test_the_same_question_has_the_same_plan() -> None:
    assert plan_for("sad", "lift", 9) == plan_for("sad", "lift", 9)


@pytest.mark.parametrize("emotion", NEGATIVE)
def test_unpleasant_moods_are_lifted_unless_asked_otherwise(emotion: str) -> None:
    assert default_wish(emotion) == "lift"


@pytest.mark.parametrize("emotion", ["happy", "surprise", "neutral"])
def test_other_moods_are_matched_unless_asked_otherwise(emotion: str) -> None:
    assert default_wish(emotion) == "match"


@pytest.mark.parametrize("emotion", NEGATIVE)
@pytest.mark.parametrize("count", range(1, 21))
def test_a_lift_spends_at_most_a_third_on_unpleasant_ground(emotion: str, count: int) -> None:
    unpleasant = [step for step in plan_for(emotion, "lift", count).steps if step.valence < 0]
    assert len(unpleasant) <= count / 3


@pytest.mark.parametrize("emotion", ["angry", "disgust", "sad"])
def test_a_lift_starts_where_the_mood_is_and_brightens(emotion: str) -> None:
    steps = plan_for(emotion, "lift", 10).steps
    valences = [step.valence for step in steps]
    assert steps[0] == plan_for(emotion, "match", 10).steps[0]
    assert valences == sorted(valences)
    assert valences[-1] > 0.4


def test_a_lift_moves_arousal_first_and_valence_after() -> None:
    start, *_, middle, _, _, _, end = plan_for("angry", "lift", 9).steps
    assert middle.arousal == end.arousal == -0.82
    assert start.valence < middle.valence < end.valence == 0.61


@pytest.mark.parametrize("emotion", ["angry", "disgust", "sad"])
def test_a_match_stays_on_the_unpleasant_side_and_grows_milder(emotion: str) -> None:
    valences = [step.valence for step in plan_for(emotion, "match", 10).steps]
    assert all(valence < 0 for valence in valences)
    assert valences == sorted(valences)


@pytest.mark.parametrize("wish", WISHES)
def test_fear_is_never_matched_only_soothed(wish: str) -> None:
    steps = plan_for("fear", wish, 20).steps
    assert all(step.valence > 0 and step.arousal < 0.1 for step in steps)
    assert not {"horror", "eerie", "tense", "dark"} & {step.word for step in steps}


def test_a_surprise_covers_more_ground_than_a_match() -> None:
    def ground(wish: str) -> float:
        arousals = [step.arousal for step in plan_for("happy", wish, 10).steps]
        return max(arousals) - min(arousals)

    assert ground("surprise") > 1 > ground("match")


@pytest.mark.parametrize("emotion", [UNKNOWN, "bored", ""])
def test_an_unknown_emotion_is_told_which_ones_there_are(emotion: str) -> None:
    with pytest.raises(BadInputError, match="angry, disgust, fear, happy, sad, surprise, neutral"):
        plan_for(emotion, "match", 10)


def test_an_unknown_wish_is_told_which_ones_there_are() -> None:
    with pytest.raises(BadInputError, match="match, lift, surprise"):
        plan_for("happy", "party", 10)


def test_a_list_of_nothing_is_refused() -> None:
    with pytest.raises(BadInputError, match="at least 1"):
        plan_for("happy", "match", 0)
