from pathlib import Path
from typing import Any

import numpy as np
import pytest

from errors import BadInputError
from training.card import write_measurements
from training.metrics import measure

SCORES = np.eye(7, dtype=np.float32)[[3, 3, 4, 6]] * 0.65 + 0.05


def description(**extras: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a description may hold
    return {"input": {"mirrored": False}, "metrics": {**measure(np.array([3, 3, 3, 6]), SCORES), **extras}}


def test_only_the_measurements_are_replaced(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("# Card\n\nKept.\n\n## Measurements\n\nold 12.34 %\n", encoding="utf-8")
    write_measurements(card, description(corrupted={"dark": {"accuracy": 0.5, "lost_points": 25.0}}))
    text = card.read_text(encoding="utf-8")
    assert text.startswith("# Card\n\nKept.\n\n## Measurements\n")
    assert "12.34" not in text
    assert "75.00 %" in text
    assert "50.00 % (25.0 points less)" in text
    assert "| happy | 1.000 | 0.667 | 0.800 | 3 |" in text


def test_a_card_or_model_without_measurements_is_told(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("# Card\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="no heading"):
        write_measurements(card, description())
    card.write_text("## Measurements\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="not measured"):
        write_measurements(card, {"input": {"mirrored": False}, "metrics": {}})
