"""Small data sets for tests: dark blocks on paper, in the project's layout."""

import json
from pathlib import Path

import numpy as np
from PIL import Image


def block(x, y, width, height):
    """An upright word, clockwise from the top-left."""
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


def draw(width, height, polygons):
    """(height, width, 3) uint8: a paper with a dark, slightly structured block for each upright word."""
    image = np.full((height, width, 3), (235, 230, 220), np.uint8)
    for polygon in polygons:
        (left, top), (right, bottom) = np.min(polygon, axis=0), np.max(polygon, axis=0)
        image[round(top) : round(bottom), round(left) : round(right)] = (40, 30, 50)
    return image


def write_split(root, split, images, *, ignored=()):
    """Writes `images/<split>` and `jsons/<split>.json`.

    Args:
        root: folder of the data.
        split: name of the split.
        images: (width, height, words) by file name, in the file's order; a word is a list of points.
        ignored: (file name, index of the word) of those to mark as illegible.
    """
    drawn = {name: (draw(width, height, words), words) for name, (width, height, words) in images.items()}
    save_split(root, split, drawn, ignored=ignored)


def save_split(root, split, images, *, ignored=()):
    """Writes images as they are, (H, W, 3) uint8 RGB with their words, and their labels; else as `write_split`."""
    folder = Path(root) / "images" / split
    folder.mkdir(parents=True, exist_ok=True)
    entries = {}
    for filename, (image, words) in images.items():
        Image.fromarray(image).save(folder / filename)
        labels = {
            f"{index:04d}": {"points": points, "illegibility": (filename, index) in ignored}
            for index, points in enumerate(words)
        }
        height, width, _ = image.shape
        entries[filename] = {"img_w": width, "img_h": height, "words": labels}
    labels = Path(root) / "jsons" / f"{split}.json"
    labels.parent.mkdir(exist_ok=True)
    labels.write_text(json.dumps({"images": entries}))


def random_split(root, split, count, *, seed, enlarged=1):
    """Writes a split of `count` images of 96 to 128 px (enlarged), each with two to four words below each other."""
    rng = np.random.default_rng(seed)
    images = {}
    for number in range(count):
        width, height = (int(side) for side in rng.integers(96, 129, 2))
        tops = range(8, 8 + 28 * int(rng.integers(2, 5)), 28)
        words = [
            block(int(rng.integers(4, 24)), top, int(rng.integers(40, 68)), 18) for top in tops if top < height - 20
        ]
        enlarged_words = (np.array(words) * enlarged).tolist()
        images[f"{split}_{number}.png"] = (width * enlarged, height * enlarged, enlarged_words)
    write_split(root, split, images)


def change_json(path, change):
    """Rewrites a JSON file with what `change` makes of its content, in place."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
