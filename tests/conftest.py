"""What holds for all tests, and small trainings that tests of several packages look at."""

import pytest
import torch


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name != "test_readme_runs.py")  # minutes: first, with all others beside it
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


@pytest.fixture(scope="session")
def two_words_data(tmp_path_factory):
    """Four images to train on, two to validate on, two words each, of which one cannot be found."""
    from tests.lightning_modules.experiment import two_words, write_split

    root = tmp_path_factory.mktemp("data")
    write_split(root, "train", {f"train_{index}.png": two_words(index) for index in range(4)})
    write_split(root, "val", {"val_0.png": two_words(4), "val_1.png": [two_words(5)[0], (8, 45, 51, 57, "invisible")]})
    return root


@pytest.fixture(scope="session")
def data(two_words_data):
    """What a room trains on; some have a `data` of their own, but what is trained once for all rooms takes this one."""
    return two_words_data


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("trained")


@pytest.fixture(scope="session")
def trained(two_words_data, trained_folder):
    """Two epochs of two steps, without an interruption."""
    from tests.lightning_modules.experiment import configured, fit

    return fit(configured(two_words_data), trained_folder)


@pytest.fixture(scope="session")
def learned(two_words_data, tmp_path_factory):
    """A training after which words are found, and its last checkpoint."""
    from tests.lightning_modules.experiment import TO_LEARN, configured, fit

    folder = tmp_path_factory.mktemp("learned")
    return fit(configured(two_words_data, *TO_LEARN), folder), folder / "checkpoints" / "last.ckpt"
