"""A sample is its image, its transform and its training maps, all of it by (seed, epoch, index) alone."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from baseline_code.images.reading import ImageReadError, read_image
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.reading import read_annotations
from ocr.annotations.words import ImageAnnotation, Word
from ocr.datasets.batch import collate
from ocr.datasets.datamodule import DetectionDataModule, Split
from ocr.datasets.dataset import DetectionDataset, Sampling, TrainingDataset
from ocr.datasets.evaluation import EvaluationDataset
from ocr.transforms.geometric import Letterbox, RandomTransform
from ocr.transforms.pixels import PixelAugmentation
from ocr.transforms.tta_views import TTAViews
from ocr.transforms.warping import warp_image
from tests.small_data import block, draw, random_split, write_split

AUGMENTED = RandomTransform(64, "multiple", scale=(0.7, 1.5), aspect=1.2, rotate=8.0, flip=0.5, shift=0.5)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    random_split(root, "train", 7, seed=0)
    random_split(root, "val", 2, seed=1)
    return root


def dataset(root, transform=AUGMENTED, pixels=None, folder=None, **options):
    labels = read_annotations(root / "jsons/train.json")
    images = LabelledImages.in_folder(labels.values(), folder or root / "images/train")
    return DetectionDataset(images, Sampling(transform, pixels), **options)


def epochs(root, num_workers, numbers, seed=5):
    """Every batch of the given epochs, from one loader."""
    split = Split("train", AUGMENTED, 2, PixelAugmentation())
    datamodule = DetectionDataModule(root, split, split, split, num_workers=num_workers, seed=seed)
    loader = datamodule.train_dataloader()
    collected = []
    for number in numbers:
        loader.sampler.set_epoch(number)
        collected.append(list(loader))
    return collected


def assert_equal(ours, theirs):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert [record.filename for record in one.records] == [record.filename for record in other.records]
        assert torch.equal(one.images, other.images)
        assert all(torch.equal(a, b) for a, b in zip(one.targets, other.targets, strict=True))
        for record, duplicate in zip(one.records, other.records, strict=True):
            np.testing.assert_array_equal(record.input_to_original, duplicate.input_to_original)


def test_a_letterboxed_sample_by_hand(tmp_path):
    write_split(
        tmp_path, "train", {"a.png": (128, 64, [block(20, 10, 40, 20), block(90, 30, 20, 20)])}, ignored={("a.png", 1)}
    )
    sample = dataset(tmp_path, Letterbox(64))[0, 0]
    assert sample.image.shape == (64, 64, 3)
    assert sample.image[10, 20].max() < 60  # inside the first word: (40, 20) in the original
    assert sample.image[2, 2].min() > 200
    np.testing.assert_array_equal(sample.record.input_to_original, np.diag([2.0, 2.0, 1.0]))
    assert (sample.record.width_original, sample.record.height_original) == (128, 64)
    np.testing.assert_array_equal(sample.record.polygons[0], block(20, 10, 40, 20))  # in original pixels
    assert sample.record.ignore == (False, True)
    # At half size the first word is 20 x 10 px: D = 200 * 0.84 / 60 = 2.8, so text is x in 12.8..27.2, y in 7.8..12.2.
    expected = np.zeros((64, 64), np.uint8)
    expected[8:12, 13:27] = 255
    np.testing.assert_array_equal(sample.targets.probability[0], expected)
    mask = np.ones((64, 64), np.uint8)
    mask[15:25, 45:55] = 0  # the ignored one
    np.testing.assert_array_equal(sample.targets.probability_mask[0], mask)


def centre_of_darkness(image, near, reach):
    """(x, y) of the word whose centre is about `near`, on paper that is bright for `reach` px around it."""
    rows, columns = np.indices(image.shape[:2]) + 0.5
    around = (np.abs(rows - near[1]) < reach) & (np.abs(columns - near[0]) < reach)
    darkness = np.where(around, 235.0 - image[..., 0], 0)
    return [(columns * darkness).sum() / darkness.sum(), (rows * darkness).sum() / darkness.sum()]


def large_jpeg(root, orientation, word):
    """A JPEG of 1201 x 1603 px as displayed (multiples of no reduction) with one dark word, and its labels."""
    upright = Image.fromarray(draw(1201, 1603, [word]))
    stored = {1: upright, 3: upright.rotate(180), 6: upright.transpose(Image.Transpose.ROTATE_90)}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(root / "a.jpg", quality=95, exif=exif)
    return ImageAnnotation("a.jpg", words=(Word(word),))


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize(
    "transform", [Letterbox(256), RandomTransform(256, scale=(0.5, 0.9), rotate=8.0, flip=0.5, shift=1.0)]
)
def test_a_large_jpeg_is_decoded_small_and_stays_in_its_place(tmp_path, monkeypatch, orientation, transform):
    word = np.array(block(400, 600, 480, 320), np.float32)
    labels = large_jpeg(tmp_path, orientation, word)
    images, decoded = LabelledImages([labels], [tmp_path]), []

    def placing(image, *others):
        decoded.append(image.shape)
        return warp_image(image, *others)

    monkeypatch.setattr("ocr.datasets.dataset.warp_image", placing)
    for epoch in range(4):
        sample = DetectionDataset(images, Sampling(transform))[epoch, 0]
        assert (sample.record.width_original, sample.record.height_original) == (1201, 1603)
        expected = (np.linalg.inv(sample.record.input_to_original) @ [640, 760, 1])[:2]
        original_px = np.sqrt(abs(np.linalg.det(sample.record.input_to_original)))
        found = centre_of_darkness(sample.image, expected, reach=300 / original_px)
        np.testing.assert_allclose(found, expected, atol=0.1)
    # the letterbox is a 6.26th: at least 6.26 px become one
    assert set(decoded) <= {(401, 301, 3), (201, 151, 3)}


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_decoded_whole_a_jpeg_gives_what_its_pixels_give_as_a_png(tmp_path, name):
    """Noise at a sixth of its size: any other way of shrinking it would show."""
    pixels = np.random.default_rng(0).integers(0, 256, (600, 450, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.jpg")
    Image.open(tmp_path / "a.jpg").save(tmp_path / "a.png")
    blank = ImageAnnotation(name)
    reference = warp_image(read_image(tmp_path / "a.jpg"), Letterbox(96)(450, 600))
    images = LabelledImages([blank], [tmp_path])
    (view,) = EvaluationDataset(images, TTAViews(Letterbox(96)))[0, 0].views
    np.testing.assert_array_equal(view.image, reference)


def test_a_file_is_opened_and_its_header_read_once(root, monkeypatch):
    opened, parsed, samples = [], [], dataset(root)
    image_open, path_open = Image.open, Path.open
    monkeypatch.setattr(Image, "open", lambda file, **options: parsed.append(file) or image_open(file, **options))
    monkeypatch.setattr(Path, "open", lambda path, *mode: opened.append(path.name) or path_open(path, *mode))
    samples[0, 3]
    assert opened == ["train_3.png"]
    assert len(parsed) == 1


@pytest.mark.parametrize("index", range(3))
def test_the_training_maps_lie_on_the_words_of_the_augmented_image(root, index):
    sample = dataset(root, AUGMENTED)[4, index]
    text = sample.image[sample.targets.probability[0] == 255].mean(axis=1)
    assert text.size > 50
    assert np.mean(text < 90) > 0.98  # dark: words; paper and padding are above 110


def test_a_sample_depends_on_seed_epoch_and_index_only(root):
    def sample(seed, epoch, index):
        return dataset(root, pixels=PixelAugmentation(), seed=seed)[epoch, index]

    first = sample(1, 2, 3)
    for ours, theirs in zip(first.targets, sample(1, 2, 3).targets, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(first.image, sample(1, 2, 3).image)
    matrices = [sample(*key).record.input_to_original for key in ((1, 2, 3), (1, 3, 3), (2, 2, 3), (3, 2, 1))]
    assert all(np.abs(matrix - matrices[0]).max() > 1e-6 for matrix in matrices[1:])


def test_the_number_of_workers_changes_nothing(root):
    alone, one, two = (epochs(root, num_workers, [0, 1]) for num_workers in (0, 1, 2))
    for number in range(2):
        assert_equal(alone[number], one[number])
        assert_equal(alone[number], two[number])


def test_an_epoch_depends_on_its_number_and_the_seed_not_on_what_came_before(root):
    first, second = epochs(root, 0, [0, 1])
    assert_equal(second, epochs(root, 0, [1])[0])

    def matrices(batches):
        return {record.filename: record.input_to_original for batch in batches for record in batch.records}

    for other in (second, epochs(root, 0, [0], seed=6)[0]):
        assert list(matrices(first)) != list(matrices(other))
        assert all(np.abs(matrices(first)[name] - matrices(other)[name]).max() > 1e-6 for name in matrices(first))


@pytest.mark.parametrize("labels", [[], [block(40, 40, 2, 2)], [block(0, 0, 128, 128)], [block(4, 4, 120, 12)] * 2])
@pytest.mark.parametrize("ignored", [set(), {("a.png", 0), ("a.png", 1)}])
def test_degenerate_images_give_samples(tmp_path, labels, ignored):
    """No word; a word of 2 px; one larger than any crop; only ignored ones."""
    write_split(tmp_path, "train", {"a.png": (128, 128, labels)}, ignored=ignored)
    transform = RandomTransform(32, scale=(2.0, 6.0), rotate=5.0)
    samples = [dataset(tmp_path, transform)[epoch, 0] for epoch in range(3)]
    for sample in samples:
        assert sample.image.shape == (32, 32, 3)
        assert {maps.shape for maps in sample.targets} == {(1, 32, 32)}
        if ignored or not labels:
            assert not sample.targets.probability.any()
            assert not sample.targets.threshold_mask.any()


def test_a_crop_shows_a_readable_word_wherever_there_is_one(tmp_path):
    labels = [*(block(40 * number, 560, 30, 20) for number in range(16)), block(20, 20, 60, 30)]
    write_split(tmp_path, "train", {"a.png": (640, 640, labels)}, ignored={("a.png", number) for number in range(16)})
    cropping = RandomTransform(64, scale=(4.0, 8.0))  # 80 to 160 px of the image
    samples = [dataset(tmp_path, cropping)[epoch, 0] for epoch in range(20)]
    assert all(sample.targets.probability.any() for sample in samples)


@pytest.mark.parametrize("content", [b"", b"GIF89a?", None])
def test_an_unreadable_image_is_an_error_that_names_it(tmp_path, content):
    if content is not None:
        (tmp_path / "a.jpg").write_bytes(content)
    images = LabelledImages([ImageAnnotation("a.jpg")], [tmp_path])
    with pytest.raises(ImageReadError, match=r"a\.jpg"):
        DetectionDataset(images, Sampling(Letterbox(64)))[0, 0]


def test_an_image_that_is_skipped_gives_its_place_to_the_next_one_and_is_named(root, tmp_path):
    images = shutil.copytree(root / "images/train", tmp_path / "train")
    (images / "train_6.png").unlink()
    (images / "train_0.png").write_bytes((images / "train_0.png").read_bytes()[:100])
    labelled = dataset(root, folder=images)
    skipping = TrainingDataset([labelled], labelled.images.filenames, skip_unreadable=True)
    first, sixth = skipping[3, 0], skipping[3, 6]
    assert [image.filename for image in first.instead_of] == ["train_0.png"]
    assert "train_0.png" in first.instead_of[0].reason
    assert [image.filename for image in sixth.instead_of] == ["train_6.png", "train_0.png"]  # from the front again
    assert first.record.filename == sixth.record.filename == "train_1.png"
    np.testing.assert_array_equal(first.image, skipping[3, 1].image)
    batch = collate([first, skipping[3, 2], sixth])
    assert batch.filenames == ("train_1.png", "train_2.png", "train_1.png")
    assert [image.filename for image in batch.unreadable] == ["train_0.png", "train_6.png", "train_0.png"]


def test_where_no_image_can_be_read_skipping_ends(root, tmp_path):
    labelled = dataset(root, Letterbox(64), folder=tmp_path)
    with pytest.raises(ImageReadError, match=r"expected an image that can be read, got 21 in a row: .*train_2\.png"):
        TrainingDataset([labelled], labelled.images.filenames, skip_unreadable=True)[0, 2]
