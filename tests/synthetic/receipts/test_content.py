"""What receipts say: sums that add up, exact numbers of words, everything from the generator's random numbers."""

import numpy as np
import pytest

from synthetic.receipts.content import ReceiptWriter
from synthetic.receipts.vocabulary import ENGLISH, KOREAN, WORDINGS


def write(seed, words=None, **options):
    return ReceiptWriter(np.random.default_rng(seed), **options).write(words)


def value_after(receipt, labels):
    """The amount at the right end of the line whose first cell is one of `labels`, as a whole number."""
    for line in receipt.lines:
        if line.cells and line.cells[0].text in labels and line.cells[0].column == 0:
            return int("".join(c for c in line.cells[-1].text if c.isdigit()))
    raise LookupError(labels)


@pytest.mark.parametrize("language", ["english", "korean", "mixed"])
@pytest.mark.parametrize("seed", range(8))
def test_net_and_tax_make_the_total(language, seed):
    wording = WORDINGS[language]
    receipt = write(seed, language=language)
    total = value_after(receipt, wording.total_labels)
    assert value_after(receipt, wording.subtotal_labels) + value_after(receipt, wording.tax_labels) == total


def test_the_items_make_the_subtotal_of_a_receipt_in_dollars():
    receipt = write(3, language="english", columns=44)  # 44 columns: one item a line, its amount last
    names = {name for name, _, _ in ENGLISH.items}
    amounts = [line.cells[-1].text for line in receipt.lines if line.cells and line.cells[0].text in names]
    expected = sum(int(amount.replace(".", "").replace(",", "")) for amount in amounts)
    assert len(amounts) >= 2
    assert value_after(receipt, ENGLISH.subtotal_labels) == expected


@pytest.mark.parametrize("words", [1, 7, 30, 110, 300])
def test_a_receipt_has_exactly_the_words_that_were_asked_for(words):
    assert [write(seed, words).words for seed in range(6)] == [words] * 6
    with pytest.raises(ValueError, match="expected at least 1 word, got 0"):
        write(0, 0)


def test_a_receipt_has_30_to_90_words_by_itself():
    counts = [write(seed).words for seed in range(150)]
    assert 30 <= min(counts) <= max(counts) <= 90


def test_the_korean_receipt_holds_no_english_item_and_the_mixed_one_does():
    english = {name for name, _, _ in ENGLISH.items}
    assert english.isdisjoint(name for name, _, _ in KOREAN.items)
    assert english < {name for name, _, _ in WORDINGS["mixed"].items}
