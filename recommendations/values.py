"""What travels in and out of this room: frozen values, and the protocol of a music provider."""

from dataclasses import dataclass
from typing import Protocol

from health import Health


@dataclass(frozen=True)
class Step:
    """One moment of a plan.

    Attributes:
        word: what to search for, one English word or two.
        valence: from unpleasant, -1, to pleasant, 1.
        arousal: from calm, -1, to excited, 1.
    """

    word: str
    valence: float
    arousal: float


@dataclass(frozen=True)
class Plan:
    """Where a list of tracks starts and where it goes: one step a track.

    Attributes:
        emotion: the mood that it answers, one of ``emotions.labels.EMOTIONS``.
        wish: "match", "lift" or "surprise".
        steps: in listening order.
    """

    emotion: str
    wish: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Track:
    """One recording, as it is shown.

    Attributes:
        title: as its source writes it.
        artist: all names in one text.
        provider: name of the provider that it comes from.
        url: page for people, always https.
        id: the provider's own id; empty when it has none.
        year: of release.
        language: ISO 639-1 code, "zxx" for an instrumental piece, empty when unknown.
        embed_url: address of a player for an iframe; empty when there is none.
        artwork_url: https address of the cover; empty when there is none.
        explicit: whether the words are marked as explicit; None when unknown.
        valence: -1 to 1; None when unknown.
        arousal: -1 to 1; None when unknown.
    """

    title: str
    artist: str
    provider: str
    url: str
    id: str = ""
    year: int | None = None
    language: str = ""
    embed_url: str = ""
    artwork_url: str = ""
    explicit: bool | None = None
    valence: float | None = None
    arousal: float | None = None


@dataclass(frozen=True)
class Recommendation:
    """The answer to one mood: tracks of one provider, never a mixture.

    Attributes:
        tracks: in listening order.
        source: name of the provider that gave them; empty when none could.
        degraded: whether a preferred provider failed or had nothing.
        reason: why it is degraded, in sentences for people; else empty.
        plan: what was asked for.
    """

    tracks: tuple[Track, ...]
    source: str
    degraded: bool
    reason: str
    plan: Plan


class Provider(Protocol):
    """A source of music.

    It MUST be safe to use from several threads at once.
    """

    @property
    def name(self) -> str:
        """A short name in lower case; MUST stay the same and be unique among providers."""

    def tracks(self, plan: Plan, limit: int) -> tuple[Track, ...]:
        """Find music for a plan.

        MUST answer or raise within 8 s, whatever its network does, and MUST NOT repeat a track.
        MAY return fewer tracks than asked for, or none.

        Args:
            plan: what to look for; it has at least ``limit`` steps.
            limit: most tracks to return, 1 to 20.

        Raises:
            ProviderError: it can't answer now; its text is a sentence for people. Nothing else
                may be raised.
        """

    def health(self) -> Health:
        """Say how it is doing. MUST NOT call anybody and MUST NOT raise."""

    def close(self) -> None:
        """Let go of threads and connections. MAY be called twice; no calls come after it."""
