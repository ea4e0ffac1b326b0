import time
from pathlib import Path

from storage import Store


def test_a_block_is_remembered_across_restarts(tmp_path: Path) -> None:
    url, until = f"sqlite:///{tmp_path}/deep/moodwave.sqlite3", time.time() + 100
    first = Store(url)
    first.block("spotify", until, "quota")
    first.close()
    again = Store(url)
    assert again.blocked_until("spotify") == until
    again.close()


def test_a_later_block_takes_the_place_of_the_first(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/moodwave.sqlite3")
    store.block("spotify", 1.0, "first")
    store.block("spotify", 2.0, "second")
    assert store.blocked_until("spotify") == 2.0
    assert store.blocked_until("other") == 0.0
    store.close()
