"""The wire to Spotify: Spotipy with client credentials, ``/search`` and nothing else."""

import functools
import logging
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Retry
from urllib3.connection import HTTPConnection

from recommendations.fences import Clock

PAGE = 10
"""Most tracks in one answer; Spotify refuses to be asked for more (since February 2026)."""


@dataclass(frozen=True)
class SpotifyWire:
    """How Spotify is reached; there is no reason to change it outside of tests.

    Attributes:
        api_url: root of the Web API, with a slash at the end.
        token_url: where a token is given.
        connect_s: longest wait for a connection, s.
        read_s: longest wait for the next bytes on it, s.
        total_s: longest wait for everything that one list of tracks needs, s.
        clock: returns unix time in s.
    """

    api_url: str = "https://api.spotify.com/v1/"
    token_url: str = "https://accounts.spotify.com/api/token"  # noqa: S105 - an address
    connect_s: float = 3.0
    read_s: float = 5.0
    total_s: float = 6.0
    clock: Clock = time.time


class CuttableAdapter(HTTPAdapter):
    """Connections that another thread can cut.

    The timeouts of requests run from one read to the next: a server that sends a byte a second is
    never too slow for them. Only closing the socket ends such a call.
    """

    def __init__(self, retries: Retry) -> None:
        self._lock = threading.Lock()
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self.is_cut = False
        super().__init__(max_retries=retries)
        self.poolmanager.pool_classes_by_scheme = {
            "http": self._pool_class(HTTPConnectionPool),
            "https": self._pool_class(HTTPSConnectionPool),
        }

    def cut(self) -> None:
        """End every exchange now; none begins before ``mend``."""
        with self._lock:
            self.is_cut = True
            for sock in self._sockets:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # closed already: just what was wanted

    def mend(self) -> None:
        """Allow connections again after a cut."""
        with self._lock:
            self.is_cut = False

    def _opened(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.add(sock)
            if self.is_cut:
                sock.close()
                raise ConnectionAbortedError("cut off while connecting")

    def _pool_class(self, base: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
        opened, connect_base = self._opened, base.ConnectionCls.connect

        def connect(connection: HTTPConnection) -> None:
            connect_base(connection)
            opened(connection.sock)

        connection_class = type("CuttableConnection", (base.ConnectionCls,), {"connect": connect})
        return type("CuttablePool", (base,), {"ConnectionCls": connection_class})


class SpotifyClient:
    """Searches for tracks; one thread at a time, except for ``cut``.

    Args:
        client_id: of a registered Spotify app.
        client_secret: of the same app.
        market: ISO 3166-1 code of the country to search in; empty leaves it to Spotify.
        wire: how to reach Spotify.
    """

    def __init__(self, client_id: str, client_secret: str, market: str, wire: SpotifyWire) -> None:
        # Both print tokens, and Spotipy the secret too, when they log at DEBUG.
        for name in ("spotipy", "urllib3"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._client_id = client_id
        self._client_secret = client_secret
        self._market = market or None
        self._wire = wire
        self._adapter = CuttableAdapter(_retry())
        self._session = requests.Session()
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)

    def begin(self) -> None:
        """Get ready for a search after a cut."""
        self._adapter.mend()

    def search(self, query: str) -> object:
        """Return Spotify's answer to a search for tracks as it came; None when it was no JSON.

        Raises whatever Spotipy and requests raise.
        """
        # Asked for here as well, since Spotipy asks twice when the token's answer is of a strange shape.
        self._spotipy.auth_manager.get_access_token(as_dict=False)
        answer: object = self._spotipy.search(query, limit=PAGE, type="track", market=self._market)
        return answer

    def drop_token(self) -> None:
        """Ask for a new token before the next search."""
        self._spotipy.auth_manager.cache_handler.save_token_to_cache(None)

    def cut(self) -> None:
        """End the search that another thread is in."""
        self._adapter.cut()

    @property
    def is_cut(self) -> bool:
        """Whether the last search was cut."""
        return self._adapter.is_cut

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @functools.cached_property
    def _spotipy(self) -> Any:  # noqa: ANN401 - Spotipy has no types
        import spotipy  # noqa: PLC0415 - slow to import
        from spotipy.cache_handler import MemoryCacheHandler  # noqa: PLC0415

        timeouts = (self._wire.connect_s, self._wire.read_s)
        auth = spotipy.SpotifyClientCredentials(
            self._client_id,
            self._client_secret,
            requests_session=self._session,
            requests_timeout=timeouts,
            cache_handler=MemoryCacheHandler(),  # the default is a file in the current folder
        )
        auth.OAUTH_TOKEN_URL = self._wire.token_url
        client = spotipy.Spotify(auth_manager=auth, requests_session=self._session, requests_timeout=timeouts)
        client.prefix = self._wire.api_url
        return client


def _retry() -> Retry:
    """Two quick tries more after an outage; a 429 comes back at once, with its headers."""
    return Retry(
        total=2,
        read=0,
        status_forcelist=(500, 502, 503, 504),
        allowed_methods={"GET"},
        respect_retry_after_header=False,
        raise_on_status=False,
        backoff_factor=0.2,
    )
