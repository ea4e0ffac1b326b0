"""Every error that Moodwave raises on purpose. Codes and sentences only: no HTTP in here.

MoodwaveError
├── BadInputError           what a visitor or user sent makes no sense
│   ├── BadImageError       the bytes are no picture, or the array has a strange shape
│   └── TooLargeError       the picture has too many bytes or pixels
├── CameraError             no camera, or it has gone away
├── ModelError              the classifier's files are missing, damaged or do not fit together
├── DatasetError            a data set can't be read, or lacks a split or a class
└── ProviderError           a music provider could not answer
    └── ProviderBlockedError    ... and must not be asked again before a known time
"""

from typing import ClassVar


class MoodwaveError(Exception):
    """Root of the tree. ``str(error)`` is a sentence for people."""

    code: ClassVar[str] = "error"


class BadInputError(MoodwaveError):
    """What a visitor or user sent makes no sense."""

    code = "bad_input"


class BadImageError(BadInputError):
    """The bytes are no picture, or the array has a strange shape."""

    code = "not_an_image"


class TooLargeError(BadInputError):
    """The picture has too many bytes or pixels."""

    code = "too_large"


class CameraError(MoodwaveError):
    """There is no camera, or it has gone away."""

    code = "no_camera"


class ModelError(MoodwaveError):
    """The classifier's files are missing, damaged or do not fit together."""

    code = "model"


class DatasetError(MoodwaveError):
    """A data set can't be read, or lacks a split or a class."""

    code = "dataset"


class ProviderError(MoodwaveError):
    """A music provider could not answer."""

    code = "provider"


class ProviderBlockedError(ProviderError):
    """A music provider must not be asked again before a known time.

    Attributes:
        seconds: how long to leave it alone, s.
    """

    code = "provider_blocked"

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds
