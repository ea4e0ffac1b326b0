"""From a face to a mood: labels, preparation, classifiers, tracker. Knows no camera and no music."""
