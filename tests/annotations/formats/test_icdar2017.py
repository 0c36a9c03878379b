"""ICDAR 2017 and 2019 MLT: a script between the numbers and the text, decided for the whole set."""

from tests.annotations.formats.conftest import box

IMAGES = {"m1.png": (140, 100), "m2.png": (140, 100)}


def test_the_text_is_what_follows_the_ninth_comma(labels):
    labels.write(
        "gt_m1.txt",
        "10,10,60,10,60,24,10,24,Latin,Hello, world\n"
        "70,10,130,12,129,26,69,24,Korean,합계\n"
        "10,40,60,40,60,54,10,54,None,###\n"
        "70,40,90,40,90,54,70,54,Symbols,,\n"
        "10,70,60,70,60,84,10,84,Mixed,Latin,Korean\n",
    )
    labels.write("gt_m2.txt", "20,20,100,20,100,60,20,60,Hindi,\n20,70,100,70,100,90,20,90,Arabic,###\n")
    read = labels.read("icdar2017")
    assert [word[1:] for word in read.words["m1.png"]] == [
        ("Hello, world", False),
        ("합계", False),
        ("###", True),
        (",", False),
        ("Latin,Korean", False),
    ]
    assert read.words["m2.png"] == [(box(20, 20, 100, 60), "", False), (box(20, 70, 100, 90), "###", True)]
    assert read.warnings == ["1 word without transcription: gt_m2.txt, line 1"]


def test_a_set_whose_lines_are_half_scripts_has_faults(labels):
    labels.write("gt_m1.txt", "10,10,60,10,60,24,10,24,Latin,Hello\n10,40,60,40,60,54,10,54,Hello, you")
    message = labels.fault("icdar2017")
    assert "gt_m1.txt, line 2: expected a script (Arabic, Bangla," in message
    assert "got 'Hello, you'; labels without scripts are from=icdar2015" in message


def test_a_word_that_is_a_script_makes_no_multilingual_set(labels):
    labels.write("gt_m1.txt", "10,10,60,10,60,24,10,24,Latin, grammar\n10,40,60,40,60,54,10,54,Latin\n")
    labels.write("gt_m2.txt", "10,10,60,10,60,24,10,24,Hello\n")
    read = labels.read("icdar2015")
    assert [word[1] for word in read.words["m1.png"]] == ["Latin, grammar", "Latin"]
