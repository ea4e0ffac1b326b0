"""What keeps a provider from being asked too much: a breaker, a budget and a cache.

Each has one owner, who calls it under a lock of his own.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from errors import ProviderBlockedError
from health import Health

Clock = Callable[[], float]
Value = TypeVar("Value")

MINUTE_S = 60.0
DAY_S = 86_400.0


class BlockMemory(Protocol):
    """Remembers, across restarts, who must not be asked before when. MUST be safe between threads."""

    def blocked_until(self, provider: str) -> float:
        """Return the unix time in s until which a provider must be left alone; 0 when free."""

    def block(self, provider: str, until: float, reason: str) -> None:
        """Keep a provider blocked until a unix time in s. ``reason`` is a sentence for people."""


class ForgetfulMemory:
    """A ``BlockMemory`` that lives as long as the process."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def blocked_until(self, provider: str) -> float:
        """Return the unix time in s until which a provider must be left alone; 0 when free."""
        return self._until.get(provider, 0.0)

    def block(self, provider: str, until: float, reason: str) -> None:  # noqa: ARG002 - the protocol's
        """Keep a provider blocked until a unix time in s."""
        self._until[provider] = until


class Breaker:
    """Knows until when its provider must be left alone, and why.

    Args:
        provider: its name.
        memory: where a lasting block is kept across restarts.
        clock: returns unix time in s.
    """

    def __init__(self, provider: str, memory: BlockMemory, clock: Clock) -> None:
        self._provider = provider
        self._memory = memory
        self._clock = clock
        self._until = 0.0
        self._reason = ""

    def block(self, error: ProviderBlockedError, lasting: bool = False) -> None:
        """Leave the provider alone for ``error.seconds``; infinite means until the next start.

        Args:
            error: its text is the reason given from now on.
            lasting: whether a restart must not end it.
        """
        until = self._clock() + error.seconds
        if until <= self._until:
            return  # the longest block counts, and of equal ones the first
        self._until, self._reason = until, str(error)
        if lasting:
            self._memory.block(self._provider, until, str(error))

    def check(self) -> None:
        """Pass when the provider may be asked.

        Raises:
            ProviderBlockedError: it may not, with the reason and the time that is left.
        """
        until = max(self._until, self._memory.blocked_until(self._provider))
        left = until - self._clock()
        if left > 0:
            own = self._reason if self._until == until else ""
            raise ProviderBlockedError(own or f"{self._provider.title()} asked for a rest until {hour(until)}.", left)

    def health(self) -> Health:
        """Say "failing" while it is blocked, "off" until restart, else "ok"."""
        try:
            self.check()
        except ProviderBlockedError as error:
            return Health("off" if math.isinf(error.seconds) else "failing", str(error))
        return Health("ok")


class Budget:
    """Our own limit on calls, well below what the provider allows.

    Args:
        per_minute: most calls in any 60 s.
        per_day: most calls in any 24 h.
        clock: returns unix time in s.
    """

    def __init__(self, per_minute: int, per_day: int, clock: Clock) -> None:
        self._limits = ((per_minute, MINUTE_S), (per_day, DAY_S))
        self._calls: deque[float] = deque(maxlen=max(per_minute, per_day))
        self._clock = clock

    def spend(self) -> None:
        """Count one call.

        Raises:
            ProviderBlockedError: there is none left, with the time until there is.
        """
        now = self._clock()
        for most, span in self._limits:
            # The call that must be older than the span before another one may be made.
            oldest = self._calls[-most] if len(self._calls) >= most else -math.inf
            if now - oldest < span:
                free = oldest + span
                raise ProviderBlockedError(f"Our own limit on searches is reached until {hour(free)}.", free - now)
        self._calls.append(now)


class Cache(Generic[Value]):
    """The values used last, each for a limited time.

    Args:
        size: most entries; the one unused for longest goes first.
        life_s: how long an entry stays good, s.
        clock: returns unix time in s.
    """

    def __init__(self, size: int, life_s: float, clock: Clock) -> None:
        self._size = size
        self._life_s = life_s
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, key: str, default: Value) -> Value:
        """Return what is kept under a key, or the default."""
        best_before, value = self._entries.get(key, (-math.inf, default))
        if best_before <= self._clock():
            self._entries.pop(key, None)
            return default
        self._entries.move_to_end(key)
        return value

    def put(self, key: str, value: Value) -> None:
        """Keep a value under a key."""
        self._entries[key] = (self._clock() + self._life_s, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)


def hour(moment: float) -> str:
    """Write a unix time in s as hours and minutes of the server's day, "17:05"."""
    return time.strftime("%H:%M", time.localtime(moment))
