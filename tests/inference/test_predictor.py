"""A checkpoint in use: the same score again, the averaged weights, the settings that reach the post-process."""

import os
import pickle
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from baseline_code.models.normalisation import Normalisation
from ocr.annotations.records import ImageRecord
from ocr.datasets.batch import DetectionBatch
from ocr.inference.predictor import without_labels
from ocr.label_maps.target_maps import ByteMaps
from ocr.metrics import Evaluator
from ocr.probability_maps import ImageMap, read_words
from runners.wiring.checkpoints import CheckpointError
from runners.wiring.detector import choose_device, load_detector, read_labelled
from runners.wiring.training import build_module
from tests.lightning_modules.experiment import SIZE, configured, fit, overriding


@pytest.fixture
def last(learned):
    return learned[1]


@pytest.fixture
def loaded(last):
    return load_detector(last, overriding(), "val")


@pytest.fixture
def module(data):
    return build_module(configured(data))


def save_with(checkpoint, path, **changes):
    """A copy of a checkpoint with other settings of its loss."""
    content = torch.load(checkpoint, weights_only=True)
    content["config"]["models"]["loss"] |= changes
    torch.save(content, path)
    return path


# ---- scores


def test_a_detector_scores_as_its_training_logged(learned, loaded):
    detector, settings = loaded
    logged = {
        name: value.item() for name, value in learned[0].trainer.callback_metrics.items() if name.startswith("val_")
    }
    found = detector.evaluate(read_labelled(settings, "val")).scores
    assert 0 < logged["val_hmean"] < 1  # or the comparison would say nothing
    for name in ("precision", "recall", "hmean"):
        assert getattr(found.cleval, name) == pytest.approx(logged[f"val_{name}"], abs=1e-6)
        assert getattr(found.iou, name) == pytest.approx(logged[f"val_iou_{name}"], abs=1e-6)


def test_the_score_is_the_evaluators_on_what_was_detected(loaded):
    detector, settings = loaded
    images = read_labelled(settings, "val")
    evaluator = Evaluator()
    for (_, found), words in zip(detector.find(images).images, images.annotations, strict=True):
        evaluator.update(words.filename, words.polygons, words.ignore, found.polygons, found.scores)
    found, expected = detector.evaluate(images).scores, evaluator.compute()
    assert tuple(found.cleval) == pytest.approx(tuple(expected.cleval))
    assert tuple(found.iou) == pytest.approx(tuple(expected.iou))
    assert 0 < expected.cleval.hmean < 1
    assert list(found.images) == ["val_0.png", "val_1.png"]


def test_detections_lie_in_original_pixels(loaded):
    """Text at 32..48 x 16..24 of the map lies at 64..96 x 32..48 of an image that is twice as large."""
    detector, _ = loaded
    record = ImageRecord("double.png", 2 * SIZE, 2 * SIZE, np.diag([2.0, 2.0, 1.0]))
    probability = np.zeros((SIZE, SIZE), np.float32)
    probability[16:24, 32:48] = 0.9
    postprocess = replace(detector.postprocess, unclip="ratio", unclip_ratio=0.0)
    found = read_words(ImageMap(record, probability), postprocess)
    assert len(found.polygons) == 1
    assert found.polygons[0].min(axis=0).tolist() == pytest.approx([64, 32], abs=1e-3)
    assert found.polygons[0].max(axis=0).tolist() == pytest.approx([96, 48], abs=1e-3)
    assert found.scores.tolist() == pytest.approx([0.9], abs=1e-6)


# ---- averaged weights


def test_a_checkpoints_weights_are_the_averaged_ones_with_the_trained_ones_beside_them(last, loaded):
    checkpoint = torch.load(last, weights_only=True)
    detector, _ = loaded
    averaged, trained_on = checkpoint["state_dict"], checkpoint["current_model_state"]
    assert all(
        torch.equal(value, averaged[f"detector.{name}"]) for name, value in detector.network.state_dict().items()
    )
    name = "detector.head.probability_branch.0.0.weight"
    assert not torch.equal(averaged[name], trained_on[name])
    assert checkpoint["averaging_state"]["n_averaged"].item() == 30


# ---- settings


def kind(postprocess):
    return postprocess.max_candidates, postprocess.mode, postprocess.unclip


def test_post_processing_settings_come_from_the_checkpoint(data, tmp_path, loaded):
    assert kind(loaded.detector.postprocess) == (500, "polygon", "exact")
    overrides = ("models.head.max_candidates=7", "models.head.mode=quad", "models.head.unclip=ratio")
    fit(configured(data, *overrides, "trainer.max_epochs=1", "datasets.train.limit=2"), tmp_path)
    other, _ = load_detector(tmp_path / "checkpoints" / "last.ckpt", overriding())
    assert kind(other.postprocess) == (7, "quad", "ratio")


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_size_that_is_typed_reaches_the_images(last, split):
    detector, _ = load_detector(last, overriding(f"datasets.{split}.img_size=32"), split)
    assert detector.views.base.img_size == 32


def test_a_box_thresh_that_is_typed_reaches_the_detections(last, loaded):
    images = read_labelled(loaded.settings, "val")
    strict, _ = load_detector(last, overriding("models.head.box_thresh=1.0"), "val")
    found, kept = (
        sum(len(words.polygons) for _, words in detector.find(images).images) for detector in (loaded.detector, strict)
    )
    assert found > 0
    assert kept == 0


def test_a_device_that_is_not_here_is_refused_and_auto_takes_one_that_is(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert (choose_device("auto"), choose_device("cpu")) == ("cpu", "cpu")
    with pytest.raises(ValueError, match=r"expected a GPU for trainer\.accelerator=gpu, found none"):
        choose_device("gpu")
    with pytest.raises(ValueError, match=r"expected trainer\.accelerator to be one of auto, cpu on this machine"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert (choose_device("auto"), choose_device("gpu"), choose_device("cuda")) == ("cuda", "cuda", "cuda")


# ---- batches


def test_images_are_normalised_with_imagenets_mean_and_deviation_and_lie_in_memory_as_they_do():
    white = Normalisation()(torch.full((1, 3, 1, 1), 255, dtype=torch.uint8))
    expected = [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    assert white.flatten().tolist() == pytest.approx(expected, abs=1e-5)
    assert white.dtype == torch.float32
    images = torch.zeros(2, 8, 8, 3, dtype=torch.uint8).permute(0, 3, 1, 2)
    assert Normalisation()(images).is_contiguous(memory_format=torch.channels_last)


class Files:
    """Images in a folder, as the commands select them."""

    def __init__(self, folder, *filenames):
        self.filenames, self.folders = list(filenames), [folder] * len(filenames)


def test_a_file_that_cannot_be_read_is_reported_and_stops_no_other(loaded, data, tmp_path):
    (tmp_path / "good.png").write_bytes((data / "images" / "val" / "val_0.png").read_bytes())
    (tmp_path / "bad.png").write_bytes(b"no image")
    found, unreadable = loaded.detector.find(Files(tmp_path, "bad.png", "good.png"))
    assert [record.filename for record, _ in found] == ["good.png"]
    assert [image.filename for image in unreadable] == ["bad.png"]
    assert loaded.detector.find(Files(tmp_path, "bad.png")).images == []


def test_a_labelled_file_that_cannot_be_read_is_an_error(loaded, tmp_path):
    """Its scores would not compare with those of all files."""
    (tmp_path / "bad.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"bad\.png"):
        loaded.detector.evaluate(without_labels(Files(tmp_path, "bad.png")))


def test_a_training_step_sees_the_maps_as_the_batch_expands_them(module):
    images = torch.zeros(1, 3, SIZE, SIZE, dtype=torch.uint8)
    maps = ByteMaps(*(torch.full((1, 1, SIZE, SIZE), value, dtype=torch.uint8) for value in (1, 1, 102, 1)))
    seen = []

    class Spy(nn.Module):
        def forward(self, maps, targets):
            seen.append(targets)
            return loss(maps, targets)

    loss, module.loss = module.loss, Spy()
    module.log = lambda *_, **__: None
    module._trainer = SimpleNamespace(gradient_clip_val=None)
    total = module.training_step(DetectionBatch(images, maps, ()), 0)
    torch.testing.assert_close(tuple(seen[0]), tuple(maps.as_floats()))
    assert all(0 < values.max() <= 1 for values in seen[0])
    assert total.requires_grad


# ---- files that are no checkpoints


def test_a_file_that_is_no_checkpoint_is_named(last, tmp_path):
    path, whole = tmp_path / "bad.ckpt", last.read_bytes()
    with pytest.raises(CheckpointError, match=r"expected a checkpoint at checkpoint_path=.*bad\.ckpt, found no file"):
        load_detector(path, overriding())
    for content in (b"", b"not a checkpoint", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"bad\.ckpt: expected a checkpoint, could not read it"):
            load_detector(path, overriding())
    for content in ([1, 2], {"state_dict": {}}, {"config": {}}):
        torch.save(content, path)
        with pytest.raises(CheckpointError, match=r"bad\.ckpt: expected a checkpoint that .* wrote"):
            load_detector(path, overriding())


def test_weights_of_another_network_are_named(last, tmp_path):
    content = torch.load(last, weights_only=True)
    content["config"]["models"]["decoder"]["output_channels"] = 12
    torch.save(content, tmp_path / "mixed.ckpt")
    with pytest.raises(CheckpointError, match=r"mixed\.ckpt: its weights do not fit its configuration"):
        load_detector(tmp_path / "mixed.ckpt", overriding())


class MakesAFolder:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    content = {"config": {}, "state_dict": MakesAFolder(tmp_path / "owned")}
    torch.save(content, tmp_path / "evil.ckpt", pickle_module=pickle)
    with pytest.raises(CheckpointError, match=r"evil\.ckpt: expected a checkpoint, could not read it"):
        load_detector(tmp_path / "evil.ckpt", overriding())
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    "settings",
    [
        {"_target_": "os.system", "command": "true"},
        {"_target_": "baseline_code.files.atomic.os.remove", "path": "nothing"},  # reached through our own package
        {"_target_": "ocr.losses.DBLoss", "probability_weight": {"_target_": "builtins.exec", "_args_": [""]}},
        {"_target_": "${datasets.root}.losses"},
        "${oc.create:{_target_:os.system,command:'true'}}",
    ],
    ids=["foreign", "through ours", "nested", "composed", "created"],
)
def test_a_checkpoint_that_would_build_foreign_parts_is_refused(settings, last, tmp_path):
    path = save_with(last, tmp_path / "evil.ckpt", negative_ratio=settings)
    refused = r"evil\.ckpt: expected (only parts of this project .*got _target_='|plain values in its settings, got )"
    with pytest.raises(CheckpointError, match=refused):
        load_detector(path, overriding())
