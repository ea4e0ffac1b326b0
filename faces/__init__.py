"""Faces in a picture: found, read and drawn."""

from faces.analyser import Analysis, Face, FaceAnalyser
from faces.detector import LIVE, STILL, Box, FaceDetector
from faces.drawing import draw_faces, draw_notice
from faces.picture import decode_picture, encode_jpeg

__all__ = [
    "LIVE",
    "STILL",
    "Analysis",
    "Box",
    "Face",
    "FaceAnalyser",
    "FaceDetector",
    "decode_picture",
    "draw_faces",
    "draw_notice",
    "encode_jpeg",
]
