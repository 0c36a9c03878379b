"""What a receipt says: its lines of cells on a grid of columns, drawn at random with sums that add up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from synthetic.receipts.vocabulary import WORDINGS, Language, Wording

Align = Literal["left", "center", "right"]
Rule = Literal["dashes", "stars", "solid", "double", "barcode"]
T = TypeVar("T")
WIDE = 40  # columns
TOTALS_WORDS = 14  # about what totals and payment take


@dataclass(frozen=True)
class Cell:
    """A text held at one column: by its left end, its middle or its right end."""

    text: str
    column: float
    align: Align = "left"


@dataclass(frozen=True)
class Line:
    """One printed line: cells, or a rule over the whole width; `gap` is the space above it, in lines."""

    cells: tuple[Cell, ...] = ()
    scale: float = 1.0
    bold: bool = False
    gap: float = 0.0
    rule: Rule | None = None

    @property
    def words(self) -> int:
        """How many words the line shows."""
        return sum(len(cell.text.split()) for cell in self.cells)


@dataclass(frozen=True)
class Receipt:
    """All the lines of a receipt and the number of columns they are set on."""

    lines: tuple[Line, ...]
    columns: int

    @property
    def words(self) -> int:
        """How many words the receipt shows."""
        return sum(line.words for line in self.lines)


@dataclass(frozen=True)
class Item:
    """What is bought: its lines, how many of it, and what they cost together."""

    lines: tuple[Line, ...]
    quantity: int
    amount: int


class ReceiptWriter:
    """Writes one receipt; every choice comes from `rng`, in a fixed order."""

    def __init__(self, rng: np.random.Generator, language: Language | None = None, columns: int | None = None) -> None:
        self.rng = rng
        languages: tuple[Language, ...] = ("english", "korean", "mixed")
        language = language or languages[int(rng.choice(3, p=(0.4, 0.35, 0.25)))]
        self.wording: Wording = WORDINGS[language]
        self.columns = columns or int(rng.integers(29, 37))
        self.unit = self._pick(("원", "", "")) if language == "korean" else ""
        self.symbol = self._pick(("$", "", "")) if language == "english" else ""
        style = int(rng.integers(3))
        # A wide grid has room for the whole item on one line.
        self.item_style = 0 if self.columns >= WIDE else style
        self.rule: Rule = "dashes"

    def write(self, words: int | None = None) -> Receipt:
        """A whole receipt.

        Args:
            words: how many words it shows, exactly; None for 30 to 90, as it comes.

        Raises:
            ValueError: if `words` is below 1.
        """
        if words is not None and words < 1:
            raise ValueError(f"expected at least 1 word, got {words}")
        header, titles, footer = self._header(), self._titles(), self._footer()
        frame = sum(line.words for line in (*header, *titles, *footer)) + TOTALS_WORDS
        goal = words if words is not None else int(self.rng.integers(43, 76))
        items = self._items(goal - frame)
        bought = (line for item in items for line in item.lines)
        receipt = Receipt((*header, *titles, *bought, *self._totals(items), *footer), self.columns)
        return receipt if words is None else self._with_exactly(receipt, words)

    def _pick(self, options: Sequence[T]) -> T:
        return options[int(self.rng.integers(len(options)))]

    def _chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def _digits(self, count: int) -> str:
        return "".join(str(digit) for digit in self.rng.integers(0, 10, count))

    def _money(self, amount: int, *, symbol: bool = False) -> str:
        if self.wording.decimals == 0:
            return f"{amount:,}{self.unit if symbol else ''}"
        return f"{self.symbol if symbol else ''}{amount // 100:,}.{amount % 100:02d}"

    def _rule(self) -> Line:
        return Line(rule=self.rule, gap=0.1)

    def _pair(self, label: str, value: str) -> Line:
        return Line((Cell(label, 0), Cell(value, self.columns, "right")))

    def _header(self) -> tuple[Line, ...]:
        rng, wording, middle = self.rng, self.wording, self.columns / 2
        rules: tuple[Rule, ...] = ("dashes", "dashes", "stars", "solid", "double")
        self.rule = self._pick(rules)
        centred = self._chance(0.75)

        def set_line(text: str) -> Line:
            return Line((Cell(text, middle, "center") if centred else Cell(text, 0),))

        lines = [replace(set_line(self._pick(wording.shops)), scale=float(rng.uniform(1.35, 1.8)), bold=True)]
        parts = ((wording.branches, 0.5), (wording.streets, 1.0), (wording.cities, 0.5))
        lines += [set_line(self._pick(part)) for part, often in parts if self._chance(often)]
        lines.append(
            set_line(f"{self._pick(wording.phone_labels)} 0{self._digits(2)}-{self._digits(3)}-{self._digits(4)}")
        )
        date = f"20{rng.integers(15, 26)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
        if self._chance(0.5):
            date = date.replace("-", self._pick(("/", ".")))
        time = f"{rng.integers(8, 23):02d}:{rng.integers(60):02d}"
        if self._chance(0.4):
            time += f":{rng.integers(60):02d}"
        first = Cell(f"{self._pick(wording.date_labels)} {date}", 0)
        lines.append(Line((first, Cell(time, self.columns, "right")), gap=0.5))
        number = self._digits(int(rng.integers(4, 9)))
        lines.append(self._pair(self._pick(wording.number_labels), number))
        if self._chance(0.6):
            lines.append(Line((Cell(f"{self._pick(wording.cashier_labels)} {self._pick(wording.cashiers)}", 0),)))
        return tuple(lines)

    def _titles(self) -> tuple[Line, ...]:
        name, quantity, price, amount = self._pick(self.wording.column_titles)
        end = self.columns
        if self.item_style == 0:
            cells = [Cell(name, 0), Cell(quantity, end * 0.56, "right"), Cell(price, end * 0.77, "right")]
        elif self.item_style == 1:
            cells = [Cell(name, 0)]
        else:
            cells = [Cell(quantity, 0), Cell(name, 5)]
        title = Line((*cells, Cell(amount, end, "right")), bold=self._chance(0.4))
        return (self._rule(), title, self._rule())

    def _items(self, words: int) -> list[Item]:
        """Items of `words` words in all, at most, and two of them at least."""
        items: list[Item] = []
        used = 0
        names = list(self.rng.permutation(len(self.wording.items)))
        while True:
            item = self._item(*self.wording.items[names[len(items) % len(names)]])
            used += sum(line.words for line in item.lines)
            if len(items) >= 2 and used > words:
                return items
            items.append(item)

    def _item(self, name: str, low: int, high: int) -> Item:
        step = 1 if self.wording.decimals else 100
        price = int(self.rng.integers(low // step, high // step + 1)) * step
        quantity = int(self.rng.choice((1, 1, 1, 2, 2, 3, 4, 6, 10)))
        end = self.columns
        amount = Cell(self._money(price * quantity), end, "right")
        if self.item_style == 0:
            counted = Cell(str(quantity), end * 0.56 - 1, "right")
            lines = [Line((Cell(name, 0), counted, Cell(self._money(price), end * 0.77, "right"), amount))]
        elif self.item_style == 1:
            code, counted = Cell(self._digits(8), 1), Cell(f"{quantity} x {self._money(price)}", end * 0.7, "right")
            lines = [Line((Cell(name, 0),)), Line((code, counted, amount))]
        else:
            lines = [Line((Cell(str(quantity), 1), Cell(name, 5), amount))]
        return Item(tuple(lines), quantity, price * quantity)

    def _totals(self, items: Sequence[Item]) -> tuple[Line, ...]:
        wording = self.wording
        label = self._pick(wording.tax_labels)
        percent = int(label.split()[-1].rstrip("%")) if label.endswith("%") else 10
        tax, net, total = self._sums(sum(item.amount for item in items), percent)
        lines = [self._rule()]
        if self._chance(0.4):
            lines.append(self._pair(self._pick(wording.count_labels), str(sum(item.quantity for item in items))))
        lines.append(self._pair(self._pick(wording.subtotal_labels), self._money(net)))
        lines.append(self._pair(label, self._money(tax)))
        total_line = self._pair(self._pick(wording.total_labels), self._money(total, symbol=True))
        lines.append(replace(total_line, scale=float(self.rng.uniform(1.0, 1.4)), bold=True, gap=0.15))
        lines.append(self._rule())
        return (*lines, *self._payment(total))

    def _sums(self, amount: int, percent: int) -> tuple[int, int, int]:
        """Tax, net and total: prices in won include the tax, those in dollars do not."""
        if self.wording.decimals:
            tax = round(amount * percent / 100)
            return tax, amount, amount + tax
        tax = amount * percent // (100 + percent)
        return tax, amount - tax, amount

    def _payment(self, total: int) -> tuple[Line, ...]:
        wording = self.wording
        if self._chance(0.5):
            note = 2000 if wording.decimals else 10000
            paid = -(-total // note) * note
            cash = self._pair(self._pick(wording.cash_labels), self._money(paid))
            return (cash, self._pair(self._pick(wording.change_labels), self._money(paid - total)))
        card = self._pair(self._pick(wording.card_labels), self._money(total))
        number = self._pair(self._pick(wording.card_number_labels), f"****-****-{self._digits(4)}")
        return (card, number, self._pair(self._pick(wording.approval_labels), self._digits(8)))

    def _footer(self) -> tuple[Line, ...]:
        count = int(self.rng.integers(1, 4))
        chosen = self.rng.permutation(len(self.wording.footers))[:count]
        lines = [Line((Cell(self.wording.footers[index], self.columns / 2, "center"),)) for index in chosen]
        lines[0] = replace(lines[0], gap=0.7)
        if self._chance(0.35):
            lines.append(Line(rule="barcode", gap=0.4))
            lines.append(Line((Cell(self._digits(13), self.columns / 2, "center"),)))
        return tuple(lines)

    def _with_exactly(self, receipt: Receipt, words: int) -> Receipt:
        """The receipt cut, or lengthened by footer words, to `words` words."""
        lines: list[Line] = []
        left = words
        for line in receipt.lines:
            cells: list[Cell] = []
            for cell in line.cells:
                kept = cell.text.split()[:left]
                left -= len(kept)
                cells += [replace(cell, text=" ".join(kept))] if kept else []
            if cells or (line.rule and left):
                lines.append(replace(line, cells=tuple(cells)))
        pool = " ".join(self.wording.footers).split()
        while left:
            text = " ".join(str(word) for word in self.rng.choice(pool, min(left, 4)))
            lines.append(Line((Cell(text, self.columns / 2, "center"),)))
            left -= min(left, 4)
        return replace(receipt, lines=tuple(lines))
