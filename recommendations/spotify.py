"""Provider "spotify": searches Spotify for a plan's words, inside a fence of limits."""

import random
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Final

from errors import BadInputError, ProviderBlockedError, ProviderError
from health import Health
from recommendations.fences import DAY_S, BlockMemory, Breaker, Budget, Cache, ForgetfulMemory
from recommendations.spotify_client import SpotifyClient, SpotifyWire
from recommendations.spotify_faults import BACK_OFF_S, RateLimitedError, TokenRefusedError, translated
from recommendations.spotify_tracks import Hit, arrange, hits_in, searches_for
from recommendations.values import Plan, Track

SEARCHES_A_MOOD: Final = 3
CALLS_A_MINUTE: Final = 20
CALLS_A_DAY: Final = 300  # an app was cut off after about 2,600 in a day; the true limit is secret
CACHED_SEARCHES: Final = 500

_WIRE: Final = SpotifyWire()

Hits = tuple[Hit, ...]


class SpotifyProvider:
    """Finds tracks on Spotify without anybody's login.

    Searches run one after another in a thread of its own. Whoever waits for one gives up in time
    and cuts the connection, so neither he nor the thread hangs on a server that never ends.

    Args:
        client_id: of a Spotify app, from the Spotify developer dashboard.
        client_secret: of the same app.
        market: ISO 3166-1 code of the country to search in; empty leaves it to Spotify.
        memory: where Spotify's own blocks are kept across restarts.
        wire: how to reach Spotify.
        rng: where variety comes from; give a seeded one for the same lists again.

    Raises:
        BadInputError: the client id or the secret is missing.
    """

    name = "spotify"

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        market: str = "",
        memory: BlockMemory | None = None,
        wire: SpotifyWire = _WIRE,
        rng: random.Random | None = None,
    ) -> None:
        if not (client_id and client_secret):
            raise BadInputError("Spotify needs both a client id and a client secret.")
        clock = self._clock = wire.clock
        self._rng = rng or random.Random()  # noqa: S311 - variety, not secrets
        self._total_s = wire.total_s
        self._client = SpotifyClient(client_id, client_secret, market, wire)
        self._breaker = Breaker(self.name, memory or ForgetfulMemory(), clock)
        self._budget = Budget(CALLS_A_MINUTE, CALLS_A_DAY, clock)
        self._cache: Cache[Hits] = Cache(CACHED_SEARCHES, DAY_S, clock)
        self._flights: dict[str, Future[Hits]] = {}
        self._lock = threading.RLock()  # held for moments only, never while Spotify is asked
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spotify")

    def tracks(self, plan: Plan, limit: int) -> tuple[Track, ...]:
        """Search for a plan's words.

        Returns:
            Nothing unless every stretch of the plan has music: half of a list that was to lift a
            mood would leave people where they were.

        Raises:
            ProviderError: Spotify can't answer now.
        """
        deadline = time.monotonic() + self._total_s
        searches = searches_for(plan, limit, SEARCHES_A_MOOD)
        groups = [(search, self._hits(search.query, deadline - time.monotonic())) for search in searches]
        # Another order each time: "another list" costs no further search.
        mixed = [(search, self._rng.sample(hits, len(hits))) for search, hits in groups]
        return arrange(mixed, limit) if all(hits for _, hits in groups) else ()

    def health(self) -> Health:
        """Say whether Spotify may be asked."""
        with self._lock:
            return self._breaker.health()

    def close(self) -> None:
        """Cut the search that is on its way and end the thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._client.cut()
        self._worker.shutdown(wait=True)
        self._client.close()

    def _hits(self, query: str, seconds: float) -> Hits:
        """Look into the cache, else wait for the search, which others may wait for as well."""
        with self._lock:
            if cached := self._cache.get(query, ()):
                return cached
            flight = self._flights.get(query) or self._launch(query)
        try:
            return flight.result(max(seconds, 0.0))
        except TimeoutError as exc:
            raise self._give_up(query, flight) from exc
        except CancelledError as exc:
            raise ProviderError("Spotify has too many searches to do.") from exc

    def _launch(self, query: str) -> Future[Hits]:
        self._breaker.check()
        self._budget.spend()
        flight = self._worker.submit(self._search, query)
        self._flights[query] = flight
        flight.add_done_callback(lambda _: self._landed(query))
        return flight

    def _landed(self, query: str) -> None:
        with self._lock:
            self._flights.pop(query, None)

    def _give_up(self, query: str, flight: Future[Hits]) -> ProviderError:
        if flight.cancel():
            return ProviderError("Spotify has too many searches to do.")
        error = ProviderBlockedError("Spotify is too slow at the moment.", BACK_OFF_S)
        self._block(error)
        self._client.cut()
        self._landed(query)
        return error

    def _search(self, query: str) -> Hits:
        """Ask Spotify; this runs in the thread."""
        with self._lock:
            self._breaker.check()  # the search before this one may have met a block
        self._client.begin()
        try:
            try:
                hits = self._ask(query)
            except TokenRefusedError:
                self._client.drop_token()
                hits = self._ask(query)
        except ProviderBlockedError as error:
            if not self._client.is_cut:  # else whoever gave up has said what there is to say
                self._block(error)
            raise
        with self._lock:
            if hits:
                self._cache.put(query, hits)
        return hits

    def _ask(self, query: str) -> Hits:
        with translated(self._clock()):
            answer = self._client.search(query)
        return hits_in(answer)

    def _block(self, error: ProviderBlockedError) -> None:
        with self._lock:
            self._breaker.block(error, lasting=isinstance(error, RateLimitedError))
