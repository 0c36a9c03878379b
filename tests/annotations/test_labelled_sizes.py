"""Labels and images must speak of the same size, whoever reads them."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ocr.annotations.faults import AnnotationError
from ocr.annotations.labelled_images import read_images
from ocr.datasets.datamodule import DetectionDataModule, Split
from ocr.transforms.geometric import Letterbox, RandomTransform
from tests.small_data import block, change_json, write_split


def change_labels(root, split, change):
    """Rewrites the entry of each image of a split."""
    change_json(root / "jsons" / f"{split}.json", lambda labels: list(map(change, labels["images"].values())))


def enlarge(entry):
    """Labels of an image of twice the size."""
    entry["img_w"], entry["img_h"] = 2 * entry["img_w"], 2 * entry["img_h"]
    for word in entry["words"].values():
        word["points"] = (2 * np.array(word["points"])).tolist()


def forget_size(entry):
    del entry["img_w"], entry["img_h"]


def test_images_of_a_split_without_labels_are_named_once(root, caplog):
    """As where a training reads its split for each fold."""
    Image.new("L", (9, 9)).save(root / "images/train/new.png")
    for _ in range(2):
        assert "new.png" not in read_images(root, "train").filenames
    (message,) = caplog.messages
    assert (
        message == f"{root / 'images/train'}: left out 1 images that {root / 'jsons/train.json'} does not list: new.png"
    )


@pytest.fixture
def root(tmp_path):
    for height, split in enumerate(("train", "val", "test")):
        words = [block(10, 10 + height, 50, 14), block(10, 40, 60, 14)]
        write_split(tmp_path, split, {f"{split}_{number}.png": (80 + number, 120, words) for number in range(3)})
    return tmp_path


def datamodule(root):
    val, test = (Split(name, Letterbox(64), 2) for name in ("val", "test"))
    return DetectionDataModule(root, Split("train", RandomTransform(64), 2), val, test, num_workers=0)


def test_the_sizes_are_those_of_the_headers_also_of_an_image_that_cannot_be_decoded(root):
    assert read_images(root, "train").check_sizes() == [(80, 120), (81, 120), (82, 120)]
    change_labels(root, "train", forget_size)
    assert read_images(root, "train").check_sizes() == [(80, 120), (81, 120), (82, 120)]
    (root / "images/val/val_0.png").write_bytes(b"cut short")
    assert read_images(root, "val").check_sizes()[0] == (80, 120)


def test_labels_of_another_size_are_refused_with_every_image_and_both_sizes(root):
    change_labels(root, "train", enlarge)
    with pytest.raises(AnnotationError, match=r"images/train: expected labels .* got .* 3 images") as caught:
        read_images(root, "train").check_sizes()
    assert (
        "'train_1.png': expected img_w and img_h of 81 x 120 px, got 162 x 240: labels of the image at 2 times"
        in str(caught.value)
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda entry: entry.update(img_w=81), "80 x 120 px, got 81 x 120"),
        (lambda entry: entry.update(img_h=121), "80 x 120 px, got 80 x 121"),
        (lambda entry: (entry.pop("img_w"), entry.update(img_h=99)), "80 x 120 px, got 80 x 99"),
    ],
    ids=["width", "height", "a height alone"],
)
def test_each_stated_side_is_compared(root, change, fault):
    change_labels(root, "val", change)
    with pytest.raises(AnnotationError, match=rf"'val_0\.png': expected img_w and img_h of {fault}"):
        read_images(root, "val").check_sizes()


def test_the_size_is_that_of_the_image_as_displayed(root):
    exif = Image.Exif()
    exif[0x0112] = 6  # displayed turned by 90 degrees
    Image.new("RGB", (120, 80)).save(root / "images/val/val_0.png", exif=exif)
    assert read_images(root, "val").check_sizes()[0] == (80, 120)
    Image.new("RGB", (80, 120)).save(root / "images/val/val_0.png", exif=exif)
    with pytest.raises(AnnotationError, match=r"of 120 x 80 px, got 80 x 120: .* without its EXIF orientation\?"):
        read_images(root, "val").check_sizes()


def test_points_outside_an_image_whose_labels_state_no_size_are_refused(root):
    change_labels(root, "val", lambda entry: (enlarge(entry), forget_size(entry)))
    with pytest.raises(AnnotationError, match=r"images/val: expected points inside the images, got 6 words") as caught:
        read_images(root, "val").check_sizes()
    assert "image 'val_0.png', word '0000': expected x in 0..80 as displayed, got 120" in str(caught.value)


def test_per_cent_is_seen_where_only_the_image_knows_its_size(root):
    tops = [5, 25, 45, 65, 90]
    write_split(root, "val", {"a.png": (900, 1200, [block(5, top, 80, 5) for top in tops])})
    change_labels(root, "val", forget_size)
    with pytest.raises(AnnotationError, match=r"images/val: expected points in pixels .* between 0 and 100"):
        read_images(root, "val").check_sizes()


@pytest.mark.parametrize(("stage", "split"), [("fit", "train"), ("fit", "val"), ("validate", "val"), ("test", "test")])
def test_every_stage_refuses_labels_of_another_size(root, stage, split):
    change_labels(root, split, enlarge)
    with pytest.raises(AnnotationError, match=f"images/{split}: expected labels of the images as displayed"):
        datamodule(root).setup(stage)


def test_a_split_that_is_evaluated_or_measured_is_checked_as_far_as_it_is_used(root):
    change_json(root / "jsons/test.json", lambda labels: enlarge(labels["images"]["test_2.png"]))
    data = datamodule(root)
    for use in (data.labelled_dataloader, data.sizes):
        with pytest.raises(AnnotationError, match="images/test: expected labels of the images as displayed"):
            use(replace(data.val, split="test"))
    assert data.sizes(replace(data.val, split="test", limit=2)) == [(80, 120), (81, 120)]
