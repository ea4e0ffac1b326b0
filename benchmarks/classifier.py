"""Time the classifier: ``python -m benchmarks.classifier --runtime litert``; prints ms for a batch of faces."""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from emotions.classifier import load_classifier


def main() -> None:
    """Print the median of many calls for a few batch sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/efficientnetb3.h5"))
    parser.add_argument("--runtime", choices=["litert", "keras"], default="litert")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    classifier = load_classifier(arguments.model, arguments.runtime, Path(".cache"), arguments.threads)
    contract = classifier.contract
    for faces in (1, 4, 16):
        shape = (faces, contract.size, contract.size, contract.channels)
        batch = np.random.default_rng(1).uniform(0, 255, shape).astype(np.float32)
        classifier.predict(batch)
        times = []
        for _ in range(50):
            started = time.perf_counter()
            classifier.predict(batch)
            times.append((time.perf_counter() - started) * 1000)
        print(f"{faces:3} faces: median {statistics.median(times):.1f} ms")  # noqa: T201 - a benchmark prints


if __name__ == "__main__":
    main()
