"""`runners/calibrate.py`: settings found on maps, and maps of training images refused."""

import json
import unicodedata

import cv2
import numpy as np
import pytest
import torch

from baseline_code.files.duplicates import file_sha256
from ocr.annotations.leaks import LeakError
from ocr.calibration import read_calibration
from ocr.calibration.objective import describe_objective
from ocr.inference.origins import check_maps_not_trained_on, find_checkpoint
from ocr.probability_maps import CacheError, MapCache, MapCacheWriter
from ocr.starts import checkpoint_file
from runners.calibrate import main
from runners.wiring.checkpoints import Overrides, read_checkpoint
from runners.wiring.detector import load_settings
from runners.wiring.labelled_maps import LabelledSplit, gather_maps
from runners.wiring.training import training_paths
from tests.calibration.labelled_maps import labelled_map
from tests.commands import composed, output, run
from tests.small_data import random_split

QUICK = (
    "search.axes.thresh=[0.25,0.35,0.05]",
    "search.axes.box_thresh=[0.3,0.7,0.1]",
    "search.n_trials=2",
    "search.repeats=2",
)
WEAK_WORD_CUT = "models.head.box_thresh=0.6"  # of the three words the last one has 0.45
NAMES = [f"{number}.png" for number in range(6)]


def configured(*overrides):
    return composed("calibrate", *QUICK, *overrides)


def write_labels(path, maps):
    images = {}
    for record, _ in maps:
        words = {f"{index:04}": {"points": word.tolist()} for index, word in enumerate(record.polygons)}
        images[record.filename] = {"img_w": record.width_original, "img_h": record.height_original, "words": words}
    path.write_text(json.dumps({"images": images}))
    return path


def write_maps(folder, names=NAMES, source=None):
    with MapCacheWriter(folder, bits=16, source=source or {}) as writer:
        for seed, name in enumerate(names):
            writer.add(labelled_map(name, seed=seed, kind=np.uint16), "0" * 64)
    return folder


@pytest.fixture
def maps(tmp_path):
    return write_maps(tmp_path / "maps")


@pytest.fixture
def labels(tmp_path):
    return write_labels(tmp_path / "labels.json", [labelled_map(name) for name in NAMES])


def test_settings_are_found_written_and_told(tmp_path, maps, labels, capsys, caplog):
    target = tmp_path / "new" / "calibration.json"
    with caplog.at_level("INFO"):
        main(configured(f"maps={maps}", f"annotations={labels}", f"output={target}", WEAK_WORD_CUT))
    calibration = read_calibration(target)
    assert calibration.accepted
    assert calibration.defaults["box_thresh"] == 0.6
    assert calibration.settings["box_thresh"] < 0.5
    assert calibration.after.recall == 1.0
    assert calibration.images == 6
    assert calibration.source["maps"] == str(maps)
    assert cv2.imread(str(target.with_suffix(".png"))) is not None
    assert f"models.head.box_thresh={calibration.found['box_thresh']}" in capsys.readouterr().out
    assert f"calibration={target}" in caplog.text
    assert "its checkpoint is not at hand" in caplog.text
    typed = Overrides(calibration=str(target), models={"head": {"thresh": 0.77}})
    head = load_settings(None, typed).models["head"]
    assert (head["box_thresh"], head["thresh"]) == (calibration.settings["box_thresh"], 0.77)  # what is typed wins
    typed = (f"maps={maps}", f"output={target}")
    with pytest.raises(FileExistsError, match=r"calibration\.json is there already: .* or set overwrite=true"):
        main(configured(*typed))
    labels.rename(maps / "annotations.json")  # labels beside the maps are found
    main(configured(*typed, "overwrite=true"))
    assert read_calibration(target).settings != calibration.settings


def test_an_image_in_the_place_of_the_heat_map_and_labels_are_refused_before_the_search(tmp_path, maps, labels):
    (tmp_path / "scan.png").write_bytes(b"a scan")
    typed = (f"maps={maps}", f"annotations={labels}")
    with pytest.raises(FileExistsError, match=r"scan\.png is there already: .* or set overwrite=true"):
        main(configured(*typed, f"output={tmp_path / 'scan.json'}"))
    with pytest.raises(FileExistsError, match=r"labels\.json: expected a file that the command does not read, got ann"):
        main(configured(*typed, f"output={labels}", "overwrite=true"))
    assert (tmp_path / "scan.png").read_bytes() == b"a scan"
    assert not (tmp_path / "scan.json").exists()


@pytest.mark.parametrize(
    ("typed", "iou_weight"),
    [((), 0.0), (("objective=iou_hmean",), 1.0), (("objective=weighted", "iou_weight=0.3"), 0.3)],
)
def test_what_is_to_grow_is_a_setting(tmp_path, maps, labels, typed, iou_weight, capsys):
    target = tmp_path / "calibration.json"
    main(configured(f"maps={maps}", f"annotations={labels}", f"output={target}", "search.n_trials=0", *typed))
    assert read_calibration(target).iou_weight == iou_weight
    assert f"{describe_objective(iou_weight)} in ten thousandths" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("output=found.png",), r"expected output= to end in \.json, .* got found\.png"),
        (("search.axes.min_size=[1,2]",), r"min_size: expected an axis \[low, high, step\]"),
        ((), r"expected checkpoint_path=… or maps=FOLDER, got neither"),
        (("maps=seen", "tta.flip=true"), r"^seen: expected tta\.flip for checkpoints only; .* leave them out$"),
    ],
)
def test_a_command_that_cannot_work_is_explained(tmp_path, typed, message):
    with pytest.raises(ValueError, match=message):
        main(configured(f"output={tmp_path / 'calibration.json'}", *typed))


def test_labels_without_maps_are_left_out_and_counted(tmp_path, labels, caplog):
    few = write_maps(tmp_path / "few", NAMES[:4])
    main(configured(f"maps={few}", f"annotations={labels}", f"output={tmp_path / 'calibration.json'}"))
    assert read_calibration(tmp_path / "calibration.json").images == 4
    assert "maps of 4 of the 6 labelled images only" in caplog.text


def gathered(maps, labels, limit=None):
    split = LabelledSplit("val", str(labels), limit)
    return gather_maps(None, str(maps), split, Overrides(), folder=maps, overwrite=False, allow_leak=False).maps


def test_a_limit_takes_the_first_images_of_the_labels_whatever_the_order_of_the_maps(tmp_path, labels):
    backwards = write_maps(tmp_path / "backwards", NAMES[::-1])
    assert [image_map.record.filename for image_map in gathered(backwards, labels, 2)] == ["1.png", "0.png"]
    assert len(gathered(backwards, labels)) == 6


def test_labels_and_maps_of_names_that_look_the_same_belong_together(tmp_path, caplog):
    one, other = (unicodedata.normalize(form, "영수증.png") for form in ("NFC", "NFD"))
    maps = write_maps(tmp_path / "maps", [other, "1.png"])
    labels = write_labels(tmp_path / "labels.json", [labelled_map(name) for name in (one, "0.png", "1.png")])
    assert [len(image_map.record.polygons) for image_map in gathered(maps, labels)] == [3, 3]
    assert "maps of 2 of the 3 labelled images only" in caplog.text
    assert [image_map.record.filename for image_map in gathered(maps, labels, 1)] == [other]


def test_maps_without_labels_are_refused(tmp_path, maps):
    labels = write_labels(tmp_path / "few.json", [labelled_map(name) for name in NAMES[1:]])
    with pytest.raises(CacheError, match=r"1 without an annotation \('0\.png'\)"):
        main(configured(f"maps={maps}", f"annotations={labels}", f"output={tmp_path / 'calibration.json'}"))


@pytest.fixture
def detector(tmp_path):
    """Provenance of maps by a checkpoint that was trained on train_0.png and train_1.png."""
    random_split(tmp_path / "data", "train", 2, seed=0)
    checkpoint = tmp_path / "best.ckpt"
    torch.save({"config": {"datasets": {"root": str(tmp_path / "data")}}, "state_dict": {}}, checkpoint)
    assert read_checkpoint(checkpoint)
    return {"checkpoint": str(checkpoint), "checkpoint_sha256": file_sha256(checkpoint)}


def maps_of(folder, source):
    write_maps(folder, ["train_1.png"], source)
    return MapCache(folder), [folder / "train_1.png"]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_maps_of_training_images_are_refused_however_deep_in_an_ensemble(tmp_path, detector, depth):
    source = detector
    for _ in range(depth):
        source = {"members": [{"out_of_fold": True, "members": [detector]}, source]}
    cache, paths = maps_of(tmp_path / "maps", source)
    with pytest.raises(LeakError, match=r"got 1 of the same content: train_1\.png"):
        check_maps_not_trained_on(cache, paths, lambda path: training_paths(path, Overrides()))


def test_out_of_fold_maps_are_fine_though_each_detector_knows_other_folds(tmp_path, detector):
    cache, paths = maps_of(tmp_path / "maps", {"out_of_fold": True, "members": [detector, detector]})
    check_maps_not_trained_on(cache, paths, lambda path: training_paths(path, Overrides()))


def test_a_checkpoint_that_is_gone_or_another_one_is_told(tmp_path, detector, caplog):
    cache, paths = maps_of(tmp_path / "maps", detector | {"checkpoint_sha256": "0" * 64})
    check_maps_not_trained_on(cache, paths, lambda path: training_paths(path, Overrides()))
    assert "cannot know what" in caplog.text


@pytest.mark.parametrize("is_named", [True, False])
def test_maps_of_a_detector_without_a_checkpoint_are_read_with_its_own_settings(tmp_path, is_named):
    """The shipped detector, by its name and by its folder: shrunk by 0.6, cut at 0.7; the defaults are 0.4 and 0.4."""
    shipped = checkpoint_file("receipt_light")
    path = "receipt_light" if is_named else shipped.parent
    source = {"checkpoint": str(path), "checkpoint_sha256": file_sha256(shipped)}
    cache, _ = maps_of(tmp_path / "maps", source)
    head = load_settings(find_checkpoint(cache), Overrides()).models["head"]
    assert (head["shrink_ratio"], head["box_thresh"]) == (0.6, 0.7)
    other, _ = maps_of(tmp_path / "other", source | {"checkpoint_sha256": "0" * 64})
    assert find_checkpoint(other) is None


def test_a_checkpoint_is_calibrated_by_one_command(training, tmp_path):
    target = tmp_path / "calibration.json"
    command = ("calibrate", f"checkpoint_path={training.best}", "split=val", f"output={target}", *QUICK)
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "cross-fitted" in output(result)
    calibration = read_calibration(target)
    assert calibration.images == 3
    assert calibration.before.hmean == pytest.approx(training.summary["best"]["val_hmean"], abs=1e-3)
    assert (tmp_path / "calibration_maps" / "index.json").is_file()
    with pytest.raises(LeakError, match="expected images that the checkpoint was not trained on, got 6"):
        main(configured(f"checkpoint_path={training.best}", "split=train", f"output={tmp_path / 'other.json'}"))
