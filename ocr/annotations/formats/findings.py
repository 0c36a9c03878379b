"""What converting has found: faults, of which one stops it, and what is counted and told."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from baseline_code.files.shown_text import listed
from ocr.annotations.faults import AnnotationError, list_faults

log = logging.getLogger(__name__)


class Findings:
    """Collects faults and counts, each by file and line, word or id."""

    def __init__(self) -> None:
        self._faults: list[str] = []
        self._counted: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._lost: Counter[str] = Counter()

    def fault(self, place: str, what: str) -> None:
        """Notes what stops the conversion."""
        self._faults.append(f"{place}: {what}")

    @contextmanager
    def faults_at(self, place: str) -> Iterator[None]:
        """Notes an error that the block raises as a fault of this place; the block ends there."""
        try:
            yield
        except KeyError as error:
            self.fault(place, f"expected {error.args[0]!r}, got none")
        except ValueError as error:
            self.fault(place, str(error))
        except (AttributeError, IndexError, OverflowError, TypeError) as error:
            self.fault(place, f"expected another form of entry ({error})")

    def count(self, kind: str, place: str, detail: object = "") -> None:
        """Counts one of a kind, for a warning.

        Args:
            kind: what happened, a noun first, in the singular: `word counter-clockwise, put in order`.
            place: where.
            detail: of which sort it is, counted too.
        """
        self._counted[kind].append((place, str(detail)))

    def lose(self, what: str) -> None:
        """Counts what the project's layout has no place for."""
        self._lost[what] += 1

    def report(self, expected: str) -> None:
        """Logs one line for each kind that was counted.

        Args:
            expected: for the message of the error.

        Raises:
            AnnotationError: naming the faults, if there are some.
        """
        if self._faults:
            noun = "fault" if len(self._faults) == 1 else "faults"
            raise AnnotationError(list_faults(f"{expected}, got", self._faults, noun))
        for kind, found in self._counted.items():
            log.warning("%s", _sentence(kind, found))
        if self._lost:
            log.info("no place for %s", ", ".join(f"{count} x {what}" for what, count in self._lost.items()))


def _sentence(kind: str, found: list[tuple[str, str]]) -> str:
    noun, _, rest = kind.partition(" ")
    details = Counter(detail for _, detail in found if detail)
    shown = f" ({', '.join(f'{count} {detail}' for detail, count in sorted(details.items()))})" if details else ""
    places = listed(dict.fromkeys(place for place, _ in found), most=3, between="; ")
    return f"{len(found)} {noun}{'s' if len(found) != 1 else ''} {rest}{shown}: {places}"
