"""Make the font subsets of `synthetic/receipts/fonts/` from the full fonts (a maintainer's tool: it needs `fontTools`).

Run `python -m synthetic.receipts.subset_fonts SOURCE` with a folder that holds the full fonts at any depth. Hinting,
layout tables and all glyphs that no receipt shows are dropped. The licences reserve the original font names, so each
subset gets the plain name of its file.
"""

import argparse
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from synthetic.receipts.fonts import FONT_FOLDER
from synthetic.receipts.vocabulary import characters

SOURCES = {
    "kr_coding_regular": "NanumGothicCoding.ttf",
    "kr_coding_bold": "NanumGothicCodingBold.ttf",
    "kr_gothic_regular": "NanumGothic.ttf",
    "kr_gothic_bold": "NanumGothicBold.ttf",
    "kr_serif_regular": "NanumMyeongjo.ttf",
    "kr_serif_bold": "NanumMyeongjoBold.ttf",
    "mono_wide_regular": "DejaVuSansMono.ttf",
    "mono_wide_bold": "DejaVuSansMono-Bold.ttf",
    "mono_plain_regular": "LiberationMono-Regular.ttf",
    "mono_plain_bold": "LiberationMono-Bold.ttf",
    "sans_regular": "LiberationSans-Regular.ttf",
    "sans_bold": "LiberationSans-Bold.ttf",
    "condensed_regular": "RobotoCondensed-Regular.ttf",
    "condensed_bold": "RobotoCondensed-Bold.ttf",
}
NAME_FAMILY, NAME_STYLE, NAME_UNIQUE, NAME_FULL, NAME_POSTSCRIPT = 1, 2, 3, 4, 6
NAMES_KEPT = (0, 7, 13, 14)  # copyright, trademark, licence, licence URL


def make_subset(source: Path, target: Path, text: str) -> None:
    """Write the glyphs of `text` of the font `source` to `target`, under the name of the target's stem.

    Args:
        source: a TrueType font.
        target: where to write; its stem becomes the family name.
        text: the characters to keep; those that the font lacks are left out.
    """
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [*NAMES_KEPT, NAME_FAMILY, NAME_STYLE, NAME_UNIQUE, NAME_FULL, NAME_POSTSCRIPT]
    options.notdef_outline = True
    options.drop_tables += [
        "GSUB",
        "GPOS",
        "GDEF",
        "kern",
        "DSIG",
        "FFTM",
        "VDMX",
        "hdmx",
        "LTSH",
        "morx",
        "mort",
        "vhea",
        "vmtx",
    ]
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    _rename(font, "Receipt " + target.stem.replace("_", " ").title())
    font.save(target)


def _rename(font: TTFont, name: str) -> None:
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in NAMES_KEPT]
    parts = {
        NAME_FAMILY: name,
        NAME_STYLE: "Regular",
        NAME_UNIQUE: f"{name} subset",
        NAME_FULL: name,
        NAME_POSTSCRIPT: name.replace(" ", ""),
    }
    for identifier, text in parts.items():
        table.setName(text, identifier, 3, 1, 0x409)
        table.setName(text, identifier, 1, 0, 0)


def main() -> None:
    """Make all subsets from the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="folder with the full fonts, searched at any depth")
    folder: Path = parser.parse_args().source
    for stem, filename in SOURCES.items():
        found = sorted(folder.rglob(filename))
        if not found:
            raise FileNotFoundError(f"expected {filename} below {folder}, got none; fonts/README.md names the packages")
        make_subset(found[0], FONT_FOLDER / f"{stem}.ttf", characters())


if __name__ == "__main__":
    main()
