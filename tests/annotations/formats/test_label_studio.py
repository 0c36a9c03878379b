"""Label Studio: per cent of the image, boxes that rotate about their corner, several annotations of a task."""

from tests.annotations.formats.conftest import box

TURNED = [[100, 50], [134.641, 70], [129.641, 78.66], [95, 58.66]]
"""30 degrees about (100, 50), 40 x 10 px: 40 cos = 34.641, 40 sin = 20, 10 cos = 8.66, 10 sin = 5."""
IMAGES = {"r1.png": (200, 100)}


def rectangle(region, x, y, width, height, rotation=0, kind="rectanglelabels", label="Text", sides=(200, 100)):
    value = {"x": x, "y": y, "width": width, "height": height, "rotation": rotation, "rectanglelabels": [label]}
    original = {"original_width": sides[0], "original_height": sides[1]}
    return {"id": region, "type": kind, "image_rotation": 0, "value": value, **original}


def textarea(region, text):
    return {"id": region, "type": "textarea", "value": {"x": 0, "y": 0, "width": 1, "height": 1, "text": text}}


def annotation(number, *results, **more):
    return {"id": number, "result": list(results), "was_cancelled": False, "updated_at": "2024-05-01T10:00:00Z"} | more


def task(number, *annotations, image="/data/upload/3/1f2e3d4c-r1.png", **more):
    return {"id": number, "data": {"image": image, "source": "scan"}, "annotations": list(annotations), **more}


def test_boxes_turn_about_their_corner_in_pixels_and_texts_have_the_same_id(labels):
    polygon = {"points": [[5, 60], [25, 60], [25, 80], [5, 80]], "polygonlabels": ["Text"]}
    ellipse = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 10, "ellipselabels": ["Text"]}
    results = [
        rectangle("A", 10, 20, 30, 15),
        textarea("A", ["TOTAL"]),
        rectangle("B", 60, 10, 20, 10, rotation=90),
        textarea("B", "side"),
        textarea("C", ["30", "deg"]),
        rectangle("C", 50, 50, 20, 10, rotation=30),
        {"id": "D", "type": "polygonlabels", "value": polygon},
        textarea("D", ["###"]),
        rectangle("I", 0, 0, 10, 10, label="Ignore"),
        {"id": "L", "type": "ellipselabels", "value": ellipse},
        {"id": "E", "type": "brushlabels", "value": {"rle": [0, 1]}},
        {"id": "F", "type": "choices", "value": {"choices": ["good"]}},
    ]
    labels.write("export.json", [task(1, annotation(11, *results))])
    read = labels.read("label_studio")
    *words, last = read.words["r1.png"]
    assert words == [
        (box(20, 20, 80, 35), "TOTAL", False),
        ([[120, 10], [120, 50], [110, 50], [110, 10]], "side", False),
        (TURNED, "30 deg", False),
        (box(10, 60, 50, 80), "###", True),
        (box(0, 0, 20, 10), "", True),
    ]
    assert (last[0][4], last[0][8]) == ([100, 40], [114.142, 42.929])  # 20 px across, 10 px down
    assert read.warnings == [
        "1 region left out (1 brushlabels): export.json, task 1, region E",
        "1 word without transcription: export.json, task 1, region L",
    ]


def test_the_ground_truth_counts_or_else_the_newest_annotation_and_no_cancelled_one(labels):
    for name in ("r2.png", "r3.png", "r4.png", "r5.png"):
        labels.image(name, 200, 100)
    right, wrong = rectangle("A", 5, 10, 40, 20), rectangle("A", 0, 0, 100, 100)
    newer, older = {"updated_at": "2024-05-03T08:00:00.5Z"}, {"updated_at": "2024-05-02T08:00:00Z"}
    labels.write(
        "export.json",
        [
            task(1, annotation(1, right, **newer), annotation(2, wrong, **older)),
            task(2, annotation(3, wrong, **newer), annotation(4, right, ground_truth=True, **older), image="a/r2.png"),
            task(3, annotation(5, wrong, was_cancelled=True), annotation(6, right), image="a/r3.png"),
            task(4, annotation(7), image="/data/local-files/?d=scans%20of%20May/r4.png"),
            task(5, image="s3://bucket/r5.png", predictions=[{"result": [wrong]}]),
        ],
    )
    read = labels.read("label_studio")
    word = (box(10, 10, 90, 30), "", False)
    assert read.words == {"r1.png": [word], "r2.png": [word], "r3.png": [word], "r4.png": []}
    listed = "export.json, task 1, region A; export.json, task 2, region A; export.json, task 3, region A"
    assert read.warnings == [
        "2 tasks with several annotations: export.json, task 1: 1 used; export.json, task 2: 4 used",
        f"3 words without transcription: {listed}",
        "1 annotation cancelled, left out: export.json, task 3",
        "1 task without a valid annotation left out (1 with predictions): export.json, task 5",
    ]


def test_only_another_aspect_or_a_rotated_image_is_refused(labels):
    halved = rectangle("A", 10, 20, 30, 15, sides=(100, 50))
    labels.write("export.json", [task(1, annotation(1, halved))])
    assert labels.read("label_studio").words["r1.png"][0][0] == box(20, 20, 80, 35)
    labels.write("export.json", [task(1, annotation(1, rectangle("A", 10, 20, 30, 15, sides=(100, 200))))])
    assert "r1.png as displayed, 200 x 100 px, got those of an image of 100 x 200 px" in labels.fault("label_studio")
    labels.write("export.json", [task(1, annotation(1, halved | {"image_rotation": 90}))])
    assert "expected image_rotation 0 for r1.png, got 90" in labels.fault("label_studio")


def test_texts_of_the_short_form_are_used_only_where_they_can_be_told_apart(labels):
    for name in ("r2.png", "r3.png", "r4.png"):
        labels.image(name, 200, 100)
    first, second = (rectangle("", *one)["value"] for one in ((10, 20, 30, 15), (50, 50, 20, 10, 30)))

    def entry(number, bbox, transcription):
        image = f"/data/upload/3/1f2e3d4c-r{number}.png"
        return {"id": number, "ocr": image, "bbox": bbox, "transcription": transcription, "annotation_id": number}

    labels.write(
        "min.json",
        [
            entry(1, [first, second], ["TOTAL", "30 deg"]),
            entry(2, [first], "single"),
            entry(3, [first, second], ["one", first, "two"]),
            entry(4, [first, second], [12, 0.5]),
        ],
    )
    read = labels.read("label_studio")
    upright = box(20, 20, 80, 35)
    assert read.words == {
        "r1.png": [(upright, "TOTAL", False), (TURNED, "30 deg", False)],
        "r2.png": [(upright, "single", False)],
        "r3.png": [(upright, "", False), (TURNED, "", False)],
        "r4.png": [(upright, "12", False), (TURNED, "0.5", False)],
    }
    assert read.warnings[0] == "1 task whose texts cannot be told apart: min.json, task 3"
    assert read.warnings[1].startswith("2 words without transcription: ")


def test_a_box_and_its_label_in_the_short_form_are_one_region(labels):
    value = rectangle("", 10, 20, 30, 15)["value"]
    plain = {key: one for key, one in value.items() if key != "rectanglelabels"}
    entry = {"id": 1, "ocr": "r1.png", "bbox": [plain], "label": [plain | {"labels": ["Ignored"]}], "annotation_id": 1}
    labels.write("min.json", [entry])
    assert labels.read("label_studio").words["r1.png"] == [(box(20, 20, 80, 35), "", True)]


def test_only_labels_and_choices_mark_ignored_words_not_texts_of_that_wording(labels):
    results = [
        rectangle("A", 10, 20, 30, 15),
        textarea("A", ["Ignore"]),
        rectangle("B", 10, 20, 30, 15),
        textarea("B", ["Illegible"]),
        {"id": "B", "type": "choices", "value": {"choices": ["Don't care"]}},
    ]
    labels.write("export.json", [task(1, annotation(11, *results))])
    word = box(20, 20, 80, 35)
    assert labels.read("label_studio").words["r1.png"] == [(word, "Ignore", False), (word, "Illegible", True)]
