"""Images listed with their labels in a CSV file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from csv import DictReader
from csv import Error as CsvError
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from baseline_code.datasets.checks import check_distinct, order_classes
from baseline_code.datasets.labelled import ImageFiles
from baseline_code.datasets.source import SourceError, Splits
from baseline_code.datasets.split import split_images
from baseline_code.files.names import same_name
from baseline_code.files.shown_text import listed
from baseline_code.images.formats import ENDINGS
from baseline_code.images.listing import find_images


@dataclass(frozen=True)
class CsvSource:
    """Images named, with a label each, in the rows of a CSV file with a header; other columns are ignored.

    Args:
        csv: the file, UTF-8 with or without a byte-order mark.
        images: folder of the images; ids are paths below it, with or without the file's ending.
        id_column: column of the images' names.
        label_column: column of the labels; each different text is a class.
        val_fraction: fraction of each class for validation, in [0, 1); 0 makes none.
        test_fraction: fraction for the test split, in [0, 1); 0 makes none.
        seed: of the split.
        classes: the labels in order (of two, the second is positive), or None: by number, else by alphabet.
        delimiter: between columns.
    """

    csv: str | Path
    images: str | Path
    id_column: str = "id"
    label_column: str = "label"
    val_fraction: float = 0.2
    test_fraction: float = 0.0
    seed: int = 0
    classes: Sequence[str] | None = None
    delimiter: str = ","

    def load(self) -> Splits:
        """The splits; images are found now and read when they are asked for.

        Raises:
            SourceError: if the file, a column, values or images are missing, ids come twice, or a label is unknown.
        """
        where = str(self.csv)
        rows = sorted(self._rows())
        check_distinct([name for name, _ in rows], "id", where)
        found = [label for _, label in rows]
        wanted = None if self.classes is None else [str(name) for name in self.classes]  # YAML may give numbers
        classes = order_classes(found, wanted, where)
        names = self._resolve([name for name, _ in rows])
        images = ImageFiles(Path(self.images), names, [classes.index(label) for label in found], classes)
        return split_images(images, self.val_fraction, self.test_fraction, self.seed, where)

    def _rows(self) -> list[tuple[str, str]]:
        """(id, label) of each row.

        Raises:
            SourceError: naming the file, the missing column, the lines without a value or where quotes do not close.
        """
        path = Path(self.csv)
        rows: list[tuple[int, str, str]] = []
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                # Strict, or a quote that nothing closes takes the rows behind it for one cell.
                reader = DictReader(file, delimiter=self.delimiter, skipinitialspace=True, strict=True)
                columns = [name.strip() for name in reader.fieldnames or ()]
                reader.fieldnames = columns
                self._check_columns(columns)
                for row in reader:
                    name, label = (row[column] or "" for column in (self.id_column, self.label_column))
                    rows.append((reader.line_num, name.strip(), label.strip()))
        except UnicodeDecodeError as error:
            raise SourceError(f"{path}: expected text in UTF-8, got byte {error.start} of another encoding") from error
        except OSError as error:
            raise SourceError(f"{path}: expected a CSV file, got {error.strerror or error}") from error
        except CsvError as error:
            line = rows[-1][0] + 1 if rows else 1
            raise SourceError(
                f"{path}, from line {line} on: expected rows of a CSV file, got {error}; close the quotes of each cell"
            ) from error
        blank = [str(line) for line, name, label in rows if not name or not label]
        if blank:
            raise SourceError(
                f"{path}: expected {self.id_column!r} and {self.label_column!r} in every row, got {len(blank)} rows "
                f"without one: line {listed(blank)}"
            )
        if not rows:
            raise SourceError(f"{path}: expected rows below the header, got none")
        return [(name, label) for _, name, label in rows]

    def _check_columns(self, columns: list[str]) -> None:
        for wanted, setting in ((self.id_column, "id_column"), (self.label_column, "label_column")):
            if columns.count(wanted) != 1:
                problem = "more than one" if wanted in columns else "none"
                raise SourceError(
                    f"{self.csv}: expected one column {wanted!r} ({setting}), got {problem} among "
                    f"{', '.join(map(repr, columns)) or 'no columns'}"
                )

    def _resolve(self, ids: list[str]) -> list[str]:
        """File names of ids.

        Raises:
            SourceError: if images are missing or an id fits several; all are counted, the first five named.
        """
        root = Path(self.images)
        if not root.is_dir():
            raise SourceError(f"{root}: expected the folder of the images of {self.csv}, got no such folder")
        files = [path.relative_to(root).as_posix() for path in find_images(root)]
        exact, by_stem = {same_name(name): name for name in files}, defaultdict(list)
        for name in files:
            by_stem[same_name(str(PurePosixPath(name).with_suffix("")))].append(name)
        forms = {name: same_name(name) for name in ids}
        fits = {name: [exact[form]] if form in exact else by_stem.get(form, []) for name, form in forms.items()}
        missing = [name for name in ids if not fits[name]]
        if missing:
            hint = "" if PurePosixPath(missing[0]).suffix.lower() in ENDINGS else " (with any image ending)"
            raise SourceError(
                f"{self.csv}: expected an image in {root} for each of the {len(ids)} ids, got none for "
                f"{len(missing)}: {listed(missing)}{hint}"
            )
        unclear = [f"{name}: {' or '.join(fits[name])}" for name in ids if len(fits[name]) > 1]
        if unclear:
            raise SourceError(
                f"{self.csv}: expected one image per id, got several for {len(unclear)}: {listed(unclear)}; "
                "write the ending"
            )
        named = [fits[name][0] for name in ids]
        check_distinct(named, "image", str(self.csv))  # two ids, with and without ending, may name one
        return named
