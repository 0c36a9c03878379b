"""The fonts that come with the generator, as families of two weights; no system font is ever read."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FONT_FOLDER = Path(__file__).parent / "fonts"
HANGUL = range(0xAC00, 0xD7A4)


@dataclass(frozen=True)
class FontFamily:
    """A pair of faces: one for Latin words, one for words with Hangul.

    `column` is the width of one column of the receipt's grid, in em: a monospaced face's advance, or what keeps a
    proportional face's words from meeting. `space` is the blank between words, in em.
    """

    latin: str
    hangul: str
    column: float
    space: float

    def font(self, text: str, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
        """The face for `text` at `size` pixels per em."""
        stem = self.hangul if has_hangul(text) else self.latin
        return load_font(f"{stem}_{'bold' if bold else 'regular'}", size)


FAMILIES = (
    FontFamily("kr_coding", "kr_coding", 0.52, 0.5),
    FontFamily("kr_gothic", "kr_gothic", 0.56, 0.36),
    FontFamily("kr_serif", "kr_serif", 0.56, 0.36),
    FontFamily("mono_wide", "kr_gothic", 0.602, 0.55),
    FontFamily("mono_plain", "kr_coding", 0.6, 0.55),
    FontFamily("sans", "kr_gothic", 0.58, 0.36),
    FontFamily("condensed", "kr_gothic", 0.52, 0.34),
)


def has_hangul(text: str) -> bool:
    """Whether any character of `text` is a Hangul syllable."""
    return any(ord(character) in HANGUL for character in text)


@lru_cache(maxsize=256)
def load_font(stem: str, size: int) -> ImageFont.FreeTypeFont:
    """The shipped face `stem` at `size` pixels per em.

    Raises:
        FileNotFoundError: if the package holds no such face.
    """
    path = FONT_FOLDER / f"{stem}.ttf"
    if not path.is_file():
        raise FileNotFoundError(
            f"expected the font {path}, got none; reinstall, or make it with synthetic.receipts.subset_fonts"
        )
    # The basic engine is in every Pillow; Raqm is not, and would move glyphs.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
