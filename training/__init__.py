"""Offline programs: train, publish and measure classifiers. The app never imports this room."""
