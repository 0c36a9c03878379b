"""A data set becomes folds, and the split file holds them."""

import shutil
from dataclasses import replace

import pytest
from PIL import Image

from ocr.annotations.faults import AnnotationError
from ocr.annotations.fold_split import FoldSplitError, check_fits, read_fold_split, write_fold_split
from ocr.annotations.labelled_images import read_images, read_splits
from ocr.cross_validation import Grouping, fingerprint, split_folds
from ocr.cross_validation.traits import describe
from tests.small_data import block, change_json, random_split, write_split

APART = Grouping(hash_distance=None, text_similarity=None)


@pytest.fixture
def root(tmp_path):
    random_split(tmp_path, "train", 12, seed=0)
    random_split(tmp_path, "val", 5, seed=1)
    return tmp_path


def transcribe(root, split, texts):
    def change(labels):
        for filename, text in texts.items():
            next(iter(labels["images"][filename]["words"].values()))["transcription"] = text

    change_json(root / "jsons" / f"{split}.json", change)


def fold_of(split):
    return {name: number for number, fold in enumerate(split.folds) for name in fold.filenames}


def test_every_image_is_in_one_fold_and_the_file_says_the_same(root):
    split = split_folds(root, ["train"], 3, 42, Grouping())
    assert sorted(fold_of(split)) == sorted(f"train_{number}.png" for number in range(12))
    assert [fold.statistics.images for fold in split.folds] == [4, 4, 4]
    several = split_folds(root, ["train", "val"], 2, 0, APART)
    assert len(fold_of(several)) == 17
    assert several.splits == ("train", "val")
    assert several.fingerprints == {name: fingerprint(root, name) for name in ("train", "val")}
    for written in (split, several):
        write_fold_split(root / "folds.json", written)
        assert read_fold_split(root / "folds.json") == written


def test_a_seed_splits_the_same_again(root):
    first, again, other = (split_folds(root, ["train"], 3, seed, APART) for seed in (1, 1, 2))
    assert first == again
    assert first.folds != other.folds


def test_copies_stay_together_also_across_splits(root):
    shutil.copy(root / "images/train/train_3.png", root / "images/val/val_2.png")
    pixels = Image.open(root / "images/train/train_5.png")
    pixels.resize((pixels.width * 2, pixels.height * 2)).save(root / "images/train/train_7.png")
    change_json(root / "jsons/val.json", lambda labels: labels["images"].update({"val_2.png": {"words": {}}}))
    for seed in range(5):
        folds = fold_of(split_folds(root, ["train", "val"], 4, seed, Grouping()))
        assert folds["train_3.png"] == folds["val_2.png"]
        assert folds["train_5.png"] == folds["train_7.png"]


def test_images_of_the_same_text_stay_together(root):
    text = "shop street one two three four five six seven eight nine"
    transcribe(
        root, "train", {"train_1.png": text, "train_4.png": text.upper(), "train_9.png": f"{text} and more of it"}
    )
    for seed in range(5):
        split = split_folds(root, ["train"], 4, seed, Grouping(hash_distance=None))
        assert [fold.groups for fold in split.folds if fold.groups] == [(("train_1.png", "train_4.png"),)]
        assert fold_of(split)["train_1.png"] == fold_of(split)["train_4.png"]


def test_a_given_group_stays_together(root):
    grouping = replace(APART, key=r"_[0-4]\.|_(\d)")  # 0 to 4 each say "None": one group; all others alone
    folds = fold_of(split_folds(root, ["train"], 3, 0, grouping))
    assert len({folds[f"train_{number}.png"] for number in range(5)}) == 1


def test_a_group_larger_than_a_fold_is_told(root, caplog):
    table = root / "groups.csv"
    table.write_text("filename,group\n" + "".join(f"train_{n}.png,{max(n, 6)}\n" for n in range(12)))
    split_folds(root, ["train"], 3, 0, replace(APART, key=str(table)))
    assert "a group of 7 images is larger than a split of 4" in caplog.text


def test_traits_are_of_the_words_that_count(tmp_path):
    words = [block(4, 8, 40, 10), block(4, 30, 40, 12), block(4, 60, 60, 30)]
    write_split(tmp_path, "train", {"a.png": (70, 100, words), "b.png": (70, 100, [])}, ignored={("a.png", 2)})
    images = read_splits(tmp_path, ["train"])
    traits, empty = map(describe, images.annotations, images.paths)
    assert traits.words == 2
    assert traits.word_height == pytest.approx(0.11)  # the median of 10 and 12 px, of 100
    assert (empty.words, empty.word_height, empty.text) == (0, 0.0, frozenset())


def test_statistics_say_what_a_fold_holds(tmp_path):
    images = {f"{n}.png": (100, 100, [block(4, 4, 60, 10)] * (2 * n + 1)) for n in range(2)}
    write_split(tmp_path, "train", images)
    split = split_folds(tmp_path, ["train"], 2, 0, APART)
    statistics = sorted(fold.statistics for fold in split.folds)
    assert [tuple(s)[:3] for s in statistics] == [(1, 1, 1.0), (1, 3, 3.0)]
    assert [s.word_height for s in statistics] == pytest.approx([0.1, 0.1])


def test_a_name_in_two_splits_is_refused(root):
    shutil.copytree(root / "images/train", root / "images/again")
    shutil.copy(root / "jsons/train.json", root / "jsons/again.json")
    with pytest.raises(AnnotationError, match=r"once, got train_0\.png in .*/train and in .*/again"):
        split_folds(root, ["train", "again"], 3, 0, APART)
    with pytest.raises(AnnotationError, match="each file name once"):
        read_splits(root, ["train", "train"])


@pytest.fixture
def path(root):
    path = root / "folds.json"
    write_fold_split(path, split_folds(root, ["train", "val"], 3, 0, APART))
    return path


def test_a_fold_and_all_others_are_the_whole_in_the_order_of_the_annotations(root, path):
    order = read_splits(root, ["train", "val"]).filenames
    for fold in range(3):
        held_out, rest = (read_images(root, name, path) for name in (f"fold_{fold}", f"all_but_fold_{fold}"))
        assert set(held_out.filenames) == set(read_fold_split(path).folds[fold].filenames)
        assert sorted(held_out.filenames + rest.filenames, key=order.index) == order
        assert all(names == sorted(names, key=order.index) for names in (held_out.filenames, rest.filenames))
        assert all(file.is_file() for file in held_out.paths + rest.paths)
    assert read_images(root, "val", path).filenames == [f"val_{number}.png" for number in range(5)]  # as it was
    with pytest.raises(FoldSplitError, match=r"expected datasets\.fold in 0\.\.2, got 3"):
        read_images(root, "fold_3", path)
    random_split(root, "val", 6, seed=1)  # an image that came later stops the training by name
    with pytest.raises(FoldSplitError, match=r"val_5\.png in no fold"):
        read_images(root, "all_but_fold_0", path)


def test_a_split_of_other_images_is_refused_by_name(root, path):
    names = read_splits(root, ["train", "val"]).filenames
    with pytest.raises(
        FoldSplitError, match=r"folds\.json: expected the split of the 18 .*got new\.png in no fold; split"
    ):
        check_fits(read_fold_split(path), [*names, "new.png"], path)
    with pytest.raises(FoldSplitError, match=r"got train_0\.png gone"):
        check_fits(read_fold_split(path), names[1:], path)
    with pytest.raises(FoldSplitError, match=r"got train_0\.png gone and new\.png in no fold"):
        check_fits(read_fold_split(path), [*names[1:], "new.png"], path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.update(version=2), "expected a split file of version 1, got 2"),
        (lambda content: content.pop("folds"), "expected a split file, got KeyError"),
        (lambda content: content["folds"][0].pop("groups"), "expected a split file, got KeyError"),
        (
            lambda content: content["folds"][1]["filenames"].append(content["folds"][0]["filenames"][0]),
            "expected each image in one fold, got .* in several",
        ),
    ],
)
def test_a_split_file_that_does_not_hold_is_refused(path, change, message):
    change_json(path, change)
    with pytest.raises(FoldSplitError, match=message):
        read_fold_split(path)


def test_a_missing_or_damaged_split_file_is_named(tmp_path):
    with pytest.raises(FoldSplitError, match=r"expected a split file at .*none\.json, found none"):
        read_fold_split(tmp_path / "none.json")
    (tmp_path / "damaged.json").write_text("{")
    with pytest.raises(FoldSplitError, match=r"damaged\.json: expected a split file, got JSONDecodeError"):
        read_fold_split(tmp_path / "damaged.json")
