"""Images in several views: decoded once, joined by size, each view with its way back."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from baseline_code.images.reading import ImageReadError
from ocr.annotations.reading import read_annotations
from ocr.annotations.records import UnreadableImage
from ocr.datasets.batch import DetectionBatch
from ocr.datasets.datamodule import DetectionDataModule, Part
from ocr.datasets.dataset import DetectionDataset
from ocr.datasets.tta_dataset import TTADataset
from ocr.datasets.view_batch import ViewBatch, collate_views
from ocr.transforms.geometric import Letterbox
from ocr.transforms.tta_views import TTAViews
from tests.small_data import block, write_part

WORD = block(8, 20, 30, 12)
IMAGES = {"wide.png": (128, 64, [WORD]), "high.png": (64, 128, [WORD]), "square.png": (96, 96, [])}


@pytest.fixture
def root(tmp_path):
    write_part(tmp_path, "val", IMAGES)
    return tmp_path


def dataset(root, views, **options):
    labels = list(read_annotations(root / "jsons/val.json").values())
    return TTADataset(root / "images/val", labels, views, **options)


def datamodule(root, **options):
    part = Part("val", Letterbox(64), 2)
    return DetectionDataModule(root, part, part, part, num_workers=0, **options)


def test_a_sample_has_the_labels_the_frame_and_a_image_per_view(root):
    sample = dataset(root, TTAViews(Letterbox(64), flip=True, scales=[1.0, 2.0]))[0, 0]
    assert [tta_view.image.shape for tta_view in sample.tta_views] == [(64, 64, 3), (128, 128, 3)] * 2
    np.testing.assert_array_equal(sample.record.polygons[0], WORD)
    np.testing.assert_array_equal(sample.record.input_to_original, np.eye(3))  # at 128 px
    for tta_view in sample.tta_views:
        x, y = (np.linalg.inv(tta_view.input_to_original) @ [23, 26, 1])[:2]  # the word's centre
        assert tta_view.image[int(y), int(x)].max() < 60


def test_the_plain_view_of_several_is_the_one_that_is_seen_alone(root):
    sample = dataset(root, TTAViews(Letterbox(64), flip=True))[0, 1]
    labels = list(read_annotations(root / "jsons/val.json").values())
    alone = DetectionDataset(root / "images/val", labels, Letterbox(64))[0, 1]
    np.testing.assert_array_equal(sample.tta_views[0].image, alone.image)
    np.testing.assert_array_equal(sample.tta_views[0].input_to_original, alone.record.input_to_original)


@pytest.mark.parametrize("options", [{}, {"rotations": [7.0]}, {"tile": 64, "scales": [1.3]}])
def test_a_mirrored_view_is_to_the_bit_the_mirror_of_the_other(root, options):
    tta_views = dataset(root, TTAViews(Letterbox(64, "multiple"), flip=True, **options))[0, 1].tta_views
    half = len(tta_views) // 2
    for tta_view, mirrored in zip(tta_views[:half], tta_views[half:], strict=True):
        np.testing.assert_array_equal(mirrored.image, tta_view.image[:, ::-1])


def test_a_view_that_is_larger_than_the_base_sees_pixels_that_the_base_loses(tmp_path):
    """Stripes of 1 px are grey at half size and stripes at full size."""
    write_part(tmp_path, "val", {"stripes.png": (128, 128, [block(0, y, 128, 1) for y in range(0, 128, 2)])})
    small, large = dataset(tmp_path, TTAViews(Letterbox(64), scales=[1.0, 2.0]))[0, 0].tta_views
    assert small.image[8:-8, 8:-8].std() < 2 + np.std([135, 130, 135])  # the paper's colour, evenly
    assert np.ptp(large.image[..., 0]) == 195


def test_views_of_equal_size_share_chunks_of_at_most_a_batch(root):
    samples = [dataset(root, TTAViews(Letterbox(64), flip=True, scales=[1.0, 2.0]))[0, index] for index in range(3)]
    batch = collate_views(samples, batch_size=4)
    assert [tuple(chunk.images.shape) for chunk in batch.chunks] == [
        (4, 3, 64, 64),
        (2, 3, 64, 64),
        (4, 3, 128, 128),
        (2, 3, 128, 128),
    ]
    assert [record.filename for record in batch.records] == list(IMAGES)
    for sample, places in zip(samples, batch.places, strict=True):
        assert len(places) == 4
        for tta_view in sample.tta_views:
            (place,) = [p for p in places if p.input_to_original is tta_view.input_to_original]
            pixels = batch.chunks[place.chunk].images[place.slot].permute(1, 2, 0)
            np.testing.assert_array_equal(pixels, tta_view.image)


@pytest.mark.parametrize("content", [b"", b"no image", None])
def test_an_unreadable_image_is_an_error_or_a_report_and_stops_no_other(root, content):
    path = root / "images/val/high.png"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    views = TTAViews(Letterbox(64), flip=True)
    with pytest.raises(ImageReadError, match=r"high\.png"):
        dataset(root, views)[0, 1]
    samples = [dataset(root, views, unreadable="report")[0, index] for index in range(3)]
    assert isinstance(samples[1], UnreadableImage)
    batch = collate_views(samples, batch_size=4)
    assert [record.filename for record in batch.records] == ["wide.png", "square.png"]
    assert [image.filename for image in batch.unreadable] == ["high.png"]


def test_a_batch_of_unreadable_images_has_no_chunks():
    batch = collate_views([UnreadableImage("a.png", "a.png: broken")], batch_size=4)
    assert (batch.chunks, batch.places, batch.records) == ((), (), ())


def test_a_batch_moves_with_its_chunks(root):
    sample = dataset(root, TTAViews(Letterbox(64), flip=True))[0, 0]
    moved = collate_views([sample], batch_size=4).to("meta")
    assert [chunk.images.device for chunk in moved.chunks] == [torch.device("meta")]
    assert moved.places[0][1].slot == 1


# ---- loaders


def test_loaders_give_views_in_the_order_of_the_labels(root):
    data = datamodule(root)
    batches = list(data.labelled_dataloader(data.val, TTAViews(Letterbox(64), flip=True)))
    assert all(isinstance(batch, ViewBatch) for batch in batches)
    assert [[record.filename for record in batch.records] for batch in batches] == [
        ["wide.png", "high.png"],
        ["square.png"],
    ]
    assert [tuple(chunk.images.shape) for chunk in batches[0].chunks] == [(2, 3, 64, 64)] * 2
    np.testing.assert_array_equal(batches[0].records[0].polygons[0], WORD)


def test_tiles_come_from_one_image_at_a_time(root):
    data = datamodule(root)
    batches = list(data.labelled_dataloader(data.val, TTAViews(Letterbox(64), tile=64)))
    assert [len(batch.records) for batch in batches] == [1, 1, 1]
    assert [sum(len(chunk.records) for chunk in batch.chunks) for batch in batches] == [3, 3, 4]


@pytest.mark.parametrize("views", [None, TTAViews(Letterbox(64))])
def test_without_augmentation_batches_are_plain(root, views):
    data = datamodule(root)
    batches = list(data.labelled_dataloader(replace(data.val, limit=1), views))
    assert [type(batch) for batch in batches] == [DetectionBatch]


def test_images_without_labels_are_read_from_their_own_folders_and_unreadable_ones_reported(root):
    folders = [root / "images/val", root / "elsewhere"]
    folders[1].mkdir()
    (root / "images/val/high.png").rename(folders[1] / "high.png")
    views = TTAViews(Letterbox(64), flip=True)
    names = ["wide.png", "high.png", "gone.png"]
    batches = list(datamodule(root).image_dataloader([*folders, folders[0]], names, views))
    assert [record.filename for batch in batches for record in batch.records] == names[:2]
    assert [image.filename for batch in batches for image in batch.unreadable] == ["gone.png"]
