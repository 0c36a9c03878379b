"""CVAT for images: boxes rotate about their centre, texts are attributes."""

from tests.annotations.formats.conftest import box

IMAGES = {"c1.png": (120, 90), "c2.png": (60, 40)}


def document(shapes, width=120, height=90):
    first = f'<image id="0" name="batch1/c1.png" width="{width}" height="{height}">{shapes}</image>'
    return f'<?xml version="1.0"?><annotations>{first}<image id="1" name="c2.png"/></annotations>'


def attributes(**values):
    return "".join(f'<attribute name="{name}">{value}</attribute>' for name, value in values.items())


def test_shapes_with_an_area_are_words_and_checkboxes_are_texts(labels):
    labels.write(
        "annotations.xml",
        document(
            f'<box occluded="1" xtl="10" ytl="10" xbr="50" ybr="24">{attributes(transcription="A &amp; B")}</box>'
            # about (80, 40), 90 degrees clockwise: (20, 5) from it becomes (-5, 20)
            f'<box label="word" xtl="60" ytl="35" xbr="100" ybr="45" rotation="90.00">{attributes(text="side")}</box>'
            # about (30, 55), 30 degrees: 30 - 20 cos 30 + 5 sin 30 = 15.179
            '<box label="word" xtl="10" ytl="50" xbr="50" ybr="60" rotation="30.00"></box>'
            f'<polygon points="60,70;110,70;110.00,84.00;60.00,84.00">{attributes(illegible="true")}</polygon>'
            '<polygon label="word" points="10,75;10,85;50,85;50,75">'
            f"{attributes(illegible='false', transcription='low')}</polygon>"
            '<polyline label="word" points="1,1;30,1"/><points label="word" points="5,5;6,6"/>'
            '<mask label="word" rle="0, 4" left="100" top="2" width="5" height="2"/><tag label="good_image"/>'
            f'<ellipse label="word" cx="100" cy="20" rx="10" ry="5">{attributes(description="o")}</ellipse>'
        ),
    )
    read = labels.read("cvat")
    *words, ellipse = read.words["c1.png"]
    assert words == [
        (box(10, 10, 50, 24), "A & B", False),
        ([[85, 20], [85, 60], [75, 60], [75, 20]], "side", False),
        ([[15.179, 40.67], [49.821, 60.67], [44.821, 69.33], [10.179, 49.33]], "", False),
        (box(60, 70, 110, 84), "", True),
        (box(10, 75, 50, 85), "low", False),
    ]
    assert (ellipse[0][4], ellipse[0][8], ellipse[1]) == ([100, 15], [107.071, 16.464], "o")
    assert read.words["c2.png"] == []
    warnings = "\n".join(read.warnings)
    assert "3 shapes left out (1 mask, 1 points, 1 polyline): annotations.xml, image batch1/c1.png, shape 6" in warnings
    assert "1 word without transcription: " in warnings
    assert "1 word counter-clockwise, put in order: " in warnings
    assert len(read.warnings) == 3


def test_a_video_and_another_size_are_refused(labels):
    labels.write("annotations.xml", '<annotations><track id="0" label="word"></track></annotations>')
    assert "expected the format CVAT for images 1.1, got that of a video (track)" in labels.fault("cvat")
    labels.write("annotations.xml", document("", width=1200, height=900))
    message = labels.fault("cvat")
    assert "c1.png as displayed, 120 x 90 px, got those of an image of 1200 x 900 px" in message
