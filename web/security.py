"""What every request and answer must keep to: memory only, known hosts, a strict policy."""

from io import BytesIO
from typing import IO, Final

from flask import Flask, Request, Response, request

LOOPBACK_NAMES: Final = ["127.0.0.1", "localhost", "[::1]"]
POLICY: Final = "; ".join([
    "default-src 'self'",
    "img-src 'self' blob: data:",
    "frame-src https://open.spotify.com",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
])  # fmt: skip
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    # Other sites may not show this machine's camera in their pages.
    "Cross-Origin-Resource-Policy": "same-origin",
}


class PrivateRequest(Request):
    """A request whose uploads stay in memory: Werkzeug would spool large ones to a file."""

    def _get_file_stream(self, *_sizes_and_names: object, **_more: object) -> IO[bytes]:
        return BytesIO()


def secure(app: Flask, host: str, trusted_hosts: str) -> None:
    """Set headers on every answer and, on loopback, refuse foreign host names (DNS rebinding).

    Args:
        app: the app.
        host: address that the app listens on.
        trusted_hosts: names separated by commas; empty for the default.
    """
    names = [name.strip() for name in trusted_hosts.split(",") if name.strip()]
    if not names and host in ("127.0.0.1", "localhost", "::1"):
        names = LOOPBACK_NAMES
    app.config["TRUSTED_HOSTS"] = names or None
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
