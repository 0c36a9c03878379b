"""Small data for both trainers."""

import pytest

from tests.classifier_runs import write_images
from tests.small_data import random_split


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Folders of data by the runner that trains on them."""
    texts, images = tmp_path_factory.mktemp("texts"), tmp_path_factory.mktemp("images")
    for seed, (split, count) in enumerate({"train": 6, "val": 2}.items()):
        random_split(texts, split, count, seed=seed)
    write_images(images, {"train": 12, "val": 4})
    return {"train": texts, "pretrain": images}
