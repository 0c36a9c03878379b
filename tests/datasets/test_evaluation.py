"""Images in several views: decoded once, joined by size, each view with its way back."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from baseline_code.images.reading import ImageReadError
from baseline_code.images.unreadable import UnreadableImage
from ocr.annotations.labelled_images import LabelledImages, read_images
from ocr.annotations.reading import read_annotations
from ocr.datasets.evaluation import EvaluationBatch, EvaluationDataset, collate_views, evaluation_loader
from ocr.inference.predictor import without_labels
from ocr.transforms.geometric import Letterbox
from ocr.transforms.tta_views import TTAViews
from tests.small_data import block, write_split

WORD = block(8, 20, 30, 12)
IMAGES = {"wide.png": (128, 64, [WORD]), "high.png": (64, 128, [WORD]), "square.png": (96, 96, [])}


@pytest.fixture
def root(tmp_path):
    write_split(tmp_path, "val", IMAGES)
    return tmp_path


def dataset(root, views, **options):
    return EvaluationDataset(LabelledImages(*labels(root)), views, **options)


def labels(root):
    words = list(read_annotations(root / "jsons/val.json").values())
    return words, [root / "images/val"] * len(words)


def test_a_sample_has_the_labels_the_frame_and_an_image_per_view(root):
    sample = dataset(root, TTAViews(Letterbox(64), flip=True, scales=[1.0, 2.0]))[0, 0]
    assert [tta_view.image.shape for tta_view in sample.views] == [(64, 64, 3), (128, 128, 3)] * 2
    np.testing.assert_array_equal(sample.record.polygons[0], WORD)
    np.testing.assert_array_equal(sample.record.input_to_original, np.eye(3))  # at 128 px
    for tta_view in sample.views:
        x, y = (np.linalg.inv(tta_view.input_to_original) @ [23, 26, 1])[:2]  # the word's centre
        assert tta_view.image[int(y), int(x)].max() < 60


def test_the_plain_view_of_several_is_the_letterbox_that_is_seen_alone(root):
    first = dataset(root, TTAViews(Letterbox(64), flip=True))[0, 1].views[0]
    (alone,) = dataset(root, TTAViews(Letterbox(64)))[0, 1].views
    np.testing.assert_array_equal(first.image, alone.image)
    np.testing.assert_array_equal(first.input_to_original, alone.input_to_original)
    transform = Letterbox(64)(64, 128)
    assert alone.image.shape == (transform.height_input, transform.width_input, 3)
    np.testing.assert_allclose(alone.input_to_original @ transform.original_to_input, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"rotations": [7.0]}, {"tile": 64, "scales": [1.3]}])
def test_a_mirrored_view_is_to_the_bit_the_mirror_of_the_other(root, options):
    tta_views = dataset(root, TTAViews(Letterbox(64, "multiple"), flip=True, **options))[0, 1].views
    half = len(tta_views) // 2
    for tta_view, mirrored in zip(tta_views[:half], tta_views[half:], strict=True):
        np.testing.assert_array_equal(mirrored.image, tta_view.image[:, ::-1])


def test_a_view_that_is_larger_than_the_base_sees_pixels_that_the_base_loses(tmp_path):
    """Stripes of 1 px are grey at half size and stripes at full size."""
    write_split(tmp_path, "val", {"stripes.png": (128, 128, [block(0, y, 128, 1) for y in range(0, 128, 2)])})
    small, large = dataset(tmp_path, TTAViews(Letterbox(64), scales=[1.0, 2.0]))[0, 0].views
    assert small.image[8:-8, 8:-8].std() < 2 + np.std([135, 130, 135])  # the paper's colour, evenly
    assert np.ptp(large.image[..., 0]) == 195


def test_views_of_equal_size_share_chunks_of_at_most_a_batch(root):
    samples = [dataset(root, TTAViews(Letterbox(64), flip=True, scales=[1.0, 2.0]))[0, index] for index in range(3)]
    batch = collate_views(samples, batch_size=4)
    assert [tuple(chunk.shape) for chunk in batch.chunks] == [(n, 3, s, s) for s in (64, 128) for n in (4, 2)]
    assert [record.filename for record in batch.records] == list(IMAGES)
    for sample, places in zip(samples, batch.places, strict=True):
        assert len(places) == 4
        for tta_view in sample.views:
            (place,) = [p for p in places if p.input_to_original is tta_view.input_to_original]
            pixels = batch.chunks[place.chunk][place.slot].permute(1, 2, 0)
            np.testing.assert_array_equal(pixels, tta_view.image)
    moved = batch.to("meta")
    assert {chunk.device for chunk in moved.chunks} == {torch.device("meta")}
    assert moved.places is batch.places


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
    empty = collate_views([samples[1]], batch_size=4)
    assert (empty.chunks, empty.places, empty.records) == ((), (), ())


# ---- loaders


def load(images, views, **options):
    batches = list(evaluation_loader(images, views, batch_size=2, num_workers=0, **options))
    assert all(isinstance(batch, EvaluationBatch) for batch in batches)
    return batches


def test_loaders_give_views_in_the_order_of_the_labels(root):
    batches = load(read_images(root, "val"), TTAViews(Letterbox(64), flip=True))
    assert [batch.filenames for batch in batches] == [("wide.png", "high.png"), ("square.png",)]
    assert [tuple(chunk.shape) for chunk in batches[0].chunks] == [(2, 3, 64, 64)] * 2
    np.testing.assert_array_equal(batches[0].records[0].polygons[0], WORD)


def test_tiles_come_from_one_image_at_a_time(root):
    batches = load(read_images(root, "val"), TTAViews(Letterbox(64), tile=64))
    assert [len(batch.records) for batch in batches] == [1, 1, 1]
    assert [sum(map(len, batch.chunks)) for batch in batches] == [3, 3, 4]


@pytest.mark.parametrize("world_size", [2, 3])
def test_processes_have_images_of_their_own(root, world_size):
    images, views = read_images(root, "val"), TTAViews(Letterbox(64))
    names = [
        name
        for rank in range(world_size)
        for batch in load(images, views, trainer=SimpleNamespace(global_rank=rank, world_size=world_size))
        for name in batch.filenames
    ]
    assert sorted(names) == sorted(IMAGES)


def test_images_are_read_from_their_own_folders_and_unreadable_ones_reported(root):
    folders = [root / "images/val", root / "elsewhere"]
    folders[1].mkdir()
    (root / "images/val/high.png").rename(folders[1] / "high.png")
    names = ["wide.png", "high.png", "gone.png"]
    images = without_labels(SimpleNamespace(filenames=names, folders=[*folders, folders[0]]))
    batches = load(images, TTAViews(Letterbox(64), flip=True), unreadable="report")
    assert [name for batch in batches for name in batch.filenames] == names[:2]
    assert [image.filename for batch in batches for image in batch.unreadable] == ["gone.png"]
