"""The shipped font subsets: complete for the vocabulary, small, and under names that their licences allow."""

import pytest
from fontTools.ttLib import TTFont

from synthetic.receipts.fonts import FAMILIES, FONT_FOLDER, has_hangul, load_font
from synthetic.receipts.vocabulary import characters

FACES = sorted(FONT_FOLDER.glob("*.ttf"))
RESERVED = ("nanum", "naver", "liberation", "arimo", "cousine", "tinos", "bitstream", "vera", "dejavu", "roboto")


@pytest.mark.parametrize("path", FACES, ids=lambda path: path.stem)
def test_a_face_has_every_character_that_it_is_asked_for_and_no_reserved_name(path):
    wanted = {ord(c) for c in characters() if path.stem.startswith("kr_") or c.isascii()}
    assert wanted - set(TTFont(path).getBestCmap()) == set()
    names = " ".join(TTFont(path)["name"].getDebugName(key) or "" for key in (1, 3, 4, 6, 16)).lower()
    assert not [word for word in RESERVED if word in names]


def test_all_families_have_both_weights_no_face_is_idle_and_a_missing_one_is_named():
    stems = {f"{face}_{weight}" for f in FAMILIES for face in (f.latin, f.hangul) for weight in ("regular", "bold")}
    assert stems == {path.stem for path in FACES}
    assert sum(path.stat().st_size for path in FONT_FOLDER.iterdir()) <= 600_000  # with their licences
    with pytest.raises(FileNotFoundError, match=r"expected the font .*gone\.ttf, got none"):
        load_font("gone", 20)


def test_a_word_with_hangul_gets_the_korean_face():
    family = FAMILIES[4]
    assert "KR" in family.font("12,500원", 20, bold=False).getname()[0].upper()
    assert "KR" not in family.font("12,500", 20, bold=False).getname()[0].upper()


@pytest.mark.parametrize(("text", "expected"), [("", False), ("TOTAL 5", False), ("합계", True), ("1L우유", True)])
def test_hangul_is_found_anywhere_in_a_word(text, expected):
    assert has_hangul(text) is expected
