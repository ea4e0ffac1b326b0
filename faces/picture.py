"""Pictures as bytes: decoded under hard limits, encoded for the browser."""

import io
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from errors import BadImageError, TooLargeError

# Pillow would warn and, far above, refuse; the limit below is lower and is answered with a sentence.
Image.MAX_IMAGE_PIXELS = None

MAX_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 1280
FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
JPEG_QUALITY: Final = 80


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        image: ``(h, w, 3)`` uint8 BGR, longest side at most 1280 px.
        reduction: how many times larger the upright original is, at least 1.
    """

    image: NDArray[np.uint8]
    reduction: float


def decode_picture(data: bytes) -> Picture:
    """Decode a JPEG, PNG, WebP, BMP or GIF that somebody sent.

    The size is read from the header before anything is unpacked, so that a small file can't
    blow up into gigabytes; what is larger than needed is shrunk; the camera's turn (EXIF) is undone.

    Raises:
        BadImageError: when the bytes are no such picture.
        TooLargeError: when the picture has more than 50 million pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise TooLargeError(f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.")
            longest = max(picture.size)
            # JPEG can be unpacked at a fraction of its size; other formats ignore this.
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise BadImageError("These bytes are not a picture. Send a JPEG, PNG, WebP, BMP or GIF.") from error
    image = np.ascontiguousarray(np.asarray(upright, np.uint8)[:, :, ::-1])
    return Picture(image, longest / max(upright.size))


def encode_jpeg(image: NDArray[np.uint8]) -> bytes:
    """Encode a ``(h, w, 3)`` BGR picture as JPEG."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise BadImageError(f"A picture of shape {image.shape} can't be encoded.")
    return data.tobytes()
