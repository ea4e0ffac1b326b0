"""A Spotify on a real socket that gives tokens, finds tracks, and fails on demand."""

import base64
import contextlib
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from recommendations import SpotifyWire
from recommendations.fences import Clock

CLIENT_ID = "an-app"
CLIENT_SECRET = "a-secret-of-the-app"
LONGEST_S = 20.0  # no answer is held longer than this, whatever happens to the test


@dataclass(frozen=True)
class Answer:
    status: int
    body: object  # text goes out as it is, the rest as JSON
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


def error(status: int, message: str, **headers: str) -> Answer:
    return Answer(status, {"error": {"status": status, "message": message}}, headers)


PREMIUM = (
    "Active premium subscription required for the owner of the app. When the subscription status "
    "changes, it can take a few hours before requests are allowed again."
)
QUOTA = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}

FAULTS = {
    "unauthorized": error(401, "The access token expired"),
    "premium": error(403, PREMIUM),
    "premium in plain text": Answer(403, PREMIUM),
    "not registered": error(403, "User not registered in the Developer Dashboard"),
    "forbidden": Answer(403, ""),
    "not found": error(404, "Service not found"),
    "quota": Answer(429, QUOTA, {"Retry-After": "48925"}),
    "rate": Answer(429, "Too many requests", {"Retry-After": "2"}),
    "rate without a time": Answer(429, {"error": "slow down"}, {"Retry-After": "soon"}),
    "server error": error(500, "Server error"),
    "unavailable": Answer(503, "<html>Service unavailable</html>"),
    "bad request": error(400, "Invalid limit"),
    "teapot": Answer(418, {"error": "text where an object should be"}),
    "no json": Answer(200, "<html>Welcome to this hotel's network</html>"),
    "null": Answer(200, None),
    "null items": Answer(200, {"tracks": {"items": [None, None]}}),
    "empty": Answer(200, {"tracks": {"items": []}}),
    "odd shapes": Answer(200, {"tracks": {"items": ["text", {"id": 7, "name": []}, {"id": "../../etc"}]}}),
}
# "slow", "drip" and "cut off" are faults of the wire: the answer is right, its way is not.


def found(number: int, query: str = "calm", /, **changes: object) -> dict[str, Any]:
    """One item of a search answer, with the fields that were left in 2026."""
    item = {
        "id": f"{number:022d}",
        "name": f"{query} {number}",
        "artists": [{"name": f"Artist {number}"}],
        "explicit": False,
        "external_ids": {"isrc": f"XX{query[:3]}{number:05d}"},
        "album": {
            "release_date": "1999-12-31",
            "images": [{"url": f"https://i.scdn.co/image/{number}", "width": 640, "height": 640}],
        },
    }
    return item | changes


class FakeSpotify:
    """Start it with ``with``; ``fault`` and ``token_fault`` name what goes wrong."""

    def __init__(self) -> None:
        self.fault = ""
        self.token_fault = ""
        self.items: list[dict[str, Any] | None] | None = None  # what a search finds; None: ten per query
        self.requests: Counter[str] = Counter()
        self.queries: list[str] = []
        self.tokens: set[str] = set()
        self.released = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fake-spotify")

    def __enter__(self) -> "FakeSpotify":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def wire(self, total_s: float, wait_s: float = 3.0, clock: Clock = time.time) -> SpotifyWire:
        """How to reach it, with waits short enough for a test."""
        return SpotifyWire(f"{self.url}/v1/", f"{self.url}/api/token", wait_s, wait_s, total_s, clock)

    @property
    def searches(self) -> int:
        return self.requests["/v1/search"]

    @property
    def token_requests(self) -> int:
        return self.requests["/api/token"]

    def give_token(self, authorization: str) -> Answer:
        if self.token_fault:
            return FAULTS[self.token_fault]
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if authorization != f"Basic {basic}":
            return Answer(400, {"error": "invalid_client", "error_description": "Invalid client secret"})
        token = f"token-{self.token_requests}"
        self.tokens.add(token)
        return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def answer(self, path: str, query: dict[str, list[str]], authorization: str) -> Answer:
        if authorization.removeprefix("Bearer ") not in self.tokens:
            return error(401, "Invalid access token" if authorization else "No token provided")
        if path != "/v1/search":
            return error(*{"/v1/audio-features": (403, "Forbidden")}.get(path, (404, "Service not found")))
        return FAULTS.get(self.fault) or self._search(query)

    def _search(self, query: dict[str, list[str]]) -> Answer:
        limit = query.get("limit", ["5"])[0]
        if not limit.isdigit() or not 1 <= int(limit) <= 10:
            return error(400, "Invalid limit")
        if query.get("type") != ["track"] or "q" not in query:
            return error(400, "Bad search")
        words = query["q"][0]
        self.queries.append(words)
        first = 100 * len(self.queries)
        items = [found(first + i, words) for i in range(10)] if self.items is None else self.items
        return Answer(200, {"tracks": {"items": items[: int(limit)]}})


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close then waits for the handlers

    def __init__(self, spotify: FakeSpotify) -> None:
        self.spotify = spotify
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        spotify, address = self.server.spotify, urlsplit(self.path)
        spotify.requests[address.path] += 1
        answer = spotify.answer(address.path, parse_qs(address.query), self.headers.get("Authorization", ""))
        self._send(answer, spotify.fault)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.spotify.requests[self.path] += 1
        self._send(self.server.spotify.give_token(self.headers.get("Authorization", "")), "")

    def _send(self, answer: Answer, speed: str) -> None:
        body = answer.payload()
        headers = {"Content-Length": str(len(body) + 100 * (speed == "cut off")), **answer.headers}
        lines = [f"HTTP/1.0 {answer.status} Answer", *(f"{key}: {value}" for key, value in headers.items())]
        raw = "\r\n".join([*lines, "", ""]).encode() + body
        if speed == "slow":
            self.server.spotify.released.wait(LONGEST_S)
        with contextlib.suppress(ConnectionError):  # the other side has had enough
            self._drip(raw) if speed == "drip" else self.wfile.write(raw)

    def _drip(self, raw: bytes) -> None:
        for i in range(len(raw)):
            if self.server.spotify.released.wait(0.02):
                return
            self.wfile.write(raw[i : i + 1])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's name
        """Say nothing."""
