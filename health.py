"""How one part of the app is doing: what ``/readyz`` lists."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "off", "failing"]


@dataclass(frozen=True)
class Health:
    """State of one part.

    Attributes:
        state: "ok", "off" (not wanted or not set up) or "failing".
        reason: a sentence for people; empty when there is nothing to say.
    """

    state: State
    reason: str = ""
