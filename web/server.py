"""The server behind ``python app.py``: Werkzeug's, one thread a connection, with deadlines."""

import logging
import signal
import types
from typing import Final, NoReturn

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from errors import MoodwaveError
from web.parts import Parts

CLIENT_SECONDS: Final = 15


class DeadlineHandler(WSGIRequestHandler):
    """Drops a client that neither reads nor writes for 15 s, so that its thread is freed."""

    timeout = CLIENT_SECONDS


def serve(app: Flask, host: str, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM, then stop every part.

    Args:
        app: the app.
        host: address to listen on.
        port: TCP port; 0 takes a free one.

    Raises:
        MoodwaveError: when the address can't be listened on.
    """
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    parts: Parts = app.extensions["moodwave"]
    try:
        server = listen(app, host, port)
    except MoodwaveError:
        parts.close()
        raise
    # SIGINT too: a shell that starts programs in the background has them ignore it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    print(f"Moodwave is at http://{host}:{server.server_port} (Ctrl-C ends it)", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nMoodwave is stopping.", flush=True)  # noqa: T201
    finally:
        server.server_close()
        parts.close()


def listen(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Listen on an address; the caller serves and closes.

    Raises:
        MoodwaveError: when the address can't be listened on.
    """
    try:
        return make_server(host, port, app, threaded=True, request_handler=DeadlineHandler)
    except (OSError, SystemExit) as error:
        raise MoodwaveError(f"{host}:{port} can't be listened on; is another program there? Try --port.") from error


def _interrupt(_number: int, _frame: types.FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
