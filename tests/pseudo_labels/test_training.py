"""Training with pseudo-labels through the real configuration: settings, loaders, losses."""

import pytest

from baseline_code.files.duplicates import file_sha256
from ocr.annotations.leaks import LeakError
from ocr.annotations.records import ImageRecord
from ocr.geometry import scaling
from ocr.inference.origins import check_not_trained_on
from ocr.label_maps.painting import build_targets
from ocr.probability_maps import ImageMap, MapCacheWriter
from runners.wiring.detector import load_detector, read_labelled
from runners.wiring.training import build_datamodule, build_module
from tests.lightning_modules.experiment import SIZE, TO_LEARN, configured, fit, overriding, two_words, write_split
from tests.oracles.polygons import box


@pytest.fixture
def root(tmp_path):
    """One labelled image, and three that only a teacher labels."""
    write_split(tmp_path, "train", {"labelled.png": two_words(0)})
    write_split(tmp_path, "val", {f"val_{index}.png": two_words(index) for index in (6, 7)})
    write_split(tmp_path, "new", {f"new_{index}.png": two_words(index) for index in range(1, 4)})
    with MapCacheWriter(tmp_path / "maps", source={"teacher": "one that is right"}) as writer:
        for index in range(1, 4):
            name, words = f"new_{index}.png", [box(*word) for word in two_words(index)]
            soft = build_targets(words, [False, False], SIZE, SIZE).probability[0] // 255 * 230 + 5
            record = ImageRecord(name, SIZE, SIZE, scaling(1.0))
            writer.add(ImageMap(record, soft), file_sha256(tmp_path / "images/new" / name))
    return tmp_path


def pseudo(root):
    return [f"datasets.pseudo.maps={root}/maps", f"datasets.pseudo.images={root}/images/new"]


def test_a_detector_learns_from_its_teacher_and_loads_where_the_maps_are_gone(root, tmp_path):
    config = configured(root, *pseudo(root), *TO_LEARN)
    trained = fit(config, tmp_path / "run")
    assert trained.trainer.global_step == 30  # one labelled and three others make a batch of 4
    assert trained.trainer.callback_metrics["val_hmean"] > 0.9
    (root / "maps/index.json").unlink()
    detector, settings = load_detector(tmp_path / "run/checkpoints/last.ckpt", overriding(), "val")
    assert list(detector.evaluate(read_labelled(settings, "val")).scores.images) == ["val_6.png", "val_7.png"]


def test_what_a_teacher_has_labelled_counts_as_trained_on(root):
    config = configured(root, *pseudo(root))
    new = [root / f"images/new/new_{index}.png" for index in range(1, 4)]
    datamodule = build_datamodule(config)
    assert datamodule.training_paths == [root / "images/train/labelled.png", *new]
    with pytest.raises(LeakError, match=r"new_2\.png \(trained on: new_2\.png\)"):
        check_not_trained_on(lambda: datamodule.training_paths, new[1:2])


def test_a_band_in_the_settings_reaches_the_masks(root):
    masked = []
    for high in (0.6, 0.95):  # the teacher's text is (230 + 5) / 255 = 0.92
        config = configured(root, *pseudo(root), f"datasets.pseudo.high={high}", "trainer.batch_size=4")
        (batch,) = build_datamodule(config).train_dataloader()
        masked.append(int((batch.targets.probability_mask == 0).sum()))
        assert build_module(config).compute_loss(batch).total.isfinite()
    assert masked[0] < masked[1]
