"""Labels written in every format and read again; images linked or copied; nothing replaced."""

import json
import logging
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import yaml
from PIL import Image

from ocr.annotations.conversion import read_labels, write_labels, write_project
from ocr.annotations.faults import AnnotationError
from ocr.annotations.formats.interface import LabelledImage, LabelSettings
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.recognition import FORMATS
from ocr.annotations.labelled_images import read_images
from ocr.annotations.words import ImageAnnotation, Word

BOX = [[10, 10], [50, 10], [50, 24], [10, 24]]
TURNED = [[100, 50], [134.641016, 70], [129.641016, 78.660254], [95, 58.660254]]  # by 30 degrees
SLANTED = [[1, 2], [30, 3], [30, 13], [1, 12]]
CURVED = [[20, 60], [40, 54], [60, 60], [60, 74], [40, 68], [20, 74]]
UPRIGHT_AROUND = [[20, 54], [60, 54], [60, 74], [20, 74]]


def word(points, text="", ignored=False):
    return {"points": points, "transcription": text, "illegibility": ignored}


WORDS = {
    "a 1.png": [
        word(BOX, "TOTAL"),
        word(TURNED, '12,50 "EUR"'),
        word(CURVED, "curve"),
        word([[60, 10], [75, 10], [75, 20], [60, 20]], "dim", ignored=True),
    ],
    "sub/합계.png": [word(SLANTED, "합계")],
    "empty.png": [],
}
SIZES = {"a 1.png": (200, 100), "sub/합계.png": (60, 80), "empty.png": (50, 50)}


@pytest.fixture
def root(tmp_path):
    """A split of three images, one in a sub-folder and one without words."""
    root = tmp_path / "root"
    images = {}
    for name, size in SIZES.items():
        path = root / "images" / "val" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size).save(path)
        words = {f"{number:04d}": one for number, one in enumerate(WORDS[name], start=1)}
        images[name] = {"img_w": size[0], "img_h": size[1], "words": words}
    (root / "jsons").mkdir()
    (root / "jsons" / "val.json").write_text(json.dumps({"images": images}))
    return root


def words_of(images):
    return {
        image.annotation.filename: [(one.polygon, one.text, one.ignore) for one in image.annotation.words]
        for image in images
    }


EXACT = {"coco", "coco_text", "labelme", "label_studio", "cvat", "totaltext"}
NO_TEXT = {"yolo_obb", "yolo_seg", "doctr"}
QUADS = {"icdar2015", "icdar2017", "sroie", "yolo_obb", "cord"}
UPRIGHT = {"icdar2013", "voc", "funsd"}
WHOLE_PIXELS = {"icdar2013", "icdar2015", "icdar2017", "sroie", "voc"}
LOST_TEXT_OF_IGNORED = {"icdar2013", "icdar2015", "icdar2017", "icdar_polygons", "ctw1500", "paddleocr", "funsd"}
NO_FLAG = {"sroie"}
LIKE_ANOTHER = {"icdar_polygons"}  # with so few long polygons


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_format_can_hold_comes_back(root, tmp_path, name, caplog):
    output = tmp_path / "out"
    with caplog.at_level(logging.WARNING):
        write_labels(output, {"val": read_labels(root / "jsons" / "val.json")}, name, LabelSettings(), "auto")
    assert bool(caplog.records) == (name not in EXACT)
    back = words_of(read_labels(output, name=name if name in LIKE_ANOTHER else None))
    assert back.keys() == WORDS.keys()
    assert back["empty.png"] == []
    for image, expected in WORDS.items():
        for found, one in zip(back[image], expected, strict=True):
            polygon, text, ignored = found
            points = np.array(one["points"], np.float32)
            if name in UPRIGHT or (name in QUADS and len(points) > 4):
                low, high = points.min(axis=0), points.max(axis=0)
                points = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
            np.testing.assert_allclose(polygon, points, atol=0.5001 if name in WHOLE_PIXELS else 0.01)
            if name not in NO_TEXT:
                lost = name in LOST_TEXT_OF_IGNORED and one["illegibility"]
                mark = "" if name == "funsd" else "###"
                assert text == (mark if lost else one["transcription"])
            assert ignored == (one["illegibility"] and name not in NO_FLAG)


HEIGHTS = {"1.jpg": 10, "b/1.jpg": 11, "b/c/1.jpg": 12}


@pytest.fixture
def nested(tmp_path):
    """Three images of one name in three folders; each has a word of its own height."""
    annotations = []
    for name, height in HEIGHTS.items():
        path = tmp_path / "nested" / name
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (60, 40)).save(path)
        points = np.array([[10, 5], [40, 5], [40, 5 + height], [10, 5 + height]], np.float32)
        annotations.append(ImageAnnotation(name, 60, 40, (Word(points, False, "0001", text="word"),)))
    return [LabelledImage(annotation, tmp_path / "nested") for annotation in annotations]


def heights_of(images):
    return {
        image.annotation.filename: [round(float(np.ptp(word.polygon[:, 1])), 2) for word in image.annotation.words]
        for image in images
    }


@pytest.mark.parametrize("name", FORMATS)
def test_images_of_one_name_in_several_folders_keep_their_own_words(nested, tmp_path, name):
    write_labels(tmp_path / "out", {"train": nested}, name, LabelSettings(), "auto")
    back = heights_of(read_labels(tmp_path / "out", name=name))
    assert back == {image: [height] for image, height in HEIGHTS.items()}


@pytest.mark.parametrize("name", FORMATS)
def test_splits_with_images_of_the_same_names_come_back_from_their_common_folder(nested, tmp_path, name):
    write_labels(tmp_path / "out", {"train": nested, "val": nested}, name, LabelSettings(), "auto")
    place = FORMATS[name].image_folder
    folders = ["/".join(filter(None, [split, place])) for split in ("train", "val")]
    expected = {f"{folder}/{image}": [height] for folder in folders for image, height in HEIGHTS.items()}
    assert heights_of(read_labels(tmp_path / "out", name=name)) == expected


def test_two_splits_with_images_of_one_name_do_not_become_one(root, tmp_path):
    shutil.copytree(root / "images/val", root / "images/test")
    shutil.copy(root / "jsons/val.json", root / "jsons/test.json")
    splits = {"train": read_labels(root)}
    fault = r"each file name once, got a 1\.png in .*images/test and in .*images/val; rename one"
    with pytest.raises(AnnotationError, match=fault):
        write_project(tmp_path / "new", splits, "auto")
    with pytest.raises(AnnotationError, match=fault):
        write_labels(tmp_path / "new", splits, "coco", LabelSettings(), "auto")
    assert not (tmp_path / "new").exists()


WORD_OF_VOC = (
    "<object><name>{}</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>30</xmax><ymax>20</ymax></bndbox></object>"
)


def labels_of(name, text):
    """Label files of an image 1.jpg, by their path below its split of the data."""
    shape = {"label": text, "points": [[9, 9], [30, 20]], "shape_type": "rectangle"}
    coco = {"image_id": 1, "bbox": [9, 9, 21, 11], "text": text}
    return {
        "labelme": ("1.json", json.dumps({"imagePath": "1.jpg", "shapes": [shape]})),
        "coco": ("_annotations.json", json.dumps({"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [coco]})),
        "voc": ("Annotations/1.xml", f"<annotation><filename>1.jpg</filename>{WORD_OF_VOC.format(text)}</annotation>"),
        "yolo_obb": ("labels/1.txt", "0 0.5 0.5 0.25 0.5\n" * len(text)),
        "paddleocr": ("Label.txt", f'1.jpg\t[{{"transcription": "{text}", "points": {BOX}}}]\n'),
    }[name]


@pytest.mark.parametrize(
    ("name", "place"), [("labelme", ""), ("coco", ""), ("voc", "JPEGImages"), ("yolo_obb", "images"), ("paddleocr", "")]
)
def test_an_image_is_looked_for_in_the_split_of_the_data_of_its_label_file(tmp_path, name, place):
    for split, text in (("train", "a"), ("valid", "bb")):
        path, content = labels_of(name, text)
        image, file = tmp_path / split / place / "1.jpg", tmp_path / split / path
        for one in (image, file):
            one.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (60, 40)).save(image)
        file.write_text(content)
    first, second = read_labels(tmp_path)
    assert (first.annotation.filename, second.annotation.filename) == tuple(
        "/".join(filter(None, [split, place, "1.jpg"])) for split in ("train", "valid")
    )
    if name == "yolo_obb":  # one word and two
        assert [len(image.annotation.words) for image in (first, second)] == [1, 2]
    else:
        assert [image.annotation.words[0].text for image in (first, second)] == ["a", "bb"]


def test_labels_beside_an_image_are_not_those_of_the_image_above(tmp_path):
    for name in ("1.jpg", "b/1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("L", (60, 40)).save(tmp_path / name)
    (tmp_path / "b" / "1.json").write_text(labels_of("labelme", "a")[1])
    (image,) = read_labels(tmp_path)
    assert image.annotation.filename == "b/1.jpg"


@pytest.mark.parametrize("name", ["coco", "coco_text", "label_studio", "doctr", "cvat", "labelme"])
@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda content: content[:-9], r"line \d+, column \d+.*; export it again, or take it out of the folder"),
        (
            lambda content: content.decode().encode("utf-16"),
            "expected UTF-8 text, got byte 0xff at position 0; save it",
        ),
    ],
    ids=["truncated", "UTF-16"],
)
def test_a_damaged_label_file_beside_a_whole_one_stops_the_conversion(nested, tmp_path, name, damage, fault):
    write_labels(tmp_path / "out", {"train": nested[:1], "val": nested[1:2]}, name, LabelSettings(), "auto")
    (path,) = (one for one in (tmp_path / "out" / "val").rglob("*.*") if FORMATS[name].sniff(LabelFile(one, one.name)))
    path.write_bytes(damage(path.read_bytes()))
    damaged = path.rename(path.with_name(f"damaged{path.suffix}"))  # no image has this name
    with pytest.raises(AnnotationError, match=f"val/.*{damaged.name}: .*{fault}"):
        read_labels(tmp_path / "out")


@pytest.fixture
def worded(nested):
    """Writes an image with words of these texts, and reads them back: text and whether ignored of each."""

    def write_and_read(name, output, *texts, **settings):
        (word,) = nested[0].annotation.words
        words = tuple(word._replace(id=f"{number:04d}", text=text) for number, text in enumerate(texts, start=1))
        annotation = replace(nested[0].annotation, words=words)
        image = nested[0]._replace(annotation=annotation)
        write_labels(output, {"train": [image]}, name, LabelSettings(**settings), "auto")
        return [(one.text, one.ignore) for one in read_labels(output)[0].annotation.words]

    return write_and_read


@pytest.mark.parametrize("name", ["coco", "coco_text", "labelme", "label_studio", "cvat", "paddleocr"])
def test_a_word_that_reads_ignore_stays_readable(worded, tmp_path, name):
    texts = ("Ignore", "ignored", "illegible")
    assert worded(name, tmp_path / "out", *texts) == [(text, False) for text in texts]


def test_pascal_voc_has_one_name_for_text_class_and_mark_and_says_which_words_it_misreads(worded, tmp_path, caplog):
    assert worded("voc", tmp_path / "out", "Line ", "Ignored", "Sum") == [
        ("", False),
        ("Ignored", True),
        ("Sum", False),
    ]
    written = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert "1 word whose text reads as a class: 1.jpg, word 0001" in written
    assert "1 word that reads as ignored, for its name: 1.jpg, word 0002" in written


@pytest.mark.parametrize("name", ["cvat", "voc"])
def test_an_xml_can_be_read_whatever_characters_texts_have(worded, tmp_path, name, caplog):
    texts = ("page\x0c", "\x00", "<합계> & 😀\ttab")  # form feed and NUL have no form in XML
    assert [text for text, _ in worded(name, tmp_path / "out", *texts)] == ["page", "", "<합계> & 😀\ttab"]
    counted = "2 words with control characters in its text, written without them: 1.jpg, word 0001; 1.jpg, word 0002"
    assert counted in [one.getMessage() for one in caplog.records]


@pytest.mark.parametrize("name", ["coco", "labelme", "label_studio", "cvat"])
def test_a_class_of_ones_own_is_no_text(worded, tmp_path, name):
    read = worded(name, tmp_path / "out", "", "Sum", "receipt_word", label="receipt_word")
    assert read == [("", False), ("Sum", False), ("receipt_word", False)]


def test_pascal_voc_counts_words_without_text_whose_class_reads_as_one(worded, tmp_path, caplog):
    assert worded("voc", tmp_path / "out", "", "Sum", label="receipt_word") == [("receipt_word", False), ("Sum", False)]
    counted = "1 word without text, whose class reads as one (1 receipt_word): 1.jpg, word 0001"
    assert counted in [one.getMessage() for one in caplog.records]
    caplog.clear()
    assert worded("voc", tmp_path / "usual", "", "Sum", label="word") == [("", False), ("Sum", False)]
    assert "whose class" not in caplog.text


@pytest.mark.parametrize("name", ["yolo_obb", "yolo_seg"])
def test_the_yaml_of_yolo_names_each_split_from_its_own_folder_and_no_split_twice(nested, tmp_path, name):
    one, several = tmp_path / "one", tmp_path / "several"
    write_labels(one, {"val": nested}, name, LabelSettings(), "auto")
    write_labels(several, {"train": nested[:2], "val": nested[2:]}, name, LabelSettings(label="word"), "auto")
    names = {0: "text", 1: "ignore"}
    assert yaml.safe_load((one / "data.yaml").read_text()) == {"val": "images", "names": names}
    names[0] = "word"
    splits = {"train": "train/images", "val": "val/images"}
    assert yaml.safe_load((several / "data.yaml").read_text()) == {**splits, "names": names}
    assert [path.parent for path in tmp_path.rglob("*.yaml")] == [one, several]
    assert (several / splits["val"] / "b/c/1.jpg").is_file()
    assert (several / "val/labels/b/c/1.txt").is_file()


TEXT_IN_JSON = dict.fromkeys(("coco", "label_studio", "cord", "funsd"), "text")
TEXT_IN_JSON |= {"coco_text": "utf8_string", "paddleocr": "transcription", "labelme": "description"}


def rewrite_texts(folder, key, *values):
    """Puts other values in place of "text 1", "text 2", … under a key of JSON files."""
    for path in [*folder.rglob("*.json"), *folder.rglob("*.txt")]:
        content = path.read_text()
        for number, value in enumerate(values, start=1):
            content = re.sub(rf'"{key}": (\[?)"text {number}"', rf'"{key}": \g<1>{json.dumps(value)}', content)
        path.write_text(content)


@pytest.mark.parametrize(("name", "key"), TEXT_IN_JSON.items())
def test_a_number_where_a_text_belongs_is_its_text_and_anything_else_a_fault(worded, tmp_path, name, key):
    numbers, others = tmp_path / "numbers", tmp_path / "others"
    worded(name, numbers, "text 1", "text 2", "text 3")
    rewrite_texts(numbers, key, 12, 0, 3.5)
    assert [word.text for word in read_labels(numbers)[0].annotation.words] == ["12", "0", "3.5"]
    worded(name, others, "text 1", "text 2")
    rewrite_texts(others, key, True, {"a": 1})
    with pytest.raises(AnnotationError, match=r"(?s)2 faults.*expected a text or a number, got True.*got \{'a': 1\}"):
        read_labels(others)


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("icdar2013", "3 words of another shape, written as the upright box around it: a 1.png, word 0002"),
        ("icdar2015", "1 word of more than 4 points, written as a rectangle: a 1.png, word 0003"),
        ("icdar2015", "1 word rounded to whole pixels: a 1.png, word 0002"),
        ("icdar2015", "1 word ignored, its text written as ###: a 1.png, word 0004"),
        ("icdar2017", "4 words of unknown script, written as Latin: "),
        ("sroie", "1 word ignored, written as readable: a 1.png, word 0004"),
        ("yolo_obb", "4 words written without text: "),
        ("paddleocr", "1 word ignored, its text written as ###: a 1.png, word 0004"),
    ],
)
def test_what_is_lost_is_counted_and_said(root, tmp_path, name, lost, caplog):
    with caplog.at_level(logging.WARNING):
        write_labels(tmp_path / "out", {"val": read_labels(root)}, name, LabelSettings(), "auto")
    assert any(one.getMessage().startswith(lost) for one in caplog.records)


STRIP = [[0, 40], [40, 0], [60, 0], [30, 30], [0, 60]]
"""Between x + y = 40 and x + y = 60; its rectangle has the corners (50, -10), (60, 0), (0, 60) and (-10, 50)."""


@pytest.mark.parametrize("name", sorted(QUADS))
@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        ((0, 0), [[0, 40], [0, 60], [40, 0], [60, 0]]),  # two corners are outside, and the part inside has four
        ((20, 4), [[10, 54], [20, 64], [70, 0], [80, 4]]),  # (70, -6) is outside, and the part inside has five
    ],
)
def test_a_rectangle_around_more_points_stays_inside_the_image(tmp_path, name, shift, expected, caplog):
    (tmp_path / "images").mkdir()
    Image.new("L", (100, 100)).save(tmp_path / "images/a.png")
    points = np.array(STRIP, np.float32) + np.array(shift, np.float32)
    annotation = ImageAnnotation("a.png", 100, 100, (Word(points, False, "0001", text="word"),))
    write_labels(
        tmp_path / "out", {"val": [LabelledImage(annotation, tmp_path / "images")]}, name, LabelSettings(), "auto"
    )
    assert "1 word whose rectangle reached outside the image, clipped: a.png, word 0001" in caplog.text
    (back,) = read_labels(tmp_path / "out", name=name)
    np.testing.assert_allclose(sorted(back.annotation.words[0].polygon.tolist()), expected, atol=0.01)


def test_a_format_with_a_file_for_each_image_refuses_two_of_one_stem(root, tmp_path):
    images = read_labels(root)
    Image.new("L", (50, 50)).save(root / "images" / "val" / "empty.jpg")
    twin = images[2]._replace(annotation=replace(images[2].annotation, filename="empty.jpg"))
    with pytest.raises(AnnotationError, match=r"empty\.jpg: expected one image for gt_empty\.txt, got two"):
        write_labels(tmp_path / "out", {"val": [*images, twin]}, "icdar2015", LabelSettings(), "auto")
    assert not (tmp_path / "out").exists()


def test_predictions_become_tasks_that_people_correct(root, tmp_path):
    images = read_labels(root)
    scored = []
    for image in images:
        words = tuple(one._replace(score=0.5, text="", ignore=False) for one in image.annotation.words)
        scored.append(image._replace(annotation=replace(image.annotation, words=words)))
    settings = LabelSettings(predictions=True, label="Word", rectangle_name="box")
    write_labels(tmp_path / "ls", {"val": scored}, "label_studio", settings, "auto")
    task = json.loads((tmp_path / "ls" / "tasks.json").read_text())[0]
    assert task["data"] == {"image": "/data/local-files/?d=images/a%201.png"}
    assert "annotations" not in task
    (prediction,) = task["predictions"]
    assert prediction["score"] == 0.5
    box, turned, curved, _ = prediction["result"]
    assert box["value"] == {"x": 5, "y": 10, "width": 20, "height": 14, "rotation": 0, "rectanglelabels": ["Word"]}
    assert (box["from_name"], box["to_name"], box["score"]) == ("box", "image", 0.5)
    # 40 x 10 px turned by 30 degrees about (100, 50) of an image of 200 x 100
    values = [turned["value"][key] for key in ("x", "y", "width", "height", "rotation")]
    np.testing.assert_allclose(values, [50, 50, 20, 10, 30], atol=1e-3)
    assert curved["value"]["points"][1] == [20, 54]
    config = (tmp_path / "ls" / "labeling_config.xml").read_text()
    assert '<RectangleLabels name="box" toName="image">' in config
    assert '<Label value="Word" />' in config

    write_labels(tmp_path / "scans", {"val": scored}, "paddleocr", settings, "auto")
    path, _, words = (tmp_path / "scans" / "Label.txt").read_text().splitlines()[0].partition("\t")
    assert path == "scans/a 1.png"  # the folder that PPOCRLabel opens
    first, _, third, _ = json.loads(words)
    assert first == {"transcription": "TEMPORARY", "points": BOX, "difficult": False}
    assert third["points"] == UPRIGHT_AROUND
    assert (tmp_path / "scans" / "a 1.png").is_file()

    write_labels(tmp_path / "cvat", {"val": scored}, "cvat", settings, "auto")
    text = (tmp_path / "cvat" / "annotations.xml").read_text()
    assert '<image id="0" name="a 1.png" width="200" height="100">' in text
    assert '<polygon label="Word" source="auto" occluded="0" points="10,10;50,10;50,24;10,24" z_order="0">' in text


def test_the_written_layout_is_read_by_the_project_and_keeps_further_keys(root, tmp_path):
    path = root / "jsons" / "val.json"
    document = json.loads(path.read_text())
    document["images"]["a 1.png"]["words"]["0001"]["language"] = "en"
    path.write_text(json.dumps(document))
    write_project(tmp_path / "new", {"train": read_labels(root)}, "auto")
    assert json.loads((tmp_path / "new" / "jsons" / "train.json").read_text()) == document
    images = read_images(tmp_path / "new", "train")
    assert images.filenames == list(WORDS)
    assert images.check_sizes() == list(SIZES.values())


def test_images_that_no_labels_list_are_counted_and_named(root, caplog):
    assert len(read_labels(root)) == 3
    assert caplog.text == ""
    for number in range(6):
        Image.new("L", (9, 9)).save(root / f"images/val/new_{number}.png")
    assert len(read_labels(root)) == 3
    names = ", ".join(f"new_{number}.png" for number in range(5))
    assert f"{root / 'images/val'}: left out 6 images that {root} does not list: {names} and 1 more" in caplog.text


def test_images_of_two_splits_in_one_folder_are_all_listed(root, caplog):
    document = json.loads((root / "jsons/val.json").read_text())["images"]
    splits = {"val": {"a 1.png": document.pop("a 1.png")}, "test": document}
    for split, images in splits.items():
        (root / f"jsons/{split}.json").write_text(json.dumps({"images": images}))
    assert len(read_labels(root, root / "images/val")) == 3
    assert caplog.text == ""


@pytest.mark.parametrize(("way", "linked"), [("auto", True), ("link", True), ("copy", False)])
def test_images_are_linked_or_copied_and_stay_as_they_are(root, tmp_path, way, linked, caplog):
    source = root / "images" / "val" / "a 1.png"
    before = source.read_bytes()
    with caplog.at_level(logging.INFO):
        write_project(tmp_path / "new", {"train": read_labels(root)}, way)
    target = tmp_path / "new" / "images" / "train" / "a 1.png"
    assert source.samefile(target) == linked
    assert source.read_bytes() == target.read_bytes() == before
    assert f"3 images {'linked' if linked else 'copied'}" in caplog.text


def test_nothing_is_replaced_and_splits_that_are_there_stay(root, tmp_path):
    images = read_labels(root)
    new = tmp_path / "new"
    write_project(new, {"train": images[:1]}, "auto")
    write_project(new, {"val": images[1:]}, "auto")
    assert sorted(path.name for path in (new / "jsons").iterdir()) == ["train.json", "val.json"]
    with pytest.raises(FileExistsError, match=r"train\.json: there already; choose another output= or split="):
        write_project(new, {"train": images}, "auto")
    other = new / "images" / "test" / "a 1.png"
    other.parent.mkdir()
    other.write_bytes(b"another image")
    with pytest.raises(FileExistsError, match=r"a 1\.png: another file is there already; choose another output="):
        write_project(new, {"test": images}, "auto")
    assert other.read_bytes() == b"another image"
    assert not (new / "jsons" / "test.json").exists()


def test_labels_of_images_that_are_in_place_get_only_their_json(root):
    (root / "jsons" / "val.json").rename(root / "labels.json")
    write_project(root, {"val": read_labels(root / "labels.json", root / "images" / "val")}, "auto")
    assert read_images(root, "val").filenames == list(WORDS)


def test_labels_without_images_say_where_they_were_looked_for(tmp_path):
    labels, photos = tmp_path / "gt", tmp_path / "photos"
    labels.mkdir()
    (labels / "a.txt").write_text("10,20,70,20,70,34,10,34,Total\n")
    looked_for = "expected images in it or in a folder images beside it, found none; give images="
    with pytest.raises(AnnotationError, match=f"{looked_for}FOLDER$"):
        read_labels(labels)
    photos.mkdir()
    (photos / "a.png").touch()
    with pytest.raises(AnnotationError, match=f"{looked_for}{re.escape(str(photos))}$"):
        read_labels(labels)
