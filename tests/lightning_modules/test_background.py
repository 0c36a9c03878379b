"""Threads beside the network: order, bounds, errors, and maps that they read."""

import copy
import pickle
import threading

import numpy as np
import pytest
import torch

from ocr.lightning_modules.background import Background, BackgroundError
from ocr.lightning_modules.host_maps import HostMaps
from runners.wiring.detector import build_datamodule, load_module
from runners.wiring.trainers import build_inference_trainer
from tests.lightning_modules.experiment import overriding

# ---- jobs


def test_jobs_run_beside_the_caller():
    """Each waits for the other: one after the other, they would never end."""
    meeting = threading.Barrier(2, timeout=10)
    future = Background(threads=1).submit("job", meeting.wait)
    meeting.wait()
    assert future.result(timeout=10) in {0, 1}


def test_results_belong_to_their_jobs():
    background = Background(threads=3, limit=4)
    futures = [background.submit(str(number), pow, number, 2) for number in range(20)]
    assert [future.result() for future in futures] == [number**2 for number in range(20)]


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


# ---- the module's use of them


@pytest.fixture
def loaded(learned):
    return load_module(learned[1], overriding())


def break_at(module, filename):
    """Lets post-processing fail for one image."""
    sound = module._read

    def read(image):
        if image.record.filename == filename:
            raise ValueError("broken on purpose")
        return sound(image)

    module._read = read


def test_images_keep_their_order_however_long_each_takes(loaded, monkeypatch):
    module, settings = loaded
    module._background = Background(threads=2)
    second_is_done = threading.Event()
    sound = module._read

    def read(image):
        if image.record.filename == "val_0.png":
            assert second_is_done.wait(timeout=10)
        found = sound(image)
        second_is_done.set()
        return found

    monkeypatch.setattr(module, "_read", read)
    loader = build_datamodule(settings).val_dataloader()
    batches = build_inference_trainer(settings).predict(module, loader)
    assert [record.filename for batch in batches for record, _ in batch.predictions] == ["val_0.png", "val_1.png"]
    second_is_done.clear()
    build_inference_trainer(settings).test(module, loader, verbose=False)
    assert list(module.evaluation.images) == ["val_0.png", "val_1.png"]


def test_evaluation_fails_with_the_name_of_the_image_that_failed(loaded):
    module, settings = loaded
    break_at(module, "val_1.png")
    with pytest.raises(BackgroundError, match=r"val_1\.png: broken on purpose"):
        build_inference_trainer(settings).test(module, build_datamodule(settings).val_dataloader(), verbose=False)


def test_prediction_fails_with_the_name_of_the_image_that_failed(loaded):
    module, settings = loaded
    break_at(module, "val_0.png")
    batches = build_inference_trainer(settings).predict(module, build_datamodule(settings).val_dataloader())
    with pytest.raises(BackgroundError, match=r"val_0\.png: broken on purpose"):
        _ = batches[0].predictions


def test_an_evaluation_after_a_failed_one_starts_anew(loaded):
    module, settings = loaded
    sound = module._read
    break_at(module, "val_1.png")
    with pytest.raises(BackgroundError):
        build_inference_trainer(settings).test(module, build_datamodule(settings).val_dataloader(), verbose=False)
    module._read = sound
    settings.datasets.val.limit = 1
    build_inference_trainer(settings).test(module, build_datamodule(settings).val_dataloader(), verbose=False)
    assert list(module.evaluation.images) == ["val_0.png"]
