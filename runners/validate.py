"""Check a CSV before it is submitted: `python runners/validate.py submission=… annotations=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("validate")  # before torch is imported

import logging
import sys

from ocr.annotations.reading import read_annotations
from ocr.submission import validate_submission
from ocr.submission.prediction_folder import SUBMISSION, file_of

log = logging.getLogger(__name__)


@entry_point("validate")
def main(submission: str, annotations: str) -> None:
    """Names every fault; exits with status 1 where there is one."""
    labels = read_annotations(annotations)
    sizes = {name: (item.width, item.height) for name, item in labels.items() if item.width and item.height}
    file = file_of(submission, SUBMISSION)
    faults = validate_submission(file, list(labels), sizes)
    for fault in faults:
        log.error("%s: %s", file, fault)
    if faults:
        sys.exit(1)
    log.info("%s: valid, %d images", file, len(labels))


if __name__ == "__main__":
    main()
