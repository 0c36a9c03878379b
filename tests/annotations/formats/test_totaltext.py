"""Total-Text: polygons as numpy prints them, or in MATLAB files."""

import numpy as np
import pytest
from scipy.io import savemat

from tests.annotations.formats.conftest import box

IMAGES = {"img1.png": (120, 100)}


def test_an_entry_may_be_wrapped_and_its_text_is_a_literal_of_python(labels):
    labels.write(
        "poly_gt_img1.txt",
        "x: [[ 10  30  60\n   60  30  10]], y: [[20 12 20 34 26 34]], ornt: [u'c'], transcriptions: [u'CAFE']\n"
        "x: [[ 70 110 110  70]], y: [[10 10 24 24]], ornt: [u'h'], transcriptions: [u'#']\n"
        "x: [[70 110 110 70]], y: [[40 40 54 54]], ornt: [u'h'], transcriptions: [u\"DON'T]\"]\n"
        "x: [[70 110 110 70]], y: [[70 70 84 84]], ornt: [u'#'], transcriptions: [u'dim']\n"
        "x: [[10 50 50 10]], y: [[80 80 94 94]], ornt: [u'h'], transcriptions: [u'na\\xefve, 1']\n"
        "x: [[10 50 50 10]], y: [[60 60 74 74]], transcriptions: [u'free']\n",
    )
    read = labels.read("totaltext")
    assert read.words["img1.png"] == [
        ([[10, 20], [30, 12], [60, 20], [60, 34], [30, 26], [10, 34]], "CAFE", False),
        (box(70, 10, 110, 24), "#", True),
        (box(70, 40, 110, 54), "DON'T]", False),
        (box(70, 70, 110, 84), "dim", True),
        (box(10, 80, 50, 94), "naïve, 1", False),
        (box(10, 60, 50, 74), "free", False),
    ]
    assert read.warnings == []


def test_a_matlab_file_reads_the_same(labels):
    (labels.folder / "labels").mkdir()
    rows = np.empty((2, 6), object)
    for row, (text, orientation) in enumerate((("DIENST", []), ([], "h"))):
        rows[row] = ["x:", np.array([[10, 40, 40, 10]]), "y:", np.array([[20, 20, 36, 36]]), text, orientation]
    savemat(labels.folder / "labels" / "poly_gt_img1.mat", {"polygt": rows})
    read = labels.read("totaltext")
    assert read.words["img1.png"] == [(box(10, 20, 40, 36), "DIENST", False), (box(10, 20, 40, 36), "", True)]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("x: [[10 50 50]], y: [[10 10 24 24]], ornt: [u'h'], transcriptions: [u'two']", "got 3 x and 4 y"),
        ("x: [[10 50 50 10]], y: [[10 10 24 24]], transcriptions: [exit()]", "expected a text as Python writes it"),
        ("x: [10 50 50 10], y: [[10 10 24 24]]", "expected x: [[…]], y: [[…]], ornt"),
    ],
)
def test_a_broken_entry_is_named_by_its_line(labels, entry, fault):
    labels.write("poly_gt_img1.txt", f"x: [[10 50\n 50 10]], y: [[60 60 74 74]], transcriptions: [u'one']\n{entry}\n")
    message = labels.fault("totaltext")
    assert "poly_gt_img1.txt, line 3: " in message
    assert fault in message
