"""Watch ``/video_feed`` as a browser would: ``python -m benchmarks.stream http://127.0.0.1:5000``.

Prints, for each viewer, how many pictures arrive a second and how many differ from the one before (a short clip
repeats itself, so all different ones of a long watch would say more of the clip). Start the app first.
"""

import argparse
import hashlib
import http.client
import itertools
import threading
import time
from urllib.parse import urlsplit


def watch(address: str, seconds: float, counts: list[tuple[int, int]]) -> None:
    """Read the stream for a while; append (pictures, pictures that differ from the one before)."""
    host = urlsplit(address).netloc
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", "/video_feed")
    stream = connection.getresponse()
    seen: list[bytes] = []
    _read_part(stream)  # the first part waits for the camera to start
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen.append(_read_part(stream))
    connection.close()
    counts.append((len(seen), sum(one != other for one, other in itertools.pairwise(seen))))


def _read_part(stream: http.client.HTTPResponse) -> bytes:
    """The hash of the next part's picture."""
    length = 0
    while (line := stream.readline()) != b"\r\n" or not length:
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return hashlib.sha256(stream.read(length)).digest()


def main() -> None:
    """Watch with several viewers at once and print what each got."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="where the app is, such as http://127.0.0.1:5000")
    parser.add_argument("--viewers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    counts: list[tuple[int, int]] = []
    viewers = [
        threading.Thread(target=watch, args=(arguments.address, arguments.seconds, counts))
        for _ in range(arguments.viewers)
    ]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    for pictures, different in counts:
        rates = (pictures / arguments.seconds, different / arguments.seconds)
        print("{:.1f} pictures/s, {:.1f} different".format(*rates))  # noqa: T201 - a benchmark prints


if __name__ == "__main__":
    main()
