"""The field's words are used: those that nobody in the field says are in no name and in no text of the product."""

import io
import re
import tokenize

import pytest

from tests.commands import ROOT

PACKAGES = ("baseline_code", "ocr", "runners", "synthetic")
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
WORDS = {
    "picture": "image",
    "outline": "polygon",
    "share": "fraction, ratio",
    "amount": "the ratio's own name",
    "deal": "assign",
    "dealt": "assigned",
    "taught": "pseudo-labelled",
    "twin": "duplicate",
    "homeless": "unexpected key",
    "surest": "most confident",
    "lean": "skew",
    "mend": "repair",
    "tangled": "crossing itself",
    "foretell": "estimate",
    "foretold": "estimated",
    "stranger": "one that disagrees",
}
IN_NAMES = {
    "look": "TTA view",
    "hand": "submit",
    "lie": "is stored",
    "lay": "is stored",
    "told": "reported",
    "turned": "rotated",
}
"""Plain English in a sentence, wrong in a name."""

GENERATED = re.compile(r"synthetic/receipts/(vocabulary|content)\.py")  # "Net Amount" is printed on receipts
FOREIGN = {
    "ocr/demo/page.py": {"share"},  # an argument of Gradio's
    "synthetic/receipts/subset_fonts.py": {"outline"},  # an option of fontTools'
}
OLD_KEYS = "runners/cli/moved_settings.py"  # the names that settings had


def forms(words):
    return {word + ending for word in words for ending in ("", "s", "ed", "ing")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_names_and_texts_have_the_fields_words(path):
    name = path.relative_to(ROOT).as_posix()
    if GENERATED.fullmatch(name) or name == OLD_KEYS:
        return
    found = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type not in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            continue
        wrong = forms(WORDS | IN_NAMES if token.type == tokenize.NAME else WORDS)
        said = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", token.string)}
        found |= {f"line {token.start[0]}: {word}" for word in said & wrong - FOREIGN.get(name, set())}
    assert not found
