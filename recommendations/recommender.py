"""Asks the providers in order and always has an answer."""

import logging
from collections.abc import Sequence
from typing import Final

from errors import BadInputError, ProviderError
from health import Health
from recommendations.plan import default_wish, plan_for
from recommendations.values import Plan, Provider, Recommendation, Track

MOST_TRACKS: Final = 20

_log = logging.getLogger(__name__)


class Recommender:
    """The front door of this room; safe to use from several threads.

    Args:
        providers: the preferred one first; the last should be one that can't fail. It closes them.

    Raises:
        BadInputError: there is no provider, or two have the same name.
    """

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = tuple(providers)
        if not providers or len({provider.name for provider in providers}) < len(providers):
            raise BadInputError("A recommender needs providers, each with a name of its own.")

    def recommend(self, emotion: str, wish: str | None = None, limit: int = 10) -> Recommendation:
        """Answer a mood with tracks of the first provider that has some.

        Args:
            emotion: one of ``emotions.labels.EMOTIONS``.
            wish: one of ``WISHES``; None for what most people want in this mood.
            limit: most tracks, 1 to 20.

        Raises:
            BadInputError: one of the three makes no sense.
        """
        if not 1 <= limit <= MOST_TRACKS:
            raise BadInputError(f"A list can have 1 to {MOST_TRACKS} tracks, not {limit}.")
        plan = plan_for(emotion, default_wish(emotion) if wish is None else wish, limit)
        reasons: list[str] = []
        for provider in self._providers:
            tracks, reason = _ask(provider, plan, limit)
            if tracks:
                return Recommendation(tracks, provider.name, bool(reasons), " ".join(reasons), plan)
            reasons.append(reason)
        return Recommendation((), "", True, " ".join(reasons), plan)

    def health(self) -> dict[str, Health]:
        """Say how each provider is doing, by its name."""
        return {provider.name: provider.health() for provider in self._providers}

    def close(self) -> None:
        """Close all providers."""
        for provider in self._providers:
            provider.close()


def _ask(provider: Provider, plan: Plan, limit: int) -> tuple[tuple[Track, ...], str]:
    """Return a provider's tracks, or none and the reason in a sentence."""
    try:
        return provider.tracks(plan, limit), f"{provider.name.title()} found nothing for this mood."
    except ProviderError as error:
        return (), str(error)
    except Exception:  # a mistake in one provider must not take the music away
        _log.exception("provider %s broke its promise", provider.name)
        return (), f"{provider.name.title()} had an unexpected problem."
