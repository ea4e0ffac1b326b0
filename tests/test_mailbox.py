import threading

import pytest

from errors import CameraError
from utils import Mailbox


def test_the_newest_item_wins_and_skipped_ones_are_counted() -> None:
    box: Mailbox[str] = Mailbox()
    for item in ("a", "b", "c"):
        box.put(item)
    assert box.wait() == (3, "c")
    assert box.skipped == 2


def test_a_reader_waits_for_something_newer_than_it_has_seen() -> None:
    box: Mailbox[str] = Mailbox()
    box.put("old")
    threading.Timer(0.02, box.put, ["new"]).start()
    assert box.wait(after=1, timeout=2) == (2, "new")


def test_waiting_ends_when_time_runs_out() -> None:
    assert Mailbox[str]().wait(timeout=0.01) is None


def test_an_error_wakes_whoever_waits() -> None:
    box: Mailbox[str] = Mailbox()
    threading.Timer(0.02, box.fail, [CameraError("unplugged")]).start()
    with pytest.raises(CameraError, match="unplugged"):
        box.wait(timeout=2)


def test_the_next_item_ends_an_error() -> None:
    box: Mailbox[str] = Mailbox()
    box.fail(CameraError("unplugged"))
    box.put("back")
    assert box.wait() == (1, "back")
