"""CORD: coordinates with names, groups of words, areas that do not count."""

from tests.annotations.formats.conftest import box


def quad(points):
    """The coordinates by name, backwards."""
    named = {
        f"{axis}{number}": point["xy".index(axis)] for number, point in enumerate(points, start=1) for axis in "xy"
    }
    return dict(reversed(named.items()))


def test_words_come_first_then_separators_then_areas_that_do_not_count(labels):
    labels.image("receipt_0.png", 100, 120)
    words = [
        {"quad": quad(box(10, 10, 50, 24)), "text": "Nasi"},
        {"quad": quad(box(60, 106, 95, 122)), "text": "25,000"},
    ]
    labels.write(
        "receipt_0.json",
        {
            "dontcare": [[quad(box(10, 60, 50, 74))]],
            "repeating_symbol": [[{"quad": quad(box(10, 40, 90, 46)), "text": "-----"}]],
            "valid_line": [{"words": words, "category": "menu.nm"}],
            "roi": quad(box(2, 2, 98, 118)),
            "meta": {"image_size": {"width": 100, "height": 120}},
        },
    )
    read = labels.read("cord")
    assert read.words["receipt_0.png"] == [
        (box(10, 10, 50, 24), "Nasi", False),
        (box(60, 106, 95, 120), "25,000", False),
        (box(10, 40, 90, 46), "-----", True),
        (box(10, 60, 50, 74), "", True),
    ]
    assert read.warnings == [
        "1 word with points outside the image, moved onto the border: receipt_0.json, word 2 '25,000'"
    ]


def test_a_receipt_without_words_is_kept_and_one_of_another_size_refused(labels):
    labels.image("r.png", 60, 60)
    content = {"valid_line": [], "meta": {"image_size": {"width": 60, "height": 60}}}
    labels.write("r.json", content)
    assert labels.read("cord").words == {"r.png": []}
    labels.write("r.json", content | {"meta": {"image_size": {"width": 120, "height": 120}}})
    assert "r.png as displayed, 60 x 60 px, got those of an image of 120 x 120 px" in labels.fault("cord")
