"""Maps of images by a checkpoint: kept once, used again, never mixed up; predictions with views, maps, calibration.

The detector is not trained: what its maps look like does not matter here.
"""

import json
import unicodedata

import numpy as np
import pytest
import torch

from baseline_code.files.duplicates import file_sha256
from ocr.annotations.records import ImageRecord
from ocr.calibration import Calibration, write_calibration
from ocr.datasets.selection import ImageSelection
from ocr.inference import map_caching
from ocr.inference.predictor import Found
from ocr.metrics import Ratios
from ocr.probability_maps import CacheError, ImageMap, MapCache
from ocr.statistics import PairedGain
from ocr.submission import read_predictions
from runners import predict
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector
from runners.wiring.training import build_module
from tests.commands import composed
from tests.lightning_modules.experiment import configured, two_words, write_split
from tests.small_data import change_json

NAMES = ["b.png", "a.png", "c.png"]
FLIP = {"flip": True, "scales": [1.0], "rotations": [0.0], "tile": None, "overlap": 0.25}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_split(root, "test", {name: two_words(index) for index, name in enumerate(NAMES)})
    write_split(root, "val", {name: two_words(index) for index, name in enumerate(NAMES)})
    return root


@pytest.fixture(scope="module")
def checkpoint(root, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "detector.ckpt"
    module = build_module(configured(root, "models.head.thresh=0.0", "models.head.box_thresh=0.0"))
    torch.save({"state_dict": module.state_dict(), "config": module.config}, path)
    return path


@pytest.fixture
def images(root, tmp_path):
    """Copies, which a test may change."""
    for name in NAMES:
        (tmp_path / name).write_bytes((root / "images/test" / name).read_bytes())
    return ImageSelection(tmp_path, list(NAMES))


@pytest.fixture
def calls(monkeypatch):
    """Grey maps instead of the network's; one entry for each time that maps were asked for."""
    asked = []

    def predict(detector, images, writer):
        asked.append(images.filenames)
        for folder, name in zip(images.folders, images.filenames, strict=True):
            record = ImageRecord(name, 64, 64, np.eye(3))
            writer.add(ImageMap(record, np.full((64, 64), 9, np.uint16)), file_sha256(folder / name))
        writer.close(images.filenames)
        return Found([], [])

    monkeypatch.setattr(map_caching, "find_and_keep", predict)
    return asked


def seen(**size):
    """Images of the test at another size."""
    return Overrides(datasets={"test": size})


def cache_maps(checkpoint, overrides, images, folder, **options):
    return map_caching.cache_maps(load_detector(checkpoint, overrides).detector, images, folder, **options)


def command(name, checkpoint, *arguments):
    """The settings of a runner as typed."""
    return composed(name, f"checkpoint_path={checkpoint}", *map(str, arguments))


# ---- the cache


def test_a_cache_holds_the_maps_that_the_network_gives(checkpoint, images, tmp_path):
    cache = cache_maps(checkpoint, Overrides(), images, tmp_path / "maps")
    assert cache.filenames == tuple(NAMES)
    seen = []
    load_detector(checkpoint, Overrides()).detector.find(images, seen.append)
    assert len(seen) == 3
    for image in seen:
        kept = cache.read(image.record.filename)
        np.testing.assert_array_equal(kept.probability, image.probability)
        np.testing.assert_array_equal(kept.record.input_to_original, image.record.input_to_original)


def test_a_cache_tells_where_it_comes_from(checkpoint, images, tmp_path):
    source = cache_maps(checkpoint, Overrides(tta=FLIP), images, tmp_path / "maps").source
    assert source["checkpoint"] == str(checkpoint)
    assert source["checkpoint_sha256"] == file_sha256(checkpoint)
    assert (source["img_size"], source["padding"], source["precision"]) == (64, "multiple", "32-true")
    assert source["tta"] == FLIP


def test_the_same_maps_are_not_predicted_twice(checkpoint, images, tmp_path, calls, caplog):
    first = cache_maps(checkpoint, Overrides(), images, tmp_path / "maps", bits=8)
    with caplog.at_level("INFO"):
        again = cache_maps(checkpoint, Overrides(), images, tmp_path / "maps", bits=8)
    assert len(calls) == 1
    assert again.fingerprint == first.fingerprint
    assert "the maps of 3 images are there already and are used again" in caplog.text


def test_maps_that_are_older_than_a_setting_were_made_with_its_default(checkpoint, images, tmp_path, calls):
    cache_maps(checkpoint, Overrides(), images, tmp_path / "maps")
    change_json(tmp_path / "maps/index.json", lambda index: list(map(index["source"].pop, ("resize", "max_side"))))
    cache_maps(checkpoint, Overrides(), images, tmp_path / "maps")
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda given: given.update(overrides=Overrides(tta={"flip": True})),
            r"tta \{'flip': False.*expected \{'flip': True",
        ),
        (lambda given: given.update(overrides=seen(img_size=96)), r"img_size 64, expected 96"),
        (lambda given: given.update(overrides=seen(resize="short_side")), r"resize long_side, expected sh"),
        (lambda given: given.update(bits=8), r"16 bits per pixel, expected 8"),
        (lambda given: given.update(checkpoint=given["other"]), r"checkpoint_sha256 \w+, expected"),
        (lambda given: given["images"].filenames.reverse(), r"maps of 3 images, expected 3 or another order"),
        (lambda given: given["images"].filenames.pop(), r"maps of 3 images, expected 2"),
        (lambda given: (given["images"].folder / "a.png").write_bytes(b"other"), r"a\.png was another file"),
    ],
    ids=["views", "size", "side", "bits", "checkpoint", "order", "images", "content"],
)
def test_maps_of_something_else_are_refused(checkpoint, images, tmp_path, calls, change, reason):
    cache_maps(checkpoint, Overrides(), images, tmp_path / "maps")
    other = tmp_path / "other.ckpt"
    torch.save(torch.load(checkpoint, weights_only=True) | {"epoch": 1}, other)
    given = {"checkpoint": checkpoint, "overrides": Overrides(), "images": images, "bits": 16, "other": other}
    change(given)
    del given["other"]
    with pytest.raises(CacheError, match=rf"maps holds .* of something else \({reason}.*choose another folder, or .*"):
        cache_maps(folder=tmp_path / "maps", **given)
    assert len(calls) == 1
    cache_maps(folder=tmp_path / "maps", overwrite=True, **given)
    assert len(calls) == 2


def test_an_unreadable_image_is_left_out_stops_no_other_and_lets_the_cache_be_used_again(
    checkpoint, images, tmp_path, caplog, monkeypatch
):
    (tmp_path / "a.png").write_bytes(b"no image")
    cache = cache_maps(checkpoint, Overrides(tta=FLIP), images, tmp_path / "maps")
    assert cache.filenames == ("b.png", "c.png")
    assert "a.png: expected a JPEG" in caplog.text
    monkeypatch.setattr(map_caching, "find_and_keep", None)
    assert cache_maps(checkpoint, Overrides(tta=FLIP), images, tmp_path / "maps").filenames == cache.filenames


def test_images_that_are_stored_in_another_unicode_form_of_their_names_have_maps_that_are_used_again(
    checkpoint, images, tmp_path, monkeypatch
):
    """Labels name é as one character, macOS stores it as two."""
    labelled, stored = (unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD"))
    (tmp_path / "a.png").rename(tmp_path / stored)
    asked = ImageSelection(tmp_path, ["b.png", labelled])
    cache = cache_maps(checkpoint, Overrides(), asked, tmp_path / "maps")
    assert cache.image_sha256[labelled] == file_sha256(tmp_path / stored)
    monkeypatch.setattr(map_caching, "find_and_keep", None)
    assert cache_maps(checkpoint, Overrides(), asked, tmp_path / "maps").filenames == ("b.png", labelled)


def test_an_interrupted_cache_is_begun_anew(checkpoint, images, tmp_path, monkeypatch):
    def interrupt(detector, images, writer):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(map_caching, "find_and_keep", interrupt)
        with pytest.raises(KeyboardInterrupt):
            cache_maps(checkpoint, Overrides(), images, tmp_path / "maps")
    assert len(cache_maps(checkpoint, Overrides(), images, tmp_path / "maps")) == 3


# ---- the runners


def test_predict_keeps_the_maps_that_it_read_its_words_from(checkpoint, images, tmp_path):
    arguments = [f"images={images.folder}", f"output={tmp_path / 'out'}", f"save_maps={tmp_path / 'maps'}"]
    predict.main(command("predict", checkpoint, *arguments, "ledger=null", "tta.flip=true", "tta.scales=[1.0,1.5]"))
    cache = MapCache(tmp_path / "maps")
    assert cache.filenames == ("a.png", "b.png", "c.png")  # a folder's images come by name
    assert cache.read("a.png").probability.shape == (96, 96)
    postprocess = load_detector(checkpoint, Overrides()).detector.postprocess
    words = read_predictions(tmp_path / "out/predictions.json")
    for name in cache.filenames:
        record, probability = cache.read(name)
        found = postprocess(probability, record.input_to_original, 64, 64)
        assert len(found.polygons) == len(words[name].polygons) > 0
    assert cache_maps(checkpoint, Overrides(tta=FLIP | {"scales": [1.0, 1.5]}), images_by_name(images), cache.folder)


def images_by_name(images):
    return ImageSelection(images.folder, sorted(images.filenames))


def test_predict_refuses_a_folder_with_maps(checkpoint, images, tmp_path):
    cache_maps(checkpoint, Overrides(), images, tmp_path / "maps")
    arguments = [f"images={images.folder}", f"output={tmp_path / 'out'}", f"save_maps={tmp_path / 'maps'}"]
    with pytest.raises(FileExistsError, match=r"maps holds a cache of probability maps already"):
        predict.main(command("predict", checkpoint, *arguments, "ledger=null"))


def test_predict_notes_in_the_ledger_how_it_was_made(checkpoint, images, tmp_path):
    arguments = [f"images={images.folder}", f"output={tmp_path / 'out'}", f"ledger={tmp_path / 'ledger.csv'}"]
    predict.main(command("predict", checkpoint, *arguments, "tta.flip=true"))
    note = json.loads((tmp_path / "out/provenance.json").read_text())
    assert note["settings"]["tta"] == FLIP
    assert note["settings"]["models"]["head"]["box_thresh"] == 0.0
    assert note["validation"] is None
    assert "tta.flip=true" in (tmp_path / "ledger.csv").read_text()


# ---- calibration


def calibration_file(path, **settings):
    nothing = Ratios(0.5, 0.5, 0.5)
    gain = PairedGain(0.1, 0.0, 0.2, 0.9, 0.05)
    write_calibration(path, Calibration(settings, True, settings, {}, nothing, nothing, 0.5, gain, 3, {}))
    return str(path)


def test_a_calibration_comes_between_the_checkpoint_and_what_is_typed(checkpoint, tmp_path):
    path = calibration_file(tmp_path / "calibration.json", thresh=0.25, box_thresh=0.55)
    typed = Overrides(calibration=path, models={"head": {"box_thresh": 0.6}})
    detector, settings = load_detector(checkpoint, typed)
    assert (detector.postprocess.thresh, detector.postprocess.box_thresh) == (0.25, 0.6)
    assert detector.postprocess.max_candidates == 500
    head = settings.models["head"]
    assert (head["thresh"], head["box_thresh"]) == (0.25, 0.6)


def test_settings_of_views_come_from_the_overrides_and_sizes_from_the_checkpoint(checkpoint):
    views = load_detector(checkpoint, Overrides(tta=FLIP | {"tile": 32})).detector.views
    assert (views.flip, views.tile, views.base.img_size, views.base.padding) == (True, 32, 64, "multiple")
    assert load_detector(checkpoint, Overrides(), "val").detector.views.is_plain
