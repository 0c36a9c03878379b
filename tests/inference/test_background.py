"""Threads beside the network: order, bounds, errors, and maps that they read."""

import copy
import pickle
import threading

import numpy as np
import pytest
import torch

from ocr.inference.background import Background, BackgroundError
from ocr.inference.image_maps import HostMaps
from runners.wiring.detector import load_detector, read_labelled
from tests.lightning_modules.experiment import overriding

# ---- jobs


def test_jobs_run_beside_the_caller():
    """Each waits for the other: one after the other, they would never end."""
    meeting = threading.Barrier(2, timeout=10)
    future = Background(threads=1).submit("job", meeting.wait)
    meeting.wait()
    assert future.result(timeout=10) in {0, 1}


def test_whoever_hands_in_more_than_the_limit_waits():
    background, gate = Background(threads=1, limit=2), threading.Event()
    started = [background.submit("held", gate.wait, 10) for _ in range(2)]
    third = threading.Thread(target=background.submit, args=("third", int))
    third.start()
    third.join(timeout=0.1)
    assert third.is_alive()
    gate.set()
    third.join(timeout=10)
    assert not third.is_alive()
    assert all(future.result() for future in started)


def test_an_error_names_what_the_job_worked_on_and_gives_its_place_back():
    background = Background(threads=1, limit=1)
    for name in ("a.png", "b.png"):
        future = background.submit(name, int, "no number")
        with pytest.raises(BackgroundError, match=rf"{name}: invalid literal") as raised:
            future.result()
        assert isinstance(raised.value.__cause__, ValueError)


def test_an_error_that_names_it_already_names_it_once():
    def job():
        raise ValueError("a.png: expected a map")

    with pytest.raises(BackgroundError, match=r"^a\.png: expected a map$"):
        Background(threads=1).submit("a.png", job).result()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_has_threads_of_its_own(copied):
    background = Background(threads=2, limit=3)
    background.submit("job", int).result()
    other = copied(background)
    assert (other.threads, other.limit) == (2, 3)
    assert other.submit("job", int).result() == 0


def test_half_of_torchs_threads_are_left_to_the_network(monkeypatch):
    for torchs, ours in ((1, 1), (2, 1), (4, 2), (64, 4)):
        monkeypatch.setattr(torch, "get_num_threads", lambda torchs=torchs: torchs)
        assert Background().threads == ours


# ---- maps


def test_maps_are_rounded_to_sixteen_bits():
    maps = HostMaps(torch.tensor([[[0.0, 1.0]], [[0.5, 0.3 / 65535]], [[0.7 / 65535, 2 / 65535]]]))
    assert [maps[index].tolist() for index in range(3)] == [[[0, 65535]], [[32768, 0]], [[1, 2]]]
    assert maps[0].dtype == np.uint16


@pytest.mark.gpu
def test_maps_come_from_the_gpu_through_page_locked_memory():
    probability = torch.rand(2, 64, 64, device="cuda")
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        maps = HostMaps(probability)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert maps._maps.is_pinned()
    expected = (probability.cpu() * 65535 + 0.5).int().numpy()
    assert all(np.array_equal(maps[index], expected[index]) for index in range(2))


# ---- the detector's use of them


@pytest.fixture
def loaded(learned):
    detector, settings = load_detector(learned[1], overriding(), "val")
    return detector, read_labelled(settings, "val")


def break_at(filename):
    """A job that fails for one image."""

    def read(image_map):
        if image_map.record.filename == filename:
            raise ValueError("broken on purpose")
        return image_map.record.filename

    return read


def test_images_keep_their_order_however_long_each_takes(loaded, monkeypatch):
    detector, images = loaded
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)  # two threads in the background
    second_is_done = threading.Event()

    def read(image_map):
        if image_map.record.filename == "val_0.png":
            assert second_is_done.wait(timeout=10)
        second_is_done.set()
        return image_map.record.filename

    assert [name for _, name in detector.run(images, read).images] == ["val_0.png", "val_1.png"]


@pytest.mark.parametrize("filename", ["val_0.png", "val_1.png"])
def test_a_detector_fails_with_the_name_of_the_image_that_failed(loaded, filename):
    detector, images = loaded
    with pytest.raises(BackgroundError, match=rf"{filename}: broken on purpose"):
        detector.run(images, break_at(filename))
    assert len(detector.run(images, break_at("another.png")).images) == 2  # and is as good as before
