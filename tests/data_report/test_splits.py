"""All that is wrong in a split, collected in one reading."""

import numpy as np
import pytest
from PIL import Image

from ocr.data_report.splits import find_splits, inspect_split
from tests.small_data import block, change_json, write_split

WORD = block(10, 10, 40, 12)


def track(items, *_, **__):
    return items


def inspect(root, name="train", max_words=500):
    return inspect_split(root, name, max_words=max_words, track=track)


def places_of(split):
    """(image, word) of each finding, by its kind."""
    return {finding.kind: [fault.place[:2] for fault in finding.places] for finding in split.findings if finding.places}


def change(root, edit, name="train"):
    change_json(root / "jsons" / f"{name}.json", lambda labels: edit(labels["images"]))


def words(*polygons):
    return {f"{index:04d}": {"points": points} for index, points in enumerate(polygons)}


def test_a_clean_split_has_no_finding(tmp_path):
    write_split(tmp_path, "train", {"a.png": (100, 80, [WORD])})
    split = inspect(tmp_path)
    assert places_of(split) == {}
    assert split.sizes == [(100, 80)]
    assert split.is_measured_in_pixels


def test_every_kind_of_wrong_word_is_found_with_its_image_and_key_and_the_others_stay(tmp_path):
    write_split(tmp_path, "train", {"a.png": (100, 80, [WORD])})
    wrong = {
        "broken": [[10, 10], [50, 10]],
        "outside": block(90, 40, 40, 12),  # to x = 130 of 100
        "collinear": [[0, 0], [10, 10], [20, 20], [30, 30]],
        "ordered": [[10, 40], [50, 40], [10, 52], [50, 52]],  # row by row
        "tiny": block(10, 60, 40, 2),
        "order": block(60, 30, 40, 12)[::-1],
    }

    def edit(images):
        images["a.png"]["words"] |= {kind: {"points": points} for kind, points in wrong.items()}
        images["a.png"]["words"]["repeated"] = {"points": block(11, 10, 40, 12)}

    change(tmp_path, edit)
    split = inspect(tmp_path)
    found = places_of(split)
    assert found.pop("order")[-1] == ("a.png", "order")
    assert found == {kind: [("a.png", kind)] for kind in (*wrong, "repeated") if kind != "order"}
    kept = ["0000", "collinear", "ordered", "tiny", "order", "repeated"]
    assert [word.id for word in split.annotations[0].words] == kept


def test_images_that_are_missing_damaged_unlabelled_or_of_another_size_are_named(tmp_path):
    names = ("a.png", "missing.png", "damaged.png", "unlabelled.png", "resized.png", "empty.png")
    write_split(tmp_path, "train", {name: (100, 80, [WORD] if name != "empty.png" else []) for name in names})
    folder = tmp_path / "images" / "train"
    (folder / "missing.png").unlink()
    whole = (folder / "damaged.png").read_bytes()
    (folder / "damaged.png").write_bytes(whole[: len(whole) // 2])
    Image.new("RGB", (50, 40)).save(folder / "resized.png")
    change(tmp_path, lambda images: images.pop("unlabelled.png"))
    split = inspect(tmp_path)
    assert places_of(split) == {
        "missing": [("missing.png", None)],
        "unreadable": [("damaged.png", None)],
        "unlabelled": [("unlabelled.png", None)],
        "size": [("resized.png", None)],
        "wordless": [("empty.png", None)],
    }
    assert [annotation.filename for annotation in split.annotations] == ["a.png", "resized.png", "empty.png"]
    assert not split.is_measured_in_pixels


@pytest.mark.parametrize(
    ("orientation", "stated", "kind"),
    [
        (6, (80, 100), "turned"),  # labels say 80 x 100, as displayed
        (6, (100, 80), "size"),
        (6, None, "orientation"),
        (3, (100, 80), "orientation"),  # upside down has the same size
    ],
)
def test_of_images_that_exif_rotates_the_stated_size_tells_whether_the_labels_are_rotated(
    tmp_path, orientation, stated, kind
):
    write_split(tmp_path, "train", {"a.jpg": (100, 80, [WORD])})
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (100, 80)).save(tmp_path / "images/train/a.jpg", exif=exif)
    width, height = stated or (None, None)
    change(tmp_path, lambda images: images["a.jpg"].update(img_w=width, img_h=height))
    assert places_of(inspect(tmp_path)) == {kind: [("a.jpg", None)]}


def test_points_in_another_unit_are_one_finding_and_not_a_tiny_word_each(tmp_path):
    write_split(tmp_path, "train", {"a.png": (100, 80, [(np.array(WORD) / 100).tolist()])})
    assert places_of(inspect(tmp_path)) == {"unit": [(None, None)]}


def test_more_words_than_can_be_found_are_counted(tmp_path):
    write_split(tmp_path, "train", {"a.png": (100, 80, [block(5, 5, 20, 8), block(5, 25, 20, 8)])})
    assert places_of(inspect(tmp_path, max_words=1)) == {"crowded": [("a.png", None)]}
    assert places_of(inspect(tmp_path, max_words=2)) == {}


def test_of_too_many_words_those_are_counted_that_are_to_be_found(tmp_path):
    """Two of three are readable, one more than can be found."""
    words = [block(5, 5 + 20 * row, 20, 8) for row in range(3)]
    write_split(tmp_path, "train", {"a.png": (100, 80, words)}, ignored=[("a.png", 2)])
    (finding,) = (one for one in inspect(tmp_path, max_words=1).findings if one.kind == "crowded")
    assert [fault.what for fault in finding.places] == ["2 readable words"]


def test_a_label_file_that_is_no_json_is_a_finding(tmp_path):
    write_split(tmp_path, "train", {"a.png": (100, 80, [WORD])})
    (tmp_path / "jsons/train.json").write_text("{")
    split = inspect(tmp_path)
    assert list(places_of(split)) == ["labels"]
    assert split.images == []


def test_images_without_a_label_file_are_a_split_all_the_same(tmp_path):
    write_split(tmp_path, "test", {"a.png": (100, 80, [WORD])})
    (tmp_path / "jsons/test.json").unlink()
    split = inspect(tmp_path, "test")
    assert list(places_of(split)) == ["unlabelled_part", "wordless"]
    assert split.sizes == [(100, 80)]


def test_splits_come_as_they_are_used(tmp_path):
    for name in ("extra", "val", "test", "train"):
        write_split(tmp_path, name, {f"{name}.png": (40, 30, [])})
    (tmp_path / "jsons/._val.json").write_bytes(b"\x00\x05\x16\x07")  # what macOS puts beside a file
    copies = tmp_path / "images/.ipynb_checkpoints"
    copies.mkdir()
    Image.new("L", (40, 30)).save(copies / "train-checkpoint.png")
    assert find_splits(tmp_path) == ["train", "val", "test", "extra"]
    with pytest.raises(ValueError, match=r"expected images/<split>/\* and jsons/<split>\.json, found neither"):
        find_splits(tmp_path / "images")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "gt_1.txt").write_text("10,20,70,20,70,34,10,34,Total\n")
    with pytest.raises(ValueError, match=r"found neither; .*own looks like ICDAR 2015 labels: .* split=0\.8,0\.1,0\.1"):
        find_splits(tmp_path / "own")
