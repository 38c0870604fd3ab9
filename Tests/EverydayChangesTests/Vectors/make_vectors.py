"""Writes the vectors of changed images beside it. Needs NumPy, SciPy and Pillow; takes a second.

changes.json     Two images of bytes (grey 28 x 28 from the demo, and 19 x 13 in colours, smooth with some
                 noise), each with what becomes of it: brightness and contrast by NumPy, a shift by
                 NumPy, a rotation by scipy.ndimage (order 1, edges repeated), and JPEG at quality 75 as
                 Pillow (libjpeg) reads back what it wrote, colours at full resolution.
nearest.json     Points with classes, and the nearest point of another class of each: SciPy's cdist.
"""

import gzip
import io
import json

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.spatial.distance import cdist


def images():
    with gzip.open("../../Demo/data/fmnist500-images-idx3-ubyte.gz") as file:
        grey = np.frombuffer(file.read(16 + 784)[16:], np.uint8).reshape(28, 28, 1)
    y, x = np.mgrid[0:19, 0:13]
    colours = np.stack([8 * x + 90, 6 * y + 60, 220 - 9 * y], axis=2)
    noise = np.random.default_rng(5).normal(0, 6, colours.shape)
    return [grey, np.clip(colours + noise, 0, 255).astype(np.uint8)]


def rotated(image):
    turned = [
        ndimage.rotate(image[:, :, c].astype(float), 2, reshape=False, order=1, mode="nearest")
        for c in range(image.shape[2])
    ]
    return np.stack(turned, axis=2)


def jpeg(image):
    file = io.BytesIO()
    Image.fromarray(image.squeeze()).save(file, "JPEG", quality=75, subsampling=0)
    return np.asarray(Image.open(file)).reshape(image.shape)


def mean_grey(image):
    weights = [0.299, 0.587, 0.114] if image.shape[2] == 3 else [1]
    return float((image * np.array(weights)).sum(axis=2).mean())


def case(image):
    pixels = image.astype(float)
    grey = mean_grey(image)
    return {
        "shape": image.shape,
        "pixels": image.flatten().tolist(),
        "brightness": np.clip(pixels * 1.05, 0, 255).flatten().tolist(),
        "contrast": np.clip(grey + (pixels - grey) * 1.05, 0, 255).flatten().tolist(),
        "shift": np.concatenate([image[:, :1], image[:, :-1]], axis=1).flatten().tolist(),
        "rotation": rotated(image).flatten().tolist(),
        "jpeg": jpeg(image).flatten().tolist(),
    }


with open("changes.json", "w") as file:
    json.dump([case(image) for image in images()], file)

generator = np.random.default_rng(6)
points = generator.integers(-300, 300, (40, 300))
classes = generator.integers(0, 3, 40)
squares = cdist(points, points, "sqeuclidean")
squares[classes[:, None] == classes[None, :]] = np.inf
nearest = squares.argmin(axis=1)
with open("nearest.json", "w") as file:
    json.dump(
        {
            "points": points.tolist(),
            "classes": classes.tolist(),
            "squares": squares.min(axis=1).astype(int).tolist(),
            "largest": np.abs(points - points[nearest]).max(axis=1).tolist(),
        },
        file,
    )
