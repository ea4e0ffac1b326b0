"""Everything that Spotify, Spotipy and the network can throw, turned into our own two errors."""

import contextlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests
import urllib3

from errors import ProviderBlockedError, ProviderError
from recommendations.fences import hour

BACK_OFF_S: Final = 30.0
SETUP_S: Final = 3600.0
LONGEST_S: Final = 172_800.0  # two days; the longest seen in the wild is one

_OUTAGE: Final = "Spotify can't be reached at the moment."
_PREMIUM: Final = "Spotify serves an app only while its owner has Premium. After paying again it can take a few hours."
_NOT_LISTED: Final = (
    "Spotify does not know this user. The app's owner can add up to 5 people under User Management "
    "in the Spotify developer dashboard."
)
_SETUP: Final = (
    "Spotify does not accept the client id and secret. Copy both again from the Spotify developer "
    "dashboard into the settings and restart Moodwave."
)


class RateLimitedError(ProviderBlockedError):
    """Spotify answered 429: a block that a restart must not end."""


class TokenRefusedError(ProviderBlockedError):
    """Spotify answered 401: a new token may help, once."""


@contextlib.contextmanager
def translated(now: float) -> Iterator[None]:
    """Turn any error of a call to Spotify into a ``ProviderError``, with its cause kept.

    No text of the foreign error goes into ours: addresses and headers stay where they are.

    Args:
        now: unix time in s, for sentences that name an hour.

    Raises:
        ProviderError: the call failed; another one makes sense.
        ProviderBlockedError: the call failed; the next makes sense only after ``seconds``, or
            after a restart when they are infinite.
    """
    from spotipy.exceptions import SpotifyBaseException  # noqa: PLC0415 - slow to import

    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as exc:
        raise ProviderBlockedError(_OUTAGE, BACK_OFF_S) from exc
    except (SpotifyBaseException, AttributeError, LookupError, TypeError, ValueError) as exc:
        # Spotipy stumbles over an error body of an unusual shape with one of the last four.
        raise _from_answer(exc, now) from exc


def _from_answer(exc: Exception, now: float) -> ProviderError:
    """Judge by the HTTP answer: Spotipy always fails while handling it, so it is the context."""
    answer: requests.Response | None = getattr(exc.__context__, "response", None)
    if answer is None:
        return ProviderBlockedError("Spotify's answer made no sense.", BACK_OFF_S)
    fault, status = _fault_of(answer), answer.status_code
    if "invalid_client" in fault:
        return ProviderBlockedError(_SETUP, math.inf)
    if status == requests.codes.too_many_requests:
        return _rate_limited(answer.headers, fault, now)
    if status in (requests.codes.forbidden, requests.codes.not_found):
        return ProviderBlockedError(_refusal(fault), SETUP_S)
    others: dict[int, ProviderError] = {
        requests.codes.bad_request: ProviderError("Spotify did not understand the search."),
        requests.codes.unauthorized: TokenRefusedError("Spotify does not accept its own token.", BACK_OFF_S),
    }
    return others.get(status, ProviderBlockedError(_OUTAGE, BACK_OFF_S))


def _refusal(fault: str) -> str:
    if "premium subscription required" in fault:
        return _PREMIUM
    if "user not registered" in fault:
        return _NOT_LISTED
    return "Spotify no longer lets this app search."


def _rate_limited(headers: Mapping[str, str], fault: str, now: float) -> RateLimitedError:
    wanted = headers.get("Retry-After", "")
    seconds = float(wanted) if wanted.isascii() and wanted.isdigit() else 0.0
    seconds = min(max(seconds, BACK_OFF_S), LONGEST_S)
    until = hour(now + seconds)
    if "quota_exceeded" in fault:
        return RateLimitedError(f"Spotify's daily allowance for this app is used up until {until}.", seconds)
    return RateLimitedError(f"Spotify gets too many searches from this app and wants a rest until {until}.", seconds)


def _fault_of(answer: requests.Response) -> str:
    """Return what an error answer says, in lower case, whether it is JSON or plain text."""
    with contextlib.suppress(ValueError):
        body: Any = answer.json()
        return json.dumps(body).lower()
    return answer.text.lower()
