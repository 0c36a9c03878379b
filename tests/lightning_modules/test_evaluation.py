"""A checkpoint in use: the same score again, the averaged weights, the settings that reach the post-process."""

import os
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from ocr.datasets.batch import DetectionBatch
from ocr.label_maps.target_maps import ByteMaps
from ocr.metrics import Evaluator
from runners.wiring.checkpoints import CheckpointError
from runners.wiring.detector import build_datamodule, load_module
from runners.wiring.trainers import build_inference_trainer
from tests.lightning_modules.experiment import SIZE, configured, fit, overriding


@pytest.fixture
def last(learned):
    return learned[1]


@pytest.fixture
def loaded(last):
    return load_module(last, overriding())


def save_with(checkpoint, path, **changes):
    """A copy of a checkpoint with other settings of its loss."""
    content = torch.load(checkpoint, weights_only=True)
    content["config"]["models"]["loss"] |= changes
    torch.save(content, path)
    return path


def batch_of(module, settings):
    return next(iter(build_datamodule(settings).val_dataloader()))


# ---- scores


def test_evaluation_gives_the_score_that_training_logged(learned, loaded):
    module, settings = loaded
    logged = {
        name: value.item() for name, value in learned[0].trainer.callback_metrics.items() if name.startswith("val_")
    }
    datamodule = build_datamodule(settings)
    build_inference_trainer(settings).test(module, datamodule.labelled_dataloader(datamodule.val), verbose=False)
    found = module.evaluation
    assert 0 < logged["val_hmean"] < 1  # or the comparison would say nothing
    for name in ("precision", "recall", "hmean"):
        assert getattr(found.cleval, name) == pytest.approx(logged[f"val_{name}"], abs=1e-6)
        assert getattr(found.iou, name) == pytest.approx(logged[f"val_iou_{name}"], abs=1e-6)


def test_the_score_is_the_evaluators_on_what_was_detected(loaded):
    module, settings = loaded
    evaluator = Evaluator()
    with torch.no_grad():
        detected = [found for batch in build_datamodule(settings).val_dataloader() for found in module.detect(batch)]
    for record, detections in detected:
        evaluator.update(record.filename, record.polygons, record.ignore, detections.polygons, detections.scores)
    build_inference_trainer(settings).test(module, build_datamodule(settings).val_dataloader(), verbose=False)
    found, expected = module.evaluation, evaluator.compute()
    assert tuple(found.cleval) == pytest.approx(tuple(expected.cleval))
    assert tuple(found.iou) == pytest.approx(tuple(expected.iou))
    assert 0 < expected.cleval.hmean < 1
    assert list(module.evaluation.images) == ["val_0.png", "val_1.png"]


def test_a_second_evaluation_starts_anew(loaded):
    module, settings = loaded
    for limit in (2, 1):
        settings.datasets.val.limit = limit
        build_inference_trainer(settings).test(module, build_datamodule(settings).val_dataloader(), verbose=False)
        assert len(module.evaluation.images) == limit


def test_detections_lie_in_original_pixels(loaded):
    """Text at 32..48 x 16..24 of the input lies at 64..96 x 32..48 of an image that is twice as large."""
    module, settings = loaded
    batch = batch_of(module, settings)
    record = batch.records[0]
    twice = type(record)("double.png", 2 * SIZE, 2 * SIZE, np.diag([2.0, 2.0, 1.0]))
    probability = torch.zeros(1, 1, SIZE, SIZE)
    probability[..., 16:24, 32:48] = 0.9
    module.predict_probability = lambda _: probability
    module.postprocess.unclip, module.postprocess.unclip_ratio = "ratio", 0.0
    ((_, detections),) = module.detect(DetectionBatch(batch.images[:1], None, (twice,)))
    assert len(detections.polygons) == 1
    assert detections.polygons[0].min(axis=0).tolist() == pytest.approx([64, 32], abs=1e-3)
    assert detections.polygons[0].max(axis=0).tolist() == pytest.approx([96, 48], abs=1e-3)
    assert detections.scores.tolist() == pytest.approx([0.9], abs=1 / 65535)


# ---- averaged weights


def test_a_checkpoints_weights_are_the_averaged_ones_with_the_trained_ones_beside_them(last, loaded):
    checkpoint = torch.load(last, weights_only=True)
    module, _ = loaded
    averaged, trained_on = checkpoint["state_dict"], checkpoint["current_model_state"]
    assert all(torch.equal(value, averaged[name]) for name, value in module.state_dict().items())
    name = "detector.head.probability_branch.0.0.weight"
    assert not torch.equal(averaged[name], trained_on[name])
    assert checkpoint["averaging_state"]["n_averaged"].item() == 30


def test_the_averaged_weights_are_those_that_training_ends_with(learned, last):
    averaged = torch.load(last, weights_only=True)["state_dict"]
    assert all(torch.equal(value, averaged[name]) for name, value in learned[0].module.state_dict().items())


# ---- settings


def test_post_processing_settings_come_from_the_checkpoint(data, tmp_path, loaded):
    module, _ = loaded
    assert (module.postprocess.max_candidates, module.postprocess.mode, module.postprocess.unclip) == (
        500,
        "polygon",
        "exact",
    )
    overrides = ("models.head.max_candidates=7", "models.head.mode=quad", "models.head.unclip=ratio")
    fit(configured(data, *overrides, "trainer.max_epochs=1", "datasets.train.limit=2"), tmp_path)
    other, _ = load_module(tmp_path / "checkpoints" / "last.ckpt", overriding())
    assert (other.postprocess.max_candidates, other.postprocess.mode, other.postprocess.unclip) == (7, "quad", "ratio")


def test_a_box_thresh_that_is_typed_reaches_the_detections(last, loaded):
    module, settings = loaded
    strict, _ = load_module(last, overriding("models.head.box_thresh=1.0"))
    batch = batch_of(module, settings)
    with torch.no_grad():
        found, kept = (sum(len(d.polygons) for _, d in m.detect(batch)) for m in (module, strict))
    assert found > 0
    assert kept == 0


def test_a_size_that_is_typed_reaches_the_images(last):
    _, settings = load_module(last, overriding("datasets.val.img_size=32"))
    assert batch_of(None, settings).images.shape[-2:] == (32, 32)


def test_a_loaded_detector_is_ready_for_use_and_asks_for_no_pretrained_weights(loaded):
    module, settings = loaded
    assert not module.training
    assert settings.models.encoder.pretrained is False


# ---- batches


def test_images_are_normalised_with_imagenets_mean_and_deviation(loaded):
    module, _ = loaded
    white = module.normalise(torch.full((1, 3, 1, 1), 255, dtype=torch.uint8))
    expected = [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    assert white.flatten().tolist() == pytest.approx(expected, abs=1e-5)
    assert white.dtype == torch.float32


def test_normalised_images_lie_in_memory_as_the_images_do(loaded):
    module, _ = loaded
    images = torch.zeros(2, 8, 8, 3, dtype=torch.uint8).permute(0, 3, 1, 2)
    assert module.normalise(images).is_contiguous(memory_format=torch.channels_last)


def test_training_without_maps_is_refused(loaded):
    module, _ = loaded
    images = torch.zeros(1, 3, SIZE, SIZE, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"expected training maps in the batch, got none: .*targets=True"):
        module.training_step(DetectionBatch(images, None, ()), 0)


def test_a_file_that_cannot_be_read_is_reported_and_stops_no_other(loaded, data, tmp_path):
    module, settings = loaded
    good = data / "images" / "val" / "val_0.png"
    (tmp_path / "good.png").write_bytes(good.read_bytes())
    (tmp_path / "bad.png").write_bytes(b"no image")
    loader = build_datamodule(settings).image_dataloader(tmp_path, ["bad.png", "good.png"])
    batches = build_inference_trainer(settings).predict(module, loader)
    assert [record.filename for batch in batches for record, _ in batch.predictions] == ["good.png"]
    assert [image.filename for batch in batches for image in batch.unreadable] == ["bad.png"]


def test_a_batch_of_unreadable_files_has_no_detections(loaded, tmp_path):
    module, settings = loaded
    (tmp_path / "bad.png").write_bytes(b"")
    batch = next(iter(build_datamodule(settings).image_dataloader(tmp_path, ["bad.png"])))
    assert module.predict_step(batch, 0).predictions == []


def test_a_training_step_sees_the_maps_as_the_batch_expands_them(loaded):
    module, _ = loaded
    images = torch.zeros(1, 3, SIZE, SIZE, dtype=torch.uint8)
    maps = ByteMaps(*(torch.full((1, 1, SIZE, SIZE), value, dtype=torch.uint8) for value in (1, 1, 102, 1)))
    seen = []

    class Spy(nn.Module):
        def forward(self, maps, targets):
            seen.append(targets)
            return loss(maps, targets)

    loss, module.loss = module.loss, Spy()
    total = module.training_step(DetectionBatch(images, maps, ()), 0)
    torch.testing.assert_close(tuple(seen[0]), tuple(maps.as_floats()))
    assert all(0 < values.max() <= 1 for values in seen[0])
    assert total.requires_grad


# ---- files that are no checkpoints


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"expected a checkpoint at checkpoint_path=.*gone\.ckpt, found no file"):
        load_module(tmp_path / "gone.ckpt", overriding())


@pytest.mark.parametrize("content", [b"", b"not a checkpoint"], ids=["empty", "text"])
def test_a_file_that_is_no_checkpoint_is_named(content, tmp_path):
    (tmp_path / "bad.ckpt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"bad\.ckpt: expected a checkpoint, could not read it: \w+"):
        load_module(tmp_path / "bad.ckpt", overriding())


def test_a_truncated_checkpoint_is_named(last, tmp_path):
    content = last.read_bytes()
    (tmp_path / "half.ckpt").write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=r"half\.ckpt: expected a checkpoint, could not read it"):
        load_module(tmp_path / "half.ckpt", overriding())


@pytest.mark.parametrize(
    "content", [[1, 2], {"state_dict": {}}, {"config": {}}], ids=["list", "no config", "no weights"]
)
def test_a_file_of_another_program_is_named(content, tmp_path):
    torch.save(content, tmp_path / "other.ckpt")
    with pytest.raises(CheckpointError, match=r"other\.ckpt: expected a checkpoint that .* wrote"):
        load_module(tmp_path / "other.ckpt", overriding())


def test_weights_of_another_network_are_named(last, tmp_path):
    content = torch.load(last, weights_only=True)
    content["config"]["models"]["decoder"]["output_channels"] = 12
    torch.save(content, tmp_path / "mixed.ckpt")
    with pytest.raises(CheckpointError, match=r"mixed\.ckpt: its weights do not fit its configuration"):
        load_module(tmp_path / "mixed.ckpt", overriding())


class MakesAFolder:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    content = {"config": {}, "state_dict": MakesAFolder(tmp_path / "owned")}
    torch.save(content, tmp_path / "evil.ckpt", pickle_module=pickle)
    with pytest.raises(CheckpointError, match=r"evil\.ckpt: expected a checkpoint, could not read it"):
        load_module(tmp_path / "evil.ckpt", overriding())
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
        load_module(path, overriding())
