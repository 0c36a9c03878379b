"""The data and the trainings that several tests look at."""

import pytest

from baseline_code.training.callbacks import TrainingProgressBar
from tests.lightning_modules.experiment import TO_LEARN, configured, fit, two_words, write_part


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Four images to train on, two to validate on, two words each, of which one cannot be found."""
    root = tmp_path_factory.mktemp("data")
    write_part(root, "train", {f"train_{index}.png": two_words(index) for index in range(4)})
    write_part(root, "val", {"val_0.png": two_words(4), "val_1.png": [two_words(5)[0], (8, 45, 51, 57, "invisible")]})
    return root


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("trained")


@pytest.fixture(scope="session")
def trained(data, trained_folder):
    """Two epochs of two steps, without an interruption."""
    return fit(configured(data), trained_folder, TrainingProgressBar())


@pytest.fixture(scope="session")
def learned(data, tmp_path_factory):
    """A training after which words are found, and its last checkpoint."""
    folder = tmp_path_factory.mktemp("learned")
    return fit(configured(data, *TO_LEARN), folder), folder / "checkpoints" / "last.ckpt"
