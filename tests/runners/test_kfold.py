"""`runners/kfold.py`: folds, what happens when it is stopped, scores out of fold, and the ensemble's CSV."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytorch_lightning as pl
import torch
from filelock import FileLock
from hydra import compose
from hydra.types import RunMode

from ocr.annotations.fold_split import FoldSplitError, read_fold_split
from ocr.annotations.leaks import LeakError
from ocr.inference.origins import check_not_trained_on
from ocr.probability_maps import MapCache
from ocr.submission import read_submission
from runners import train
from runners.cli.latest import name_latest
from runners.cli.settings import Settings, plain
from runners.cli.spellings import UsageError
from runners.kfold import main, open_folds
from runners.kfold import train_fold as train_one
from runners.wiring import run_folder
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector
from runners.wiring.experiment_log import changes_of
from runners.wiring.folds import check_one_device, choose_devices, fold_settings, load_fold
from runners.wiring.training import build_datamodule, check_start
from tests.commands import as_settings, hydra_running, typed
from tests.lightning_modules.experiment import SMALL, KillAt, Killed
from tests.report.reports import data_of
from tests.small_data import random_split

TRAIN = [f"train_{number}.png" for number in range(8)]
SETTINGS = [*SMALL, "experiment.log=null", "models.head.thresh=0.02"]
KFOLD = [*SETTINGS, "kfold.n_splits=2", "ledger=null"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    for seed, (split, count) in enumerate({"train": 8, "val": 2, "test": 3}.items()):
        random_split(root, split, count, seed=seed)
    return root


@pytest.fixture(scope="module")
def composed(data):
    """Composes a configuration as in a running command, and lets Hydra know of it."""
    with hydra_running() as running:

        def start(folder, *overrides, hydra=None):
            typed = [*KFOLD, f"datasets.root={data}", f"hydra.run.dir={folder}", f"output={folder}/csv", *overrides]
            return running("kfold", *typed, hydra=hydra)[0]

        yield start


@pytest.fixture(scope="module")
def finished(composed, tmp_path_factory):
    """Two folds of two epochs, their scores and their ensemble."""
    folder = tmp_path_factory.mktemp("kfold") / "run"
    score = main(composed(folder, f"report={folder}/oof/report"))
    return SimpleNamespace(folder=folder, score=score)


def opened(config, folder):
    """The run of a command, as it opens it."""
    return open_folds(folder, plain(config), plain(config, resolve=True)["kfold"])


def train_fold(config, folder):
    return train_one(plain(config), opened(config, folder), 0)


def weights(folder, fold):
    return torch.load(folder / f"fold_{fold}/checkpoints/last.ckpt", weights_only=True)["state_dict"]


class Epochs(pl.Callback):
    """Notes the epochs that begin."""

    def __init__(self):
        self.begun = []

    def on_train_epoch_start(self, trainer, pl_module):
        self.begun.append(trainer.current_epoch)


@pytest.fixture
def beside(monkeypatch):
    """Lets a callback of a test, made from settings and folder, run in each training from now on."""
    build = train.build_callbacks

    def add(make):
        monkeypatch.setattr(train, "build_callbacks", lambda *given, **named: [*build(*given, **named), make(*given)])

    return add


def test_each_image_is_predicted_by_the_detector_that_has_not_seen_it(finished):
    split = read_fold_split(finished.folder / "folds.json")
    assert sorted(name for fold in split.folds for name in fold.filenames) == TRAIN
    for number, fold in enumerate(split.folds):
        cache = MapCache(finished.folder / f"fold_{number}/oof")
        assert set(cache.filenames) == set(fold.filenames)
        assert Path(cache.source["checkpoint"]).parts[-3] == f"fold_{number}"
        detector = load_detector(cache.source["checkpoint"], Overrides()).detector
        assert {path.name for path in detector.training_paths()} == set(TRAIN) - set(fold.filenames)


def test_out_of_fold_maps_scores_and_labels_lie_together_in_the_order_of_the_annotations(finished, data):
    cache = MapCache(finished.folder / "oof")
    assert list(cache.filenames) == TRAIN
    assert cache.source["out_of_fold"]
    assert len(cache.source["members"]) == 2
    own = MapCache(finished.folder / "fold_1/oof")
    for name in own.filenames:
        assert (cache.read(name).probability == own.read(name).probability).all()
    scores = json.loads((finished.folder / "oof/scores.json").read_text())
    assert sorted(scores["images"]) == TRAIN
    assert [fold["images"] for fold in scores["folds"]] == [4, 4]
    assert finished.score == pytest.approx(sum(fold["cleval"]["hmean"] for fold in scores["folds"]) / 2)
    by_hand = sum(image["cleval"]["hmean"] for image in scores["images"].values()) / 8
    assert scores["overall"]["cleval"]["hmean"] == pytest.approx(by_hand)
    labels = json.loads((finished.folder / "oof/annotations.json").read_text())
    assert labels == json.loads((data / "jsons/train.json").read_text())
    assert list(read_submission(finished.folder / "csv/submission.csv")) == [f"test_{n}.png" for n in range(3)]
    assert (finished.folder / "csv/provenance.json").is_file()


def test_the_report_shows_every_image_with_its_fold_its_map_and_its_score(finished):
    images = data_of(finished.folder / "oof/report/index.html")["images"]
    scores = json.loads((finished.folder / "oof/scores.json").read_text())
    assert [image["name"] for image in images] == TRAIN
    assert {image["split"] for image in images} == set(scores["errors"]["by"]["part"]) == {"fold 0", "fold 1"}
    for image in images:
        assert image["runs"][0]["cleval"][2] == scores["images"][image["name"]]["cleval"]["hmean"]
        assert (finished.folder / "oof/report" / image["runs"][0]["map"]).is_file()


def test_the_same_command_again_trains_nothing_and_scores_the_same(finished, composed, beside):
    epochs = Epochs()
    beside(lambda *_: epochs)
    assert main(composed(finished.folder, "overwrite=true")) == finished.score
    assert epochs.begun == []


def test_trained_folds_predict_at_the_size_and_in_the_batches_that_are_typed_later(finished, composed, tmp_path):
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    later = ("datasets.val.img_size=64", "datasets.test.img_size=96", "datasets.test.batch_size=1")
    main(composed(folder, *later, "kfold.ensemble=false"))
    assert [MapCache(folder / name).source["img_size"] for name in ("fold_0/oof", "fold_1/oof")] == [96, 96]
    settings = Settings.of(plain(composed(folder, *later)))
    assert load_fold(folder / "fold_0/checkpoints/best.ckpt", settings).batch_size == 1


@pytest.fixture
def scans(data, tmp_path):
    """Images to predict, one of which cannot be read."""
    scans = shutil.copytree(data / "images/test", tmp_path / "scans")
    (scans / "broken.png").write_bytes(b"no image")
    return scans


def test_an_image_that_cannot_be_read_is_told_as_predict_tells_it(finished, composed, scans, tmp_path, caplog):
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    with caplog.at_level("INFO"), pytest.raises(SystemExit) as ended:
        main(composed(folder, f"images={scans}", "overwrite=true"))
    assert ended.value.code == 3
    assert next(iter(read_submission(folder / "csv/submission.csv"))) == "broken.png"
    assert "broken.png: expected a JPEG" in json.loads((folder / "csv/failed.json").read_text())["broken.png"]
    count = len(list(scans.iterdir()))
    assert f"{count} images, 1 unreadable; predictions of all folds are in" in caplog.text


def test_an_image_that_cannot_be_read_does_not_keep_the_next_of_several_runs_from_its_start(
    finished, composed, scans, tmp_path
):
    """Hydra begins it where the one before it returns."""
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    several = {"mode": RunMode.MULTIRUN, "runtime": {"output_dir": str(tmp_path)}}
    assert main(composed(folder, f"images={scans}", "overwrite=true", hydra=several)) == finished.score
    assert "broken.png" in (folder / "csv/failed.json").read_text()


def test_an_earlier_csv_is_not_overwritten(finished, composed):
    with pytest.raises(FileExistsError, match="holds predictions already"):
        main(composed(finished.folder))


def test_an_interrupted_run_goes_on_at_its_fold_and_epoch(finished, composed, beside, tmp_path):
    """The second fold, alone, is stopped in its second epoch; in the end its weights are those of the run in a row."""
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    shutil.rmtree(folder / "fold_1")
    beside(lambda *_: KillAt(1, 0))
    with pytest.raises(Killed):
        main(composed(folder, "kfold.fold=1"))
    assert not (folder / "fold_1/finished.json").exists()
    begun = {}
    beside(lambda config, run_folder: begun.setdefault(run_folder.name, Epochs()))
    assert main(composed(folder, "overwrite=true")) == finished.score
    assert {name: epochs.begun for name, epochs in begun.items()} == {"fold_1": [1]}
    ours, theirs = weights(folder, 1), weights(finished.folder, 1)
    assert [name for name, weight in theirs.items() if not torch.equal(weight, ours[name])] == []


def test_a_fold_is_also_a_training_of_its_own(finished, composed, data):
    config = composed(finished.folder)
    own = fold_settings(plain(config), opened(config, finished.folder), 1, gpus=0)
    folds = [f"datasets.folds={finished.folder}/folds.json", "datasets.fold=1"]
    single = as_settings(compose("train", [*map(typed, (*SETTINGS, f"datasets.root={data}", *folds))]))
    assert replace(own, written={}) == replace(single, written={})
    assert own.written.keys() == single.written.keys()
    datamodule = build_datamodule(single)
    datamodule.setup("fit")
    assert set(datamodule.images(datamodule.val).filenames).isdisjoint(datamodule.images(datamodule.train).filenames)


def test_latest_is_no_fold(finished, monkeypatch):
    monkeypatch.setattr("runners.cli.latest.RUNS", str(finished.folder))
    assert list(finished.folder.rglob("checkpoints/best.ckpt"))
    with pytest.raises(UsageError, match=r"expected a training of a detector below .*, found none"):
        name_latest("evaluate", ["checkpoint_path=latest"])


def test_folds_go_on_from_no_checkpoint_of_another_training(finished, composed):
    config = composed(finished.folder, f"resume={finished.folder}/fold_0/checkpoints/last.ckpt")
    with pytest.raises(ValueError, match=r"expected no resume= of folds, .* got .*last\.ckpt; models\.weights=FILE"):
        fold_settings(plain(config), opened(config, finished.folder), 1, gpus=0)


@pytest.mark.parametrize("key", ["models.weights", "models.encoder.weights"])
def test_a_fold_starts_from_no_detector_that_has_learnt_from_its_images(finished, composed, tmp_path, key):
    """The detector of fold 0 was trained on the four images of fold 1 alone."""
    start = f"{key}={finished.folder}/fold_0/checkpoints/best.ckpt"
    config = composed(tmp_path, start, f"datasets.folds={finished.folder}/folds.json", "kfold.fold=1")
    with pytest.raises(
        LeakError, match=rf"images that {key}=.*best\.ckpt was not trained on, got 4 of the same content"
    ):
        main(config)
    for fold, *more in ((0,), (1, "datasets.allow_leak=true")):
        settings = fold_settings(plain(composed(tmp_path, start, *more)), opened(config, tmp_path), fold, gpus=0)
        datamodule = build_datamodule(settings)
        datamodule.setup("fit")
        check_start(settings, datamodule)


def test_other_settings_in_the_same_folder_are_refused(finished, composed):
    with pytest.raises(
        ValueError, match=r"holds folds of other settings \(models\.optimizer\.lr=0\.001 there, 0\.5 here\)"
    ):
        main(composed(finished.folder, "models.optimizer.lr=0.5"))


def test_where_no_fold_was_saved_other_settings_may_begin_by_the_way_that_is_said(composed, tmp_path):
    opened(composed(tmp_path, "trainer.batch_size=3"), tmp_path)
    with pytest.raises(ValueError, match=r"no fold has a checkpoint yet: .*delete .*settings\.json to begin"):
        opened(composed(tmp_path), tmp_path)
    (tmp_path / "settings.json").unlink()
    opened(composed(tmp_path), tmp_path)
    (tmp_path / "fold_1/checkpoints").mkdir(parents=True)
    (tmp_path / "fold_1/checkpoints/last.ckpt").touch()
    with pytest.raises(ValueError, match=r"or choose another hydra\.run\.dir$"):
        opened(composed(tmp_path, "trainer.batch_size=3"), tmp_path)


def test_settings_that_change_no_fold_may_differ(finished, composed):
    opened(composed(finished.folder, "datasets.num_workers=2", "trainer.devices=2"), finished.folder)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("kfold.n_splits=3", "expected a split by n_splits=3, got n_splits=2"),
        ("kfold.seed=7", "expected a split by seed=7, got seed=42"),
        ("kfold.splits=[train,val]", r"expected a split by splits=\['train', 'val'\], got splits=\['train'\]"),
        ("kfold.hash_distance=null", "expected a split by hash_distance=None, got hash_distance=6"),
    ],
)
def test_another_split_in_the_same_folder_is_refused(finished, composed, override, message):
    with pytest.raises(FoldSplitError, match=message):
        main(composed(finished.folder, override))


def test_a_split_is_used_again_by_another_run(finished, composed, tmp_path):
    config = composed(tmp_path, f"datasets.folds={finished.folder}/folds.json", "models.optimizer.lr=0.5")
    assert opened(config, tmp_path).split == read_fold_split(finished.folder / "folds.json")
    assert not (tmp_path / "folds.json").exists()
    with pytest.raises(FoldSplitError, match=r"expected a split by n_splits=5, got n_splits=2; type kfold\.n_splits=2"):
        opened(composed(tmp_path, f"datasets.folds={finished.folder}/folds.json", "kfold.n_splits=5"), tmp_path)


def test_folds_of_one_split_are_not_scored_by_another(finished, composed, tmp_path):
    """The file has the images of the run's two folds, one image of each swapped."""
    split = json.loads((finished.folder / "folds.json").read_text())
    first, second = (fold["filenames"] for fold in split["folds"])
    first[0], second[0] = second[0], first[0]
    for fold in split["folds"]:
        fold["groups"] = []
    (tmp_path / "other.json").write_text(json.dumps(split))
    with pytest.raises(FoldSplitError, match=r"other\.json: expected the split that .*run was begun with, got another"):
        opened(composed(finished.folder, f"datasets.folds={tmp_path}/other.json"), finished.folder)
    copy = shutil.copy(finished.folder / "folds.json", tmp_path / "copy.json")
    opened(composed(finished.folder, f"datasets.folds={copy}"), finished.folder)


def test_a_refused_command_leaves_no_split_that_is_not_that_of_the_run(finished, composed, tmp_path):
    """The run was begun with a file; without it the images would be assigned otherwise."""
    split = json.loads((finished.folder / "folds.json").read_text())
    for fold, names in zip(split["folds"], (TRAIN[:1], TRAIN[1:]), strict=True):
        fold.update(filenames=names, groups=[])
    (tmp_path / "given.json").write_text(json.dumps(split))
    run = tmp_path / "run"
    opened(composed(run, f"datasets.folds={tmp_path}/given.json"), run)
    with pytest.raises(FoldSplitError, match=r"expected the split that .*run was begun with, .* same datasets\.folds"):
        opened(composed(run), run)
    assert not (run / "folds.json").exists()


def test_a_split_of_other_data_is_refused(finished, composed, tmp_path):
    random_split(tmp_path, "train", 9, seed=0)
    config = composed(tmp_path / "run", f"datasets.root={tmp_path}", f"datasets.folds={finished.folder}/folds.json")
    with pytest.raises(FoldSplitError, match=r"folds\.json: expected the split of the 9 .*train_8\.png in no fold"):
        main(config)


def test_changed_labels_keep_their_folds_and_are_told(finished, composed, data, tmp_path, caplog):
    random_split(tmp_path, "train", 8, seed=9)
    config = composed(tmp_path / "run", f"datasets.root={tmp_path}", f"datasets.folds={finished.folder}/folds.json")
    opened(config, tmp_path / "run")
    assert "the labels of train have changed since; its images keep their folds" in caplog.text


def test_a_fold_that_another_process_trains_is_left_to_it(composed, tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "_WAIT", 0.1)
    config = composed(tmp_path)
    (tmp_path / "fold_0").mkdir()
    with (
        FileLock(tmp_path / "fold_0/.training.lock", is_singleton=False),
        pytest.raises(ValueError, match="fold_0 is being trained by another process"),
    ):
        train_fold(config, tmp_path)


def test_folds_that_are_validated_rarely_are_not_lost(composed, tmp_path):
    rarely = ("trainer.max_epochs=1", "trainer.check_val_every_n_epoch=5", "kfold.ensemble=false")
    assert main(composed(tmp_path / "run", *rarely)) is not None
    for fold in range(2):
        assert (tmp_path / f"run/fold_{fold}/checkpoints/best.ckpt").is_file()


def test_a_fold_that_trained_no_epoch_is_not_marked_finished(composed, tmp_path):
    with pytest.raises(ValueError, match=r"expected an epoch to be trained, got none: trainer\.max_epochs=0"):
        main(composed(tmp_path / "run", "trainer.max_epochs=0", "kfold.fold=0"))
    assert not (tmp_path / "run/fold_0/finished.json").exists()


def test_a_finished_fold_without_its_checkpoint_is_told(composed, tmp_path):
    config = composed(tmp_path)
    (tmp_path / "fold_0").mkdir()
    (tmp_path / "fold_0/finished.json").write_text('{"score": 0.5, "epochs": 3}')
    with pytest.raises(ValueError, match=r"best\.ckpt is gone: delete .*fold_0 as well"):
        train_fold(config, tmp_path)


@pytest.mark.parametrize(
    ("accelerator", "devices", "gpus", "expected"),
    [
        ("auto", "auto", 4, [1]),
        ("gpu", "auto", 2, [1]),
        ("auto", "auto", 5, [0]),
        ("auto", "auto", 1, "auto"),
        ("auto", "auto", 0, "auto"),
        ("cpu", "auto", 4, "auto"),
        ("gpu", 2, 4, 2),
    ],
)
def test_fold_five_takes_its_gpu_in_turn(accelerator, devices, gpus, expected):
    assert choose_devices(accelerator, devices, 5, gpus) == expected


def test_the_gpu_that_a_fold_has_is_no_change_of_its_preset(finished, composed):
    config = composed(finished.folder, "trainer.accelerator=auto", "trainer.devices=auto")
    settings = fold_settings(plain(config), opened(config, finished.folder), 1, gpus=2)
    assert settings.trainer["devices"] == [1]
    assert "trainer.devices" not in changes_of(settings.written, None).settings


@pytest.mark.parametrize(("devices", "nodes"), [(2, 1), ([0, 1], 1), (-1, 1), ("auto", 2)])
def test_folds_in_a_row_on_several_devices_each_are_refused_with_a_hint(devices, nodes):
    with pytest.raises(ValueError, match=r"expected one device per fold.*--multirun kfold\.fold=0,1"):
        check_one_device(devices, nodes)
    for fine in ("auto", 1, "1", [1], [0]):
        check_one_device(fine, 1)


def test_images_that_a_detector_was_trained_on_are_refused_also_under_another_name_or_unknown(finished, data, tmp_path):
    checkpoint = finished.folder / "fold_0/checkpoints/best.ckpt"
    paths = load_detector(checkpoint, Overrides()).detector.training_paths
    own = read_fold_split(finished.folder / "folds.json").held_out(0)
    images = [data / "images/train" / name for name in TRAIN]
    check_not_trained_on(paths, [path for path in images if path.name in own])
    check_not_trained_on(paths, (data / "images/val").iterdir())
    seen = next(path for path in images if path.name not in own)
    with pytest.raises(LeakError, match=rf"got 1 of the same content: {seen.name} \(trained on: {seen.name}\)"):
        check_not_trained_on(paths, [seen])
    (tmp_path / "renamed.png").write_bytes(seen.read_bytes())
    with pytest.raises(LeakError, match=rf"renamed\.png \(trained on: {seen.name}\)"):
        check_not_trained_on(paths, [tmp_path / "renamed.png"])
    detector = load_detector(checkpoint, Overrides(datasets={"root": str(tmp_path)})).detector
    with pytest.raises(LeakError, match=r"expected to know what the checkpoint was trained on, got: .*allow_leak=true"):
        check_not_trained_on(detector.training_paths, [seen])
