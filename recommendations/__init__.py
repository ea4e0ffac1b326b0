"""A mood and a wish become a plan, and the plan becomes tracks."""

from recommendations.curated import CuratedProvider
from recommendations.fences import BlockMemory, ForgetfulMemory
from recommendations.plan import WISHES, default_wish, plan_for
from recommendations.recommender import MOST_TRACKS, Recommender
from recommendations.spotify import SpotifyProvider
from recommendations.spotify_client import SpotifyWire
from recommendations.values import Plan, Provider, Recommendation, Step, Track

__all__ = [
    "MOST_TRACKS",
    "WISHES",
    "BlockMemory",
    "CuratedProvider",
    "ForgetfulMemory",
    "Plan",
    "Provider",
    "Recommendation",
    "Recommender",
    "SpotifyProvider",
    "SpotifyWire",
    "Step",
    "Track",
    "default_wish",
    "plan_for",
]
