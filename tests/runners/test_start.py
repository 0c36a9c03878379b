"""Commands that only read start at once: without what they do not need."""

import subprocess
import sys

import pytest

TORCH = {"torch", "pytorch_lightning"}
TABLES = "ocr.experiments.ledger, ocr.experiments.log, ocr.visualization.record_tables"


@pytest.mark.parametrize(
    ("modules", "unneeded"),
    [
        ("runners.validate", TORCH),
        ("runners.score", TORCH | {"scipy.stats", "scipy.spatial", "matplotlib"}),
        (f"runners.ledger, runners.experiments, {TABLES}", TORCH | {"numpy"}),
    ],
)
def test_commands_that_read_do_not_import_what_takes_long(modules, unneeded):
    code = f"import sys, {modules}; print(*({unneeded} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
