"""Our errors as answers: one table of statuses, one JSON shape, a page for people who browse."""

import logging
from typing import Final

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from errors import BadImageError, BadInputError, CameraError, ModelError, MoodwaveError, ProviderError, TooLargeError

log = logging.getLogger(__name__)

STATUS_OF: Final[dict[type[MoodwaveError], int]] = {
    TooLargeError: 413,
    BadImageError: 415,
    BadInputError: 400,
    CameraError: 503,
    ModelError: 503,
    ProviderError: 503,
}
CODE_OF: Final = {400: "bad_input", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
SENTENCE_OF: Final = {
    400: "The request makes no sense to this app.",
    404: "There is nothing at this address.",
    405: "This address does not work with this method.",
    413: "The upload is too large.",
}
SORRY: Final = "Something went wrong inside Moodwave; the log has the details."


def register_errors(app: Flask) -> None:
    """Let every error of the app end in ``{"error": {"code", "message"}}`` or the error page."""
    app.register_error_handler(MoodwaveError, _own)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _own(error: MoodwaveError) -> ResponseReturnValue:
    status = next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), 500)
    return _answer(status, error.code, str(error))


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    return _answer(status, CODE_OF.get(status, "error"), SENTENCE_OF.get(status, error.name))


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _answer(500, "internal", SORRY)


def _answer(status: int, code: str, message: str) -> ResponseReturnValue:
    best = request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json")
    if best == "text/html" and not request.path.startswith("/api/"):
        return render_template("error.html", status=status, message=message), status
    return jsonify({"error": {"code": code, "message": message}}), status
