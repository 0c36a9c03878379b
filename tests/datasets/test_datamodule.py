"""Which split goes where, in which order, and what is refused."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from baseline_code.images.reading import ImageReadError
from ocr.annotations.faults import AnnotationError
from ocr.annotations.fold_split import Fold, FoldSplit, FoldStatistics, write_fold_split
from ocr.annotations.leaks import LeakError
from ocr.datasets.datamodule import DetectionDataModule, Split
from ocr.datasets.word_counts import WordCounts
from ocr.transforms.geometric import Letterbox, RandomTransform
from tests.small_data import block, random_split, write_split

NAMES = ["z.png", "b.png", "a.png", "q.png", "c.png"]  # not in the order of the alphabet


@pytest.fixture
def root(tmp_path: Path) -> Path:
    random_split(tmp_path, "train", 6, seed=0)
    for number, split in enumerate(["val", "test"]):
        words = [block(4 + number, 8, 40, 10)]
        images = {f"{split}_{name}": (70 + 3 * i, 90, words) for i, name in enumerate(NAMES)}
        write_split(tmp_path, split, images)
    return tmp_path


def datamodule(root, *, train="train", limit=None, **options):
    return DetectionDataModule(
        root,
        Split(train, RandomTransform(64, rotate=5.0), 2, limit=limit),
        Split("val", Letterbox(64), 2, limit=limit),
        Split("test", Letterbox(96), 3, limit=limit),
        **{"num_workers": 0} | options,
    )


def names(loader):
    return [record.filename for batch in loader for record in batch.records]


def test_validation_and_test_come_in_the_order_of_their_files_and_training_has_every_image_once(root):
    data = datamodule(root)
    assert names(data.val_dataloader()) == [f"val_{name}" for name in NAMES]
    assert names(data.test_dataloader()) == [f"test_{name}" for name in NAMES]
    assert sorted(names(data.train_dataloader())) == [f"train_{number}.png" for number in range(6)]
    assert next(iter(data.train_dataloader())).images.shape == (2, 3, 64, 64)
    evaluated = [next(iter(loader)).chunks[0].shape for loader in (data.val_dataloader(), data.test_dataloader())]
    assert evaluated == [(2, 3, 64, 64), (3, 3, 96, 96)]
    limited = datamodule(root, limit=2)
    assert names(limited.val_dataloader()) == ["val_z.png", "val_b.png"]
    assert sorted(names(limited.train_dataloader())) == ["train_0.png", "train_1.png"]
    looked_at = data.labelled_dataloader(replace(data.val, split="train", limit=3))  # any split as another is
    assert names(looked_at) == ["train_0.png", "train_1.png", "train_2.png"]
    first, second = (torch.cat([batch.chunks[0] for batch in data.val_dataloader()]) for _ in range(2))
    assert torch.equal(first, second)  # without augmentation


def test_words_are_counted_at_the_scale_that_training_shows_them_at(root):
    write_split(root, "photographs", {"large.png": (640, 640, [block(100, 100, 300, 12)])})
    data = datamodule(root, train="photographs")
    assert data.count_training_words() == WordCounts(words=1, ignored=0, small=1)  # a tenth: 1.2 px
    data.train = replace(data.train, transform=RandomTransform(64, scale=(5.0, 8.0)))  # from 320 px on: 6 px
    assert data.count_training_words() == WordCounts(words=1, ignored=0, small=0)


@pytest.mark.parametrize("num_workers", [0, 1])
def test_loading_draws_nothing_from_torchs_generator(root, num_workers):
    """So that dropout is the same with any number of processes, and after a resume."""
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    loading = datamodule(root, num_workers=num_workers).train_dataloader()
    names(loading)
    loading.begin(1)
    names(loading)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_every_process_gets_something_to_evaluate_or_is_refused(root):
    """Five images in one batch of eight: with two processes batches of two, assigned in turn."""
    data = datamodule(root)
    data.val = replace(data.val, batch_size=8)
    assigned = []
    for rank in range(2):
        data.trainer = SimpleNamespace(world_size=2, global_rank=rank)
        assigned.append(names(data.val_dataloader()))
    assert assigned == [["val_z.png", "val_b.png", "val_c.png"], ["val_a.png", "val_q.png"]]
    data = datamodule(root, limit=2)
    data.trainer = SimpleNamespace(world_size=3, global_rank=0)
    with pytest.raises(ValueError, match="expected an image for each of 3 processes to evaluate, got 2: take fewer"):
        data.val_dataloader()
    assert len(data.train_dataloader()) == 1  # in training images come again


def test_grouping_by_shape_needs_no_sizes_in_the_labels(root):
    labels = root / "jsons/train.json"
    labels.write_text(labels.read_text().replace('"img_w"', '"unknown_w"').replace('"img_h"', '"unknown_h"'))
    loader = datamodule(root, group_shapes=True).train_dataloader()
    assert sorted(names(loader)) == [f"train_{number}.png" for number in range(6)]
    assert loader.sampler.shapes.min() > 0.7


def test_an_unreadable_image_stops_training_and_validation_by_name(root):
    (root / "images/val/val_a.png").write_bytes(b"")
    with pytest.raises(ImageReadError, match=r"val_a\.png: .*empty file"):
        list(datamodule(root).val_dataloader())


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda root: (root / "images/train/train_3.png").unlink(), r"(?s)all 6 annotated images.*train_3\.png"),
        (lambda root: (root / "jsons/val.json").unlink(), r"val\.json"),
        (lambda root: (root / "jsons/train.json").write_text('{"images": {}}'), "images in the split 'train'"),
    ],
    ids=["an image is missing", "labels are missing", "an empty split"],
)
def test_what_is_missing_is_named_before_training_which_does_not_need_the_test_split(root, spoil, message):
    shutil.rmtree(root / "images/test")
    (root / "jsons/test.json").unlink()
    datamodule(root).setup("fit")
    spoil(root)
    with pytest.raises(AnnotationError, match=message):
        datamodule(root).setup("fit")


def test_an_image_shared_by_content_is_a_leak_and_beyond_the_limits_nothing_leaks(root):
    """Of the first two of each split none is shared; val's third is a training image."""
    shutil.copy(root / "images/train/train_0.png", root / "images/val/val_a.png")
    with pytest.raises(LeakError, match=r"val_a\.png \(train: train_0\.png\)"):
        datamodule(root).setup("fit")
    datamodule(root, limit=2).setup("fit")


def test_the_same_split_in_training_and_validation_is_a_leak_unless_allowed_or_evaluated(root):
    with pytest.raises(LeakError, match="5 of the same content"):
        datamodule(root, train="val").setup("fit")
    datamodule(root, train="val", allow_leak=True).setup("fit")
    for stage in ("validate", "test"):
        datamodule(root, train="val").setup(stage)


@pytest.fixture
def folds(root):
    path = root / "folds.json"
    fold = FoldStatistics(3, 9, 3.0, 0.1)
    names = [f"train_{number}.png" for number in range(6)]
    assigned = tuple(Fold(tuple(names[start::2]), (), fold) for start in range(2))
    write_fold_split(path, FoldSplit(0, ("train",), {}, {}, assigned))
    return path


def test_a_fold_is_validated_on_and_all_others_train(root, folds):
    data = datamodule(root, folds=folds, fold=1)
    data.setup("fit")
    assert names(data.val_dataloader()) == ["train_1.png", "train_3.png", "train_5.png"]
    assert sorted(names(data.train_dataloader())) == ["train_0.png", "train_2.png", "train_4.png"]
    assert names(data.test_dataloader()) == [f"test_{name}" for name in NAMES]
    assert names(data.labelled_dataloader(replace(data.val, split="val"))) == [f"val_{name}" for name in NAMES]


@pytest.fixture
def other(tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    random_split(folder, "train", 3, seed=5)
    return folder


def test_other_folders_train_beside_the_root_and_beside_its_folds(root, folds, other):
    def training(**options):
        data = datamodule(root, **options)
        data.train = replace(data.train, also=[other])
        data.setup("fit")
        assert len(data.sizes(data.train)) == len(data.training_paths)
        assert sorted(names(data.train_dataloader())) == sorted(path.name for path in data.training_paths)
        return [path.parent.parent.parent for path in data.training_paths]

    assert training() == [root] * 6 + [other] * 3
    assert training(folds=folds, fold=1) == [root] * 3 + [other] * 3
    assert training(limit=7) == [root] * 6 + [other]


def test_validation_images_among_those_of_other_folders_are_a_leak(root, other):
    shutil.copy(root / "images/val/val_z.png", other / "images/train/train_1.png")
    data = datamodule(root)
    data.train = replace(data.train, also=[other])
    with pytest.raises(LeakError, match=r"val_z\.png"):
        data.setup("fit")


def test_equal_images_in_two_folds_are_a_leak(root, folds):
    shutil.copy(root / "images/train/train_0.png", root / "images/train/train_1.png")
    with pytest.raises(LeakError, match=r"train_1\.png \(train: train_0\.png\)"):
        datamodule(root, folds=folds, fold=1).setup("fit")


@pytest.mark.parametrize("half", [{"fold": 0}, {"folds": "folds.json"}])
def test_a_fold_needs_its_split_file_and_the_other_way_round(root, half):
    with pytest.raises(ValueError, match=r"expected datasets\.folds and datasets\.fold together"):
        datamodule(root, **half)
